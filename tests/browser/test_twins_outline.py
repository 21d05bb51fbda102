"""The outline's JavaScript twin against the Python original, in a real Chromium and in a worker as on the page.

Both compute in double precision and resize by the same fixed point filter, so that pixels differ by a rounding at most.
"""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser

from backend.domain import outline
from backend.domain.imaging import ImageError, load
from tests.browser.test_twins import RESAMPLING_TOLERANCE, Harness
from tests.outlines import colour_finder, marked_photo, rectangle, turned
from tests.vectors.pictures import encoded, scene

ROUNDING = 1 + RESAMPLING_TOLERANCE
SIZE = (331, 217)
OUTLINES = [
    rectangle(60.3, 70.8, 200, 60),
    rectangle(-20, -10, 400, 240),
    rectangle(10, 10, 320, 9),
    turned(rectangle(100, 90, 120, 40), 33),
    turned(rectangle(100, 90, 120, 40), 180),
    turned(rectangle(260, 150, 120, 40), -95),
    np.array([[40.0, 50], [300, 20], [290, 200], [60, 150]]),
]


@pytest.fixture(scope="module")
def twins(browser: Browser, static_server: str) -> Iterator[Harness]:
    context = browser.new_context()
    yield Harness(context.new_page(), static_server)
    context.close()


def pixels(answer: str, kind: type, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    return np.frombuffer(base64.b64decode(answer), kind).reshape(shape)


@pytest.mark.parametrize("scale", [1, 4])
def test_an_outline_is_straightened_alike(twins: Harness, scale: int) -> None:
    """At four times the size most is shrunk before it is sampled."""
    data = encoded(scene(SIZE[0] * scale, SIZE[1] * scale), "PNG")
    image = load(data)
    cases = [((corners * scale).tolist(), 192, 48, 0.1, 0.15) for corners in OUTLINES]
    cases += [((corners * scale).tolist(), 192, 192) for corners in OUTLINES[:2]]
    answers = twins.ask("straighten", twins.serve(data), cases)
    for case, answer in zip(cases, answers, strict=True):
        expected = outline.straighten(image, *case).astype(int)
        off = np.abs(pixels(answer, np.uint8, expected.shape) - expected)
        assert off.max() <= ROUNDING, case
        assert off.mean() < 0.01, case


@pytest.mark.parametrize(
    "corners",
    [
        rectangle(10, 10, 50, 5),
        rectangle(10, 10, 50, 30)[::-1],
        rectangle(900, 10, 50, 20),
        np.array([[0.0, 0], [150, 40], [150, 50], [0, 90]]),
    ],
)
def test_what_is_no_outline_is_refused_alike(twins: Harness, corners: np.ndarray) -> None:
    data = encoded(scene(200, 100), "PNG")
    with pytest.raises(ImageError) as refusal:
        outline.straighten(load(data), corners, 192, 48, 3.0)
    answer = twins.ask("straightenRefusal", twins.serve(data), corners.tolist(), 192, 48, 3)
    assert answer == [refusal.value.code, str(refusal.value)]


@pytest.mark.parametrize("size", [SIZE, (217, 331), (1200, 900), (9, 400)])
def test_a_picture_is_letterboxed_alike(twins: Harness, size: tuple[int, int]) -> None:
    data = encoded(scene(*size), "PNG")
    expected, square = outline.letterbox(load(data))
    answer = twins.ask("letterbox", twins.serve(data))
    assert np.abs(pixels(answer["input"], np.float32, expected.shape) - expected).max() <= RESAMPLING_TOLERANCE / 255
    assert np.array(answer["square"]) == pytest.approx(square)


def test_maps_are_decoded_alike(twins: Harness) -> None:
    random = np.random.default_rng(5)
    maps = random.normal(0, 3, (5, 48, 48, 4))
    maps[1, 0, 0] = maps[1, 47, 47] = 20  # a tie, at the edge
    maps[2, random.random((48, 48, 4)) < 0.3] = np.nan
    maps[3], maps[4, 5, 6] = -1e30, 1e30
    answers = twins.ask("decodeCorners", base64.b64encode(maps.astype("<f8").tobytes()).decode(), len(maps))
    assert np.array(answers) == pytest.approx(np.stack([outline.decode_corners(each) for each in maps]), abs=1e-9)


def test_second_looks_and_places_are_alike(twins: Harness) -> None:
    outlines = [*OUTLINES, OUTLINES[0][::-1], rectangle(0, 0, 7, 90)]
    answers = twins.ask("places", [corners.tolist() for corners in outlines])
    assert [usable for usable, _ in answers] == [outline.is_usable(corners) for corners in outlines]
    for corners, (_, square) in zip(outlines, answers, strict=True):
        assert np.array(square) == pytest.approx(outline.second_look(corners))
    square = outline.second_look(OUTLINES[3])
    answer = twins.ask("placed", OUTLINES[0].tolist(), square.tolist())
    assert np.array(answer) == pytest.approx(outline.placed(OUTLINES[0], square))


@pytest.mark.parametrize("degrees", [0, 40, 180])
def test_a_display_is_found_alike_in_two_looks(twins: Harness, degrees: float) -> None:
    photo, _ = marked_photo(500, 700, degrees)
    expected = outline.find(photo, colour_finder)
    answer = twins.ask("find", twins.serve(encoded(photo, "PNG")))
    assert np.array(answer["corners"]) == pytest.approx(expected.corners, abs=0.05)
    assert answer["presence"] == pytest.approx(expected.presence, abs=1e-3)


@pytest.mark.parametrize("degrees", [0, 130])
def test_a_closer_look_is_alike(twins: Harness, degrees: float) -> None:
    photo, corners = marked_photo(500, 700, degrees)
    slipped = corners + np.array([[9, -7], [4, 6], [-8, 3], [5, 5]])
    for given in (slipped, corners + 4000):  # the second lies outside of the photo
        expected = outline.look_closer(photo, outline.Outline(given, 0.7), colour_finder)
        answer = twins.ask("lookCloser", twins.serve(encoded(photo, "PNG")), given.tolist())
        assert np.array(answer["corners"]) == pytest.approx(expected.corners, abs=0.05)
        assert answer["presence"] == expected.presence == 0.7
    assert (expected.corners == given).all()
