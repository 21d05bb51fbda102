"""The finder's heat maps, its two looks, the straightened outline: on drawn pictures, a finder that sees colours."""

import math

import numpy as np
import pytest
from PIL import Image

from backend.domain.imaging import Box, ImageError, InputSpec, cut
from backend.domain.outline import (
    CELLS,
    SIDE,
    Outline,
    cut_outline,
    decode_corners,
    find,
    is_usable,
    letterbox,
    look_closer,
    placed,
    second_look,
    sigmoid,
    straighten,
)
from tests.outlines import colour_finder, marked_photo, rectangle, turned
from tests.vectors.pictures import scene

SPEC = InputSpec(192, 48, 0.1, 3, 0.15)


def heat(positions: list[tuple[float, float]], sharpness: float = 1.0) -> np.ndarray:
    """Maps whose peaks stand at positions in pixels of the finder's input."""
    middles = (np.arange(CELLS) + 0.5) * SIDE / CELLS
    x, y = np.meshgrid(middles, middles)
    return np.stack([-sharpness * ((x - px) ** 2 + (y - py) ** 2) / 32 for px, py in positions], axis=2)


def test_a_peak_between_places_is_found_between_them() -> None:
    wanted = [(50.0, 61.5), (120.25, 60.0), (131.0, 100.0), (49.0, 99.3)]
    assert decode_corners(heat(wanted)) == pytest.approx(np.array(wanted), abs=0.4)


def test_a_peak_at_the_edge_and_a_second_one_far_away() -> None:
    maps = heat([(0.0, 0.0), (192.0, 0.0), (192.0, 192.0), (0.0, 192.0)], 50)
    assert decode_corners(maps) == pytest.approx(np.array([[2, 2], [190, 2], [190, 190], [2, 190]]), abs=0.1)
    maps[40, 40] = maps.max() - 0.5
    assert decode_corners(maps)[0] == pytest.approx([2, 2], abs=0.1)


def test_maps_of_garbage_give_positions_inside() -> None:
    maps = np.full((CELLS, CELLS, 4), np.nan)
    maps[3, 4, 1] = 1e300
    maps[:, :, 2] = np.inf
    maps[:, :, 3] = -1e300
    assert decode_corners(maps).tolist()[:3] == [[96, 96], [18, 14], [96, 96]]
    assert decode_corners(maps)[3] == pytest.approx([6, 6])
    assert [sigmoid(logit) for logit in (math.nan, -1e9, 1e9, 0)] == pytest.approx([0, 0, 1, 0.5])
    with pytest.raises(ValueError, match=r"expected maps of shape \(48, 48, 4\), got \(4, 48, 48\)"):
        decode_corners(np.zeros((4, 48, 48)))


@pytest.mark.parametrize("size", [(600, 800), (800, 600), (192, 192), (30, 900), (8, 9)])
def test_a_photo_is_letterboxed_and_positions_go_back(size: tuple[int, int]) -> None:
    photo = Image.new("RGB", size, (255, 0, 0))
    pixels, square = letterbox(photo)
    assert pixels.shape == (SIDE, SIDE, 3)
    red = np.argwhere((pixels == (1, 0, 0)).all(axis=2))
    assert (pixels[(pixels != (1, 0, 0)).any(axis=2)] == 0.5).all()
    inner = np.array([red.min(axis=0)[::-1], red.max(axis=0)[::-1] + 1], np.float64)
    assert placed(inner, square) == pytest.approx(np.array([[0, 0], size], np.float64))


def test_what_is_an_outline() -> None:
    assert is_usable(rectangle(10, 10, 100, 30))
    assert is_usable(turned(rectangle(10, 10, 100, 30), 180))
    assert not is_usable(rectangle(10, 10, 100, 30)[::-1])  # mirrored
    assert not is_usable(rectangle(10, 10, 100, 30)[[0, 2, 1, 3]])  # crossed
    assert not is_usable(rectangle(10, 10, 100, 7))
    assert not is_usable([[0, 0], [100, 0], [20, 20], [0, 100]])  # hollow
    assert not is_usable([[0, 0], [100, 0], [math.nan, 50], [0, 50]])
    assert not is_usable([[0, 0], [100, 0], [100, 50]])


@pytest.mark.parametrize("angle", [0, 33, 90, 180, 271])
def test_the_second_look_has_the_text_level(angle: float) -> None:
    outline = turned(rectangle(100, 200, 120, 40), angle)
    square = second_look(outline)
    assert square.mean(axis=0) == pytest.approx(outline.mean(axis=0))
    assert np.hypot(*(square[1] - square[0])) == pytest.approx(1.6 * 120)
    assert np.hypot(*(square[3] - square[0])) == pytest.approx(1.6 * 120)
    level = (square[1] - square[0]) / (1.6 * 120)
    assert level == pytest.approx([math.cos(math.radians(angle)), math.sin(math.radians(angle))])


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_an_upright_outline_is_cut_like_its_box(scale: float) -> None:
    photo = scene(round(350 * scale), round(250 * scale), noise=0)
    box = Box(75.3 * scale, 80.2 * scale, 190 * scale, 45 * scale)
    got = cut_outline(photo, rectangle(box.x, box.y, box.width, box.height), SPEC)
    assert np.abs(got.astype(int) - cut(photo, box, SPEC)).mean() < 1.5


@pytest.mark.parametrize("angle", [17, 90, 180, -123])
def test_a_turned_display_is_straightened(angle: float) -> None:
    upright = scene(600, 600, noise=0)
    outline = rectangle(200, 250, 200, 50)
    photo = upright.rotate(-angle, Image.Resampling.BICUBIC)
    got = cut_outline(photo, turned(outline, angle, (300, 300)), SPEC)
    assert np.abs(got.astype(int) - cut(upright, Box(200, 250, 200, 50), SPEC)).mean() < 3


def test_perspective_is_taken_out() -> None:
    """Seen from the side; the picture of a perspective is Pillow's own."""
    upright = scene(600, 400, noise=0)
    quad = np.array([[60, 90], [560, 40], [530, 350], [90, 300]], np.float64)
    source = [[0, 0], [600, 0], [600, 400], [0, 400]]
    equations = [
        row
        for (x, y), (u, v) in zip(quad, source, strict=True)
        for row in ([x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y])
    ]
    numbers = np.linalg.solve(np.array(equations), np.array(source, np.float64).ravel())
    photo = upright.transform((640, 400), Image.Transform.PERSPECTIVE, numbers.tolist(), Image.Resampling.BICUBIC)
    got = straighten(photo, quad, 600, 400).astype(int)
    assert np.abs(got - np.asarray(upright).astype(int))[5:-5, 5:-5].mean() < 4


def test_beyond_the_picture_its_edge_goes_on() -> None:
    photo = Image.new("RGB", (100, 60), (10, 200, 30))
    got = straighten(photo, rectangle(-50, -20, 200, 100), 64, 32)
    assert (got == (10, 200, 30)).all()


@pytest.mark.parametrize(
    ("corners", "sentence"),
    [
        (rectangle(10, 10, 50, 5), "expected four corners of a convex outline, clockwise from the text's top left"),
        ([[0, 0], [1, 1]], "expected four corners of a convex outline, clockwise from the text's top left"),
        (rectangle(500, 10, 50, 20), "expected a box inside the picture of 200 × 100 pixels, got one outside"),
        ([[0, 0], [150, 40], [150, 50], [0, 90]], "expected an outline seen from the front"),
    ],
)
def test_what_is_no_outline_is_refused(corners: list[list[float]], sentence: str) -> None:
    with pytest.raises(ImageError, match=sentence) as refusal:
        straighten(scene(200, 100), corners, 192, 48, 3.0)
    assert refusal.value.code == "bad_box"


@pytest.mark.parametrize("angle", [0, 25, 180])
def test_two_looks_find_the_marked_corners(angle: float) -> None:
    photo, outline = marked_photo(700, 900, angle)
    found = find(photo, colour_finder)
    assert found.presence > 0.99
    assert found.corners == pytest.approx(outline, abs=4)
    first = placed(decode_corners(colour_finder(letterbox(photo)[0][None])[0]), letterbox(photo)[1])
    assert np.abs(found.corners - outline).mean() < np.abs(first - outline).mean()


def test_a_second_look_that_sees_nothing_leaves_the_first() -> None:
    looks = []

    def unsure(pixels: np.ndarray) -> tuple[np.ndarray, float]:
        looks.append(pixels)
        return heat([(50, 80), (140, 80), (140, 110), (50, 110)]), [3.0, -3.0][len(looks) - 1]

    found = find(Image.new("RGB", (192, 192)), unsure)
    assert len(looks) == 2
    assert found.presence == pytest.approx(sigmoid(3.0))
    assert found.corners == pytest.approx(rectangle(50, 80, 90, 30), abs=1)


def test_a_closer_look_mends_what_slipped() -> None:
    """It sees the corners where they are."""
    photo, outline = marked_photo(700, 900, 20)
    slipped = outline + np.array([[12, -9], [6, 8], [-10, 5], [7, 7]])
    closer = look_closer(photo, Outline(slipped, 0.8), colour_finder)
    assert np.abs(closer.corners - outline).mean() < 0.5 * np.abs(slipped - outline).mean()
    assert closer.presence == 0.8


def test_a_closer_look_that_sees_nothing_changes_nothing() -> None:
    outline = Outline(rectangle(50, 80, 90, 30), 0.8)
    unseen = look_closer(Image.new("RGB", (192, 192)), outline, lambda _: (heat([(50, 80)] * 4), -3.0))
    assert (unseen.corners == outline.corners).all()


def test_an_outline_that_is_none_is_not_present() -> None:
    crossed = heat([(140, 110), (50, 80), (140, 80), (50, 110)])
    assert find(Image.new("RGB", (192, 192)), lambda _: (crossed, 9.0)).presence == 0
