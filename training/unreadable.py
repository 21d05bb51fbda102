"""Pictures in which there is nothing to read: the network learns to say so by spreading its probability evenly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import Box, load
from training.canvas import Canvas, Pixels

TURNS_INTO_NONE = frozenset(
    "347"
)  # the others are, turned, digits again: on a drum (0, 1, 6, 8, 9) or in segments (2, 5)


def is_validation(name: str) -> bool:
    """Whether a picture without a display is kept for validation, by a hash of its file name."""
    return int(hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()[:8], 16) % 5 == 0


def load_backgrounds(folder: Path, longest: int = 320) -> list[Pixels]:
    """Training pictures without a display, at most `longest` pixels a side; empty where the folder does not exist."""
    pictures = []
    for file in sorted(folder.glob("*")):
        if file.suffix.lower() in {".jpg", ".jpeg", ".png", ".webp"} and not is_validation(file.name):
            picture = load(file)
            picture.thumbnail((longest, longest))
            pictures.append(np.asarray(picture, dtype=np.uint8))
    return pictures


def _nothing(image: Pixels, source: str) -> Canvas:
    box = Box(0.0, 0.0, float(image.shape[1]), float(image.shape[0]))
    return Canvas(image, box, "", tags={"source": source})


def _background(rng: np.random.Generator, image: Pixels) -> Canvas:
    height, width = image.shape[:2]
    w = int(width * rng.uniform(0.3, 1.0))
    h = min(height, max(8, int(w * rng.uniform(0.12, 0.9))))
    x, y = int(rng.integers(0, width - w + 1)), int(rng.integers(0, height - h + 1))
    return _nothing(image[y : y + h, x : x + w], "background")


def _texture(rng: np.random.Generator) -> Canvas:
    """A flat or noisy surface, a gradient, stripes."""
    image = np.full((48, 192, 3), rng.integers(0, 256, 3), dtype=np.float32)
    image += rng.normal(0, rng.uniform(0, 60), image.shape)
    if rng.random() < 0.5:
        image += (np.linspace(-1, 1, 192)[None, :, None] * rng.uniform(-90, 90)).astype(np.float32)
    if rng.random() < 0.5:
        period = rng.uniform(5, 40)
        image += (np.sin(np.arange(192)[None, :, None] * 2 * np.pi / period) * rng.uniform(10, 90)).astype(np.float32)
    return _nothing(image.clip(0, 255).astype(np.uint8), "texture")


def spoil(rng: np.random.Generator, canvas: Canvas, backgrounds: Sequence[Pixels] = ()) -> Canvas:
    """A display that cannot be read any more: upside down, half cut, covered or blurred beyond reading."""
    ways = [_half_cut, _covered, _blurred, _upside_down]
    possible = len(ways) if TURNS_INTO_NONE & set(canvas.text) else len(ways) - 1
    return ways[rng.integers(possible)](rng, canvas, backgrounds)


def _upside_down(rng: np.random.Generator, canvas: Canvas, backgrounds: Sequence[Pixels]) -> Canvas:
    image, box = canvas.image, canvas.box
    height, width = image.shape[:2]
    turned = Box(width - box.x - box.width, height - box.y - box.height, box.width, box.height)
    return Canvas(np.ascontiguousarray(image[::-1, ::-1]), turned, "", tags={"source": "upside_down"})


def _half_cut(rng: np.random.Generator, canvas: Canvas, backgrounds: Sequence[Pixels]) -> Canvas:
    """The upper or lower halves of the digits, or those of one side up to the middle of a digit.

    What is cut off is gone from the picture, or a wide margin would show it again.
    """
    image, box = canvas.image, canvas.box
    if canvas.edges is not None and rng.random() < 0.4:
        digit = int(rng.integers(canvas.digits // 3, 1 + 2 * canvas.digits // 3))
        at = int(canvas.edges[digit] + np.diff(canvas.edges)[digit] * rng.uniform(0.35, 0.65))
        left = rng.random() < 0.5
        image = image[:, :at] if left else image[:, at:]
        kept = Box(box.x, box.y, at - box.x, box.height) if left else Box(0, box.y, box.x + box.width - at, box.height)
    else:
        above = rng.random() < 0.5
        seen = box.height * rng.uniform(0.3, 0.5)
        at = int(box.y + (seen if above else box.height - seen))
        image = image[:at] if above else image[at:]
        height = box.height * rng.uniform(0.4, 1.0)  # with what lies beside the digits, or without
        kept = Box(box.x, at - height if above else 0.0, box.width, height)
    return Canvas(np.ascontiguousarray(image), kept, "", tags={"source": "half_cut"})


def _covered(rng: np.random.Generator, canvas: Canvas, backgrounds: Sequence[Pixels]) -> Canvas:
    """At least a third of the display under something flat, rough or photographed, with a slanted edge."""
    image, box = canvas.image, canvas.box
    height, width = image.shape[:2]
    share = rng.uniform(0.35, 1.0)
    left = box.x + box.width * rng.uniform(0, 1 - share)
    slant = rng.uniform(-0.5, 0.5) * (np.arange(height)[:, None] - box.y - box.height / 2)
    across = np.arange(width)[None, :] - left + slant
    cover = np.full(image.shape, rng.integers(0, 256, 3), dtype=np.float32)
    if backgrounds and rng.random() < 0.5:
        patch = _background(rng, backgrounds[int(rng.integers(len(backgrounds)))]).image
        cover[:] = np.asarray(Image.fromarray(patch).resize((width, height)))
    elif rng.random() < 0.5:
        cover += rng.normal(0, rng.uniform(5, 40), image.shape)
    hidden = ((across >= 0) & (across < box.width * share))[..., None]
    pixels = np.where(hidden, cover.clip(0, 255), image).astype(np.uint8)
    return Canvas(pixels, box, "", tags={"source": "covered"})


def _blurred(rng: np.random.Generator, canvas: Canvas, backgrounds: Sequence[Pixels]) -> Canvas:
    """Out of focus, smeared along the digits, or a few pixels high."""
    picture, box = Image.fromarray(canvas.image), canvas.box
    way = rng.random()
    if way < 0.6:
        picture = picture.filter(
            ImageFilter.GaussianBlur(box.height * float(np.exp(rng.uniform(*np.log((0.15, 0.5))))))
        )
    elif way < 0.8:
        picture = picture.filter(ImageFilter.BoxBlur((box.height * float(rng.uniform(0.5, 1.0)), box.height * 0.02)))
    else:
        factor = box.height / rng.uniform(2.5, 4.5)
        small = (max(2, round(picture.width / factor)), max(2, round(picture.height / factor)))
        way_up = Image.Resampling.BILINEAR if rng.random() < 0.5 else Image.Resampling.NEAREST
        picture = picture.resize(small, Image.Resampling.BOX).resize(picture.size, way_up)
    return Canvas(np.asarray(picture), box, "", tags={"source": "blurred"})


def draw_unreadable(rng: np.random.Generator, backgrounds: list[Pixels], displays: list[Canvas]) -> Canvas:
    """One picture to refuse: half of them without a display, half with a spoiled one."""
    if rng.random() < 0.5 and displays:
        return spoil(rng, displays[rng.integers(len(displays))], backgrounds)
    if backgrounds and rng.random() < 0.85:
        return _background(rng, backgrounds[rng.integers(len(backgrounds))])
    return _texture(rng)
