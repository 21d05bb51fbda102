"""Many photos as they come: a folder dropped onto the page, and two hundred of them sorted by when they were taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.batch import finished, names, open_batch, table_of
from tests.browser.shipped import READY_MS, Display, displays, encoded, upload

MANY = 200
FIRST = datetime(2025, 1, 1, 12, 0, 0)


@pytest.fixture(scope="module")
def shown() -> list[Display]:
    return displays()[:3]


def drop(page: Page, *paths: Path) -> None:
    """Files and folders of this machine over the page, and let go there, as the browser itself hears of it."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
        if kind == "dragOver":
            expect(page.locator(".drop-now")).to_be_visible()


def test_files_and_a_folder_are_dropped(page: Page, static_server: str, shown: list[Display], tmp_path: Path) -> None:
    folder = tmp_path / "cellar"
    (folder / "deep").mkdir(parents=True)
    for file, display in zip((folder / "2.png", folder / "deep" / "1.png", tmp_path / "9.png"), shown, strict=True):
        file.write_bytes(encoded(display.cut_out))
    (folder / "list.csv").write_text("no picture")
    troubles = open_batch(page, static_server)
    drop(page, folder, tmp_path / "9.png")
    finished(page, 3)
    expect(page.locator(".drop-now")).to_be_hidden()
    expect(page.locator("#notice")).to_contain_text("not pictures were left out: 1")
    rows = {row["file"]: row for row in table_of(page, tmp_path)}
    expected = dict(zip(("cellar/2.png", "cellar/deep/1.png", "9.png"), shown, strict=True))
    assert {path: row["reading"] for path, row in rows.items()} == {
        path: display.reading.text for path, display in expected.items()
    }
    assert troubles == []


def taken(image: Image.Image, time: datetime) -> bytes:
    """A small photo, dated by the camera."""
    note = Image.Exif()
    note.get_ifd(0x8769)[0x9003] = f"{time:%Y:%m:%d %H:%M:%S}"
    return encoded(image, "JPEG", quality=92, exif=note)


def test_two_hundred_are_sorted_by_when_they_were_taken(
    page: Page, static_server: str, shown: list[Display], tmp_path: Path
) -> None:
    """While they are still being read, too; and the table can be worked with as a small one."""
    small = [display.cut_out.resize((240, 60)) for display in shown]
    order = [(number * 77) % MANY for number in range(MANY)]  # each once, in no order of the names
    open_batch(page, static_server)
    files = [
        upload(f"{number:03}.jpg", taken(small[number % 3], FIRST + timedelta(days=day)), "image/jpeg")
        for number, day in enumerate(order)
    ]
    page.set_input_files("#files", files)
    expect(page.locator("tbody tr")).to_have_count(MANY)
    by_taken = page.get_by_role("button", name="Taken")
    by_taken.click()
    expect(page.locator(".progress-line")).to_contain_text("finished", timeout=4 * READY_MS)
    finished(page, MANY)
    oldest_first = [f"{order.index(day):03}.jpg" for day in range(MANY)]
    assert names(page) == oldest_first
    expect(page.get_by_role("columnheader", name="Taken")).to_have_attribute("aria-sort", "ascending")
    by_taken.click()
    assert names(page) == oldest_first[::-1]
    page.get_by_role("button", name=f"Remove {oldest_first[100]}").click()
    expect(page.locator("tbody tr")).to_have_count(MANY - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tbody tr")).to_have_count(MANY)
    assert names(page) == oldest_first[::-1]
    late = upload("late.jpg", taken(small[0], FIRST + timedelta(days=99, hours=1)), "image/jpeg")
    page.set_input_files("#files", late)
    finished(page, MANY + 1)
    sorted_in = [*oldest_first[:100], "late.jpg", *oldest_first[100:]]
    assert names(page) == sorted_in[::-1]
    rows = table_of(page, tmp_path)
    assert [row["file"] for row in rows] == sorted_in[::-1]
    assert {row["date_from"] for row in rows} == {"camera"}
    texts = [display.reading.text for display in shown]
    right = [row["reading"] == texts[int(row["file"][:3]) % 3] for row in rows if row["file"] != "late.jpg"]
    assert all(right)
