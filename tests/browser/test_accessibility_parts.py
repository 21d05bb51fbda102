"""axe-core finds nothing in what a page shows only after some work: drums to fix, dialogs, a filled table, a chart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.batch import HOLD, files, open_batch
from tests.browser.meters import METER, at, picture, readings, save
from tests.browser.shipped import READY_MS, Display, displays, encoded, open_page, upload
from tests.browser.test_accessibility import LOCALES, expect_no_sideways_scroll, expect_no_violations
from tests.outlines import marked_photo

DAYS = [at(2026, 10, day) for day in range(1, 6)]


@pytest.fixture(params=LOCALES)
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page in each language; what is looked for in it is named by no words."""
    context = browser.new_context(locale=request.param, timezone_id="Europe/Berlin", service_workers="block")
    page = context.new_page()
    page.on("filechooser", lambda _chooser: None)
    yield page
    context.close()


def expect_fine(page: Page) -> None:
    expect_no_violations(page)
    expect_no_sideways_scroll(page)


def test_the_drums_of_a_reading(page: Page, static_server: str, display: Display) -> None:
    """With the form of a new meter, and the question about sending."""
    open_page(page, static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect(page.locator(".keep")).to_be_visible(timeout=READY_MS)
    page.locator(".keep .wrong").click()
    expect(page.locator(".fix [role=spinbutton]").first).to_be_focused()
    page.locator(".fix .more").click()
    page.locator(".choice select").select_option("new")
    page.locator(".new-meter .primary").click()
    expect(page.locator(".new-meter .failure")).not_to_be_empty()
    expect_fine(page)
    page.locator(".new-meter [name=name]").fill("Kellerwasserzähler")
    page.locator(".new-meter .primary").click()
    expect(page.locator(".remark")).not_to_be_empty()
    page.locator(".fix [role=spinbutton]").first.press("7")
    page.locator(".fix .done").click()
    expect(page.locator(".question .yes")).to_be_visible()
    expect_fine(page)
    page.locator(".question .no").click()
    expect(page.locator("#consent")).to_be_visible()
    page.locator(".keep .wrong").click()
    expect(page.locator(".fix .more")).to_have_count(0)  # the meter says how many drums there are
    expect_fine(page)


def test_the_outline_of_a_display(page: Page, finder_server: str, display: Display) -> None:
    open_page(page, finder_server)
    photo, _ = marked_photo(800, 1000, 20, display.cut_out)
    page.set_input_files("#files", upload("meter.png", encoded(photo)))
    expect(page.locator(".outline svg")).to_be_visible(timeout=READY_MS)
    expect(page.locator(".result")).to_have_attribute("data-state", "read", timeout=READY_MS)
    expect_fine(page)


def test_the_table_of_many_photos(page: Page, static_server: str) -> None:
    """Being read; then read, sorted, one of each state, one being corrected; then one shown large."""
    page.add_init_script(f"({HOLD})()")
    page.goto(f"{static_server}/icon.svg")
    save(page, [{**METER, "name": "meter 1"}], [])
    open_batch(page, static_server)
    page.set_input_files("#files", files(displays()[:3]))
    expect(page.locator("tr[data-state=reading]")).to_have_count(1)
    expect_no_violations(page)
    page.evaluate("release(9)")
    expect(page.locator("tr[data-state=read]")).to_have_count(4, timeout=READY_MS)
    expect(page.locator("tr .meter")).to_have_text("meter 1")
    page.locator("th button").nth(1).click()
    page.locator("tr[data-state=failed] .number-button").click()
    page.locator(".correction input").fill("12a")
    page.locator(".correction .primary").click()
    expect(page.locator(".correction .wrong")).not_to_be_empty()
    page.locator("tr:has(.meter) .remove").click()
    expect(page.locator("#undo .put-away")).to_be_visible()
    expect_fine(page)
    page.locator("tr.to-check[data-state=read] .open").click()
    page.wait_for_function("document.querySelector('#large img').naturalWidth > 0")
    expect_fine(page)


def test_a_batch_that_was_stopped(page: Page, static_server: str) -> None:
    page.add_init_script(f"({HOLD})()")
    open_batch(page, static_server)
    page.set_input_files("#files", files(displays()[:3]))
    page.evaluate("release(1)")
    expect(page.locator("tr[data-state=read]")).to_have_count(1, timeout=READY_MS)
    page.locator("button.stop").click()
    page.evaluate("release(9)")
    expect(page.locator("button.rest")).to_be_visible(timeout=READY_MS)
    expect(page.locator("tr[data-state=skipped]").first).to_be_visible()
    expect_fine(page)


def open_meter(page: Page, address: str) -> None:
    """A meter with readings of every kind: the first, one after it, a misread, a rollover, one in doubt."""
    texts = ["9890.0", "9990.0", "5555.5", "0010.5", "0050.0"]
    kept = readings(*zip(DAYS, texts, strict=True), picture=picture(), corrected=True)
    page.goto(f"{address}/icon.svg")
    save(page, [METER], [*kept, {**kept[-1], "id": "doubtful", "kind": "doubtful", "picture": None}])
    page.goto(f"{address}/meters.html#m1")
    expect(page.locator(".stored")).to_have_count(6)


def test_a_meter_with_its_chart(page: Page, static_server: str) -> None:
    open_meter(page, static_server)
    page.locator(".chart-table summary").click()
    expect(page.locator(".chart-table td").first).to_be_visible()
    drawn = "document.querySelector('.chart-area canvas')?.height > 100"
    page.wait_for_function(drawn)
    expect(page.locator(".learn")).to_be_visible()
    expect(page.locator(".stored.odd")).to_have_count(2)
    expect_fine(page)
    page.locator("[data-key=by-month]").click()
    page.wait_for_function(drawn)
    expect_no_violations(page)
    page.locator("[data-key=delete-r1]").click()
    expect(page.locator("#toast button")).to_be_visible()
    expect_no_violations(page)
    page.goto(f"{static_server}/meters.html")
    expect(page.locator(".meter")).to_have_count(1)
    page.set_input_files("#file", upload("table.csv", b"no table", "text/csv"))
    expect(page.locator("#problem")).to_be_visible()
    expect_fine(page)


def test_the_dialogs_of_a_meter(page: Page, static_server: str) -> None:
    """Of a reading, of the meter, of one that was read, each with what is wrong in it said; of a picture."""
    open_meter(page, static_server)
    for key in ("add", "edit", "edit-r0"):
        page.locator(f"[data-key={key}]").click()
        page.locator("dialog input").first.fill("")
        page.locator("dialog .primary").click()
        expect(page.locator("dialog .failure")).not_to_be_empty()
        expect_fine(page)
        close(page)
    page.locator("[data-key=picture-r0]").click()
    expect(page.locator("dialog.large img")).to_be_visible()
    expect_fine(page)


def test_the_dialog_of_a_new_meter(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    page.locator("[data-key=add]").click()
    expect(page.locator("dialog [name=measured]")).to_be_visible()
    expect_fine(page)
    page.locator("dialog .primary").click()
    expect(page.locator("dialog .failure")).not_to_be_empty()
    expect_no_violations(page)


def close(page: Page) -> None:
    """Leave the dialog that is open."""
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_the_reader_in_a_form(page: Page, static_server: str, display: Display) -> None:
    """The example for embedding: empty, with a reading, with what is none."""
    page.goto(f"{static_server}/example.html")
    page.evaluate("customElements.whenDefined('meter-reader')")
    page.evaluate("document.querySelector('meter-reader').lang = navigator.language.slice(0, 2)")
    expect_fine(page)
    field = page.locator("meter-reader input.value")
    words = page.locator("meter-reader .words")
    page.locator("meter-reader input.file").set_input_files(upload("meter.png", encoded(display.cut_out)))
    expect(field).to_have_value(re.compile(r"\d"), timeout=READY_MS)
    expect_fine(page)
    wall = encoded(Image.effect_noise((300, 100), 90).convert("RGB"))
    page.locator("meter-reader input.file").set_input_files(upload("wall.png", wall))
    expect(field).to_have_value("", timeout=READY_MS)
    expect_no_violations(page)
    field.fill("12a")
    field.press("Enter")
    expect(words).to_contain_text("10")
    expect_no_violations(page)
    page.locator("meter-reader").evaluate("(element) => element.setAttribute('disabled', '')")
    expect(field).to_be_disabled()
    expect_no_violations(page)
