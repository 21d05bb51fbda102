"""Which way of computing reads (frontend/js/reader.js, engine.js), with workers that say how fast they are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.shipped import Display, encoded, open_page, upload
from tests.browser.test_reader import HELPERS

IDLE_MS = 3000  # after so long without a question the other ways are tried

# Workers that report the milliseconds of `TIMES`: a text instead of a number says why the way is not to be trusted, and
# what is missing this device does not have. What one reads is the number of its way, so that a reading tells who read
# it; while `hold` is set, readings wait for `release()`.
STAND_IN = """(times) => {
  const WAYS = ["wasm", "webgl", "webgpu"];
  const row = (best) => Array.from({length: 10}, (_, digit) => (digit === best ? 0.991 : 0.001));
  const reading = (way) => ({
    text: String(way), value: String(way), accepted: true, reason: null, confidence: 0.99, decimals: 0,
    digits: [{digit: way, confidence: 0.99}], pointConfidence: 0.99, rows: [...Array(10).fill(row(0)), row(way)],
    corners: null, presence: null, quality: null, learned: false, milliseconds: 1, stages: {},
  });
  const verdict = (found) => typeof found === "string" ? {trusted: false, why: found, worst: Infinity}
    : {trusted: true, worst: 1e-6, milliseconds: found};
  Object.assign(window, {begun: [], ended: [], hold: false, held: []});
  window.release = () => { for (const go of window.held.splice(0)) go(); };
  window.Worker = class {
    postMessage({id, type, backend}) {
      if (type === "cancel") return;
      if (type === "prepare") window.begun.push((this.backend = backend));
      const result = {
        prepare: () => this.backend in times,
        start: () => verdict(times[this.backend]),
        equip: () => ({trusted: true, worst: 0}),
        read: () => reading(WAYS.indexOf(this.backend) + 1),
        readPhoto: () => reading(WAYS.indexOf(this.backend) + 1),
      }[type]();
      const answer = () => void Promise.resolve().then(() => this.onmessage?.({data: {id, result}}));
      if (type.startsWith("read") && window.hold) window.held.push(answer);
      else answer();
    }
    terminate() { if (!window.ended.includes(this.backend)) window.ended.push(this.backend); }
  };
}"""


def pretend(page: Page, **times: float | str) -> None:
    """The ways of computing are as fast as this; the page's clock stands still until the test moves it on."""
    page.add_init_script(f"({STAND_IN})({json.dumps(times)})")
    page.clock.install(time=0)
    page.clock.pause_at(1000)


def expect_choice(page: Page, sentence: str) -> None:
    """The page names the way that computes, and why."""
    expect(page.locator("#choice")).to_contain_text(f"Pictures are read with {sentence}")


def expect_candidates(page: Page, **words: str) -> None:
    """What the page says of each way."""
    for backend, said in words.items():
        expect(page.locator(f".candidates [data-backend={backend}]")).to_contain_text(said)


def expect_read_by(page: Page, display: Display, way: int, name: str) -> None:
    """A picture that is given now is read by this one, and its card says so."""
    before = page.locator(".result").count()
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect(page.locator(".result")).to_have_count(before + 1)
    newest = page.locator(".result").first
    expect(newest.locator("strong.number")).to_have_attribute("data-value", str(way))
    expect(newest.locator(".facts")).to_contain_text(name)


@pytest.mark.parametrize(
    ("candidate", "chosen", "is_faster"),
    [
        ({"trusted": True, "milliseconds": 79}, {"milliseconds": 100}, True),
        ({"trusted": True, "milliseconds": 80}, {"milliseconds": 100}, False),  # not worth the change
        ({"trusted": True, "milliseconds": 120}, {"milliseconds": 100}, False),
        ({"trusted": False, "milliseconds": 1}, {"milliseconds": 100}, False),
        ({"trusted": True}, {"milliseconds": 100}, False),
        ({"trusted": True, "milliseconds": 100}, None, True),
    ],
)
def test_what_is_faster(
    page: Page, static_server: str, candidate: dict[str, Any], chosen: dict[str, Any] | None, is_faster: bool
) -> None:
    page.goto(f"{static_server}/icon.svg")
    found = page.evaluate(
        "async ([one, other]) => (await import('/js/engine.js')).isFaster(one, other ?? undefined)",
        [candidate, chosen],
    )
    assert found is is_faster


def test_the_fastest_takes_over_when_nothing_is_asked(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm=40, webgl=25, webgpu=10)
    open_page(page, static_server)
    page.locator("footer summary").click()
    expect_choice(page, "WebAssembly: it gives the expected results here; others are tried when idle.")
    expect_candidates(page, wasm="40.0 ms, largest difference 1.0 · 10⁻⁶", webgl="not tried", webgpu="not tried")
    expect_read_by(page, display, 1, "WebAssembly")
    page.clock.fast_forward(IDLE_MS)
    expect_choice(page, "WebGPU: the fastest that gives the expected results here.")
    expect_candidates(page, wasm="40.0 ms", webgl="25.0 ms", webgpu="10.0 ms")
    expect_read_by(page, display, 3, "WebGPU")
    assert page.evaluate("[begun, ended]") == [["wasm", "webgl", "webgpu"], ["wasm", "webgl"]]


def test_what_is_hardly_faster_is_not_worth_the_change(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm=40, webgl=33, webgpu="different")
    open_page(page, static_server)
    page.locator("footer summary").click()
    page.clock.fast_forward(IDLE_MS)
    expect_choice(page, "WebAssembly: the fastest that gives the expected results here.")
    expect_candidates(page, webgl="33.0 ms", webgpu="gives other results on this device (difference ∞): not used")
    expect_read_by(page, display, 1, "WebAssembly")
    assert page.evaluate("ended.toSorted()") == ["webgl", "webgpu"]


def test_fast_enough_is_left_alone_until_somebody_asks(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm=15, webgl=5)
    open_page(page, static_server)
    page.locator("footer summary").click()
    expect_choice(page, "WebAssembly: it gives the expected results here, so fast that trying others would win nothing")
    page.clock.fast_forward(10 * IDLE_MS)
    expect_read_by(page, display, 1, "WebAssembly")
    assert page.evaluate("begun") == ["wasm"]
    page.get_by_role("button", name="Compare all ways of computing").click()
    expect_choice(page, "WebGL: the fastest that gives the expected results here.")
    expect_candidates(page, wasm="15.0 ms", webgl="5.0 ms", webgpu="not available on this device")
    expect_read_by(page, display, 2, "WebGL")


def test_the_first_that_computes_right_reads(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm="different", webgl=40, webgpu=39)
    open_page(page, static_server)
    page.locator("footer summary").click()
    expect_choice(page, "WebGL: it gives the expected results here; others are tried when idle.")
    expect_candidates(page, wasm="gives other results", webgl="40.0 ms", webgpu="not tried")
    expect_read_by(page, display, 2, "WebGL")
    assert page.evaluate("ended") == ["wasm"]


def test_where_none_computes_right_there_is_nothing_to_try_again(page: Page, static_server: str) -> None:
    """The sentence names another browser, and no button claims more."""
    pretend(page, wasm="different", webgl="different", webgpu="different")
    page.goto(static_server)
    problem = page.locator("#problem")
    expect(problem).to_contain_text("Update the browser, or open this page in another one.")
    expect(problem.get_by_role("button")).to_have_count(0)


def test_nothing_is_tried_while_a_picture_is_read(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm=40, webgl=10)
    open_page(page, static_server)
    page.evaluate("hold = true")
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    page.wait_for_function("held.length === 1")
    page.clock.fast_forward(IDLE_MS)
    assert page.evaluate("begun") == ["wasm"]
    page.evaluate("hold = false, release()")
    expect(page.locator("strong.number")).to_have_attribute("data-value", "1")
    page.clock.fast_forward(IDLE_MS)
    expect(page.locator("#choice")).to_contain_text("WebGL")


def test_a_reading_under_way_is_ended_by_who_began_it(page: Page, static_server: str, display: Display) -> None:
    pretend(page, wasm=40, webgl=10)
    open_page(page, static_server)
    page.evaluate("hold = true")
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    page.wait_for_function("held.length === 1")
    page.locator("footer summary").click()
    page.get_by_role("button", name="Compare all ways of computing").click()
    expect_choice(page, "WebGL: the fastest")
    assert page.evaluate("ended") == ["webgpu"]  # which this device does not have
    page.evaluate("hold = false, release()")
    expect(page.locator("strong.number")).to_have_attribute("data-value", "1")
    assert page.evaluate("ended") == ["webgpu", "wasm"]
    expect_read_by(page, display, 2, "WebGL")


def test_the_only_way_that_was_asked_for(page: Page, static_server: str) -> None:
    page.add_init_script(HELPERS)
    pretend(page, wasm=40, webgl=10)
    page.goto(f"{static_server}/icon.svg")
    choice = page.evaluate("async () => (await open_({backends: ['webgl']})).compare()")
    assert choice["backend"] == "webgl"
    assert choice["reason"] == "only"
    assert [each["backend"] for each in choice["candidates"]] == ["webgl"]
    code = page.evaluate("() => codeOf(open_({backends: ['webgpu']}))")
    assert code == "ReaderError backend"
