"""A drawn digit as a classifier gets it: as MNIST's were prepared, and several in a row as one number.

LeCun et al. 1998, section III.A: the digit's box is scaled, keeping its shape, to fit 20 × 20 pixels, and placed in
28 × 28 with its centre of mass in the middle. Scaling is `imaging.crop`'s, Pillow's antialiased bilinear in 8 bits,
which `frontend/js/resample.js` does to the bit. Ink is float32 (height, width) in 0..1, bright on black.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import Box, crop, normalise
from backend.domain.reading import CLASSES, DIGITS, ROWS
from backend.domain.sentences import Translatable

SIDE = 28  # of the picture
LONGER = 20  # of the digit's box in it, its longer side
MIDDLE = 14.5  # where the centre of mass lies: MNIST has it in the pixel 14, counted from 0
INKED = 0.1  # from here on a pixel belongs to the digit
SPECK = 0.15  # a part whose longer side is under this part of that of the largest is dust
ABOVE, INSIDE = 0.5, 0.9  # how much of its columns a part shares with one that it stands above, or is inside of

Ink = NDArray[np.float32]
Run = tuple[int, int, int]  # row, first column, the column behind the last
Runs = NDArray[np.int64]  # (n, 3)
Edges = tuple[int, int, int, int]  # top, left, and behind the last row and column


class NoInkError(Translatable, ValueError):
    """Nothing is drawn, or more digits than a reading has."""


def centred(ink: Ink) -> Ink:
    """One drawn digit, of any size and anywhere, as MNIST has them: float32 (28, 28, 1). Raises NoInkError for none."""
    digit = _byte(_trimmed(ink))
    scale = LONGER / max(digit.shape)
    height, width = (max(1, _round(side * scale)) for side in digit.shape)
    image = Image.fromarray(np.repeat(digit[..., None], 3, axis=2))
    small = crop(image, Box(0, 0, image.width, image.height), width, height, 0)[..., 0]
    placed = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (_place(small, axis) for axis in (0, 1))
    placed[top : top + height, left : left + width] = small
    return normalise(placed)[..., None]


def framed(picture: Ink, height: int, width: int) -> Ink:
    """A picture (h, w, c) in the middle of a larger black one, (height, width, c): LeNet has MNIST's padded by 2."""
    own = picture.shape[:2]
    missing = height - own[0], width - own[1]
    if min(missing) < 0:
        raise ValueError(
            f"expected a picture of at most {height} × {width}, got {picture.shape[0]} × {picture.shape[1]}"
        )
    (up, down), (left, right) = ((each // 2, each - each // 2) for each in missing)
    larger: Ink = np.pad(picture, ((up, down), (left, right), (0, 0)))
    return larger


def digits_in_a_row(ink: Ink) -> list[Ink]:
    """The digits of a drawn number, from left to right, each cut out with nothing but its own ink.

    Strokes that hang together, or stand above each other as the bar of a 5 above its belly, are one digit; dust is
    none.
    Raises NoInkError when nothing is drawn, or more than 10 digits.
    """
    parts = _parts(ink >= INKED)
    least = SPECK * max(map(_longer, parts), default=0)
    digits = _joined([part for part in parts if _longer(part) >= least])
    if not 1 <= len(digits) <= DIGITS:
        raise NoInkError("expected 1 to %(most)s drawn digits, got %(got)s", most=DIGITS, got=len(digits))
    return [_cut_out(ink, digit) for digit in digits]


def as_reading(probabilities: NDArray[np.floating]) -> NDArray[np.float32]:
    """The probabilities of a number's digits, (n, 10) from left to right, as `reading.decode` takes them: (11, 10).

    It has no decimals, and nothing before its digits. Raises NoInkError for none or more than 10 digits.
    """
    count = len(probabilities)
    if not 1 <= count <= DIGITS:
        raise NoInkError("expected 1 to %(most)s drawn digits, got %(got)s", most=DIGITS, got=count)
    rows = np.zeros((ROWS, CLASSES), np.float32)
    rows[: ROWS - count, 0] = 1
    rows[ROWS - count :] = probabilities
    return rows


def _trimmed(ink: Ink) -> Ink:
    rows, columns = (np.flatnonzero((ink >= INKED).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise NoInkError("expected a drawn digit, got an empty picture")
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _byte(ink: Ink) -> NDArray[np.uint8]:
    return np.floor(np.clip(ink, 0, 1).astype(np.float64) * 255 + 0.5).astype(np.uint8)


def _round(value: float) -> int:
    """Halves away from zero, as JavaScript's Math.round does above it."""
    return int(np.floor(value + 0.5))


def _place(small: NDArray[np.uint8], axis: int) -> int:
    """Where a digit begins along an axis, so that its centre of mass is in the middle and nothing sticks out."""
    weights = small.sum(axis=1 - axis, dtype=np.int64)
    centre = float((weights * (np.arange(len(weights)) + 0.5)).sum() / max(1, int(weights.sum())))
    return min(max(_round(MIDDLE - centre), 0), SIDE - len(weights))


def _parts(inked: NDArray[np.bool_]) -> list[Runs]:
    """The parts that hang together, corners included, in the order in which rows meet them."""
    runs = _runs(inked)
    parent = list(range(len(runs)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    above, here = 0, 0  # the first run of the row before that may still touch, and the first of this row
    for number, (row, start, end) in enumerate(runs):
        if row != runs[here][0]:
            above, here = here, number
        while above < here and (runs[above][0] < row - 1 or runs[above][2] < start):
            above += 1
        other = above
        while other < here and runs[other][1] <= end:
            first, second = sorted((root(number), root(other)))
            parent[second] = first
            other += 1
    parts: dict[int, list[Run]] = {}
    for number, run in enumerate(runs):
        parts.setdefault(root(number), []).append(run)
    return [np.array(part) for part in parts.values()]


def _runs(inked: NDArray[np.bool_]) -> list[Run]:
    """Inked pixels side by side, row by row."""
    edges = np.diff(np.pad(inked, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    starts, ends = np.argwhere(edges == 1), np.argwhere(edges == -1)
    return [(int(row), int(start), int(end)) for (row, start), (_, end) in zip(starts, ends, strict=True)]


def _box(part: Runs) -> Edges:
    """Top, left, bottom and right; the last two are outside."""
    return int(part[:, 0].min()), int(part[:, 1].min()), int(part[:, 0].max()) + 1, int(part[:, 2].max())


def _longer(part: Runs) -> int:
    top, left, bottom, right = _box(part)
    return max(bottom - top, right - left)


def _joined(parts: list[Runs]) -> list[Runs]:
    """Parts from left to right, those above each other as one."""
    joined: list[Runs] = []
    for part in sorted(parts, key=lambda each: (_box(each)[1], _box(each)[3], _box(each)[0])):
        if joined and _one_digit(_box(joined[-1]), _box(part)):
            joined[-1] = np.concatenate([joined[-1], part])
        else:
            joined.append(part)
    return joined


def _one_digit(one: Edges, other: Edges) -> bool:
    """Whether one part stands above the other, or is inside. Leaning digits overlap too, but stand side by side."""
    rows, columns = (_overlap(one[axis::2], other[axis::2]) for axis in (0, 1))
    return columns > INSIDE or (columns > ABOVE and rows <= ABOVE)


def _overlap(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """What two ranges (first, behind the last) have in common, as a part of the shorter one."""
    common = min(one[1], other[1]) - max(one[0], other[0])
    return max(0, common) / min(one[1] - one[0], other[1] - other[0])


def _cut_out(ink: Ink, part: Runs) -> Ink:
    top, left, bottom, right = _box(part)
    cut = np.zeros((bottom - top, right - left), np.float32)
    for row, start, end in part:
        cut[row - top, start - left : end - left] = ink[row, start:end]
    return cut
