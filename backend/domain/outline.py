"""The outline of a display in a photo: from the finder's heat maps to four corners, from these to the reader's input.

Corners are (4, 2), x and y in pixels of the upright picture, in reading order of the text: top left, top right, bottom
right, bottom left; they follow the text, so a meter that lies on its side has its "top left" elsewhere. The finder
looks twice: at the whole photo, then at a square around what it found, turned so that the text is level. Where what is
read there is in much doubt (`domain/photo.CLOSER`), it looks again and at four more squares, and the mean of all
outlines is read, too.
`frontend/js/outline.js` and `straighten.js` are the same in JavaScript; `tests/browser/test_twins_outline.py` holds
both together.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from backend.domain.imaging import ImageError, InputSpec, crop, normalise

SIDE = 192  # of the finder's input, a square, in pixels
CELLS = 48  # of a heat map's side
PRESENT = 0.5  # a second look less sure than this does not replace the first
GREY = 0.5  # around a photo that is no square
SMALLEST = 8.0  # the least length of an outline's sides, in pixels

_CELL = SIDE / CELLS
_REACH = 2  # of the window around a peak: 5 × 5
_WIDER = 1.6  # the second look's side, by the outline's longer one
_CLOSER = ((1.4, 0), (1.9, 0), (1.6, 4), (1.6, -4))  # of the looks after it, and the degrees they are turned
_FLATTEST = 0.05  # the least that is left of the perspective's divisor at a corner: beyond is the horizon
_LONGEST = 8  # times the result's side, at most, is the rectified picture before its last resize

Corners = NDArray[np.float64]
Predict = Callable[[NDArray[np.float32]], tuple[NDArray[np.floating], float]]
"""The finder: float32 (1, 192, 192, 3) in 0..1 → logits of the corners (48, 48, 4), logit of the presence."""


@dataclass(frozen=True)
class Outline:
    """Where a display is, and how sure it is that there is a readable one, 0 to 1."""

    corners: Corners
    presence: float


def find(picture: Image.Image, predict: Predict) -> Outline:
    """Look for the display in an upright RGB picture: a first look at all of it, a second one at what was found."""
    first = _look(*letterbox(picture), predict)
    if not is_usable(first.corners):
        return Outline(first.corners, 0.0)
    square = second_look(first.corners)
    try:
        second = _look(normalise(straighten(picture, square, SIDE, SIDE)), square, predict)
    except ImageError:  # the outline lies outside of the picture
        return Outline(first.corners, 0.0)
    return second if second.presence >= PRESENT and is_usable(second.corners) else first


def look_closer(picture: Image.Image, outline: Outline, predict: Predict) -> Outline:
    """The mean of what is seen in one more look and in squares around that: smaller, larger, turned both ways."""
    again = _look_around(picture, second_look(outline.corners), predict) or outline
    seen = [_look_around(picture, second_look(again.corners, *how), predict) for how in _CLOSER]
    corners = np.mean([one.corners for one in (again, *seen) if one], axis=0)
    return Outline(corners, outline.presence) if is_usable(corners) else outline


def _look_around(picture: Image.Image, square: Corners, predict: Predict) -> Outline | None:
    """What is seen in a square of the picture; None where no display is."""
    try:
        found = _look(normalise(straighten(picture, square, SIDE, SIDE)), square, predict)
    except ImageError:  # it lies outside of the picture
        return None
    return found if found.presence >= PRESENT and is_usable(found.corners) else None


def letterbox(picture: Image.Image) -> tuple[NDArray[np.float32], Corners]:
    """The whole picture in the middle of a grey square, float32 (192, 192, 3), and the square's corners in it."""
    longer = max(picture.size)
    width, height = (max(1, _nearest(side * SIDE / longer)) for side in picture.size)
    left, top = (SIDE - width) // 2, (SIDE - height) // 2
    pixels = np.full((SIDE, SIDE, 3), GREY, np.float32)
    pixels[top : top + height, left : left + width] = normalise(crop(picture, None, width, height, 0))
    across, down = picture.width / width, picture.height / height
    square = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float64) - (left, top)
    return pixels, square * (across, down)


def decode_corners(maps: ArrayLike) -> Corners:
    """Four positions in pixels of the finder's input, (4, 2), out of its logits (48, 48, 4).

    Of each map's softmax the expected position within 5 × 5 places around the peak: a local soft-argmax, after Nibali
    et al., "Numerical Coordinate Regression with Convolutional Neural Networks", 2018. A place's position is the middle
    of its 4 × 4 pixels. A map without one finite number points at the middle.
    """
    logits = np.asarray(maps, np.float64)
    if logits.shape != (CELLS, CELLS, 4):
        raise ValueError(f"expected maps of shape (48, 48, 4), got {logits.shape}")
    return np.stack([_position(logits[..., corner]) for corner in range(4)])


def sigmoid(logit: float) -> float:
    """The probability of a logit; 0 for NaN."""
    return 0.0 if math.isnan(logit) else 1 / (1 + math.exp(-min(max(logit, -700.0), 700.0)))


def is_usable(corners: ArrayLike) -> bool:
    """Whether four corners make an outline: finite, convex, clockwise on screen, no side shorter than 8 pixels."""
    points = np.asarray(corners, np.float64)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        return False
    sides = np.roll(points, -1, axis=0) - points
    following = np.roll(sides, -1, axis=0)
    turns = sides[:, 0] * following[:, 1] - sides[:, 1] * following[:, 0]
    return bool((turns > 0).all() and (np.hypot(*sides.T) >= SMALLEST).all())


def second_look(corners: Corners, wider: float = _WIDER, degrees: float = 0.0) -> Corners:
    """The corners of a square around an outline: its side so many times the outline's longer one, its text level.

    With `degrees` it is turned from there, clockwise on screen.
    """
    top_left, top_right, bottom_right, bottom_left = corners
    along = (top_right - top_left + bottom_right - bottom_left) / 2
    down = (bottom_left - top_left + bottom_right - top_right) / 2
    half = wider * max(math.hypot(*along), math.hypot(*down)) / 2
    x, y = _turned(along / math.hypot(*along) * half, degrees)
    centre = corners.mean(axis=0)
    return np.stack([centre + offset for offset in ((y - x, -x - y), (x + y, y - x), (x - y, x + y), (-x - y, x - y))])


def placed(points: Corners, square: Corners) -> Corners:
    """Positions in pixels of the finder's input as positions in the picture that the square was cut out of."""
    origin, across, _, down = square
    parts = points / SIDE
    return np.asarray(origin + parts[:, :1] * (across - origin) + parts[:, 1:] * (down - origin))


def straighten(
    picture: Image.Image,
    corners: ArrayLike,
    width: int,
    height: int,
    margin: float = 0.0,
    side_margin: float | None = None,
) -> NDArray[np.uint8]:
    """The outline with its margins, rectified to uint8 (height, width, 3).

    The margins are parts of the outline's height, as in `imaging.widen`. What the outline holds is first shrunk by
    Pillow's antialiased filter while it has more than twice the result's pixels both ways, then sampled bilinearly with
    at least one sample a pixel through the outline's perspective, then resized by the same filter. Beyond the picture
    its edge goes on.

    Raises ImageError for four corners that are no outline, or lie outside of the picture.
    """
    quad = _widened(corners, margin, margin if side_margin is None else side_margin)
    across, down = _extent(quad)
    shrink = max(1.0, min(across / (2 * width), down / (2 * height)))
    columns = min(max(width, _nearest(across / shrink)), _LONGEST * width)
    rows = min(max(height, _nearest(down / shrink)), _LONGEST * height)
    part, (left, top, right, bottom) = _shrunk(picture, quad, shrink)
    x, y = _grid(_perspective(quad), columns, rows)
    x, y = (x - left) * part.shape[1] / (right - left), (y - top) * part.shape[0] / (bottom - top)
    return crop(Image.fromarray(_bilinear(part, x - 0.5, y - 0.5)), None, width, height, 0)


def cut_outline(picture: Image.Image, corners: ArrayLike, spec: InputSpec) -> NDArray[np.uint8]:
    """Like `straighten`, as a reader's input asks for."""
    return straighten(picture, corners, spec.width, spec.height, spec.margin, spec.side_margin)


def _look(pixels: NDArray[np.float32], square: Corners, predict: Predict) -> Outline:
    maps, presence = predict(pixels[None])
    return Outline(placed(decode_corners(maps), square), sigmoid(float(presence)))


def _position(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """x and y of one map's peak, between its places."""
    known = np.where(np.isfinite(logits), logits, -np.inf)
    row, column = np.unravel_index(int(known.argmax()), known.shape)
    if not np.isfinite(known[row, column]):
        return np.array([SIDE / 2, SIDE / 2])
    rows, columns = (slice(max(0, at - _REACH), at + _REACH + 1) for at in (row, column))
    weights = np.exp(known[rows, columns] - known[row, column])
    y, x = np.mgrid[rows, columns][:, : weights.shape[0], : weights.shape[1]] + 0.5
    return np.asarray(np.array([(weights * x).sum(), (weights * y).sum()]) / weights.sum() * _CELL)


def _turned(direction: NDArray[np.float64], degrees: float) -> NDArray[np.float64]:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    x, y = direction.tolist()
    return np.array([cosine * x - sine * y, sine * x + cosine * y])


def _nearest(number: float) -> int:
    return math.floor(number + 0.5)


def _extent(quad: Corners) -> tuple[float, float]:
    """The longer of top and bottom, and of left and right."""
    top, right, bottom, left = np.hypot(*(np.roll(quad, -1, axis=0) - quad).T)
    return max(top, bottom), max(right, left)


def _perspective(quad: Corners) -> list[float]:
    """a … h of x = (au + bv + c) / (gu + hv + 1), y = (du + ev + f) / (gu + hv + 1): the unit square onto the outline.

    In closed form: Heckbert, "Fundamentals of Texture Mapping and Image Warping", 1989, chapter 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad.tolist()
    right_x, right_y, left_x, left_y = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    sum_x, sum_y = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3
    area = right_x * left_y - left_x * right_y
    g = (sum_x * left_y - left_x * sum_y) / area
    h = (right_x * sum_y - sum_x * right_y) / area
    return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h]


def _widened(corners: ArrayLike, margin: float, side_margin: float) -> Corners:
    """The outline's corners moved out by the margins, along its perspective."""
    if not is_usable(corners):
        raise ImageError("bad_box", "expected four corners of a convex outline, clockwise from the text's top left")
    quad = np.asarray(corners, np.float64)
    width, height = _extent(quad)
    along = side_margin * height / width
    a, b, c, d, e, f, g, h = _perspective(quad)
    u, v = np.array([-along, 1 + along, 1 + along, -along]), np.array([-margin, -margin, 1 + margin, 1 + margin])
    divisor = g * u + h * v + 1
    if divisor.min() < _FLATTEST:
        raise ImageError("bad_box", "expected an outline seen from the front, got one seen along its surface")
    return np.stack([(a * u + b * v + c) / divisor, (d * u + e * v + f) / divisor], axis=1)


def _shrunk(picture: Image.Image, quad: Corners, shrink: float) -> tuple[NDArray[np.uint8], tuple[int, int, int, int]]:
    """The part of the picture around the outline, with so many times fewer pixels; its left, top, right and bottom."""
    (low_x, low_y), (high_x, high_y) = quad.min(axis=0).tolist(), quad.max(axis=0).tolist()
    left, top = max(0, math.floor(low_x) - 1), max(0, math.floor(low_y) - 1)
    right, bottom = min(picture.width, math.ceil(high_x) + 1), min(picture.height, math.ceil(high_y) + 1)
    if left >= right or top >= bottom:
        raise ImageError(
            "bad_box",
            "expected a box inside the picture of %(width)s × %(height)s pixels, got one outside",
            width=picture.width,
            height=picture.height,
        )
    size = (max(1, _nearest((right - left) / shrink)), max(1, _nearest((bottom - top) / shrink)))
    part = crop(picture.crop((left, top, right, bottom)), None, *size, 0)
    return part, (left, top, right, bottom)


def _grid(perspective: list[float], columns: int, rows: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where in the picture the pixels of the rectified outline lie, (rows, columns) each."""
    a, b, c, d, e, f, g, h = perspective
    u, v = (np.arange(columns) + 0.5)[None] / columns, (np.arange(rows) + 0.5)[:, None] / rows
    divisor = g * u + h * v + 1
    return (a * u + b * v + c) / divisor, (d * u + e * v + f) / divisor


def _bilinear(pixels: NDArray[np.uint8], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The pixels between pixels, rounded half up; `x` and `y` count from the middle of the first one."""
    height, width = pixels.shape[:2]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = (x - left)[..., None], (y - top)[..., None]
    upper = pixels[top, left] * (1 - across) + pixels[top, right] * across
    lower = pixels[bottom, left] * (1 - across) + pixels[bottom, right] * across
    return np.asarray(upper * (1 - down) + lower * down + 0.5).astype(np.uint8)
