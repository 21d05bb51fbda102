"""The panel that learns a meter: stopped, failed, learned again; and nothing leaves the device meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.meters import device
from tests.browser.shipped import READY_MS, displays
from tests.browser.test_learning import WORTH, corrections, open_meter
from tests.conftest import ROOT

ENDED = re.compile("of 10 pictures|so nothing was changed")  # whatever came of it
LESSON = "import('/js/learn/lessons.js').then(({getLesson}) => getLesson('m1'))"
# Learning that does what the test says: `window.finish(worth)` ends it well, `window.fail(error)` badly.
TEACH = """
  export const teach = (examples, onDone, signal) => new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => { window.stopped = true; reject(signal.reason); });
    const learned = {parameters: new Float32Array(3), temperature: 1, model: "a"};
    Object.assign(window, {onDone, finish: (worth) => resolve({learned, worth}), fail: reject});
  });
  export const modelInUse = async () => "a";
"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


@pytest.fixture
def panel(page: Page, static_server: str) -> Page:
    """The page of a meter that can be learned, whose learning is in the test's hands."""
    page.route("**/learn/teach.js", lambda route: route.fulfill(body=TEACH, content_type="text/javascript"))
    page.goto(f"{static_server}/icon.svg")
    open_meter(page, static_server, corrections(10, displays()[0]))
    return page


def begin(page: Page, name: str = "Learn this meter") -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_function("Boolean(window.onDone)")


def end(page: Page, **worth: Any) -> None:
    page.evaluate("(worth) => { window.onDone = null; window.finish(worth); }", WORTH | worth)


def test_learning_is_stopped(panel: Page) -> None:
    begin(panel)
    learn = panel.locator(".learn")
    expect(learn).to_contain_text("Loading the model…")
    panel.evaluate("onDone(0.25)")
    expect(learn).to_contain_text("Learning…")
    expect(learn.locator("progress")).to_have_js_property("value", 0.25)
    expect(panel.get_by_role("button", name="Learn this meter")).to_have_count(0)
    panel.get_by_role("button", name="Stop").click()
    expect(panel.get_by_role("button", name="Learn this meter")).to_be_focused()
    expect(learn.locator("progress")).to_have_count(0)
    expect(learn.locator(".learn-status")).to_be_empty()
    assert panel.evaluate(LESSON) is None


def test_who_leaves_stops_learning(panel: Page) -> None:
    begin(panel)
    panel.get_by_role("link", name="All meters").click()
    panel.wait_for_function("window.stopped")
    panel.locator(".meter a").click()
    expect(panel.get_by_role("button", name="Learn this meter")).to_be_visible()
    assert panel.evaluate(LESSON) is None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("new Error('no memory left')", "Learning did not work"),
        ("Object.assign(new Error('x'), {code: 'unlearnable'})", "The model in use cannot learn."),
    ],
)
def test_learning_fails(panel: Page, error: str, sentence: str) -> None:
    begin(panel)
    panel.evaluate(f"window.onDone = null, window.fail({error})")
    expect(panel.locator(".learn-status")).to_contain_text(sentence)
    assert panel.evaluate(LESSON) is None
    begin(panel)  # it can be tried again
    end(panel)
    expect(panel.locator(".learn")).to_contain_text("8 are read right")
    expect(panel.locator(".learn")).not_to_contain_text(sentence)


def test_what_was_learned_is_learned_again(panel: Page) -> None:
    begin(panel)
    end(panel)
    learn = panel.locator(".learn")
    expect(learn).to_contain_text("8 are read right by what was learned from the others; before that, 3 were.")
    begin(panel, "Learn again")
    end(panel, after=9, before=4)
    expect(learn).to_contain_text("9 are read right by what was learned from the others; before that, 4 were.")
    begin(panel, "Learn again")
    end(panel, after=1, before=4, better=False)  # then what is there stays
    expect(learn).to_contain_text("Learning did not help, so nothing was changed: of 10 pictures, 1")
    assert panel.evaluate(LESSON)["worth"]["after"] == 9


def test_nothing_leaves_the_device_while_it_learns(page: Page, static_server: str) -> None:
    """Online, and with consent to send corrections: all that is asked for are the page's own files, by GET."""
    page.add_init_script("localStorage.setItem('send-corrections', 'yes')")
    shipped = (ROOT / "frontend" / "js" / "learn" / "tune.js").read_text("utf-8")
    shorter = re.sub(r"RECIPE = {.*}", "RECIPE = {steps: 2, batch: 8, rate: 2e-3, pull: 1e-2}", shipped)
    assert shorter != shipped
    page.route("**/learn/tune.js", lambda route: route.fulfill(body=shorter, content_type="text/javascript"))
    page.goto(f"{static_server}/icon.svg")
    requests: list[Request] = []
    sockets: list[str] = []
    page.context.on("request", lambda request: requests.append(request))  # noqa: PLW0108 (Playwright looks into it)
    page.on("websocket", lambda socket: sockets.append(socket.url))
    open_meter(page, static_server, corrections(10, displays()[0]))
    page.get_by_role("button", name="Learn this meter").click()
    expect(page.locator(".learn")).to_contain_text(ENDED, timeout=4 * READY_MS)
    assert any(request.url.endswith(".wasm") for request in requests), "what computes was asked for"
    for request in requests:
        assert request.method == "GET"
        assert request.post_data_buffer is None
        assert request.url.startswith((f"{static_server}/", f"blob:{static_server}/"))
        assert "?" not in request.url
    assert sockets == []
