"""Many photos: in by folder or drop, read one after the other into a table that sorts, corrects, forgets and saves."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.shipped import READY_MS, Display, displays, encoded, upload, watch

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


@pytest.fixture(scope="module")
def shown() -> list[Display]:
    return displays()[:3]


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
    """All rows are there and read."""
    expect(page.locator("tbody tr")).to_have_count(count, timeout=READY_MS)
    expect(page.locator(".progress-line")).to_contain_text(f"{count} of {count} read", timeout=READY_MS)
    expect(page.locator(".progress-line")).to_contain_text("finished", timeout=READY_MS)


def names(page: Page) -> list[str]:
    """The names of the files as they stand, from the top."""
    return page.locator("tbody tr:visible .name").all_inner_texts()


def table_of(page: Page, folder: Path) -> list[dict[str, str]]:
    """The CSV that the page saves."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    download.value.save_as(folder / "readings.csv")
    text = (folder / "readings.csv").read_bytes().decode("utf-8")
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


@pytest.mark.parametrize("server", ["static_server", "live_server"])
def test_photos_become_a_table(
    page: Page, request: pytest.FixtureRequest, server: str, shown: list[Display], tmp_path: Path
) -> None:
    troubles = open_batch(page, request.getfixturevalue(server))
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    expect(page.locator("#notice")).to_contain_text("no pictures were left out: 1")
    for position, display in enumerate(shown, start=1):
        button = page.locator("tbody tr").nth(position).locator(".number-button")
        expect(button).to_have_attribute("data-value", display.reading.text)
    expect(page.locator("tr.doubtful")).to_have_count(2)
    expect(page.locator(".open img[src^='blob:']")).to_have_count(4)
    rows = table_of(page, tmp_path)
    assert [row["file"] for row in rows] == ["'=broken.jpg", "meter 0.png", "meter 1.png", "meter 2.png", "wall.png"]
    assert [row["state"] for row in rows] == ["failed", "accepted", "accepted", "accepted", "no_display"]
    assert [row["reading"] for row in rows[1:4]] == [each.reading.text for each in shown]
    assert rows[0]["reading"] == rows[4]["reading"] == ""
    assert troubles == []


def test_a_folder_with_its_paths(page: Page, static_server: str, shown: list[Display], tmp_path: Path) -> None:
    for name, display in (("b/2.png", shown[0]), ("b/10.png", shown[1]), ("a/deep/1.png", shown[2])):
        (tmp_path / "meters" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "meters" / name).write_bytes(encoded(display.cut_out))
    (tmp_path / "meters" / "a" / "readme.txt").write_text("no picture")
    open_batch(page, static_server)
    page.set_input_files("#folder", tmp_path / "meters")
    finished(page, 3)
    expected = ["meters/a/deep/1.png", "meters/b/2.png", "meters/b/10.png"]
    assert page.locator("td.path").all_inner_texts() == expected
    page.set_input_files("#folder", tmp_path / "meters")
    expect(page.locator("#notice")).to_contain_text("in the table already were left out: 3")
    expect(page.locator("tbody tr")).to_have_count(3)


def test_a_dropped_folder_is_walked(page: Page, static_server: str) -> None:
    """Browsers hand out a folder's files a hundred at a time."""
    page.goto(f"{static_server}/batch.html")
    found = page.evaluate("""async () => {
      const {fromDrop, sortOut} = await import("/js/batch/sources.js");
      const file = (name) => ({isFile: true, fullPath: `/folder/${name}`, file: (ok) => ok(new File(["x"], name))});
      const folder = (entries) => ({isFile: false, createReader: () => {
        const left = [...entries];
        return {readEntries: (ok) => ok(left.splice(0, 100))};
      }});
      const many = Array.from({length: 230}, (_, n) => file(`${n}.jpg`));
      const entry = folder([...many, folder([file("inside.PNG"), file("list.csv")])]);
      const item = {kind: "file", webkitGetAsEntry: () => entry, getAsFile: () => null};
      const {pictures, others} = sortOut(await fromDrop({items: [item, {kind: "string"}]}));
      return [pictures.length, others, pictures[9].path, pictures[10].path];
    }""")
    assert found == [231, 1, "folder/9.jpg", "folder/10.jpg"]


def test_sorting_and_filter(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    page.get_by_role("button", name="File").click()
    ascending = names(page)
    assert ascending == sorted(ascending)
    page.get_by_role("button", name="File").click()
    assert names(page) == ascending[::-1]
    expect(page.get_by_role("columnheader", name="File")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("button", name="File")).to_be_focused()
    page.get_by_role("button", name="Reading").click()
    order = sorted(range(3), key=lambda n: float(shown[n].reading.text))
    assert names(page)[:3] == [f"meter {n}.png" for n in order]
    page.get_by_role("button", name="How sure").click()
    assert names(page)[0] == "=broken.jpg"
    page.get_by_label("Only doubtful ones").check()
    assert names(page) == ["=broken.jpg", "wall.png"]
    page.get_by_label("Only doubtful ones").uncheck()
    expect(page.locator("tbody tr:visible")).to_have_count(5)


def test_readings_sort_by_value_however_long(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/batch.html")
    texts = page.evaluate("""async () => {
      const {order} = await import("/js/batch/row.js");
      const rows = ["9", "0010.2", "9999999999", "10.15", "0.5", "9999999998", null]
        .map((corrected, number) => ({number, corrected, reading: null}));
      return [false, true].map((down) => rows.sort(order("reading", down)).map((row) => row.corrected));
    }""")
    ascending = ["0.5", "9", "10.15", "0010.2", "9999999998", "9999999999"]
    assert texts == [[*ascending, None], [*ascending[::-1], None]]


def test_correct_by_keyboard(page: Page, static_server: str, shown: list[Display], tmp_path: Path) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    broken = page.locator("tbody tr").first
    broken.locator(".number-button").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("12a")
    page.keyboard.press("Enter")
    expect(broken.get_by_role("alert")).to_contain_text("1 to 10 digits")
    page.keyboard.press("Control+A")
    page.keyboard.type("00123,40")
    page.keyboard.press("Enter")
    expect(broken.locator(".number-button")).to_have_attribute("data-value", "00123.40")
    expect(broken).to_contain_text("Corrected by you")
    expect(page.locator("tr", has_text="wall.png").locator(".number-button")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("tr", has_text="wall.png").locator(".number-button")).to_be_focused()
    accepted = page.locator("tbody tr").nth(1)
    accepted.locator(".number-button").click()
    page.keyboard.press("Enter")
    expect(accepted).not_to_contain_text("by you")
    expect(page.locator(".progress-line")).to_contain_text("1 doubtful")
    row = table_of(page, tmp_path)[0]
    assert (row["reading"], row["state"], row["as_read"]) == ("00123.40", "corrected", "")


def test_remove_and_undo(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    before = names(page)
    page.get_by_role("button", name="Remove meter 1.png").click()
    finished(page, 4)
    expect(page.get_by_role("button", name="Remove meter 2.png")).to_be_focused()
    expect(page.locator("#undo")).to_contain_text("Removed meter 1.png")
    page.get_by_role("button", name="Undo").click()
    finished(page, 5)
    assert names(page) == before
    page.get_by_role("button", name="Empty the table").click()
    expect(page.locator("#batch")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    finished(page, 5)


def test_pause_stop_and_the_rest(page: Page, static_server: str, shown: list[Display]) -> None:
    page.add_init_script(f"({HOLD})()")
    open_batch(page, static_server)
    good = [upload(f"{n}.png", encoded(shown[n % 3].cut_out)) for n in range(6)]
    page.set_input_files("#files", good)
    line = page.locator(".progress-line")
    page.evaluate("release(1)")
    expect(line).to_contain_text("1 of 6 read")
    expect(line).to_contain_text("less than a minute left")
    expect(page.locator("tr[data-state=reading]")).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    expect(line).to_contain_text("paused")
    page.evaluate("release(9)")
    expect(line).to_contain_text("2 of 6 read")
    expect(page.locator("tr[data-state=waiting]")).to_have_count(4)
    page.get_by_role("button", name="Remove 5.png").click()
    page.get_by_role("button", name="Stop").click()
    expect(line).to_contain_text("stopped, 3 not read")
    expect(page.locator("tr[data-state=skipped]")).to_have_count(3)
    page.get_by_role("button", name="Read the rest (3)").click()
    finished(page, 5)
    page.get_by_role("button", name="Undo").click()
    finished(page, 6)


def test_pictures_off_screen_are_not_held(page: Page, static_server: str, shown: list[Display]) -> None:
    """Object URLs live only while their row is near the window, and each is revoked."""
    page.add_init_script("""
      window.alive = new Set();
      const {createObjectURL, revokeObjectURL} = URL;
      URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.alive.add(url); return url; };
      URL.revokeObjectURL = (url) => { window.alive.delete(url); revokeObjectURL(url); };
    """)
    open_batch(page, static_server)
    small = encoded(shown[0].cut_out.resize((160, 40)))
    page.set_input_files("#files", [upload(f"{n}.png", small) for n in range(40)])
    finished(page, 40)
    expect(page.locator("tbody tr").first.locator("img[src]")).to_have_count(1)
    assert 0 < page.evaluate("window.alive.size") < 30
    page.locator("tbody tr").last.scroll_into_view_if_needed()
    expect(page.locator("tbody tr").last.locator("img[src]")).to_have_count(1)
    expect(page.locator("tbody tr").first.locator("img[src]")).to_have_count(0)
    assert 0 < page.evaluate("window.alive.size") < 30
    page.get_by_role("button", name="Empty the table").click()
    page.wait_for_function("window.alive.size === 0")


def test_picture_shown_large(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown)[:1])
    finished(page, 1)
    page.get_by_role("button", name="Show meter 0.png large").click()
    expect(page.get_by_role("dialog")).to_contain_text("meter 0.png")
    page.wait_for_function("document.querySelector('#large img').naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def exif(image: Image.Image, order: str) -> bytes:
    """A JPEG whose camera noted when it was taken; `order`: II for little-endian, MM for big-endian."""
    note = Image.Exif()
    note.endian = "<" if order == "II" else ">"
    note.get_ifd(0x8769)[0x9003] = "2025:03:04 05:06:07"
    return encoded(image, "JPEG", exif=note)


@pytest.mark.parametrize("order", ["II", "MM"])
def test_the_camera_s_date(page: Page, static_server: str, shown: list[Display], tmp_path: Path, order: str) -> None:
    open_batch(page, static_server)
    dated = exif(shown[0].cut_out, order)
    assert b"Exif\0\0" + order.encode() in dated
    torn = dated.replace(b"2025:03:04", b"0000:00:00")
    page.set_input_files("#files", [upload("a.jpg", dated, "image/jpeg"), upload("b.jpg", torn, "image/jpeg")])
    finished(page, 2)
    rows = table_of(page, tmp_path)
    assert (rows[0]["date"], rows[0]["date_from"]) == ("2025-03-04T05:06:07", "camera")
    assert rows[1]["date_from"] == "file"


CELLS: dict[str, tuple[str, str]] = {
    "formula": ("=1+1.jpg", "'=1+1.jpg"),
    "quotes": ('a "b", c.jpg', '"a ""b"", c.jpg"'),
    "plain": ("-5.jpg", "'-5.jpg"),
    "line": ("a\nb.jpg", '"a\nb.jpg"'),
}


@pytest.mark.parametrize("kind", CELLS)
def test_csv_cells(page: Page, static_server: str, kind: str) -> None:
    path, cell = CELLS[kind]
    page.goto(f"{static_server}/batch.html")
    text = page.evaluate(
        """async (path) => {
      const {asCsv} = await import("/js/batch/csv.js");
      return asCsv([{path, state: "waiting", reading: null, corrected: null, meter: null, taken: null}]);
    }""",
        path,
    )
    assert text.split("\r\n")[1] == f"{cell},,,not_read,,,,,"


def test_meters_are_matched_by_name(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/batch.html")
    found = page.evaluate("""async () => {
      const {matchMeter} = await import("/js/batch/matching.js");
      const meters = ["Gas", "Кухня", "Кухня холодная", "!"].map((name) => ({name}));
      const paths = ["2026/GAS_11.jpg", "gasoline.jpg", "кухня-холодная/1.jpg", "Кухня.jpg", "!.jpg"];
      return paths.map((path) => matchMeter(path, meters)?.name ?? null);
    }""")
    assert found == ["Gas", None, "Кухня холодная", "Кухня", None]


@pytest.mark.parametrize("locale", ["en-GB", "ru-RU"])
def test_no_sideways_scroll(browser: Browser, static_server: str, locale: str, shown: list[Display]) -> None:
    context = browser.new_context(locale=locale, viewport={"width": 320, "height": 740})
    page = context.new_page()
    troubles = open_batch(page, static_server)
    name = "a_very_long_name_without_any_place_to_break_it_" * 2 + ".png"
    page.set_input_files("#files", [*files(shown), upload(name, encoded(shown[0].cut_out))])
    expect(page.locator("tr[data-state=read], tr[data-state=failed]")).to_have_count(6, timeout=READY_MS)
    page.locator(".doubtful .number-button").first.click()
    page.keyboard.type("1234567890,1")
    page.keyboard.press("Enter")
    expect(page.locator(".wrong")).not_to_be_empty()
    page.locator(".remove-cell button").last.click()
    expect(page.locator("#undo button")).to_be_visible()
    for width in (320, 360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert troubles == []
    context.close()


def test_a_lost_reader_can_be_had_again(
    launch_browser: Callable[..., Browser], static_server: str, shown: list[Display]
) -> None:
    """The worker dies: all waits, the page says so, and another one goes on where it was."""
    page = launch_browser().new_context(locale="en-GB").new_page()
    page.add_init_script(f"({HOLD})()")
    page.add_init_script("""
      const Original = Worker;
      window.workers = [];
      window.Worker = class extends Original { constructor(...given) { super(...given); window.workers.push(this); } };
    """)
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown)[:3])
    page.evaluate("release(1)")
    expect(page.locator(".progress-line")).to_contain_text("1 of 3 read")
    page.evaluate("workers.at(-1).onerror(new ErrorEvent('error', {message: 'gone'}))")
    expect(page.locator("#problem")).to_contain_text("stopped working")
    page.evaluate("release(9)")
    page.get_by_role("button", name="Try again").click()
    finished(page, 3)
