"""A correction on its way, as its card tells: it waits, is refused, or is taken back before it has left the device."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.shipped import READY_MS, Display, encoded, open_page, upload

ADDRESS = "**/api/feedback"
SENDING = "The correction is being sent…"
SENT = "Thank you: the correction was sent."
WAITS = "The correction is sent when there is a connection."

WAITING = "async () => (await (await import('/js/store.js')).listOutgoing()).length"


@pytest.fixture
def card(page: Page, static_server: str, display: Display) -> Page:
    """The page with a reading that can be corrected."""
    open_page(page, static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect(page.locator(".keep")).to_be_visible(timeout=READY_MS)
    return page


def taken(page: Page) -> list[str]:
    """The values that reach the server, which takes them all; while the page is offline, none."""
    values: list[str] = []

    def take(route: Route) -> None:
        if page.evaluate("navigator.onLine"):
            values.append(value_of(route.request))
            route.fulfill(status=201, json={"id": 1})
        else:
            route.abort()

    page.route(ADDRESS, take)
    return values


def correct(page: Page, key: str = "ArrowUp") -> str:
    """Turn the first drum by one; returns what the card then shows."""
    before = page.locator("strong.number").get_attribute("data-value")
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    expect(page.get_by_role("spinbutton").first).to_be_focused()
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    assert before
    after = f"{(int(before[0]) + (1 if key == 'ArrowUp' else -1)) % 10}{before[1:]}"
    expect(page.locator("strong.number")).to_have_attribute("data-value", after)
    return after


def correct_slowly(page: Page) -> list[Route]:
    """Correct, agree to send it, and hold it on its way; what is held."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(ADDRESS, hold)
    correct(page)
    page.get_by_role("button", name="Send corrections").click()
    expect(page.locator(".keep-news")).to_contain_text(SENDING)
    return held


def value_of(request: Request) -> str:
    found = re.search(rb'name="value"\r\n\r\n([^\r]*)\r\n', request.post_data_buffer or b"")
    assert found
    return found[1].decode()


def test_what_takes_long_to_be_sent_says_that_it_goes_on(card: Page) -> None:
    """Until it is there, and no longer."""
    held = correct_slowly(card)
    status = card.locator(".keep-news")
    expect(card.locator(".facts")).to_contain_text("all but, perhaps, the correction")
    held[0].fulfill(status=201, json={"id": 1})
    expect(status).to_contain_text(SENT)
    expect(status).not_to_contain_text(SENDING)


def test_what_is_set_right_while_it_is_sent_has_left(card: Page) -> None:
    """Its upload goes on: once it is there, the card tells that it is, though it holds no longer."""
    held = correct_slowly(card)
    status = card.locator(".keep-news")
    correct(card, "ArrowDown")
    expect(status).not_to_contain_text(SENDING)
    held[0].fulfill(status=201, json={"id": 1})
    expect(card.locator(".facts")).to_contain_text("all but an earlier correction")
    expect(status).to_be_empty()


def test_what_is_set_right_after_it_was_sent_has_left(card: Page) -> None:
    taken(card)
    correct(card)
    card.get_by_role("button", name="Send corrections").click()
    expect(card.locator(".keep-news")).to_contain_text(SENT)
    expect(card.locator(".facts")).to_contain_text("all but the correction")
    correct(card, "ArrowDown")
    expect(card.locator(".facts")).to_contain_text("all but an earlier correction")


def test_who_stops_sending_is_promised_nothing(card: Page) -> None:
    """What waited is gone; that it is sent once there is a connection would no longer be true."""
    taken(card)
    card.context.set_offline(True)
    correct(card)
    card.get_by_role("button", name="Send corrections").click()
    expect(card.locator(".keep-news")).to_contain_text(WAITS)
    card.get_by_role("button", name="Stop sending").click()
    expect(card.locator(".keep-news")).to_be_empty()


def test_what_waits_for_a_connection_says_so(card: Page) -> None:
    """Corrected twice without a network: only what holds now is sent when it is back, and once."""
    sent = taken(card)
    card.context.set_offline(True)
    first = correct(card)
    card.get_by_role("button", name="Send corrections").click()
    status = card.locator(".keep-news")
    expect(status).to_contain_text(WAITS)
    expect(card.locator(".facts")).to_contain_text("everything")
    second = correct(card)
    expect(status).to_contain_text(WAITS)
    card.context.set_offline(False)
    expect(status).to_contain_text(SENT)
    expect(status).not_to_contain_text(WAITS)
    expect(card.locator(".facts")).to_contain_text("all but the correction")
    assert first != second
    assert sent == [second]
    assert card.evaluate(WAITING) == 0


def test_what_is_set_right_again_is_not_sent(card: Page, display: Display) -> None:
    """Corrected by mistake without a network, and then back to what was read: of that nothing is left to send."""
    sent = taken(card)
    card.context.set_offline(True)
    correct(card)
    card.get_by_role("button", name="Send corrections").click()
    expect(card.locator(".keep-news")).to_contain_text(WAITS)
    correct(card, "ArrowDown")
    expect(card.locator("strong.number")).to_have_attribute("data-value", display.reading.text)
    expect(card.locator(".keep-news")).not_to_contain_text(WAITS)
    assert card.evaluate(WAITING) == 0
    card.context.set_offline(False)
    right = correct(card)
    expect(card.locator(".keep-news")).to_contain_text(SENT)
    assert sent == [right]


def test_what_the_server_refuses_is_said(card: Page) -> None:
    refusal = {"error": {"code": "damaged", "message": "expected a whole picture, got a half"}}
    card.route(ADDRESS, lambda route: route.fulfill(status=422, json=refusal))
    corrected = correct(card)
    card.get_by_role("button", name="Send corrections").click()
    status = card.locator(".keep-news")
    expect(status).to_contain_text("The server did not take the correction")
    expect(card.locator("strong.number")).to_have_attribute("data-value", corrected)
    expect(card.locator(".facts")).to_contain_text("all but the correction")  # the server has seen it


def test_what_nobody_answers_may_have_left(card: Page) -> None:
    """The connection breaks while the correction is on its way, and nobody knows how far it came."""
    card.route(ADDRESS, lambda route: route.abort())
    correct(card)
    card.get_by_role("button", name="Send corrections").click()
    expect(card.locator(".keep-news")).to_contain_text(WAITS)
    expect(card.locator(".facts")).to_contain_text("all but, perhaps, the correction")


@pytest.mark.parametrize("framed", [False, True])
def test_a_photo_in_which_nothing_is_framed_stays_here(page: Page, static_server: str, framed: bool) -> None:
    """All of it would be sent, which nobody has agreed to; a strip of a display is framed as it is."""
    sent = taken(page)
    page.add_init_script("localStorage.setItem('send-corrections', 'yes')")
    open_page(page, static_server)
    coarse = np.random.default_rng(5).integers(0, 255, (12, 30, 3), dtype=np.uint8)
    noise = Image.fromarray(coarse).resize((600, 120) if framed else (600, 500), Image.Resampling.BICUBIC)
    page.set_input_files("#files", upload("grass.png", encoded(noise)))
    page.get_by_role("button", name="Enter the digits").click(timeout=READY_MS)  # nothing is shown that could be wrong
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("strong.number")).to_be_visible()
    expect(page.locator(".keep-status")).to_contain_text("the correction is kept")
    expect(page.locator(".keep-news")).to_have_text(SENT if framed else "")
    page.get_by_role("button", name="Wrong? Fix a digit").click()  # what was done for the first is over by then
    page.keyboard.press("Escape")
    assert len(sent) == framed
