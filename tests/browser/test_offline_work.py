"""After one visit all is done without a network: photos, hundreds of photos, learning a meter, a form's field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.batch import files, finished, open_batch, table_of
from tests.browser.meters import METER, save
from tests.browser.offline import Site, serve
from tests.browser.shipped import READY_MS, Display, displays, encoded, expect_reading, open_page, upload, watch
from tests.browser.test_draw_offline import publish_classifiers
from tests.browser.test_learning import corrections
from tests.finders import publish_finder
from tests.outlines import marked_photo

RECIPE = re.compile(r"RECIPE = {.*}")
OTHERS = ["batch.html", "classify.html", "draw.html", "meters.html"]
SHORT = "RECIPE = {steps: 2, batch: 2, rate: 1e-9, pull: 0}"  # it is the way that is looked at, not where it leads


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a finder, where learning takes few steps."""
    with serve(tmp_path_factory.mktemp("site")) as site:
        publish_finder(site.models)
        tune = site.frontend / "js" / "learn" / "tune.js"
        text, changes = RECIPE.subn(SHORT, tune.read_text("utf-8"))
        assert changes == 1
        tune.write_text(text, "utf-8")
        site.write_worker()
        yield site


@pytest.fixture(scope="module")
def away(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A device that has been at the site once, for one page, and is in airplane mode since; the site is gone, too."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    open_page(page, site.address)
    expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)
    page.close()
    site.stop()
    context.set_offline(True)
    yield context
    context.close()


@pytest.fixture
def page(away: BrowserContext) -> Iterator[Page]:
    page = away.new_page()
    page.on("filechooser", lambda _chooser: None)
    yield page
    page.close()


def test_any_page_is_enough(browser: Browser, tmp_path: Path, display: Display) -> None:
    """Whichever was the only one that was visited, photos are read."""
    with serve(tmp_path) as site:
        publish_classifiers(site)
        devices = [browser.new_context(locale="en-GB") for _ in OTHERS]
        for device, name in zip(devices, OTHERS, strict=True):
            page = device.new_page()
            page.goto(f"{site.address}/{name}")
            expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)
    for device in devices:
        device.set_offline(True)
        (page,) = device.pages
        open_page(page, site.address)
        page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
        expect_reading(page, display)
        device.close()


def test_the_display_is_found_in_a_photo(page: Page, site: Site, display: Display) -> None:
    troubles = open_page(page, site.address)
    photo, _ = marked_photo(800, 1000, 160, display.cut_out)
    page.set_input_files("#files", upload("meter.png", encoded(photo)))
    expect_reading(page, display)
    expect(page.locator(".outline svg")).to_be_visible()
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    expect(page.get_by_role("spinbutton").first).to_be_focused()
    expect(page.locator("#problem")).to_be_hidden()
    assert troubles == []


def test_many_photos_become_a_table(page: Page, site: Site, tmp_path: Path) -> None:
    shown = displays()[:3]
    troubles = open_batch(page, site.address)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    rows = {row["file"]: row["reading"] for row in table_of(page, tmp_path)}
    assert [rows[f"meter {n}.png"] for n in range(3)] == [display.reading.text for display in shown]
    assert troubles == []


def test_a_meter_is_learned(page: Page, site: Site) -> None:
    """To its end: the model is loaded, taught, and tried on the meter's pictures and on its own."""
    troubles = watch(page)
    page.goto(f"{site.address}/meters.html#m1")
    save(page, [METER], corrections(10, displays()[0]))
    page.get_by_role("button", name="Learn this meter").click()
    learn = page.locator(".learn")
    expect(learn).to_contain_text("Learning did not help, so nothing was changed: of 10 pictures", timeout=READY_MS)
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    assert troubles == []


def test_a_form_s_field_reads(page: Page, site: Site, display: Display) -> None:
    troubles = watch(page)
    page.goto(f"{site.address}/example.html")
    page.locator("meter-reader input.file").set_input_files(upload("meter.png", encoded(display.cut_out)))
    expect(page.get_by_label("Meter reading")).to_have_value(display.reading.text, timeout=READY_MS)
    assert troubles == []
