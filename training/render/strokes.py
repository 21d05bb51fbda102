"""Digits drawn with a pen of one width, as engraved or moulded on many counters: a family of shapes without a font.

"stroke-17" names one member: the number seeds its proportions (round or square bowls, flat or round 3, open or closed
4, straight or bent 7, …), so that a name always gives the same digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from training.render.paint import chance

MEMBERS = 64
_SCALE = 3

Path = list[tuple[float, float]]


@dataclass(frozen=True)
class Pen:
    """Proportions; lengths in parts of the digit's height, shapes as exponents of superellipses (2 is an ellipse)."""

    aspect: float
    thickness: float
    bowl: float
    round_ends: bool
    waist: float  # height of the upper bowl of 3, 8 and of the eye of 6 and 9
    flag: float  # length of the 1's flag
    foot: bool
    flat_three: bool
    open_four: bool
    bent_seven: bool
    straight_six: bool
    reach: float  # how far open bowls close, degrees


@lru_cache(maxsize=MEMBERS)
def pen(name: str) -> Pen:
    """The member called ``name`` ("stroke-17"). Raises ValueError for any other name."""
    rng = np.random.default_rng(int(name.removeprefix("stroke-")))
    aspect = float(rng.uniform(0.46, 0.74))
    return Pen(
        aspect=aspect,
        thickness=min(
            float(rng.triangular(0.065, 0.1, 0.18)), 0.24 * aspect
        ),  # thicker, and the counters of 4 and 8 close
        bowl=float(rng.uniform(2, 4.5)),
        round_ends=chance(rng, 0.5),
        waist=float(rng.uniform(0.46, 0.52)),
        flag=float(rng.uniform(0.0, 0.4)) if chance(rng, 0.8) else 0.0,
        foot=chance(rng, 0.2),
        flat_three=chance(rng, 0.3),
        open_four=chance(rng, 0.2),
        bent_seven=chance(rng, 0.3),
        straight_six=chance(rng, 0.25),
        reach=float(rng.uniform(-15, 35)),
    )


def draw(name: str, digit: str, height: int) -> Image.Image:
    """Mask (mode L) of a digit ``height`` pixels high, as wide as the family's widest."""
    shape = pen(name)
    size = (max(4, round(height * shape.aspect)) * _SCALE, height * _SCALE)
    mask = Image.new("L", size)
    canvas = ImageDraw.Draw(mask)
    width = max(2, round(shape.thickness * size[1]))
    inset = width / 2
    for path in paths(digit, shape):
        points = [(inset + x * (size[0] - width), inset + y * (size[1] - width)) for x, y in path]
        canvas.line(points, fill=255, width=width, joint="curve")
        if shape.round_ends:
            for x, y in (points[0], points[-1]):
                canvas.ellipse((x - inset, y - inset, x + inset, y + inset), fill=255)
    return mask.reduce(_SCALE)


def paths(digit: str, shape: Pen) -> list[Path]:
    """The pen's ways, in a box of 1 × 1 with y downwards."""
    waist, reach = shape.waist, shape.reach
    upper = (0.5, waist / 2, 0.45, waist / 2)
    lower = (0.5, (1 + waist) / 2, 0.5, (1 - waist) / 2)
    if digit == "0":
        return [_arc((0.5, 0.5, 0.5, 0.5), 0, 360, shape.bowl)]
    if digit == "1":
        stem: Path = [(0.58 - shape.flag, 0.24), (0.58, 0), (0.58, 1)] if shape.flag > 0.05 else [(0.5, 0), (0.5, 1)]
        return [stem, [(0.2, 1), (0.95, 1)]] if shape.foot else [stem]
    if digit == "2":
        return [[*_arc((0.5, 0.3, 0.5, 0.3), 185 - reach / 3, 385, shape.bowl), (0.02, 1), (1, 1)]]
    if digit == "3":
        end = 180 + reach / 2 + 360 - 20
        if shape.flat_three:
            return [[(0.05, 0), (0.93, 0), (0.45, 0.4), *_arc((0.45, 0.7, 0.55, 0.3), 280, end, shape.bowl)]]
        bowls = _arc(upper, 180 - reach / 2 + 20, 450, shape.bowl) + _arc(lower, 270, end, shape.bowl)
        return [bowls, [(0.35, waist), (0.55, waist)]]
    if digit == "4":
        if shape.open_four:
            return [[(0.48, 0), (0, 0.68), (1, 0.68)], [(0.7, 0.38), (0.7, 1)]]
        return [[(0.72, 1), (0.72, 0), (0, 0.7), (1, 0.7)]]
    if digit == "5":
        return [[(0.93, 0), (0.14, 0), (0.07, 0.48), *_arc((0.47, 0.68, 0.53, 0.32), 225, 520 + reach / 2, shape.bowl)]]
    if digit in ("6", "9"):
        return [[(1 - x, 1 - y) for x, y in path] if digit == "9" else path for path in _six(shape)]
    if digit == "7":
        bend = [(0.75 - 0.32 * t, 0.28 + 0.72 * t**0.8) for t in np.linspace(0, 1, 6)] if shape.bent_seven else []
        return [[(0, 0), (1, 0), *bend] if bend else [(0, 0), (1, 0), (0.35, 1)]]
    return [_arc(upper, 0, 360, shape.bowl), _arc(lower, 0, 360, shape.bowl)]


def _six(shape: Pen) -> list[Path]:
    eye = (0.5, 0.685, 0.5, 0.315)
    if shape.straight_six:
        return [_arc(eye, 0, 360, shape.bowl), [(0.05, 0.58), (0.62, 0)]]
    return [
        _arc(eye, 0, 360, shape.bowl),
        [(0, 0.69), *_arc((0.5, 0.45, 0.5, 0.45), 180, 325 + shape.reach, shape.bowl)],
    ]


def _arc(oval: tuple[float, float, float, float], start: float, end: float, power: float) -> Path:
    """Part of a superellipse (centre x, y, radii x, y) from ``start`` to ``end`` degrees, clockwise from the right."""
    angles = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 9))))
    c, s = np.cos(angles), np.sin(angles)
    x = oval[0] + oval[2] * np.sign(c) * np.abs(c) ** (2 / power)
    y = oval[1] + oval[3] * np.sign(s) * np.abs(s) ** (2 / power)
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
