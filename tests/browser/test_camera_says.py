"""What the camera says: what is in the way of a reading; and beside the meter that is chosen, whether it can be.

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
def language() -> str:
    return "en-GB"


@pytest.fixture
def page(filming: Browser, language: str) -> Iterator[Page]:
    context = filming.new_context(locale=language, timezone_id="Europe/Berlin")
    page = context.new_page()
    give_modules(page)
    yield page
    context.close()


def film(page: Page, address: str, *shown: dict[str, Any]) -> None:
    """Open the camera on a frame that is always the same, so that it is not taken by itself."""
    open_page(page, address)
    ask(page, "pretend", *shown)
    page.locator("#open-camera").click()


TURNED = [[200, 200], [500, 240], [500, 290], [200, 330]]
SMALL = [[200, 200], [270, 200], [270, 218], [200, 218]]
FRONT = [[200, 200], [600, 200], [600, 300], [200, 300]]
BLURRED, GLARE, DARK = {"sharpness": 0.01}, {"glare": 0.2}, {"light": 0.1}


@pytest.mark.parametrize(
    ("trouble", "quality", "corners", "reason", "sentences"),
    [
        ("blurred", BLURRED, FRONT, "doubtful", ["the picture is blurred. Hold still"]),
        ("glare", GLARE, FRONT, "doubtful", ["there is glare on the display. Move"]),
        ("far", {}, SMALL, "doubtful", ["the display is too far away. Come closer"]),
        ("tilted", {}, TURNED, "doubtful", ["the display is seen from the side. Hold"]),
        ("blurred", BLURRED, None, "no_display", ["the picture is blurred. Hold still", "Hold the meter’s digits"]),
        ("glare", GLARE, None, "no_display", ["there is glare on the display. Move", "Hold the meter’s digits"]),
        ("dark", DARK, None, "no_display", ["it is too dark. Switch on a light", "Hold the meter’s digits"]),
        ("", {}, None, "no_display", ["no readable meter display is in the frame. Point the camera"]),
        ("", {}, FRONT, "doubtful", ["the digits cannot be told for certain. Keep the whole display in the picture"]),
    ],
)
def test_what_is_in_the_way_of_a_reading_is_said(
    page: Page,
    static_server: str,
    trouble: str,
    quality: dict[str, float],
    corners: list[list[int]] | None,
    reason: str,
    sentences: list[str],
) -> None:
    """Far and tilted are known of an outline; of the others the frame to aim tells where none was found."""
    film(page, static_server, {"text": "412", "quality": quality, "corners": corners, "reason": reason})
    said = page.locator("#camera .live p")
    expect(said).to_have_count(len(sentences))
    for position, sentence in enumerate(sentences):
        expect(said.nth(position)).to_contain_text(sentence)
    expect(said.first).to_contain_text("Not sure: ")
    expect(said.first).to_have_attribute("data-trouble", trouble)
    if trouble:
        expect(page.locator("#announcer")).to_contain_text(sentences[0])


@pytest.mark.parametrize("language", ["ru-RU"])
def test_the_same_in_russian(page: Page, static_server: str) -> None:
    film(page, static_server, {"text": "412", "corners": TURNED, "reason": "doubtful"})
    said = page.locator("#camera .live p")
    expect(said).to_have_text(["Нет уверенности: табло видно сбоку. Держите камеру прямо перед ним."])
    ask(page, "pretend", {"text": "412", "quality": BLURRED, "corners": None, "reason": "no_display"})
    expect(said.first).to_contain_text("изображение нерезкое. Не двигайте камеру")
    expect(said.last).to_have_text("Держите цифры счётчика внутри рамки.")


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


@pytest.mark.parametrize("language", ["ru-RU"])
def test_the_buttons_stay_when_a_reading_comes_and_goes(page: Page, static_server: str) -> None:
    """They are pressed while frames are read, some of them surely and some not."""
    dark = {"text": "412", "quality": DARK, "corners": None, "reason": "doubtful"}
    film(page, static_server, {"text": "00412.72"})
    where: dict[int, set[float]] = {360: set(), 768: set(), 1280: set()}
    for said, shown in (("strong.number", {"text": "00412.72"}), ("[data-trouble=dark]", dark)):
        ask(page, "pretend", shown)
        expect(page.locator(f"#camera {said}")).to_be_visible()
        for width, heights in where.items():
            page.set_viewport_size({"width": width, "height": 800})
            heights.add(page.locator("#camera .live").evaluate("(live) => live.getBoundingClientRect().height"))
    assert {width: len(heights) for width, heights in where.items()} == {360: 1, 768: 1, 1280: 1}


def test_without_a_meter_the_frame_alone_counts(page: Page, static_server: str) -> None:
    film(page, static_server, {"text": "412.7"})
    expect(page.locator("#camera strong.number")).to_have_attribute("data-value", "412.7")
    expect(page.locator("#camera .live")).not_to_contain_text("Meter:")
