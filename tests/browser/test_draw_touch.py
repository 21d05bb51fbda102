"""Draw, by a finger as the browser itself hears of it: the paper takes the stroke, and the page stays where it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.draw import expect_number, open_draw
from tests.browser.test_crop import touch_drag

# The first and the last row with ink, as parts of the paper's height.
EXTENT = """() => {
  const {width, height} = document.getElementById("paper");
  const {data} = document.getElementById("paper").getContext("2d").getImageData(0, 0, width, height);
  const rows = Array.from({length: height}, (_, y) => y).filter((y) =>
    data.subarray(4 * width * y, 4 * width * (y + 1)).some((value, at) => at % 4 === 3 && value > 127));
  return [rows.at(0) / height, rows.at(-1) / height];
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone, on which the page is longer than the screen."""
    context = browser.new_context(
        locale="en-GB", has_touch=True, is_mobile=True, viewport={"width": 360, "height": 500}, service_workers="block"
    )
    yield context.new_page()
    context.close()


def test_a_finger_draws_and_does_not_scroll(page: Page, static_server: str) -> None:
    open_draw(page, static_server)
    paper = page.locator("#paper")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box
    scrolled = page.evaluate("scrollY")
    assert page.evaluate("document.documentElement.scrollHeight - innerHeight - scrollY") > box["height"]
    x, top, bottom = (box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"], box["y"] + 0.8 * box["height"])
    touch_drag(page, (x, bottom), (x, top))  # upwards, which would scroll the page down
    expect_number(page, "1")
    assert page.evaluate("scrollY") == scrolled
    assert page.evaluate(EXTENT) == pytest.approx([0.2, 0.8], abs=0.06)  # from end to end
