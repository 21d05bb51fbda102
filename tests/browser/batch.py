"""What the tests of the page for many photos share: pictures to give it, and looks at its table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.shipped import READY_MS, Display, encoded, upload, watch

HOLD = """() => {
  // The worker answers only when the test lets it: `release(n)` lets n readings through.
  const post = Worker.prototype.postMessage;
  const held = [];
  let free = 0;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (!message.type?.startsWith("read")) return post.call(this, message, ...rest);
    held.push(() => post.call(this, message, ...rest));
    if (free > 0) (free--, held.shift()());
  };
  window.release = (count) => { for (free += count; free && held.length; free--) held.shift()(); };
}"""


def files(shown: list[Display]) -> list[dict[str, object]]:
    """Three that are read, one without a display, one that is no picture, one that is none by its name."""
    good = [upload(f"meter {n}.png", encoded(each.cut_out)) for n, each in enumerate(shown)]
    empty = upload("wall.png", encoded(Image.effect_noise((300, 100), 90).convert("RGB")))
    return [*good, empty, upload("=broken.jpg", b"no picture", "image/jpeg"), upload("notes.txt", b"no", "text/plain")]


def open_batch(page: Page, address: str) -> list[str]:
    """Open the page and wait for the reader; gives the list in which console errors and violations will appear."""
    troubles = watch(page)
    page.goto(f"{address}/batch.html")
    expect(page.locator("#loading")).to_have_attribute("hidden", "", timeout=READY_MS)
    return troubles


def finished(page: Page, count: int) -> None:
    """All rows are there and done, read or not."""
    expect(page.locator("tbody tr")).to_have_count(count, timeout=READY_MS)
    done = page.locator("tr[data-state=read], tr[data-state=failed]")
    expect(done).to_have_count(count, timeout=READY_MS)
    expect(page.locator(".progress-line")).to_contain_text("finished", timeout=READY_MS)


def names(page: Page) -> list[str]:
    """The names of the files as they stand, from the top; their inner texts are empty until they have been drawn."""
    return page.locator("tbody tr:visible .name").all_text_contents()


def table_of(page: Page, folder: Path) -> list[dict[str, str]]:
    """The CSV that the page saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    download.value.save_as(folder / "readings.csv")
    text = (folder / "readings.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))
