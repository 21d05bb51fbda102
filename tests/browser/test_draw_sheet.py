"""The test sheet of drawn digits: asked for one after another, kept on the device, counted, exported, begun anew."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.draw import (
    FOLLOW_WORKERS,
    LOSE_WORKERS,
    card_of,
    draw,
    expect_number,
    open_draw,
    published,
)
from tests.browser.shipped import READY_MS, watch
from tests.browser.site_walk import LOCALES, walking
from tests.browser.test_accessibility import expect_no_violations

# Records up to a number of digits: each network has recognised the digit, but for the last, the 7 of which is a 1.
FILL = """async ([recipes, count]) => {
  const {addRecord, listRecords} = await import("/js/draw/records.js");
  const {PLAN} = await import("/js/draw/sheet.js");
  for (let place = (await listRecords()).length; place < count; place++) {
    const asked = PLAN[place];
    const of = (recipe, at) =>
      ({recipe, version: "1", digit: asked === 7 && at === recipes.length - 1 ? 1 : asked, confidence: 0.75});
    await addRecord({place, asked, time: 1.7e12 + place, recognised: recipes.map(of)});
  }
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, service_workers="block")
    yield context
    context.close()


def row(page: Page, recipe: str, digit: int) -> list[int]:
    """How often a network recognised each digit when this one was asked for."""
    rows = page.locator(f".tally[data-recipe={recipe}] tbody tr")
    return [int(text) for text in rows.nth([1, 3, 5, 7, 2].index(digit)).locator("td").all_inner_texts()]


def download(page: Page) -> list[dict[str, str]]:
    with page.expect_download() as given:
        page.get_by_role("button", name="Save as CSV").click()
    return list(csv.DictReader(io.StringIO(given.value.path().read_bytes().decode("utf-8-sig"))))


def test_a_sheet_from_the_first_digit_to_its_export(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    expect(page.locator("#sheet")).to_contain_text("Nothing is recorded yet.")
    page.get_by_role("button", name="Start the sheet").click()
    ask, notice = page.locator(".ask"), page.locator("#notice")
    expect(ask).to_have_text("1 of 20: draw a 1")
    page.get_by_role("button", name="Record it").click()
    expect(notice).to_contain_text("Draw a digit first")
    draw(page, "23")
    page.locator("#paper").click(position={"x": 2, "y": 2})  # a speck, and the focus is on no button
    page.keyboard.press("Enter")
    expect(notice).to_contain_text("One digit at a time: 2 are drawn")
    page.keyboard.press("Delete")
    draw(page, "2")  # the 1 that is asked for is drawn as a 2
    page.keyboard.press("Enter")
    expect(ask).to_have_text("2 of 20: draw a 3")
    expect(notice).to_be_hidden()
    expect(page.locator(".network .number")).to_have_count(0)  # the paper is clear again
    for recipe in published():
        assert row(page, recipe, 1) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    lines = download(page)
    assert sorted(line["network"] for line in lines) == sorted(published())
    for line in lines:
        version = card_of(line["network"])["version"]
        assert (line["number"], line["asked"], line["recognised"], line["version"]) == ("1", "1", "2", version)
        assert 0.1 < float(line["probability"]) <= 1
    page.locator("#asked").get_by_role("button", name="Undo the last").click()
    expect(ask).to_have_text("1 of 20: draw a 1")
    expect(page.locator("#sheet")).to_contain_text("Nothing is recorded yet.")


def test_a_full_sheet_is_kept_counted_and_begun_anew(page: Page, static_server: str) -> None:
    recipes = published()
    open_draw(page, static_server)
    page.evaluate(FILL, [recipes, 20])
    expect(page.locator("#sheet")).to_contain_text("The sheet is full: all 20 are recorded.")
    page.reload()
    expect(page.locator("#sheet .right li")).to_have_count(len(recipes), timeout=READY_MS)
    assert [text.split(": ")[1] for text in page.locator("#sheet .right li").all_inner_texts()] == [
        *["20 of 20 right"] * (len(recipes) - 1),
        "16 of 20 right",
    ]
    last = recipes[-1]
    assert [row(page, last, digit).index(4) for digit in (1, 2, 3, 5, 7)] == [1, 2, 3, 5, 1]
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    table = download(page)
    assert [int(line["number"]) for line in table] == [place + 1 for place in range(20) for _ in recipes]
    assert [line["asked"] for line in table if line["network"] == last] == list("13572" * 4)
    expect(page.get_by_role("button", name="Go on")).to_have_count(0)
    page.get_by_role("button", name="Begin anew").click()
    expect(page.locator("#sheet")).to_contain_text("Nothing is recorded yet.")
    expect(page.get_by_role("button", name="Start the sheet")).to_be_visible(timeout=READY_MS)
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#sheet")).to_contain_text("all 20 are recorded")
    page.get_by_role("button", name="Undo the last").click()
    expect(page.locator("#sheet")).to_contain_text("19 of 20 are recorded.")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator(".ask")).to_have_text("20 of 20: draw a 2")


CHART = """
  export class Chart {
    constructor(canvas, configuration) {
      window.drawn = configuration;
    }
    destroy() {
      window.drawn = null;
    }
  }
"""


def test_the_histogram_counts_what_was_asked_and_recognised(page: Page, static_server: str) -> None:
    """What the chart is given: a bar a digit for what was asked for, and one for each network."""
    page.route("**/vendor/chart.js", lambda route: route.fulfill(body=CHART, content_type="text/javascript"))
    recipes = published()
    open_draw(page, static_server)
    page.evaluate(FILL, [recipes, 13])  # twice round 1, 3, 5, 7, 2, and 1, 3, 5
    page.wait_for_function("window.drawn?.data.datasets[0].data[5] === 3")
    data = page.evaluate("window.drawn.data")
    assert data["labels"] == list("0123456789")
    asked, *networks = data["datasets"]
    assert (asked["label"], asked["data"]) == ("Asked", [0, 3, 2, 3, 0, 3, 0, 2, 0, 0])
    assert [each["label"] for each in networks] == page.locator("#sheet .right li").evaluate_all(
        "(items) => items.map((item) => item.textContent.split(':')[0])"
    )
    assert [each["data"] for each in networks[:-1]] == [asked["data"]] * (len(recipes) - 1)
    assert networks[-1]["data"] == [0, 5, 2, 3, 0, 3, 0, 0, 0, 0]  # each 7 was taken for a 1
    colours = [each["backgroundColor"] for each in data["datasets"]]
    assert all(colours)
    assert len(set(colours)) == len(colours)
    page.get_by_role("button", name="Begin anew").click()
    page.wait_for_function("window.drawn === null")


def test_another_tab_has_gone_on(page: Page, static_server: str) -> None:
    """Its records are shown here, and none is written over."""
    open_draw(page, static_server)
    other = page.context.new_page()
    other.goto(f"{static_server}/draw.html")
    other.evaluate(FILL, [["lenet"], 2])
    expect(page.locator("#sheet")).to_contain_text("2 of 20 are recorded.")
    refused = page.evaluate("""async () => {
      const {addRecord} = await import("/js/draw/records.js");
      const record = {place: 1, asked: 3, time: 0, recognised: []};
      return addRecord(record).then(() => "kept", (error) => `${error.code}: ${error.message}`);
    }""")
    assert refused == "invalid: expected a digit for place 3 of the sheet, got 2"


def test_where_nothing_can_be_kept_digits_are_read(page: Page, static_server: str) -> None:
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }")
    watch(page)
    page.goto(f"{static_server}/draw.html")
    expect(page.locator("#notice")).to_contain_text("ordinary window", timeout=READY_MS)
    draw(page, "5")
    expect_number(page, "5")


def test_the_sheet_goes_on_when_the_networks_are_had_again(page: Page, static_server: str) -> None:
    """While nothing looks nothing is asked for or recorded, not even what was read before; the way back stays."""
    page.add_init_script(FOLLOW_WORKERS)
    open_draw(page, static_server)
    page.get_by_role("button", name="Start the sheet").click()
    draw(page, "5")
    expect_number(page, "5")
    page.evaluate(LOSE_WORKERS)
    page.get_by_role("button", name="Clear").click()
    ask, problem, again = page.locator(".ask"), page.locator("#problem"), page.get_by_role("button", name="Try again")
    expect(problem).to_contain_text("stopped working")
    draw(page, "2")
    page.get_by_role("button", name="Record it").click()
    page.route("**/*.bin", lambda route: route.abort())
    again.click()
    expect(problem).to_contain_text("could not be downloaded", timeout=READY_MS)
    expect(ask).to_have_count(0)
    page.keyboard.press("Enter")
    expect(again).to_be_visible()
    expect(page.locator("#notice")).to_be_hidden()
    page.unroute("**/*.bin")
    again.click()
    expect(ask).to_have_text("1 of 20: draw a 1", timeout=READY_MS)
    expect_number(page, "2")
    page.keyboard.press("Enter")
    expect(ask).to_have_text("2 of 20: draw a 3")
    for recipe in published():
        assert row(page, recipe, 1) == [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_state_fits_and_is_accessible(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        open_draw(page, static_server)
        walk.see("draw-empty")
        page.locator("[data-key=start]").click()
        draw(page, "352", height=0.4)
        expect_number(page, "352")
        page.locator("[data-key=record]").click()
        expect(page.locator("#notice")).to_be_visible()
        expect_no_violations(page)
        walk.see("draw-row")
        page.evaluate(FILL, [published(), 20])
        page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
        page.locator("[data-key=anew]").focus()
        expect_no_violations(page)
        walk.see("draw-sheet")
