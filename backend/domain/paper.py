"""A digit written on paper, in a photo: its ink, whatever the light.

A pixel is ink where it is darker than the mean around it by a part (Bradley & Roth, "Adaptive Thresholding Using the
Integral Image", 2007), so a shadow across the sheet is none. Of the connected pieces of ink the largest one that does
not touch the edge of the photo is the digit, with what lies right beside it: the bar of a 5 is often a stroke apart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.sentences import Translatable

SIDE = 256  # the longer side that is looked at: strokes are then 3 to 30 pixels wide
WINDOW = 8  # the mean is over a square of an eighth of the longer side
DARKER = 0.15  # than the mean, by this part, is ink
SMALLEST = 30  # pixels: less is a speck
NEAR = 0.15  # of its longer side: how far from the digit a further piece of it may lie
DARK = 100  # of 255: a sheet darker than this is a board, written on in white

Ink = NDArray[np.float32]
Mask = NDArray[np.bool_]


class PaperError(Translatable, ValueError):
    """A photo in which nothing is written."""


def ink_of(picture: Image.Image) -> Ink:
    """The ink of the digit in an RGB picture, float32 (height, width), 0 for paper and 1 for the darkest ink.

    Cut to the digit's own box. Raises PaperError where nothing is written.
    """
    grey = _grey(picture)
    mean = local_mean(grey, max(3, max(grey.shape) // WINDOW))
    darker = np.clip(1 - grey / np.maximum(mean, 1.0), 0.0, 1.0)
    digit = _digit(darker > DARKER)
    rows, columns = np.flatnonzero(digit.any(axis=1)), np.flatnonzero(digit.any(axis=0))
    if not len(rows):
        raise PaperError("expected a photo of one digit, dark on light paper, got one without any")
    place = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    strength = np.where(digit, darker, 0.0)[place]
    full = float(np.quantile(strength[strength > 0], 0.5))
    return np.clip(strength / full, 0.0, 1.0).astype(np.float32)


def local_mean(grey: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """The mean of each pixel's square of `window` pixels, (height, width), by an integral image; less at the edges."""
    height, width = grey.shape
    sums = np.zeros((height + 1, width + 1))
    sums[1:, 1:] = grey.cumsum(axis=0).cumsum(axis=1)
    top, bottom = _reach(height, window)
    left, right = _reach(width, window)
    total = sums[bottom][:, right] - sums[top][:, right] - sums[bottom][:, left] + sums[top][:, left]
    return np.asarray(total / np.outer(bottom - top, right - left))


def pieces(ink: Mask) -> list[NDArray[np.int64]]:
    """The connected pieces of a mask (diagonals count), each (n, 2) as rows and columns, the largest first."""
    height, width = ink.shape
    left = {(int(row), int(column)) for row, column in np.argwhere(ink)}
    found = []
    while left:
        reached = [left.pop()]
        for row, column in reached:  # grows while it is walked
            for y in range(max(0, row - 1), min(height, row + 2)):
                for x in range(max(0, column - 1), min(width, column + 2)):
                    if (y, x) in left:
                        left.remove((y, x))
                        reached.append((y, x))
        found.append(np.array(reached, np.int64))
    return sorted(found, key=len, reverse=True)


def _grey(picture: Image.Image) -> NDArray[np.float64]:
    """The picture at most 256 pixels long, grey, dark on light."""
    small = picture.convert("L")
    small.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    grey = np.asarray(small, np.float64)
    edge = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    return 255 - grey if np.median(edge) < DARK else grey


def _reach(length: int, window: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each place's window begins and ends."""
    at = np.arange(length)
    return np.maximum(at - window // 2, 0), np.minimum(at + window // 2 + 1, length)


def _digit(ink: Mask) -> Mask:
    """The largest piece away from the edge, with the pieces beside it."""
    height, width = ink.shape
    found = [each for each in pieces(ink) if len(each) >= SMALLEST and each.min() > 0]
    inside = [each for each in found if each[:, 0].max() < height - 1 and each[:, 1].max() < width - 1]
    digit = np.zeros_like(ink)
    if inside:
        low, high = inside[0].min(axis=0), inside[0].max(axis=0)
        reach = NEAR * (high - low).max()
        for each in inside:
            if (each.min(axis=0) >= low - reach).all() and (each.max(axis=0) <= high + reach).all():
                digit[each[:, 0], each[:, 1]] = True
    return digit
