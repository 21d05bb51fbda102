"""A walk through what the reading page says of a meter of one's own, and of corrections: as in `test_site_walk.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pretend import ask as call
from tests.browser.pretend import give_modules
from tests.browser.shipped import READY_MS, displays
from tests.browser.site_walk import LOCALES, Walk, add, clear, ready, sentence, walking
from tests.browser.test_sense import give_module

# The reader's answers with the last digit torn between two, as it is between two positions of a drum.
TORN = """() => {
  const Plain = Worker;
  const torn = (data) => {
    if (!window.tear || !data.result?.rows) return data;
    const {rows, digits, ...result} = data.result;
    const last = rows.at(-1), digit = last.indexOf(Math.max(...last));
    const row = last.map((_, each) => (each === digit ? 0.6 : each === (digit + 2) % 10 ? 0.39 : 0.00125));
    const now = [...digits.slice(0, -1), {digit, confidence: 0.6}];
    const said = {accepted: false, reason: "doubtful", confidence: 0.6};
    return {...data, result: {...result, ...said, digits: now, rows: [...rows.slice(0, -1), row]}};
  };
  window.Worker = class extends Plain {
    set onmessage(listener) { super.onmessage = ({data}) => listener({data: torn(data)}); }
  };
}"""
# Where corrections are sent to is the walk's to say: `window.server` is its status, 0 for no connection, 1 for slow.
SERVER = """() => {
  const plain = window.fetch;
  window.fetch = async (to, how) => {
    if (how?.method !== "POST") return plain(to, how);
    while (window.server === 1) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!window.server) throw new TypeError("Failed to fetch");
    return Response.json({error: {code: "damaged", message: "expected a whole picture"}}, {status: window.server});
  };
}"""


@pytest.mark.parametrize("locale", LOCALES)
def test_a_meter_of_ones_own(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script(f"({TORN})()")
        ask = give_module(page)
        ready(page, static_server)
        add(page, "meter.png", displays()[0].cut_out)
        page.locator(".choice select").select_option("new")
        page.locator(".new-meter .primary").click()
        expect(page.locator(".new-meter .failure")).to_be_visible()
        walk.see("sense-new-meter")
        page.locator(".new-meter [name=name]").fill("Электричество, Большая Академическая улица, дом 5")
        page.locator(".new-meter .primary").click()
        page.locator("button.save").click()
        expect(page.locator("button.undo")).to_be_visible()
        walk.see("sense-saved")
        page.locator("button.wrong").click()
        walk.see("sense-correction")
        page.locator(".wheel button").first.click()
        page.locator(".fix .done").click()
        expect(page.locator(".question button")).to_have_count(2)
        walk.see("sense-consent")
        page.locator(".question .no").click()
        expect(page.locator("#consent")).to_be_visible()
        contradict(walk, ask)


def contradict(walk: Walk, ask: Callable[..., Any]) -> None:
    """The past against the picture: a doubtful reading that it changes, and a sure one that cannot be."""
    page = walk.page
    short = (each for each in displays() if len(each.reading.digits) <= 8)  # two drums come in front
    display = next(each for each in short if int(each.reading.text[-1]) < 8)
    shown = display.reading
    digits, decimals = len(shown.text.replace(".", "")) + 2, shown.decimals
    before = int(shown.text.replace(".", "")) + 2  # what the picture says if the torn digit is the later one
    earlier = f"{before / 10**decimals:0{digits + (decimals > 0)}.{decimals}f}"
    ask("keepMeter", [earlier, earlier], digits, decimals)
    page.reload()
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
    add(page, "impossible.png", display.cut_out)
    expect(page.locator(".remark")).to_have_attribute("data-kind", "backwards")
    page.evaluate("window.tear = true")
    add(page, "torn.png", display.cut_out, 2)
    expect(page.locator(".remark").first).to_have_attribute("data-kind", "changed_backwards")
    walk.see("sense-contradicted")


# What is read of the meter that stood at 412 a month ago, and what is said of it.
SAID = [
    ("forward", {"text": "00500"}),
    ("jump", {"text": "70500"}),
    ("too_long", {"text": "1200500"}),
    ("changed_jump", {"text": "00500", "torn": {"fromRight": 5, "digit": 3, "sure": 0.6, "other": 0}}),
    ("changed_point", {"text": "412.7"}),
]


@pytest.mark.parametrize("locale", LOCALES)
def test_what_is_said_of_a_reading(browser: Browser, static_server: str, locale: str) -> None:
    """By its past, by what was learned, and by nobody: as a doubtful reading of no meter is."""
    with walking(browser, locale) as walk:
        page = walk.page
        give_modules(page)
        ready(page, static_server)
        call(page, "keepMeter", ["00300", "00412"], 5, 0, "Счётчик на кухне", module="sense")
        for kind, shown in SAID:
            pretend(page, shown)
            expect(page.locator(".remark").first).to_have_attribute("data-kind", kind)
            walk.see(f"sense-{kind}")
            clear(page)
        call(page, "teach", page.evaluate("localStorage.getItem('meter')"))
        pretend(page, {"text": "00455"}, {"text": "00500"})
        expect(page.locator(".remark")).to_have_count(2)
        page.locator("button.save").click()
        walk.see("sense-learned")
        clear(page)
        call(page, "keepMeter", ["99700", "99900"], 5, 0, "Счётчик в подвале", module="sense")
        pretend(page, {"text": "00080"})
        expect(page.locator(".remark").first).to_have_attribute("data-kind", "rollover")
        walk.see("sense-rollover")
        page.locator(".choice select").select_option("")
        expect(page.locator(".remark")).to_have_count(0)
        pretend(page, {"text": "080.55", "reason": "doubtful"}, cards=2)
        walk.see("sense-doubtful-alone")


def pretend(page: Page, *shown: dict[str, Any], cards: int = 1) -> None:
    """A picture comes in of which this is read."""
    call(page, "pretend", *({"corners": None, **each} for each in shown))
    add(page, "meter.png", displays()[0].cut_out, cards)


@pytest.mark.parametrize("locale", LOCALES)
def test_corrections_on_their_way(browser: Browser, static_server: str, locale: str) -> None:
    """Waiting, on their way, sent, refused, not taken at all; without a meter, and with one that it does not fit."""
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script(f"({SERVER})()")
        page.add_init_script("localStorage.setItem('send-corrections', 'yes')")
        give_modules(page)
        ready(page, static_server)
        call(page, "keepMeter", [], 3, 0, "Счётчик воды", module="sense")
        page.evaluate("localStorage.removeItem('meter')")
        pretend(page, {"text": "412.7"})
        page.locator("button.wrong").click()
        page.locator("button.more").click()
        walk.see("sense-correction-free")
        page.locator(".fix .done").click()
        for state, status in (("waiting", 0), ("sending", 1), ("sent", 201), ("refused", 422), ("absent", 501)):
            page.evaluate("(status) => { window.server = status; }", status)
            correct(page)
            expect(page.locator(".keep-news")).to_contain_text(sentence(page, f"fix_{state}"))
            walk.see(f"sense-correction-{state}")
        page.locator(".choice select").select_option(index=1)
        expect(page.locator(".remark")).to_have_attribute("data-kind", "misfit")
        walk.see("sense-correction-misfit")


def correct(page: Page) -> None:
    """Another digit in front, which is then sent."""
    page.locator("button.wrong").click()
    page.locator(".wheel button").first.click()
    page.locator(".fix .done").click()
    expect(page.locator(".fix")).to_have_count(0)


@pytest.mark.parametrize("locale", LOCALES)
def test_a_browser_that_keeps_nothing(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale, "keeps nothing for the page") as walk:
        page = walk.page
        page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }")
        ready(page, static_server)
        add(page, "meter.png", displays()[0].cut_out)
        correct(page)
        expect(page.locator(".keep-status")).not_to_be_empty()
        walk.see("sense-nowhere")
