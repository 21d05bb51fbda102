"""The table of many photos: sorted, corrected, lines removed and brought back, dated, matched with meters, saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.batch import files, finished, names, open_batch, table_of
from tests.browser.pretend import ask, give_modules, keep_meter
from tests.browser.shipped import Display, displays, encoded, upload


@pytest.fixture(scope="module")
def shown() -> list[Display]:
    return displays()[:3]


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
    page.get_by_label("Only those to check").check()
    assert names(page) == ["=broken.jpg", "wall.png"]
    page.get_by_label("Only those to check").uncheck()
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
    expect(page.locator(".progress-line span")).to_have_text(
        ["4 of 5 read", "0 doubtful", "1 could not be read", "finished"]
    )
    row = table_of(page, tmp_path)[0]
    assert (row["reading"], row["state"], row["as_read"]) == ("00123.40", "corrected", "")


def test_the_last_one_to_be_checked_hands_the_focus_on(page: Page, static_server: str, shown: list[Display]) -> None:
    """While only those to be checked are shown, a corrected line leaves: on to those above, then to the box itself."""
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    box = page.get_by_label("Only those to check")
    box.check()
    first, last = (page.locator("tr", has_text=name).locator(".number-button") for name in ("=broken.jpg", "wall.png"))
    last.click()
    page.keyboard.type("123.4")
    page.keyboard.press("Enter")
    expect(last).to_be_hidden()
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("123.4")
    page.keyboard.press("Enter")
    expect(first).to_be_hidden()
    expect(box).to_be_focused()


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
    expect(page.locator("#notice")).to_be_visible()
    page.get_by_role("button", name="Empty the table").click()
    expect(page.locator("#batch")).to_be_hidden()
    expect(page.locator("#notice")).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    finished(page, 5)


def test_what_was_removed_is_put_away(page: Page, static_server: str, shown: list[Display]) -> None:
    """Its sentence goes at a press, and the focus returns to where it was; what is looked at meanwhile stays."""
    page.set_viewport_size({"width": 1280, "height": 300})
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown)[:3])
    finished(page, 3)
    page.get_by_role("button", name="Remove meter 1.png").click()
    next_one = page.get_by_role("button", name="Remove meter 2.png")
    expect(next_one).to_be_focused()
    page.get_by_role("button", name="Put this away").focus()
    page.evaluate("scrollTo(0, 0)")
    expect(next_one).not_to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#undo")).to_be_hidden()
    expect(next_one).to_be_focused()
    expect(next_one).not_to_be_in_viewport()
    expect(page.locator("tbody tr")).to_have_count(2)


def test_where_the_focus_was_is_not_kept_for_another_sentence(page: Page, static_server: str) -> None:
    """Some browsers do not focus a button that is pressed by mouse: then the focus came from nowhere."""
    page.goto(f"{static_server}/batch.html")
    focused = page.evaluate("""async () => {
      const {Toast} = await import("/js/toast.js");
      const [place, before] = ["div", "button"].map((tag) => document.body.appendChild(document.createElement(tag)));
      const toast = new Toast(place, {onPutAway: () => {}});
      const away = () => place.querySelector(".put-away");
      const put = () => (away().click(), document.activeElement === before);
      toast.show(() => "One.");
      before.focus();
      away().focus();
      const returned = put();
      before.blur();
      toast.show(() => "Another.");
      return [returned, put()];
    }""")
    assert focused == [True, False]


def test_picture_shown_large(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown)[:1])
    finished(page, 1)
    page.get_by_role("button", name="Show meter 0.png large").click()
    expect(page.get_by_role("dialog")).to_contain_text("meter 0.png")
    page.wait_for_function("document.querySelector('#large img').naturalWidth > 0")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_what_is_no_picture_cannot_be_shown_large(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    expect(page.get_by_role("button", name="Show =broken.jpg large")).to_be_disabled()
    expect(page.get_by_role("button", name="Show wall.png large")).to_be_enabled()


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
    expect(page.locator("td.taken").first).to_have_text("4 Mar 2025, 05:06")
    expect(page.locator("td.taken").last).to_contain_text("file dated")


def test_what_is_no_picture_was_never_taken(page: Page, static_server: str, shown: list[Display]) -> None:
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    expect(page.locator("td.taken").nth(0)).to_be_empty()
    expect(page.locator("td.taken").nth(1)).to_contain_text("file dated")


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


def test_what_was_learned_of_a_matched_meter_reads_where_the_picture_alone_is_unsure(
    page: Page, static_server: str, shown: list[Display]
) -> None:
    give_modules(page)
    meter = keep_meter(page, static_server)
    ask(page, "teach", meter)
    open_batch(page, static_server)
    ask(page, "pretend", {"text": "455", "reason": "doubtful"}, {"text": "500"})
    names = ("kitchen 1.png", "bathroom 1.png")
    page.set_input_files("#files", [upload(name, encoded(shown[0].cut_out)) for name in names])
    finished(page, 2)
    values = page.locator(".number-button")
    assert [each.get_attribute("data-value") for each in values.all()] == ["455", "500"]
    assert ask(page, "asked") == [None, None, meter]


def test_meters_are_matched_by_name(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/batch.html")
    found = page.evaluate("""async () => {
      const {matchMeter} = await import("/js/batch/matching.js");
      const meters = ["Gas", "Кухня", "Кухня холодная", "!"].map((name) => ({name}));
      const paths = ["2026/GAS_11.jpg", "gasoline.jpg", "кухня-холодная/1.jpg", "Кухня.jpg", "!.jpg"];
      return paths.map((path) => matchMeter(path, meters)?.name ?? null);
    }""")
    assert found == ["Gas", None, "Кухня холодная", "Кухня", None]
