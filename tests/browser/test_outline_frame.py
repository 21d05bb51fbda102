"""The outline of a found display on the page: shown, moved whole or by its corners, by keyboard, mouse and touch."""

from __future__ import annotations

import re

import numpy as np
import pytest
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
from tests.browser.test_crop import drag, focus_by_tab, on_screen, press_until, touch_drag
from tests.outlines import marked_photo

DEGREES = 160


def add_photo(page: Page, display: Display) -> np.ndarray:
    """Add a photo of a display nearly upside down; gives its outline."""
    photo, outline = marked_photo(800, 1000, DEGREES, display.cut_out)
    page.set_input_files("#files", upload("meter.png", encoded(photo)))
    expect(page.locator(".result")).to_have_attribute("data-state", "read", timeout=READY_MS)
    return outline


def corners(page: Page) -> np.ndarray:
    """The four corners as a screen reader is told, (4, 2)."""
    labels = page.locator(".corner").evaluate_all("(all) => all.map((each) => each.getAttribute('aria-label'))")
    return np.array([[*map(int, re.findall(r"-?\d+", label))] for label in labels], np.float64)


def group(page: Page) -> Locator:
    return page.locator(".outline svg")


def test_the_found_outline_is_drawn_and_the_display_read(page: Page, finder_server: str, display: Display) -> None:
    troubles = open_page(page, finder_server)
    outline = add_photo(page, display)
    expect_reading(page, display)
    assert corners(page) == pytest.approx(outline, abs=8)
    expect(page.locator(".frame")).to_be_hidden()
    label = group(page).get_attribute("aria-label") or ""
    turned = int(re.findall(r"-?\d+", label)[-1])
    assert turned == pytest.approx(DEGREES, abs=2)
    drawn = page.locator(".outline .area").evaluate("(area) => area.getAttribute('points').split(/[ ,]/).map(Number)")
    assert np.array(drawn).reshape(4, 2) == pytest.approx(corners(page), abs=0.51)
    assert troubles == []


def test_keyboard_alone(page: Page, finder_server: str, display: Display) -> None:
    open_page(page, finder_server)
    add_photo(page, display)
    found = corners(page)
    focus_by_tab(page, ".outline svg")
    page.keyboard.press("ArrowRight")
    assert corners(page) - found == pytest.approx(np.array([[8, 0]] * 4), abs=1)
    page.keyboard.press("Alt+ArrowUp")
    assert corners(page) - found == pytest.approx(np.array([[8, -1]] * 4), abs=1)
    page.keyboard.press("Shift+ArrowUp")
    larger = np.ptp(corners(page), axis=0) / np.ptp(found, axis=0)
    assert larger == pytest.approx([1.03, 1.03], abs=0.01)
    page.keyboard.press("Tab")
    before = corners(page)
    press_until(page, "ArrowLeft", lambda: corners(page)[0, 0] <= before[0, 0] - 80)
    assert corners(page)[1:] == pytest.approx(before[1:])
    for _ in range(60):  # a corner stops where the outline would be none
        page.keyboard.press("ArrowUp")
    assert corners(page)[0, 1] > 0
    focus_by_tab(page, ".tools button")
    page.keyboard.press("Enter")
    back = re.compile(rf"{round(found[0, 0])}, {round(found[0, 1])}$")
    expect(page.locator(".corner").first).to_have_attribute("aria-label", back, timeout=READY_MS)
    expect_reading(page, display)


def test_mouse_moves_the_outline_its_corners_and_draws_a_frame(
    page: Page, finder_server: str, display: Display
) -> None:
    open_page(page, finder_server)
    outline = add_photo(page, display)
    found = corners(page)
    scale = page.locator(".crop").evaluate("(crop) => crop.clientWidth / crop.querySelector('img').naturalWidth")
    centre, first = at(page, outline.mean(axis=0)), at(page, found[0])
    drag(page, centre, (centre[0] + 20, centre[1] + 10))
    assert corners(page) - found == pytest.approx(np.array([[20 / scale, 10 / scale]] * 4), abs=2)
    drag(page, (first[0] + 20, first[1] + 10), (first[0] + 40, first[1] + 40))
    assert corners(page)[0] - found[0] == pytest.approx(np.array([40, 40]) / scale, abs=2)
    assert corners(page)[1:] - found[1:] == pytest.approx(np.array([[20 / scale, 10 / scale]] * 3), abs=2)
    drag(page, at(page, (50, 50)), at(page, (300, 150)))
    expect(page.locator(".frame")).to_be_visible()
    expect(page.locator(".outline .area")).to_be_hidden()
    page.get_by_role("button", name="Find the digits").click()
    expect(page.locator(".outline .area")).to_be_visible(timeout=READY_MS)
    assert corners(page) == pytest.approx(found, abs=1)
    page.get_by_role("button", name="Whole picture").click()
    expect(page.locator(".outline .area")).to_be_hidden()
    expect(page.locator(".crop.whole")).to_be_visible()


def test_touch(browser: Browser, finder_server: str, display: Display) -> None:
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 360, "height": 740})
    page = context.new_page()
    open_page(page, finder_server)
    add_photo(page, display)
    page.locator(".crop").scroll_into_view_if_needed()
    found = corners(page)
    x, y = at(page, found[2])
    touch_drag(page, (x, y), (x - 12, y + 6))
    moved = corners(page) - found
    assert moved[2, 0] < -10
    assert moved[2, 1] > 5
    assert moved[[0, 1, 3]] == pytest.approx(np.zeros((3, 2)))
    context.close()


def test_without_a_finder_nothing_offers_to_find(page: Page, static_server: str, display: Display) -> None:
    """As long as the published versions have none."""
    without_finder(page)
    open_page(page, static_server)
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.get_by_role("button", name="Find the digits")).to_have_count(0)
    expect(page.locator(".crop.whole")).to_be_visible()


def at(page: Page, point: object) -> tuple[float, float]:
    """A place of the picture in the window."""
    x, y = np.asarray(point, np.float64)
    return on_screen(page, (x, y, 1, 1))[0]
