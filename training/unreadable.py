"""Pictures in which there is nothing to read: the network learns to say so by spreading its probability evenly."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import Box, load
from training.canvas import Canvas, Pixels


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


def spoil(rng: np.random.Generator, canvas: Canvas) -> Canvas:
    """A display that cannot be read any more: upside down, half cut, covered or blurred beyond reading."""
    image, box = canvas.image, canvas.box
    way = rng.integers(4)
    if way == 0:
        height, width = image.shape[:2]
        turned = Box(width - box.x - box.width, height - box.y - box.height, box.width, box.height)
        return Canvas(np.ascontiguousarray(image[::-1, ::-1]), turned, "", tags={"source": "upside_down"})
    if way == 1:
        y = box.y + box.height * rng.uniform(0.45, 0.55) * rng.choice([-1.0, 1.0])
        return Canvas(image, Box(box.x, y, box.width, box.height), "", tags={"source": "half_cut"})
    if way == 2:
        covered = image.copy()
        left = int(box.x + box.width * rng.uniform(0, 0.4))
        covered[:, left : left + int(box.width * rng.uniform(0.4, 0.9))] = rng.integers(0, 256, 3)
        return Canvas(covered, box, "", tags={"source": "covered"})
    blurred = Image.fromarray(image).filter(ImageFilter.GaussianBlur(box.height * float(rng.uniform(0.2, 0.5))))
    return Canvas(np.asarray(blurred), box, "", tags={"source": "blurred"})


def draw_unreadable(rng: np.random.Generator, backgrounds: list[Pixels], displays: list[Canvas]) -> Canvas:
    """One picture to refuse: half of them without a display, half with a spoiled one."""
    if rng.random() < 0.5 and displays:
        return spoil(rng, displays[rng.integers(len(displays))])
    if backgrounds and rng.random() < 0.85:
        return _background(rng, backgrounds[rng.integers(len(backgrounds))])
    return _texture(rng)
