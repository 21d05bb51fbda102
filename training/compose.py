"""Displays composed of single digits: `.npz` files with `x` uint8 (n, 32, 20, 3), `y` (tenths of a digit), `group`.

A strip takes its digits from one meter (group), so that they look alike. Drums between two digits are read as the
lower one; a last drum that is more than half turned has both readings, but for a nine, with which the drum before would
turn along. Red digits become the decimals; seven-segment digits get a dot.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from backend.domain.imaging import Box
from training.canvas import EXACT_TOLERANCE, Canvas, Pixels
from training.recombine import redness
from training.turned import COME, HALF, either

_RED = 0.12
_AT_REST = 0.25  # a drum that is not the last one has at most this much of the next digit


@dataclass(frozen=True)
class DigitSet:
    """Digits of one meter: pictures uint8 (n, 32, 20, 3), values in tenths (n,), which of them are red (n,)."""

    pictures: Pixels
    values: NDArray[np.float64]
    red: NDArray[np.bool_]
    segments: bool

    @cached_property
    def weight(self) -> float:
        """How often this meter is taken, beside the others."""
        return 12.0 if self.segments or len(self.values) > 1000 else 1.0

    @cached_property
    def pools(self) -> dict[tuple[bool, bool], list[NDArray[np.intp]]]:
        """Which digits fit, by (red, last drum) and the digit they show; those of any digit come eleventh."""
        resting = (self.values % 1 <= _AT_REST) | (self.values % 1 > 0.95)
        shown = np.floor(self.values).astype(int) % 10
        pools = {}
        for red, last in itertools.product((False, True), repeat=2):
            fits = (self.red == red) & (resting | last | self.segments)
            by_digit = [np.flatnonzero(fits & (shown == digit)) for digit in range(10)]
            pools[red, last] = [*by_digit, np.flatnonzero(fits)]
        return pools


def load_digit_sets(folder: Path, teach: bool = True) -> list[DigitSet]:
    """One set for each meter with at least eight digits; an empty list where the folder does not exist."""
    sets = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as data:
            x, y, group = data["x"], data["y"].astype(float), data["group"]
        for name in np.unique(group):
            chosen = group == name
            if chosen.sum() < 8:
                continue
            red = np.array([redness(p) > _RED for p in x[chosen]]) & ("banati" not in file.stem)
            sets.append(DigitSet(x[chosen], y[chosen], red, "7seg" in file.stem))
    return sets


def _choose(rng: np.random.Generator, digits: DigitSet, red: bool, last: bool) -> int | None:
    pools = digits.pools[red, last]
    if len(pools[10]) == 0:
        return None
    # Every digit equally often, whatever the set holds most of.
    wanted = pools[rng.integers(10)]
    pool = wanted if len(wanted) else pools[10]
    return int(pool[rng.integers(len(pool))])


def _read_as(value: float, last: bool) -> str:
    """Lower digit until the next has come: the last one's from `COME` on, any other at x.95."""
    return str(int(np.floor(value + (1 - COME if last else 0.05) + 1e-6)) % 10)


def compose(rng: np.random.Generator, sets: list[DigitSet]) -> Canvas:
    """A drawn plate with a window of 3–9 real digits."""
    weights = np.cumsum([digits.weight for digits in sets])
    digits = sets[int(np.searchsorted(weights[:-1], rng.random() * weights[-1], side="right"))]
    count = int(rng.integers(3, 10))
    decimals = _decimals(rng, digits, count)
    picks = []
    for place in range(count):
        red = bool(digits.red.any()) and place >= count - decimals and not digits.segments
        pick = _choose(rng, digits, red, place == count - 1)
        if pick is None:
            pick = int(rng.integers(len(digits.values)))
        picks.append(pick)
    text = "".join(_read_as(digits.values[p], i == count - 1) for i, p in enumerate(picks))
    if decimals:
        text = f"{text[:-decimals]}.{text[-decimals:]}"
    also: tuple[str, ...] = ()
    if digits.values[picks[-1]] % 1 >= HALF and int(text[-1]) == int(digits.values[picks[-1]]) < 9:
        text, also = either(rng, text, f"{text[:-1]}{int(text[-1]) + 1}")
    return replace(_draw(rng, digits, picks, text, decimals), also=also)


def _decimals(rng: np.random.Generator, digits: DigitSet, count: int) -> int:
    if digits.segments:
        return int(rng.integers(0, 4)) if rng.random() < 0.6 and count > 3 else 0
    if digits.red.all() or not digits.red.any():
        return 0
    return int(rng.integers(1, min(4, count - 1) + 1))


def _draw(rng: np.random.Generator, digits: DigitSet, picks: list[int], text: str, decimals: int) -> Canvas:
    height = int(rng.integers(40, 60))
    width = int(height * rng.uniform(0.5, 0.8))
    gap = int(rng.integers(0, 2) * rng.integers(0, max(2, width // 2)))
    pictures = digits.pictures[picks]
    plate = _plate_colour(rng, pictures)
    around_x, around_y = int(height * rng.uniform(0.3, 1.0)), int(height * rng.uniform(0.3, 0.8))
    total = len(picks) * (width + gap) - gap
    image = Image.new("RGB", (total + 2 * around_x, height + 2 * around_y), plate)
    draw = ImageDraw.Draw(image)
    _clutter(rng, draw, image.size, plate)
    frame = tuple(int(v) for v in pictures[:, :, :2].reshape(-1, 3).mean(0))
    if rng.random() < 0.6:
        rim = int(rng.integers(0, 6))
        draw.rectangle(
            (around_x - rim, around_y - rim, around_x + total + rim, around_y + height + rim),
            fill=frame if rng.random() < 0.5 else tuple(int(v) for v in rng.integers(0, 256, 3)),
        )
    edges = [float(around_x)]
    for i, picture in enumerate(pictures):
        x = around_x + i * (width + gap)
        drum = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
        image.paste(drum, (x, around_y + int(rng.integers(-1, 2))))
        edges.append(x + width + (gap / 2 if i < len(picks) - 1 else 0.0))
    if decimals and digits.segments:
        ink = tuple(int(v) for v in np.quantile(pictures.reshape(-1, 3), 0.05, axis=0))
        _point(rng, draw, edges[len(picks) - decimals] - gap / 2, around_y + height, height, ink)
    if rng.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(0.6))
    box = Box(float(around_x), float(around_y), float(total), float(height))
    return Canvas(
        np.asarray(image, dtype=np.uint8),
        box,
        text,
        (),
        np.array(edges),
        EXACT_TOLERANCE,
        digits.segments,
        {"source": "composed"},
    )


def _plate_colour(rng: np.random.Generator, pictures: Pixels) -> tuple[int, ...]:
    base = pictures.reshape(-1, 3).mean(0) if rng.random() < 0.5 else rng.integers(20, 245, 3)
    return tuple(int(v) for v in np.clip(base + rng.normal(0, 20, 3), 0, 255))


def _clutter(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, size: tuple[int, int], plate: tuple[int, ...]
) -> None:
    """Dark or light strokes where a plate has its print."""
    for _ in range(int(rng.integers(0, 8))):
        x, y = int(rng.integers(0, size[0])), int(rng.integers(0, size[1]))
        ink = tuple(int(v) for v in np.clip(np.array(plate) + rng.choice([-90, 90]), 0, 255))
        draw.rectangle((x, y, x + int(rng.integers(1, 30)), y + int(rng.integers(1, 6))), fill=ink)


def _point(
    rng: np.random.Generator, draw: ImageDraw.ImageDraw, x: float, bottom: int, height: int, ink: tuple[int, ...]
) -> None:
    radius = height * rng.uniform(0.04, 0.09)
    y = bottom - radius - height * rng.uniform(0.02, 0.1)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
