"""axe-core finds nothing on any page in any state, light and dark, English and Russian; nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.shipped import READY_MS, displays, encoded, expect_reading, open_page, upload
from tests.conftest import ROOT

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHECK = """async (tags) => {
  const {violations} = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return violations.flatMap(({id, nodes}) => nodes.map((node) => [id, node.target.join(" "), node.failureSummary]));
}"""
PAGES = sorted(path.name for path in (ROOT / "frontend").glob("*.html") if 'id="pages"' in path.read_text("utf-8"))
SCHEMES = ["light", "dark"]
LOCALES = ["en-GB", "ru-RU"]
WIDTHS = [360, 768, 1280]


def expect_no_violations(page: Page) -> None:
    """In both colour schemes: the rest of the page is the same in them."""
    page.evaluate(AXE)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found: list[Any] = page.evaluate(CHECK, RULES)
        assert found == [], scheme


def expect_no_sideways_scroll(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width


def test_what_is_wrong_is_found(page: Page) -> None:
    page.set_content('<html lang="en"><title>t</title><main><h1 style="color:#ccc">pale</h1><img src="data:,"></main>')
    page.evaluate(AXE)
    assert {rule for rule, *_ in page.evaluate(CHECK, RULES)} == {"color-contrast", "image-alt"}


@pytest.fixture(params=LOCALES)
def opened(request: pytest.FixtureRequest, browser: Browser, static_server: str) -> Iterator[Page]:
    """The reading page with its reader, in each language."""
    context = browser.new_context(locale=request.param, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    open_page(page, static_server)
    yield page
    context.close()


def test_the_reading_page(opened: Page) -> None:
    """Empty, with About open; then with a reading, a doubtful picture and a file that is none."""
    opened.locator("footer summary").click()
    expect_no_violations(opened)
    display = displays()[0]
    noise = np.random.default_rng(5).integers(0, 255, (12, 30, 3), dtype=np.uint8)
    doubtful = Image.fromarray(noise).resize((600, 240), Image.Resampling.BICUBIC)
    files = [("meter.png", encoded(display.cut_out)), ("grass.png", encoded(doubtful)), ("note.txt", b"12345")]
    opened.set_input_files("#files", [upload(*file) for file in files])
    expect_reading(opened, display)
    expect(opened.locator(".verdict.refused")).to_have_count(1, timeout=READY_MS)
    expect(opened.locator(".failure")).to_have_count(1, timeout=READY_MS)
    expect_no_violations(opened)
    expect_no_sideways_scroll(opened)


def test_the_reading_page_with_problems(page: Page, static_server: str) -> None:
    """The reader cannot be loaded, there is no camera, a new page waits, and the page can be installed."""
    page.route("**/*.bin", lambda route: route.abort())
    page.goto(static_server)
    expect(page.locator("#problem")).to_be_visible(timeout=READY_MS)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#notice")).to_be_visible(timeout=READY_MS)
    show = """async () => {
      const {OfflinePanel} = await import("/js/offline/panel.js");
      const panel = new OfflinePanel();
      panel.show({page: "new", model: {state: "waits", model: "compact 2", next: "compact 3"}});
      panel.offerInstall({prompt: async () => {}});
    }"""
    page.evaluate(show)
    page.locator("footer summary").click()
    expect(page.get_by_role("button", name="Install as an app")).to_be_visible()
    expect_no_violations(page)
    expect_no_sideways_scroll(page)


def test_the_camera(launch_browser: Callable[..., Browser], static_server: str) -> None:
    browser = launch_browser("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    page = browser.new_page(locale="en-GB")
    open_page(page, static_server)
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("#camera video")).to_be_visible(timeout=READY_MS)
    expect_no_violations(page)
    browser.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_as_it_opens(browser: Browser, static_server: str, locale: str) -> None:
    """All that there are, found by looking."""
    assert "index.html" in PAGES
    context = browser.new_context(locale=locale)
    for name in PAGES:
        page = context.new_page()
        page.goto(f"{static_server}/{name}")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        expect_no_violations(page)
        expect_no_sideways_scroll(page)
        page.close()
    context.close()
