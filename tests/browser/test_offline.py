"""Without a network: one visit keeps everything, and a new page comes whole and when the person lets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.settings import Settings
from scripts import offline
from tests.browser.offline import ALL_KEPT, Site, one_bit, publish_whole, serve
from tests.browser.panel import serving
from tests.browser.shipped import READY_MS, displays, encoded, expect_reading, open_page, upload, watch


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve(tmp_path) as site:
        yield site


def expect_kept(page: Page) -> None:
    expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)


def test_the_list_of_files_is_up_to_date() -> None:
    """After any change in `frontend/`: `python -m scripts.offline`."""
    offline.main(["--check"])


def test_a_forgotten_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>", "utf-8")
    offline.main(["--frontend", str(tmp_path)])
    offline.main(["--frontend", str(tmp_path), "--check"])
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "new.js").write_text("export {};\n", "utf-8")
    with pytest.raises(SystemExit, match=r"run `python -m scripts\.offline`"):
        offline.main(["--frontend", str(tmp_path), "--check"])


def test_airplane_mode(page: Page, site: Site) -> None:
    """One visit, then neither a network nor a server: every page opens, and a picture is read."""
    troubles = open_page(page, site.address)
    expect_kept(page)
    assert troubles == []
    site.stop()
    page.context.set_offline(True)
    page.goto(site.address)
    display = displays()[0]
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("#problem")).to_be_hidden()
    expect_kept(page)
    for file in sorted(site.frontend.glob("*.html")):
        page.goto(f"{site.address}/{file.name}?from=test")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()


def test_with_the_application_and_its_policy(page: Page, site: Site, tmp_path: Path) -> None:
    """Nothing of the panel or the interface is kept, and nothing goes against the policy."""
    settings = Settings(instance=tmp_path / "instance", frontend=site.frontend, static=site.folder / "static")
    with serving(settings) as address:
        troubles = open_page(page, address)
        expect_kept(page)
        for path in ("/api/model", "/api/openapi.json", "/admin/login", "/healthz"):
            assert page.evaluate("async (path) => (await fetch(path)).status", path) == 200
        kept = page.evaluate(ALL_KEPT)
        assert {"/index.html", "/sw.js"} & set(kept) == {"/index.html"}
        assert not [path for path in kept if path.startswith(("/api", "/admin", "/healthz", "/metrics"))]
        page.context.set_offline(True)
        assert page.evaluate("fetch('/api/model').then(() => 'answered', () => 'failed')") == "failed"
    assert [each for each in troubles if "ERR_INTERNET_DISCONNECTED" not in each] == []


def test_the_page_says_what_becomes_of_an_update(page: Page, site: Site) -> None:
    open_page(page, site.address)
    expect_kept(page)
    before = site.title
    one_bit(site)
    page.reload()
    page.locator("footer summary").click()
    expect(page.locator("#offline")).to_contain_text("An update to model", timeout=READY_MS)
    expect(page.locator("#offline")).to_contain_text(f"{before} goes on reading")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("#offline")).to_contain_text(f"Читает {before}")
    page.get_by_role("button", name="English").click()
    publish_whole(site)
    page.reload()
    expect(page.locator("#offline")).to_contain_text(f"Model {site.title} has arrived", timeout=READY_MS)
    expect(page.locator("#about")).to_contain_text(f"Model {before}")
    page.reload()
    expect(page.locator("#about")).to_contain_text(f"Model {site.title}", timeout=READY_MS)


def new_page(site: Site) -> Path:
    """Change the page and list its files anew; returns the changed file."""
    texts = site.frontend / "js" / "texts.js"
    texts.write_text(texts.read_text("utf-8").replace('title: "Meter reader"', 'title: "Newer reader"'), "utf-8")
    site.write_worker()
    return texts


def test_a_new_page_comes_whole_and_when_the_person_lets_it(page: Page, site: Site) -> None:
    heading = page.get_by_role("heading", level=1)
    open_page(page, site.address)
    expect_kept(page)
    changed = new_page(site)
    content = changed.read_bytes()
    changed.write_bytes(content[:-1])
    page.reload()
    expect(page.locator("#offline")).to_contain_text("did not arrive whole; this one goes on", timeout=READY_MS)
    changed.write_bytes(content)
    page.reload()
    expect(page.locator("#update")).to_contain_text("A new version of this page", timeout=READY_MS)
    expect(heading).to_have_text("Meter reader")
    other = page.context.new_page()
    other.goto(site.address)
    expect(other.locator("#update")).to_contain_text("A new version", timeout=READY_MS)
    page.get_by_role("button", name="Reload now").click()
    expect(heading).to_have_text("Newer reader", timeout=READY_MS)
    expect(other.get_by_role("heading", level=1)).to_have_text("Meter reader")  # nobody's page is taken away
    other.get_by_role("button", name="Reload now").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Newer reader", timeout=READY_MS)


def test_without_https_it_works_as_before(launch_browser: Callable[..., Browser], site: Site) -> None:
    browser = launch_browser("--host-resolver-rules=MAP meter.test 127.0.0.1")
    page = browser.new_page(locale="en-GB")
    troubles = watch(page)
    page.goto(site.address.replace("127.0.0.1", "meter.test"))
    display = displays()[0]
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("#offline")).to_contain_text("only where the page comes by HTTPS", timeout=READY_MS)
    assert troubles == []
    browser.close()
