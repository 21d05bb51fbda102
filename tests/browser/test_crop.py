"""The frame on a picture: by keyboard alone, by mouse, by touch; each move reads the picture anew."""

from __future__ import annotations

import re

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.shipped import READY_MS, Display, displays, encoded, expect_reading, open_page, upload

PAD = 0.5  # grey beside and above the display, as a part of its width and height


@pytest.fixture(scope="module")
def display() -> Display:
    return displays()[0]


def on_a_wall(display: Display) -> bytes:
    """The display at the lower right of a larger grey picture, too small in it to be read as it is."""
    width, height = display.cut_out.size
    wall = Image.new("RGB", (width * 2, height * 3), (128, 126, 120))
    wall.paste(display.cut_out, (width, height * 2))
    return encoded(wall)


def frame_of(page: Page) -> Locator:
    frame = page.locator(".frame")
    expect(frame).to_be_visible(timeout=READY_MS)
    return frame


def box_of(frame: Locator) -> tuple[int, int, int, int]:
    """x, y, width, height in pixels of the picture, as a screen reader is told."""
    label = frame.get_attribute("aria-label") or ""
    width, height, x, y = map(int, re.findall(r"-?\d+", label))
    return x, y, width, height


def test_keyboard_alone(page: Page, static_server: str, display: Display) -> None:
    """From the top of the page: pick by keys, shrink the frame, move it onto the display."""
    troubles = open_page(page, static_server)
    focus_by_tab(page, "button#choose")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(upload("wall.png", on_a_wall(display)))
    frame = frame_of(page)
    focus_by_tab(page, ".frame")
    _, _, width, height = box_of(frame)
    press_until(page, "Shift+ArrowLeft", lambda: box_of(frame)[2] <= width // 2)
    press_until(page, "Shift+ArrowUp", lambda: box_of(frame)[3] <= height // 3)
    press_until(page, "ArrowRight", lambda: box_of(frame)[0] + box_of(frame)[2] >= width)
    press_until(page, "ArrowDown", lambda: box_of(frame)[1] + box_of(frame)[3] >= height)
    expect_reading(page, display)
    before = box_of(frame)
    page.keyboard.press("Alt+ArrowLeft")
    assert box_of(frame)[0] == before[0] - 1
    focus_by_tab(page, ".tools button")
    page.keyboard.press("Enter")
    assert box_of(frame) == (0, 0, width, height)
    assert troubles == []


def test_mouse(page: Page, static_server: str, display: Display) -> None:
    open_page(page, static_server)
    page.set_input_files("#files", upload("wall.png", on_a_wall(display)))
    frame = frame_of(page)
    area = page.locator(".crop").bounding_box()
    assert area
    right, bottom = area["x"] + area["width"] - 1, area["y"] + area["height"] - 1
    drag(page, (right - area["width"] / 2 + 1, bottom - area["height"] / 3 + 1), (right, bottom))
    expect_reading(page, display)
    before = box_of(frame)
    handle = page.locator(".handle.w").bounding_box()
    assert handle
    middle = (handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    drag(page, middle, (middle[0] - area["width"] / 4, middle[1]))
    x, _, width, _ = box_of(frame)
    assert x < before[0] - 10
    assert abs((x + width) - (before[0] + before[2])) <= 1
    inside = frame.bounding_box()
    assert inside
    centre = (inside["x"] + inside["width"] / 2, inside["y"] + inside["height"] / 2)
    drag(page, centre, (centre[0] - 40, centre[1] - 30))
    moved = box_of(frame)
    assert moved[0] < x
    assert moved[1] < before[1]
    assert moved[2] == width


def test_touch(browser: Browser, static_server: str, display: Display) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    open_page(page, static_server)
    page.set_input_files("#files", upload("wall.png", on_a_wall(display)))
    frame = frame_of(page)
    frame.scroll_into_view_if_needed()
    whole = box_of(frame)
    handle = page.locator(".handle.nw").bounding_box()
    area = page.locator(".crop").bounding_box()
    assert handle
    assert area
    start = (handle["x"] + 14, handle["y"] + 14)
    touch_drag(page, start, (start[0] + area["width"] / 2, start[1] + area["height"] * 2 / 3))
    x, y, width, height = box_of(frame)
    assert x + width == whole[2]
    assert y + height == whole[3]
    assert width < whole[2] * 0.6
    assert height < whole[3] * 0.5
    expect_reading(page, display)
    context.close()


def focus_by_tab(page: Page, selector: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


def press_until(page: Page, key: str, done: object) -> None:
    assert callable(done)
    for _ in range(150):
        if done():
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not get there")


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()


def touch_drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger's way, as the browser's own input events."""
    session = page.context.new_cdp_session(page)
    steps = [(start[0] + (end[0] - start[0]) * n / 5, start[1] + (end[1] - start[1]) * n / 5) for n in range(6)]
    for number, (x, y) in enumerate(steps):
        kind = "touchMove" if number else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
