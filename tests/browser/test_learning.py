"""What a device learns about one meter (frontend/js/learn/): the tuned layers, their worth, keeping and forgetting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import METER, device, readings, save
from tests.browser.shipped import READY_MS, Display, displays, encoded, upload, watch, without_finder
from tests.browser.test_accessibility import expect_no_sideways_scroll, expect_no_violations
from tests.conftest import ROOT

MODULE = Path(__file__).with_name("learning_page.js")
CALL = "async ([name, ...values]) => (await import('/learning_page.js'))[name](...values)"
WORTH = {"pictures": 10, "before": 3, "after": 8, "intact": True, "better": True, "milliseconds": 9000}
KNOWN = "0".rjust(64, "a")  # a version's hash


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext, static_server: str) -> Page:
    """A page of the same origin that is not the reader's own, with the tests' module."""
    page = context.new_page()
    script = MODULE.read_text("utf-8")
    page.route("**/learning_page.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))
    page.goto(f"{static_server}/icon.svg")
    return page


def corrections(count: int, display: Display, text: str = "7777.7") -> list[dict[str, Any]]:
    """Corrected readings with the display's picture."""
    box = vars(display.box) if display.box else None
    more = {"corrected": True, "picture": list(display.file.read_bytes()), "box": box}
    return readings(*((time, text) for time in range(count)), **more)


def open_meter(page: Page, address: str, kept: list[dict[str, Any]]) -> None:
    save(page, [METER], kept)
    page.goto(f"{address}/meters.html#m1")


def pretend(page: Page, worth: dict[str, Any], model: str = KNOWN) -> None:
    """Learning ends at once, with this; and this is the model in use."""
    script = f"""
      export const teach = async () => {{
        const learned = {{parameters: new Float32Array(3), temperature: 1, model: "{KNOWN}"}};
        return {{learned, worth: {str(worth).replace("True", "true").replace("False", "false")}}};
      }};
      export const modelInUse = async () => "{model}";
    """
    page.route("**/learn/teach.js", lambda route: route.fulfill(body=script, content_type="text/javascript"))


def test_slopes_are_those_of_the_loss(page: Page) -> None:
    found = page.evaluate(CALL, ["slopes"])
    assert len(found) == 7
    for layer in found:
        assert layer["largest"] > 0.01
        assert layer["difference"] < 0.02 * max(1, layer["largest"])


def test_the_head_says_what_the_model_says(page: Page) -> None:
    found = page.evaluate(CALL, ["besideModel"])
    assert found["worst"] < 1e-4
    assert found["parameters"] == 31_725
    assert found["unknown"] is None


def test_what_is_learned_is_kept_only_where_it_helps(page: Page) -> None:
    wrong, right = (page.evaluate(CALL, ["learns", known]) for known in (False, True))
    assert (wrong["before"], wrong["after"], wrong["pictures"], wrong["changed"]) == (0, 10, 10, True)
    assert (wrong["intact"], wrong["better"]) == (True, True)
    assert (right["before"], right["after"], right["better"]) == (10, 10, False)
    assert wrong["temperature"] >= 1


def test_it_is_offered_from_ten_corrections(page: Page, static_server: str) -> None:
    troubles = watch(page)
    pretend(page, WORTH)
    open_meter(page, static_server, corrections(9, displays()[0]))
    panel = page.locator(".learn")
    expect(panel).to_contain_text("So far: 9.")
    expect(panel.get_by_role("button")).to_have_count(0)
    save(page, [METER], corrections(10, displays()[0]))
    panel.get_by_role("button", name="Learn this meter").click()
    expect(panel).to_contain_text(
        "of 10 pictures, 8 are read right by what was learned from the others; before that, 3"
    )
    page.reload()
    expect(panel).to_contain_text("before that, 3 were.")
    expect_no_violations(page)
    expect_no_sideways_scroll(page)
    panel.get_by_role("button", name="Forget what was learned").click()
    expect(panel).to_contain_text("this meter is read as before")
    expect(panel.get_by_role("button", name="Learn this meter")).to_be_visible()
    assert page.evaluate("import('/js/learn/lessons.js').then(({getLesson}) => getLesson('m1'))") is None
    assert [each for each in troubles if "Service Worker" not in each] == []  # which this device may not have


@pytest.mark.parametrize(
    ("worth", "sentence"),
    [
        ({"after": 3, "better": False}, "Learning did not help, so nothing was changed: of 10 pictures, 3"),
        ({"intact": False, "better": False}, "made other displays be read worse, so nothing was changed"),
    ],
)
def test_what_does_not_help_changes_nothing(
    page: Page, static_server: str, worth: dict[str, Any], sentence: str
) -> None:
    pretend(page, WORTH | worth)
    open_meter(page, static_server, corrections(10, displays()[0]))
    page.get_by_role("button", name="Learn this meter").click()
    expect(page.locator(".learn")).to_contain_text(sentence)
    expect(page.locator(".learn")).to_contain_text("More corrected pictures may help")
    expect(page.locator(".learn button")).to_have_count(0)  # the same pictures would say the same
    expect(page.locator(".learn-status")).to_be_focused()
    assert page.evaluate("import('/js/learn/lessons.js').then(({getLesson}) => getLesson('m1'))") is None
    save(page, [METER], corrections(11, displays()[0]))
    expect(page.get_by_role("button", name="Learn this meter")).to_be_visible()
    expect(page.locator(".learn-status")).to_be_empty()


def test_what_did_not_help_is_tried_anew_with_other_corrections(page: Page, static_server: str) -> None:
    """As many as before, but of another value: one had been wrong."""
    pretend(page, WORTH | {"better": False})
    open_meter(page, static_server, corrections(10, displays()[0]))
    learn = page.get_by_role("button", name="Learn this meter")
    learn.click()
    expect(page.locator(".learn")).to_contain_text("More corrected pictures may help")
    expect(learn).to_have_count(0)
    save(page, [METER], corrections(10, displays()[0], "7777.8"))
    expect(learn).to_be_visible()
    expect(page.locator(".learn")).not_to_contain_text("More corrected pictures may help")


def test_a_new_model_drops_what_was_learned_for_the_old_one(page: Page, static_server: str) -> None:
    pretend(page, WORTH, model="b" * 64)
    open_meter(page, static_server, corrections(10, displays()[0]))
    page.get_by_role("button", name="Learn this meter").click()
    expect(page.locator(".learn")).to_contain_text("A new model reads now")
    expect(page.get_by_role("button", name="Learn this meter")).to_be_visible()


def test_it_is_in_no_backup_and_goes_with_its_meter(page: Page, static_server: str) -> None:
    pretend(page, WORTH)
    open_meter(page, static_server, corrections(10, displays()[0]))
    page.get_by_role("button", name="Learn this meter").click()
    expect(page.locator(".learn")).to_contain_text("before that, 3 were.")
    backup, gone = page.evaluate(
        """async () => {
          const {readAll, removeMeter} = await import("/js/store.js");
          const {writeBackup} = await import("/js/meters/backup.js");
          const {getLesson} = await import("/js/learn/lessons.js");
          const backup = await (await writeBackup(await readAll())).text();
          await removeMeter("m1");
          return [backup, await getLesson("m1")];
        }"""
    )
    assert "parameters" not in backup
    assert gone is None


def test_a_meter_is_learned_and_read_by_it(context: BrowserContext, page: Page, static_server: str) -> None:
    """With the real layers, in fewer and bolder steps: what is taught is that the last digit is the next one."""
    shipped = (ROOT / "frontend" / "js" / "learn" / "tune.js").read_text("utf-8")
    bolder = re.sub(r"RECIPE = {.*}", "RECIPE = {steps: 30, batch: 8, rate: 2e-3, pull: 1e-2}", shipped)
    assert bolder != shipped
    context.route("**/learn/tune.js", lambda route: route.fulfill(body=bolder, content_type="text/javascript"))
    without_finder(page)
    # None of those that the model brings along to a device: these are to stay as they are.
    display = next(each for each in displays() if each.file.name > "03.png" and each.reading.text == "54.3")
    open_meter(page, static_server, corrections(10, display, "54.4"))
    page.get_by_role("button", name="Learn this meter").click()
    expect(page.locator(".learn")).to_contain_text("10 are read right", timeout=4 * READY_MS)
    page.evaluate("localStorage.setItem('meter', 'm1')")
    page.goto(static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    number = page.locator(".result .number, .result .guessed")
    expect(page.locator(".result")).to_contain_text("what this device has learned", timeout=READY_MS)
    expect(number).to_have_attribute("data-value", re.compile(r"54\.4$"))
    page.locator(".keep select").first.select_option("")
    expect(number).to_have_attribute("data-value", "54.3")

    other = "async (meter) => (await import('/js/store.js')).saveMeter(meter)"
    page.evaluate(other, {**METER, "id": "m2", "name": "Another"})
    page.evaluate("localStorage.setItem('meter', 'm1')")
    page.goto(static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    page.locator(".keep select").wait_for(timeout=READY_MS)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))  # with all there: it is read once
    expect(page.locator(".result")).to_have_count(2)
    expect(number.first).to_have_attribute("data-value", re.compile(r"54\.3$"))  # it may be the other one
    page.locator(".keep select").first.select_option("")
    page.locator(".keep select").first.select_option("m1")
    expect(number.first).to_have_attribute("data-value", re.compile(r"54\.4$"))
