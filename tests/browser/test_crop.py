"""The frame on a picture: by keyboard alone, by mouse, by touch; each move reads the picture anew."""

from __future__ import annotations

import re
from functools import partial

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.shipped import (
    READY_MS,
    Display,
    encoded,
    expect_reading,
    open_page,
    upload,
    without_finder,
)

Place = tuple[int, int, int, int]  # x, y, width, height in pixels of the picture


def on_a_wall(display: Display) -> tuple[bytes, Place]:
    """The display at the lower right of a larger grey picture, too small in it to be read as it is; and its box."""
    shown = display.cut_out
    width, height = shown.size
    wall = Image.new("RGB", (width * 2, height * 3), (128, 126, 120))
    wall.paste(shown, (width, height * 2))
    box_height = height / (1 + 2 * display.margin)
    across, down = round(box_height * display.side_margin), round(box_height * display.margin)
    return encoded(wall), (width + across, height * 2 + down, width - 2 * across, height - 2 * down)


def frame_of(page: Page) -> Locator:
    frame = page.locator(".frame")
    expect(frame).to_be_visible(timeout=READY_MS)
    expect(page.locator(".result")).to_have_attribute("data-state", "read", timeout=READY_MS)  # moves nothing any more
    return frame


def box_of(frame: Locator) -> Place:
    """x, y, width, height in pixels of the picture, as a screen reader is told."""
    label = frame.get_attribute("aria-label") or ""
    width, height, x, y = map(int, re.findall(r"-?\d+", label))
    return x, y, width, height


def test_keyboard_alone(page: Page, static_server: str, display: Display) -> None:
    """From the top of the page: pick by keys, shrink the frame, move it onto the display."""
    without_finder(page)
    troubles = open_page(page, static_server)
    content, (x, y, width, height) = on_a_wall(display)
    focus_by_tab(page, "button#choose")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(upload("wall.png", content))
    frame = frame_of(page)
    expect(page.locator(".picture .hint")).to_contain_text("By keyboard: arrows move it")
    whole = box_of(frame)
    focus_by_tab(page, ".frame")
    press_until(page, "Shift+ArrowLeft", lambda: box_of(frame)[2] <= width)
    press_until(page, "Alt+Shift+ArrowRight", lambda: box_of(frame)[2] >= width)
    press_until(page, "Shift+ArrowUp", lambda: box_of(frame)[3] <= height)
    press_until(page, "Alt+Shift+ArrowDown", lambda: box_of(frame)[3] >= height)
    press_until(page, "ArrowRight", lambda: box_of(frame)[0] >= x)
    press_until(page, "Alt+ArrowLeft", lambda: box_of(frame)[0] <= x)
    press_until(page, "ArrowDown", lambda: box_of(frame)[1] >= y)
    press_until(page, "Alt+ArrowUp", lambda: box_of(frame)[1] <= y)
    assert box_of(frame) == (x, y, width, height)
    expect_reading(page, display)
    focus_by_tab(page, ".tools button")
    page.keyboard.press("Enter")
    assert box_of(frame) == whole
    assert troubles == []


HANDLES = """(frame) => {
  const picture = frame.closest(".crop").getBoundingClientRect();
  return [...frame.querySelectorAll(".handle")].map((handle) => {
    const {left, right, top, bottom} = handle.getBoundingClientRect();
    return Math.max(picture.left - left, right - picture.right, picture.top - top, bottom - picture.bottom, 0);
  });
}"""
SLIVER = 5  # pixels of a handle of 28 that may lie outside of the picture: what is seen of it does not


def stands_at(frame: Locator, edge: int, goal: float) -> bool:
    return box_of(frame)[edge] == goal


def test_handles_at_the_pictures_edge_can_be_taken_hold_of(page: Page, static_server: str, display: Display) -> None:
    """In each corner of the picture, and in the middle, where they lie outside of the frame."""
    without_finder(page)
    open_page(page, static_server)
    content, (_, _, width, _) = on_a_wall(display)
    page.set_input_files("#files", upload("wall.png", content))
    frame = frame_of(page)
    whole = box_of(frame)
    focus_by_tab(page, ".frame")
    press_until(page, "Shift+ArrowLeft", lambda: box_of(frame)[2] <= width)
    press_until(page, "Shift+ArrowUp", lambda: box_of(frame)[3] <= whole[3] / 2)
    for key, edge, far in (("ArrowRight", 0, 2), ("ArrowDown", 1, 3), ("ArrowLeft", 0, None), ("ArrowUp", 1, None)):
        assert max(frame.evaluate(HANDLES)) <= SLIVER
        goal = whole[far] - box_of(frame)[far] if far else 0
        press_until(page, key, partial(stands_at, frame, edge, goal))
    assert max(frame.evaluate(HANDLES)) <= SLIVER


def test_mouse(page: Page, static_server: str, display: Display) -> None:
    """Draw a frame, stretch it by a handle, move it."""
    without_finder(page)
    open_page(page, static_server)
    content, place = on_a_wall(display)
    page.set_input_files("#files", upload("wall.png", content))
    frame = frame_of(page)
    (left, top), (right, bottom) = on_screen(page, place)
    drag(page, (left, top), (right, bottom))
    drawn = box_of(frame)
    assert drawn == pytest.approx(place, abs=3)
    expect_reading(page, display)
    drag(page, (left, (top + bottom) / 2), (left - 40, (top + bottom) / 2))
    stretched = box_of(frame)
    assert stretched[0] < drawn[0] - 10
    assert stretched[0] + stretched[2] == pytest.approx(drawn[0] + drawn[2], abs=1)
    assert (stretched[1], stretched[3]) == (drawn[1], drawn[3])
    centre = ((left + right) / 2, (top + bottom) / 2 + 5)
    drag(page, centre, (centre[0] - 40, centre[1] - 30))
    moved = box_of(frame)
    assert moved[0] < stretched[0]
    assert moved[1] < stretched[1]
    assert moved[2:] == stretched[2:]


def test_touch(browser: Browser, static_server: str, display: Display) -> None:
    """A finger on the corners."""
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    without_finder(page)
    open_page(page, static_server)
    content, place = on_a_wall(display)
    page.set_input_files("#files", upload("wall.png", content))
    frame = frame_of(page)
    expect(page.locator(".picture .hint")).to_be_visible()
    expect(page.locator(".picture .keyboard-only")).to_be_hidden()  # a finger has no arrow keys
    frame.scroll_into_view_if_needed()
    whole = box_of(frame)
    start, end = on_screen(page, whole)
    near, far = on_screen(page, place)
    touch_drag(page, (start[0] + 3, start[1] + 3), (near[0] + 3, near[1] + 3))
    touch_drag(page, (end[0] - 3, end[1] - 3), (far[0] - 3, far[1] - 3))
    assert box_of(frame) == pytest.approx(place, abs=8)
    expect_reading(page, display)
    page.locator("button.wrong").click()
    expect(page.locator(".fix .hint")).to_be_visible()
    expect(page.locator(".fix .keyboard-only")).to_be_hidden()
    context.close()


def on_screen(page: Page, place: Place) -> tuple[tuple[float, float], tuple[float, float]]:
    """The upper left and lower right corner of a place in the picture, where the window shows them."""
    area = page.locator(".crop").bounding_box()
    size = page.locator(".crop img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert area
    scale = (area["width"] / size[0], area["height"] / size[1])
    x, y, width, height = place
    corners = ((x, y), (x + width, y + height))
    first, second = ((area["x"] + px * scale[0], area["y"] + py * scale[1]) for px, py in corners)
    return first, second


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
