"""How a person frames a display: margins, tilt, perspective, as one warp from the canvas to the network's input.

Only that part of the canvas is resized that is seen. Every step draws from the given generator alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.canvas import Canvas

Matrix = NDArray[np.float64]

_PAD = 16  # pixels beyond a picture's border that are made up from those inside


def view(rng: np.random.Generator, canvas: Canvas) -> Matrix:
    """Corners (4, 2) of what the person framed: the box with margins, turned, sheared and in perspective."""
    h = canvas.box.height
    if rng.random() < 0.7:
        margins = rng.normal((0.1, 0.1, 0.16, 0.16), (0.08, 0.08, 0.11, 0.11)).clip(-0.04, 0.5)
    else:  # someone aimed badly, or gave the picture as it was
        margins = np.concatenate([rng.uniform(0.0, 0.65, 2), rng.uniform(0.0, 0.9, 2)])
    top, bottom, left, right = (margins * h).tolist()
    x0, y0 = canvas.box.x - left, canvas.box.y - top
    x1, y1 = canvas.box.x + canvas.box.width + right, canvas.box.y + canvas.box.height + bottom
    half_x, half_y = (x1 - x0) / 2, (y1 - y0) / 2
    # A long display leaves its frame at small angles already, so the turn is bounded by its shape.
    spread = min(8.0, 2.2 + 40 * h / max(canvas.box.width, 1.0) / 2.5)
    angle = math.radians(min(max(rng.normal(0, spread / 2.5), -spread), spread))
    shear, cos, sin = float(rng.normal(0, 0.07)), math.cos(angle), math.sin(angle)
    corners = np.array([[-half_x, -half_y], [half_x, -half_y], [half_x, half_y], [-half_x, half_y]])
    moved: Matrix = corners @ np.array([[cos, sin], [cos * shear - sin, sin * shear + cos]])
    moved += (x0 + half_x, y0 + half_y)
    return moved + rng.normal(0, 0.035 * h, (4, 2))


def from_rectangle(width: float, height: float, corners: Matrix) -> Matrix:
    """The 3×3 matrix that takes a rectangle's corners, clockwise from (0, 0), to four points (4, 2).

    In closed form: Heckbert, Fundamentals of Texture Mapping and Image Warping, 1989, section 2.2.3.
    """
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = corners.tolist()
    dx1, dx2, sx = x1 - x2, x3 - x2, x0 - x1 + x2 - x3
    dy1, dy2, sy = y1 - y2, y3 - y2, y0 - y1 + y2 - y3
    area = dx1 * dy2 - dx2 * dy1
    g, h = (sx * dy2 - dx2 * sy) / area, (dx1 * sy - sx * dy1) / area
    return np.array(
        [
            [(x1 - x0 + g * x1) / width, (x3 - x0 + h * x3) / height, x0],
            [(y1 - y0 + g * y1) / width, (y3 - y0 + h * y3) / height, y0],
            [g / width, h / height, 1.0],
        ]
    )


def inverse(matrix: Matrix) -> Matrix:
    """The homography back, up to its scale: the adjugate."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return np.array(
        [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ]
    )


def apply_homography(matrix: Matrix, x: Matrix, y: Matrix | float) -> tuple[Matrix, Matrix]:
    """Points (n,), (n,) through a 3×3 matrix."""
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    depth = g * x + h * y + i
    return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth


def _span(places: Matrix, size: int) -> tuple[int, int]:
    """Which of `size` rows or columns, and of those made up beyond the border, are seen between some places."""
    values = places.tolist()
    last = min(math.ceil(max(values)) + 2, size + _PAD)
    return min(max(math.floor(min(values)) - 2, -_PAD), last - 1), last


def _inside(first: int, last: int, size: int, reflect: bool) -> NDArray[np.intp]:
    """The rows or columns first…last, those beyond the border replaced by such of the inside."""
    places = np.arange(first, last)
    if reflect:
        places = np.abs(places) % (2 * size - 2)
        return np.minimum(places, 2 * size - 2 - places)
    return places.clip(0, size - 1)


def _shrunk(canvas: Canvas, size: tuple[int, int], quad: Matrix, reflect: bool) -> tuple[Image.Image, tuple[int, int]]:
    """The part of the canvas around four points (4, 2) of its version at `size`, and where that part begins."""
    (x, x_end), (y, y_end) = _span(quad[:, 0], size[0]), _span(quad[:, 1], size[1])
    if x >= 0 and y >= 0 and x_end <= size[0] and y_end <= size[1]:
        return _resized(canvas, size, (x, y, x_end, y_end)), (x, y)
    columns, rows = _inside(x, x_end, size[0], reflect), _inside(y, y_end, size[1], reflect)
    left, top = int(columns.min()), int(rows.min())
    part = _resized(canvas, size, (left, top, int(columns.max()) + 1, int(rows.max()) + 1))
    return Image.fromarray(np.asarray(part).take(rows - top, axis=0).take(columns - left, axis=1)), (x, y)


def _resized(canvas: Canvas, size: tuple[int, int], part: tuple[int, int, int, int]) -> Image.Image:
    """A part (left, top, right, bottom) of the canvas as it is at `size`."""
    height, width = canvas.image.shape[:2]
    sx, sy = width / size[0], height / size[1]
    box = (part[0] * sx, part[1] * sy, min(part[2] * sx, width), min(part[3] * sy, height))
    # The filter looks a little beyond the part; the rest of the canvas need not even be copied.
    left, top = max(math.floor(box[0] - sx) - 1, 0), max(math.floor(box[1] - sy) - 1, 0)
    right, bottom = math.ceil(box[2] + sx) + 1, math.ceil(box[3] + sy) + 1
    near = Image.fromarray(canvas.image[top:bottom, left:right])
    box = (box[0] - left, box[1] - top, min(box[2] - left, near.width), min(box[3] - top, near.height))
    return near.resize((part[2] - part[0], part[3] - part[1]), Image.Resampling.BILINEAR, box)


def frame(rng: np.random.Generator, canvas: Canvas, height: int, width: int) -> tuple[Image.Image, Matrix | None]:
    """The display as framed, (width, height) → the picture and the x positions of its digits' edges in it."""
    corners = view(rng, canvas)
    points = corners.tolist()
    # Shrink with a proper filter first; the perspective transform alone would skip pixels.
    sx, sy = min(1.0, width / math.dist(*points[:2])), min(1.0, height / math.dist(*points[1:3]))
    size = (max(2, round(canvas.image.shape[1] * sx)), max(2, round(canvas.image.shape[0] * sy)))
    scale = size[0] / canvas.image.shape[1], size[1] / canvas.image.shape[0]
    quad = corners * scale
    small, begins = _shrunk(canvas, size, quad, reflect=rng.random() >= 0.7)
    back = from_rectangle(width, height, quad - begins)
    picture = small.transform(
        (width, height), Image.Transform.PERSPECTIVE, tuple(back.ravel()[:8].tolist()), Image.Resampling.BILINEAR
    )
    if canvas.edges is None:
        return picture, None
    middle = (canvas.box.y + canvas.box.height / 2) * scale[1] - begins[1]
    return picture, apply_homography(inverse(back), canvas.edges * scale[0] - begins[0], middle)[0]
