"""A walk through what the page for many photos shows beside what `test_site_walk_tables.py` shows of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.batch import open_batch
from tests.browser.meters import METER, save
from tests.browser.shipped import READY_MS, displays, encoded, upload
from tests.browser.site_walk import LOCALES, sentence, walking

# Who sees what is sent: nobody may agree without having been told.
SEEN_BY = {"ru-RU": "их видят те, кто ведёт этот сайт", "en-GB": "people who look after this site see them"}

# A folder that the browser does not open, dropped on the page.
UNREADABLE = """() => {
  const failing = {readEntries: (_, failed) => failed(new DOMException("no", "NotReadableError"))};
  const entry = {isFile: false, isDirectory: true, name: "photos", createReader: () => failing};
  const event = new Event("drop", {bubbles: true, cancelable: true});
  event.dataTransfer = {items: [{kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => null}], files: []};
  document.body.dispatchEvent(event);
}"""


def folder(place: Path) -> Path:
    """Photos in folders, one of them of a meter that is kept; one cut short, one too small, one that is no picture."""
    shown = [each.cut_out for each in displays()[:2]]
    below = place / "photos" / METER["name"] / "A long year of many readings, by month"
    below.mkdir(parents=True)
    (place / "photos" / "surest.png").write_bytes(encoded(shown[0]))
    (below / "2026-10.jpg").write_bytes(encoded(shown[1], "JPEG", quality=95, exif=taken("2026:10:01 07:05:09")))
    (below / "half.png").write_bytes(encoded(shown[0])[:2000])
    (below / "tiny.png").write_bytes(encoded(Image.new("RGB", (5, 5))))
    (below / "broken.jpg").write_bytes(b"no picture")
    (below / "notes.txt").write_bytes(b"no")
    return place / "photos"


def taken(when: str) -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = when
    return exif


def done(page: Page, rows: int) -> None:
    expect(page.locator("tr[data-state=read], tr[data-state=failed]")).to_have_count(rows, timeout=READY_MS)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_folder(browser: Browser, static_server: str, tmp_path: Path, locale: str) -> None:
    """Read, sorted, confirmed, saved; given once more; emptied."""
    with walking(browser, locale) as walk:
        page = walk.page
        open_batch(page, static_server)
        page.evaluate("localStorage.setItem('send-corrections', 'yes')")
        save(page, [METER], [])
        page.reload()
        expect(page.locator("#consent")).to_contain_text(sentence(page, "batch_consent_given"))
        expect(page.locator("#consent")).to_contain_text(SEEN_BY[locale])
        page.evaluate("document.body.classList.add('dropping')")
        walk.see("batch-dropping")
        page.evaluate("document.body.classList.remove('dropping')")
        page.set_input_files("#files", upload("note.txt", b"no", "text/plain"))
        walk.see("batch-no-pictures")
        page.evaluate(UNREADABLE)
        expect(page.locator("#notice")).to_contain_text(sentence(page, "batch_unreadable_folder"))
        walk.see("batch-unreadable-folder")
        photos = folder(tmp_path)
        page.set_input_files("#folder", photos)
        done(page, 5)
        page.locator("th button").nth(1).click()
        page.locator("th button").nth(1).click()
        expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
        with page.expect_download():
            page.locator("#csv").click()
        walk.see("batch-sorted-and-saved")
        page.locator("tr[data-state=failed] .number-button").first.click()
        walk.see("batch-typing")
        page.keyboard.type("00123,4")
        page.keyboard.press("Enter")
        expect(page.locator("tr.corrected")).to_have_count(1)
        page.set_input_files("#folder", photos)
        expect(page.locator("#notice")).to_contain_text(sentence(page, "batch_again", again=5))
        walk.see("batch-given-again")
        page.locator("#clear").click()
        expect(page.locator("#undo .put-away")).to_be_visible()
        walk.see("batch-emptied")


@pytest.mark.parametrize("locale", LOCALES)
def test_without_a_reader(browser: Browser, static_server: str, locale: str) -> None:
    """While it is loaded, and when it does not come; photos wait for it."""
    with walking(browser, locale, ".bin") as walk:
        page = walk.page
        held: list[Route] = []
        page.route("**/*.bin", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into a function)
        page.goto(f"{static_server}/batch.html")
        expect(page.locator("#loading progress[value]")).to_be_visible(timeout=READY_MS)
        page.set_input_files("#files", upload("meter.png", encoded(displays()[0].cut_out)))
        expect(page.locator(".progress-line")).to_contain_text(sentence(page, "batch_waiting_reader"))
        walk.see("batch-loading")
        page.route("**/*.bin", lambda route: route.abort())  # from now on: it is tried again
        for route in held:
            route.abort()
        expect(page.locator("#problem button")).to_be_visible(timeout=READY_MS)
        expect(page.locator(".progress-line")).to_contain_text(sentence(page, "batch_no_reader"))
        walk.see("batch-no-reader")
