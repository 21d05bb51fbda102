"""Drawn digits: the same wherever and however large they were drawn, and one by one out of a row."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from backend.domain.drawn import LONGER, SIDE, NoInkError, as_reading, centred, digits_in_a_row, framed
from backend.domain.reading import decode

from ..vectors import make_drawn

Ink = NDArray[np.float32]


def written(text: str, size: int, place: tuple[int, int] = (0, 0), canvas: tuple[int, int] = (400, 200)) -> Ink:
    """A text as ink (height, width)."""
    image = Image.new("L", canvas)
    ImageDraw.Draw(image).text(place, text, fill=255, font=ImageFont.load_default(size))
    return np.asarray(image, np.float32) / np.float32(255)


def alike(one: Ink, other: Ink) -> float:
    """Their correlation, where they lie on each other best: they are placed by whole pixels."""
    moved = [np.roll(one, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(float(np.corrcoef(each.ravel(), other.ravel())[0, 1]) for each in moved)


def test_place_and_size_do_not_matter() -> None:
    one = centred(written("5", 100))
    assert one.shape == (SIDE, SIDE, 1) and one.dtype == np.float32
    assert (centred(written("5", 100, (170, 31))) == one).all()
    small, other = centred(written("5", 40, (200, 90))), centred(written("2", 100))
    assert alike(small, one) > 0.95 > 0.8 > alike(other, one)


def test_the_longer_side_is_20_and_the_mass_in_the_middle() -> None:
    for digit in "01479":
        picture = centred(written(digit, 120, (30, 10)))[..., 0]
        rows, columns = (np.flatnonzero((picture > 0.05).any(axis=axis)) for axis in (1, 0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == LONGER
        places = np.arange(SIDE) + 0.5
        centre = [(picture.sum(axis=1 - axis) * places).sum() / picture.sum() for axis in (0, 1)]
        assert np.abs(np.array(centre) - 14.5).max() <= 0.5


def test_a_digit_of_mnist_form_comes_out_as_it_went_in() -> None:
    picture = centred(written("3", 150, (50, 0)))
    assert (centred(picture[..., 0]) == picture).all()


def test_extreme_shapes_stay_inside() -> None:
    for shape in ((1, 500), (500, 1), (1, 1), (3, 2)):
        ink = np.ones(shape, np.float32)
        assert centred(ink).max() == 1
    corner = np.zeros((60, 60), np.float32)
    corner[:40, :2] = corner[:2, :40] = 1  # its mass lies far from its middle
    assert np.count_nonzero(centred(corner)) > 20


@pytest.mark.parametrize("draw", [centred, digits_in_a_row])
def test_no_ink_is_refused(draw: object) -> None:
    for ink in (np.zeros((50, 50)), np.full((50, 50), 0.05), np.zeros((0, 0))):
        with pytest.raises(NoInkError, match="expected"):
            draw(ink.astype(np.float32))  # type: ignore[operator]


def test_digits_in_a_row_are_those_of_one_by_one() -> None:
    found = digits_in_a_row(written("40719", 80, (20, 40)))
    assert len(found) == 5
    for digit, own in zip("40719", found, strict=True):
        assert alike(centred(own), centred(written(digit, 80))) > 0.95


def test_a_bar_above_its_belly_belongs_to_it_and_dust_does_not() -> None:
    ink = np.zeros((100, 200), np.float32)
    ink[20:26, 22:50] = 1  # the bar of a 5
    ink[34:80, 20:48] = 1
    ink[30:80, 100:110] = 1
    ink[50:53, 70:73] = 1  # dust
    first, second = digits_in_a_row(ink)
    assert first.shape == (60, 30) and second.shape == (50, 10)


def test_touching_boxes_are_still_two_digits() -> None:
    ink = np.zeros((60, 100), np.float32)
    for row in range(50):
        ink[row + 5, 10 + row : 16 + row] = ink[row + 5, 30 + row : 36 + row] = 1
    assert [digit.shape for digit in digits_in_a_row(ink)] == [(50, 55)] * 2
    ink[20:25, 22:25] = 1  # hangs on the first, inside of its box
    assert [digit.shape for digit in digits_in_a_row(ink)] == [(50, 55)] * 2


def test_more_than_ten_are_refused() -> None:
    with pytest.raises(NoInkError, match="expected 1 to 10 drawn digits, got 11"):
        digits_in_a_row(written("1" * 11, 40))


def test_a_row_is_read_in_the_form_of_a_reading() -> None:
    probabilities = np.full((3, 10), 0.01, np.float32)
    probabilities[[0, 1, 2], [4, 0, 7]] = 0.91
    reading = decode(as_reading(probabilities))
    assert (reading.text, reading.decimals) == ("407", 0)
    assert reading.confidence == pytest.approx(0.91**3, rel=1e-3)
    with pytest.raises(NoInkError, match="got 11"):
        as_reading(np.ones((11, 10)))


def test_framed() -> None:
    picture = np.ones((28, 28, 1), np.float32)
    larger = framed(picture, 32, 33)
    assert larger.shape == (32, 33, 1) and larger.sum() == 784 and larger[2:30, 2:30].all()


def test_the_vectors_are_what_the_code_makes() -> None:
    assert json.loads(make_drawn.PATH.read_text("utf-8")) == make_drawn.make()
