"""The camera beside the meter that is chosen: its frames are read with what was learned, and judged as photos are.

The reader is one that says what a test wants (pretend_page.js); the camera is the browser's own moving picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pretend import ask, give_modules, keep_meter
from tests.browser.shipped import open_page


@pytest.fixture(scope="module")
def filming(launch_browser: Callable[..., Browser]) -> Browser:
    return launch_browser("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@pytest.fixture
def page(filming: Browser) -> Iterator[Page]:
    context = filming.new_context(locale="en-GB", timezone_id="Europe/Berlin")
    page = context.new_page()
    give_modules(page)
    yield page
    context.close()


def film(page: Page, address: str, *shown: dict[str, Any]) -> None:
    """Open the camera on a frame that is always the same, so that it is not taken by itself."""
    open_page(page, address)
    ask(page, "pretend", *shown)
    page.get_by_role("button", name="Use the camera").click()


def test_a_frame_is_judged_beside_the_meter_and_its_picture_alike(page: Page, static_server: str) -> None:
    """The last drum stands between two digits: too unsure alone, and after what was before sure enough."""
    keep_meter(page, static_server)
    torn = {"fromRight": 4, "digit": 5, "sure": 0.6, "other": 0}
    film(page, static_server, {"text": "05500", "torn": torn})
    number = page.locator("#camera strong.number")
    expect(number).to_have_attribute("data-value", "00500")
    expect(page.locator("#camera .live")).to_contain_text("Meter: Kitchen")
    expect(page.locator("#camera .remark")).to_contain_text("The picture alone says 05500")
    expect(page.locator("#announcer")).to_contain_text("Reading: 00500")
    ask(page, "move")
    expect(page.locator("#camera")).to_be_hidden()
    expect(page.locator(".result strong.number")).to_have_attribute("data-value", "00500")
    expect(page.locator(".result .remark")).to_contain_text("The picture alone says 05500")


def test_a_sure_frame_that_cannot_be_is_doubted_and_left_to_the_person(page: Page, static_server: str) -> None:
    keep_meter(page, static_server)
    film(page, static_server, {"text": "00390"})
    live = page.locator("#camera .live")
    expect(live).to_contain_text("Not sure: 00390")
    expect(live.locator(".remark")).to_have_attribute("data-kind", "backwards")
    expect(live.locator(".accepted")).to_have_count(0)
    ask(page, "move")
    expect(page.locator("#camera")).to_be_hidden()
    expect(page.locator(".result .verdict.refused")).to_be_visible()
    expect(page.locator(".result .remark")).to_have_attribute("data-kind", "backwards")


def test_frames_are_read_with_what_was_learned_about_the_meter(page: Page, static_server: str) -> None:
    meter = keep_meter(page, static_server)
    ask(page, "teach", meter)
    film(page, static_server, {"text": "00455"}, {"text": "00500"})
    expect(page.locator("#camera strong.number")).to_have_attribute("data-value", "00500")
    expect(page.locator("#camera .live")).to_contain_text("what this device has learned")
    assert set(ask(page, "asked")[-3:]) == {meter}
    ask(page, "move")
    expect(page.locator(".result strong.number")).to_have_attribute("data-value", "00500")


def test_a_meter_that_is_only_supposed_is_asked_where_the_frame_alone_is_unsure(page: Page, static_server: str) -> None:
    keep_meter(page, static_server)
    meter = keep_meter(page, static_server)  # there are two now, and this was used last
    ask(page, "teach", meter)
    film(page, static_server, {"text": "00455"}, {"text": "00500"})
    number = page.locator("#camera strong.number")
    expect(number).to_have_attribute("data-value", "00455")
    assert set(ask(page, "asked")[-3:]) == {None}
    page.get_by_role("button", name="Close the camera").click()
    ask(page, "pretend", {"text": "00455", "reason": "doubtful"}, {"text": "00500"})
    page.get_by_role("button", name="Use the camera").click()
    expect(number).to_have_attribute("data-value", "00500")
    assert set(ask(page, "asked")) == {None, meter}


def test_without_a_meter_the_frame_alone_counts(page: Page, static_server: str) -> None:
    film(page, static_server, {"text": "412.7"})
    expect(page.locator("#camera strong.number")).to_have_attribute("data-value", "412.7")
    expect(page.locator("#camera .live")).not_to_contain_text("Meter:")
