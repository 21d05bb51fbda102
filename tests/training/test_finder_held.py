"""Photos held in other ways: the display's corners go along with its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from training.finder.held import WAYS, hold
from training.finder.tables import section

QUARTERS = {(0.25, 0.25): "red", (0.75, 0.25): "lime", (0.75, 0.75): "blue", (0.25, 0.75): "white"}
CORNERS = np.array([[100, 60], [180, 60], [180, 100], [100, 100]], float)


def marked() -> Image.Image:
    picture = Image.new("RGB", (300, 200), "black")
    for (x, y), colour in QUARTERS.items():
        left, top = 100 + 80 * (x - 0.25), 60 + 40 * (y - 0.25)
        picture.paste(colour, (round(left), round(top), round(left + 40), round(top + 20)))
    return picture


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("way", WAYS)
def test_the_corners_go_along_with_the_pixels(way: str, seed: int) -> None:
    picture, corners = hold(way, marked(), CORNERS, np.random.default_rng(seed))
    for (x, y), colour in QUARTERS.items():
        top, bottom = corners[0] + x * (corners[1] - corners[0]), corners[3] + x * (corners[2] - corners[3])
        place = top + y * (bottom - top)
        found = picture.getpixel((int(place[0]), int(place[1])))
        assert found == Image.new("RGB", (1, 1), colour).getpixel((0, 0)), (way, colour)


def test_each_way_turns_as_it_says() -> None:
    def angle(way: str) -> float:
        _, corners = hold(way, marked(), CORNERS, np.random.default_rng(1))
        along = corners[1] - corners[0]
        return float(np.degrees(np.arctan2(along[1], along[0])))

    assert abs(angle("upside down")) == pytest.approx(180)
    assert abs(angle("on its side")) == pytest.approx(90)
    assert abs(angle("aslant")) < 20
    assert hold("on its side", marked(), CORNERS, np.random.default_rng(1))[0].size == (200, 300)


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(KeyError):
        hold("thrown", marked(), CORNERS, np.random.default_rng(0))


def test_the_page_of_results_has_a_line_for_each_way() -> None:
    share = {"value": 0.5, "low": 0.2, "high": 0.8, "right": 5, "n": 10}
    export = {
        "wire": {"brotli": 1000},
        "numbers": {"pictures": 1, "largest_difference": 0.0},
        "page": {"same": 1, "pictures": 1},
    }
    keys = ("kept", "good", "seen", "upside_down")
    lines = section(
        {
            "version": {"name": "finder", "version": "9", "parameters": 1, "export": export},
            "reader": {"name": "compact", "version": "9"},
            "photos": 10,
            "split": "validate",
            "iou": {"mean": 0.5, "median": 0.5},
            "held": {"upside down": dict.fromkeys(keys, share)},
        }
    )
    assert any(line.startswith("| upside down | ≥ 90% | 50.0% [20.0%, 80.0%] (5 of 10) | **no** |") for line in lines)
