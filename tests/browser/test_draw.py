"""Draw: digits drawn in a real browser end in the right digit by each network, and several in a row in a number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from backend.security import HEADERS
from tests.browser.draw import (
    CURRENT,
    card_of,
    changed,
    draw,
    expect_number,
    give,
    open_draw,
    publish,
    published,
)
from tests.browser.shipped import MODELS, READY_MS
from tests.conftest import StaticHandler, served

INKED = """() => {
  const canvas = document.getElementById("paper");
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return data.filter((value, at) => at % 4 === 3 && value > 127).length;
}"""
# A pointer that goes from one place of the paper to another; with what else its events say.
POINT = """([kind, pointerId, steps, more]) => {
  const paper = document.getElementById("paper");
  paper.setPointerCapture = () => {};  // no such pointer is on a device
  const {left, top, width, height} = paper.getBoundingClientRect();
  for (const [type, x, y] of steps) {
    const place = {clientX: left + x * width, clientY: top + y * height};
    paper.dispatchEvent(new PointerEvent(type, {pointerId, pointerType: kind, bubbles: true, ...place, ...more}));
  }
}"""
ON_ONE_LINE = "(all) => all.every((each) => each.offsetHeight < 2 * parseFloat(getComputedStyle(each).fontSize))"
BAR = [["pointerdown", 0.3, 0.2], ["pointermove", 0.3, 0.8], ["pointerup", 0.3, 0.8]]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}, service_workers="block")
    yield context
    context.close()


def bars(*places: float) -> list[list[str | float]]:
    """Ones, at these parts of the paper's width."""
    return [[kind, x, y] for x in places for kind, _, y in BAR]


class PolicyHandler(StaticHandler):
    """Answers with the application's headers, whose policy forbids much."""

    def end_headers(self) -> None:
        """Add them to each answer."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()


@pytest.fixture
def strict_server() -> Iterator[str]:
    with served(PolicyHandler) as address:
        yield address


def test_a_drawn_digit_is_read_as_it_is_drawn(page: Page, strict_server: str) -> None:
    troubles = open_draw(page, strict_server)
    for place, digit in enumerate("235"):  # further to the right, lower and larger
        draw(page, digit, x=0.1 + 0.25 * place, y=0.05 + 0.1 * place, height=0.3 + 0.15 * place)
        expect_number(page, digit)
        best = page.locator(".chances .best")
        assert best.locator(".class").all_inner_texts() == [digit] * len(published())
        shares = best.locator(".share").all_inner_texts()
        for share in shares:
            assert 50 < int(share.removesuffix("%")) <= 100
        assert page.locator(".network .sure").all_inner_texts() == [f"{share} sure" for share in shares]
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".network .read.empty")).to_have_count(len(published()))
    assert [each for each in troubles if "Service Worker" not in each] == []


def test_digits_in_a_row_are_a_number(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    draw(page, "352")
    expect_number(page, "352")
    pictures = page.locator("#seen button")
    expect(pictures).to_have_count(3)
    for digits in page.locator(".network .digits").all():
        assert digits.locator(".drum").all_inner_texts() == list("352")
    expect(pictures.nth(2)).to_have_attribute("aria-pressed", "true")
    pictures.first.click()
    expect(pictures.first).to_be_focused()
    assert set(page.locator(".chances .best .class").all_inner_texts()) == {"3"}
    centre = pictures.first.locator("canvas").evaluate("""(canvas) => {
      const {data} = canvas.getContext("2d").getImageData(0, 0, 28, 28);
      const [total, across] = [0, 1].map((power) =>
        data.reduce((sum, value, at) => at % 4 ? sum : sum + value * ((at / 4) % 28 + 0.5) ** power, 0));
      return across / total;
    }""")
    assert abs(centre - 14.5) <= 0.5


def test_more_digits_than_a_reading_has(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    page.evaluate(POINT, ["mouse", 1, bars(*(0.05 + 0.1 * place for place in range(10))), {}])
    expect_number(page, "1" * 10)
    page.set_viewport_size({"width": 360, "height": 800})
    numbers = page.locator(".network .number")
    assert numbers.evaluate_all(ON_ONE_LINE)
    page.evaluate(POINT, ["mouse", 1, bars(0.1), {}])
    expect(page.locator("#seen")).to_contain_text("At most 10 digits")
    assert page.locator(".read.empty").all_inner_texts() == ["Too many digits"] * len(published())
    page.keyboard.press("Control+z")
    expect_number(page, "1" * 10)


def test_undo_redo_and_clear(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    undo, redo, clear = (page.locator(f"#{name}") for name in ("undo", "redo", "clear"))
    for button in (undo, redo, clear):
        expect(button).to_be_disabled()
    page.evaluate(POINT, ["mouse", 1, bars(0.2), {}])
    one = page.evaluate(INKED)
    page.evaluate(POINT, ["mouse", 1, bars(0.4), {}])
    expect_number(page, "11")
    undo.click()
    expect_number(page, "1")
    assert page.evaluate(INKED) == one
    page.keyboard.press("Control+y")
    expect_number(page, "11")
    page.keyboard.press("Delete")
    assert page.evaluate(INKED) == 0
    expect(clear).to_be_disabled()
    page.keyboard.press("Control+z")
    expect_number(page, "11")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+Shift+z")
    expect_number(page, "11")
    undo.click()
    page.evaluate(POINT, ["mouse", 1, bars(0.4, 0.6), {}])
    expect_number(page, "111")
    expect(redo).to_be_disabled()  # another way was taken


def test_touch_and_pen(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    page.evaluate(POINT, ["touch", 5, BAR, {"pressure": 0.9}])
    expect_number(page, "1")
    touched = page.evaluate(INKED)
    page.keyboard.press("Delete")
    page.evaluate(POINT, ["pen", 6, BAR, {"pressure": 1}])
    assert page.evaluate(INKED) > 1.3 * touched
    page.keyboard.press("Delete")
    page.locator("#thickness").fill("44")
    page.evaluate(POINT, ["touch", 7, BAR, {}])
    assert page.evaluate(INKED) > 1.7 * touched
    page.keyboard.press("Delete")
    page.evaluate(POINT, ["touch", 8, BAR[:2], {}])  # the hand beside the finger draws nothing
    expect_number(page, "1")  # while it is being drawn
    alone = page.evaluate(INKED)
    page.evaluate(POINT, ["touch", 9, [[kind, x + 0.4, y] for kind, x, y in BAR], {}])
    assert page.evaluate(INKED) == alone
    page.evaluate(POINT, ["touch", 8, [["pointercancel", 0.3, 0.8]], {}])
    assert page.evaluate(INKED) == 0


def test_no_network_is_published(page: Page, static_server: str) -> None:
    publish(page, {key: value for key, value in CURRENT.items() if key != "classifiers"})
    page.goto(f"{static_server}/draw.html")
    expect(page.locator("#networks .notice")).to_contain_text("No network for drawn digits", timeout=READY_MS)
    draw(page, "3")
    expect(page.locator("#undo")).to_be_enabled()
    for name in ("What the networks see", "Test sheet"):  # nothing would stand below them
        expect(page.get_by_role("heading", name=name)).to_be_hidden()
    expect(page.locator("#problem")).to_be_hidden()


def test_nothing_is_published(page: Page, static_server: str) -> None:
    page.route("**/current.json", lambda route: route.fulfill(status=404))
    page.goto(f"{static_server}/draw.html")
    expect(page.locator("#problem")).to_contain_text("The networks could not be downloaded", timeout=READY_MS)
    page.unroute("**/current.json")
    draw(page, "3")  # what is drawn meanwhile is read then
    expect(page.locator("#undo")).to_be_enabled()
    expect(page.get_by_role("heading", name="What the networks see")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect_number(page, "3")
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.get_by_role("heading", name="What the networks see")).to_be_visible()
    expect(page.get_by_role("button", name="Start the sheet")).to_be_visible()


def test_loading_shows_progress(page: Page, static_server: str) -> None:
    """Of all networks together, until the last file of one of them has come."""
    weights = next((MODELS / CURRENT["classifiers"][published()[-1]]["path"]).glob("*.bin"))
    held: list[Route] = []
    page.route(f"**/{published()[-1]}/**/{weights.name}", lambda route: held.append(route))  # noqa: PLW0108
    page.goto(f"{static_server}/draw.html")
    loading = page.locator("#loading")
    page.wait_for_function("document.querySelector('#loading progress').value > 0.1", timeout=READY_MS)
    expect(loading).to_contain_text("Loading the networks: ")
    expect(page.get_by_role("heading", name="What the networks see")).to_be_hidden()
    for route in held:
        route.continue_()
    expect(page.locator(".network")).to_have_count(len(published()), timeout=READY_MS)
    expect(loading).to_be_hidden()


def test_a_damaged_network_is_left_out(page: Page, static_server: str) -> None:
    damaged, *others = published()
    weights = next((MODELS / CURRENT["classifiers"][damaged]["path"]).glob("*.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    give(page, f"**/{damaged}/**/{weights.name}", bytes(content))
    open_draw(page, static_server)
    expect(page.locator(f"[data-recipe={damaged}] .failure")).to_contain_text(
        "Did not arrive whole, and is left out. Reload"
    )
    draw(page, "3")
    expect(page.locator(".network .number")).to_have_count(len(others))


def test_what_computes_otherwise_or_reads_pictures_is_not_asked(page: Page, static_server: str) -> None:
    """Of a classifier of pictures nothing but the card is fetched."""
    wrong, *others = published()
    path = MODELS / CURRENT["classifiers"][wrong]["path"] / "golden" / "golden.json"
    golden = json.loads(path.read_text("utf-8"))
    golden[0]["output"][0] -= 0.002
    pointers = changed(page, wrong, "golden/golden.json", json.dumps(golden).encode())
    card = card_of(wrong)
    card["input"] |= {"channels": 3, "preparation": "picture"}
    clocks = json.dumps(card).encode()
    pointers["clocks"] = {"path": "clocks/1/", "card_sha256": hashlib.sha256(clocks).hexdigest()}
    give(page, "**/clocks/1/card.json", clocks)
    publish(page, {**CURRENT, "classifiers": pointers})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_draw(page, static_server)
    expect(page.locator(f"[data-recipe={wrong}] .failure")).to_contain_text("Computes otherwise")
    page.evaluate(POINT, ["mouse", 1, bars(0.5), {}])
    expect(page.locator(".network .number")).to_have_count(len(others))
    assert [url.rsplit("/", 1)[1] for url in asked if "/clocks/" in url] == ["card.json"]
