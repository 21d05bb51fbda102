"""Many photos: in by folder or drop, read one after the other, paused, stopped, and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.batch import HOLD, files, finished, open_batch, table_of
from tests.browser.shipped import READY_MS, Display, displays, encoded, upload


@pytest.fixture(scope="module")
def shown() -> list[Display]:
    return displays()[:3]


@pytest.mark.parametrize("server", ["static_server", "live_server"])
def test_photos_become_a_table(
    page: Page, request: pytest.FixtureRequest, server: str, shown: list[Display], tmp_path: Path
) -> None:
    troubles = open_batch(page, request.getfixturevalue(server))
    page.set_input_files("#files", files(shown))
    finished(page, 5)
    expect(page.locator("#notice")).to_contain_text("not pictures were left out: 1")
    parts = page.locator(".progress-line span")
    expect(parts).to_have_text(["3 of 5 read", "0 doubtful", "2 could not be read", "finished"])
    expect(page.locator("#announcer")).to_have_text("3 of 5 read, 0 doubtful, 2 could not be read")
    expect(page.locator(".row-number")).to_have_text(["1", "2", "3", "4", "5"])
    for position, display in enumerate(shown, start=1):
        button = page.locator("tbody tr").nth(position).locator(".number-button")
        expect(button).to_have_attribute("data-value", display.reading.text)
    expect(page.locator("tr.to-check")).to_have_count(2)
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
    expect(page.locator("#notice")).to_contain_text("already in the table were left out: 3")
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


def test_each_picture_is_decoded_once(page: Page, static_server: str, shown: list[Display]) -> None:
    """In the page, for the reader and for the small picture; the worker gets no file that it would decode again."""
    page.add_init_script("""
      window.decoded = window.filesSent = 0;
      const [open, post] = [window.createImageBitmap, Worker.prototype.postMessage];
      window.createImageBitmap = (source, ...rest) => {
        window.decoded += Number(source instanceof Blob);
        return open(source, ...rest);
      };
      Worker.prototype.postMessage = function (message, ...rest) {
        window.filesSent += Number(message.source instanceof Blob);
        return post.call(this, message, ...rest);
      };
    """)
    open_batch(page, static_server)
    page.set_input_files("#files", files(shown)[:3])
    finished(page, 3)
    expect(page.locator(".open img[src^='blob:']")).to_have_count(3)
    assert page.evaluate("[window.decoded, window.filesSent]") == [3, 0]


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


def test_no_sideways_scroll(browser: Browser, static_server: str, shown: list[Display]) -> None:
    """Not even in the narrowest window; `test_site_walk_tables.py` sees the others."""
    context = browser.new_context(locale="en-GB", viewport={"width": 320, "height": 740})
    page = context.new_page()
    troubles = open_batch(page, static_server)
    name = "a_very_long_name_without_any_place_to_break_it_" * 2 + ".png"
    page.set_input_files("#files", [*files(shown), upload(name, encoded(shown[0].cut_out))])
    expect(page.locator("tr[data-state=read], tr[data-state=failed]")).to_have_count(6, timeout=READY_MS)
    page.locator(".to-check .number-button").first.click()
    page.keyboard.type("1234567890,1")
    page.keyboard.press("Enter")
    expect(page.locator(".wrong")).not_to_be_empty()
    page.locator(".remove-cell button").last.click()
    expect(page.locator("#undo .put-away")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
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
    # All of them: on a slow machine the newest may be a candidate that is being compared, not the one that reads.
    page.evaluate("workers.forEach((each) => each.onerror(new ErrorEvent('error', {message: 'gone'})))")
    expect(page.locator("#problem p")).to_contain_text("The reader stopped working. Try again;")
    expect(page.locator(".progress-line")).to_contain_text("on hold: no reader")
    page.evaluate("release(9)")
    page.get_by_role("button", name="Try again").click()
    finished(page, 3)


def test_nothing_is_offered_where_the_browser_is_at_fault(page: Page, static_server: str) -> None:
    """Trying again would compute the same."""
    failing = "export const openReader = () => Promise.reject(Object.assign(new Error('no'), {code: 'backend'}));"
    page.route("**/js/early.js", lambda route: route.fulfill(body=failing, content_type="text/javascript"))
    page.goto(f"{static_server}/batch.html")
    expect(page.locator("#problem p")).to_contain_text("Update the browser")
    expect(page.locator("#problem button")).to_have_count(0)
