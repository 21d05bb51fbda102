"""Shared by every kind of display: the result type, colours, antialiased shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.domain.imaging import Box

Colour = tuple[int, int, int]
Rng = np.random.Generator
T = TypeVar("T")

BLACK: Colour = (18, 18, 20)
WHITE: Colour = (240, 240, 236)


@dataclass(frozen=True)
class Drawn:
    """A drawn display: RGB `image`, its `text`, the display's `box` and one cell for each digit, left to right.

    `also` is the other reading of a counter that is more than half on its way to the next.
    """

    image: Image.Image
    text: str
    box: Box
    cells: list[Box]
    kind: str
    also: tuple[str, ...] = ()


def pick(rng: Rng, items: Sequence[T], weights: Sequence[float] | None = None) -> T:
    """One of ``items``, unlike ``rng.choice`` without turning it into an array."""
    if weights is None:
        return items[int(rng.integers(len(items)))]
    left = float(rng.random()) * sum(weights)
    for item, weight in zip(items, weights, strict=True):
        left -= weight
        if left < 0:
            return item
    return items[-1]


def chance(rng: Rng, p: float) -> bool:
    """True with probability ``p``."""
    return bool(rng.random() < p)


def clip(values: Sequence[float]) -> Colour:
    """Three numbers as an RGB colour."""
    r, g, b = (int(min(255, max(0, round(v)))) for v in values)
    return r, g, b


def vary(rng: Rng, colour: Colour, amount: float = 12) -> Colour:
    """``colour`` a little lighter or darker, and a little tinted."""
    shift = rng.normal(0, amount)
    return clip([c + shift + rng.normal(0, amount / 3) for c in colour])


def mix(a: Colour, b: Colour, t: float) -> Colour:
    """From ``a`` (t = 0) to ``b`` (t = 1)."""
    return clip([x + (y - x) * t for x, y in zip(a, b, strict=True)])


def luma(colour: Colour) -> float:
    """Brightness, 0..255."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def stamp(
    image: Image.Image,
    box: tuple[float, float, float, float],
    colour: Colour,
    draw_shape: Callable[[ImageDraw.ImageDraw, int], None],
    opacity: float = 1.0,
    scale: int = 3,
) -> None:
    """Paint a shape antialiased.

    ``draw_shape(draw, scale)`` fills with 255 on a mask whose origin is the box's upper left (floored), in ``scale``
    times the pixels of ``image``.
    """
    left, top = int(np.floor(box[0])), int(np.floor(box[1]))
    width, height = int(np.ceil(box[2])) - left, int(np.ceil(box[3])) - top
    if width < 1 or height < 1:
        return
    mask = Image.new("L", (width * scale, height * scale))
    draw_shape(ImageDraw.Draw(mask), scale)
    mask = mask.reduce(scale)
    if opacity < 1:
        mask = mask.point([int(v * opacity) for v in range(256)])
    image.paste(colour, (left, top), mask)


def rounded(
    image: Image.Image,
    box: tuple[float, float, float, float],
    colour: Colour,
    radius: float,
    outline: float = 0.0,
    opacity: float = 1.0,
) -> None:
    """A filled rounded rectangle, or only its ``outline`` pixels wide border."""
    x0, y0 = np.floor(box[0]), np.floor(box[1])

    def shape(draw: ImageDraw.ImageDraw, scale: int) -> None:
        x1, y1 = (box[2] - x0) * scale - 1, (box[3] - y0) * scale - 1
        corners = ((box[0] - x0) * scale, (box[1] - y0) * scale, x1, y1)
        if outline:
            draw.rounded_rectangle(corners, radius * scale, outline=255, width=max(1, round(outline * scale)))
        else:
            draw.rounded_rectangle(corners, radius * scale, fill=255)

    stamp(image, box, colour, shape, opacity, 2)


def polygon(image: Image.Image, points: Sequence[tuple[float, float]], colour: Colour, opacity: float = 1.0) -> None:
    """A filled polygon."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x0, y0 = int(np.floor(min(xs))), int(np.floor(min(ys)))

    def shape(draw: ImageDraw.ImageDraw, scale: int) -> None:
        draw.polygon([((x - x0) * scale, (y - y0) * scale) for x, y in points], fill=255)

    stamp(image, (x0, y0, max(xs) + 1, max(ys) + 1), colour, shape, opacity)


def field(rng: Rng, width: int, height: int, spread: float, grid: tuple[int, int] = (4, 3)) -> NDArray[np.float32]:
    """Smooth random light around 1, float32 (height, width, 1)."""
    coarse = rng.normal(128, 128 * spread, (grid[1], grid[0])).clip(0, 255).astype(np.uint8)
    smooth = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
    light: NDArray[np.float32] = np.asarray(smooth, dtype=np.float32)[..., None] / np.float32(128)
    return light


def lit(image: Image.Image, light: NDArray[np.float32]) -> Image.Image:
    """``image`` multiplied by ``light`` (broadcast to height × width × 3)."""
    values = np.asarray(image, dtype=np.float32) * light
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))
