"""Training pictures made in the straightforward way: open the file, augment with Pillow and numpy, one at a time.

The yardstick of `scripts.bench_input`, and an independent reference: the same generator gives the same picture here and
in `training.framing` and `training.augment`, up to rounding and the noise (tests/training/test_augment.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training import augment, framing
from training.batches import count_target, reading_target
from training.canvas import Canvas, Pixels, from_sample
from training.data import Sample

Matrix = NDArray[np.float64]
Made = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


def picture(rng: np.random.Generator, sample: Sample, size: tuple[int, int]) -> Made:
    """A teaching sample's file → float32 (height, width, 3) in 0..1, reading and count targets."""
    height, width = size
    canvas = from_sample(sample, round(height * 1.15))
    framed, edges = frame(rng, canvas, height, width)
    pixels = photograph(rng, framed, canvas.invertible)
    count = count_target(canvas, edges, width // 4, width)
    return pixels.astype(np.float32) / np.float32(255), reading_target(canvas), count


def homography(source: Matrix, target: Matrix) -> Matrix:
    """The 3×3 matrix that takes four points (4, 2) to four others."""
    rows = []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    solution = np.linalg.solve(np.array(rows), target.reshape(8))
    return np.append(solution, 1.0).reshape(3, 3)


def apply_homography(matrix: Matrix, points: Matrix) -> Matrix:
    """Points (n, 2) through a 3×3 matrix → (n, 2)."""
    projected = np.c_[points, np.ones(len(points))] @ matrix.T
    result: Matrix = projected[:, :2] / projected[:, 2:]
    return result


def frame(rng: np.random.Generator, canvas: Canvas, height: int, width: int) -> tuple[Image.Image, Matrix | None]:
    """The display as framed, (width, height) → the picture and the x positions of its digits' edges in it."""
    corners = framing.view(rng, canvas)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    # Shrink with a proper filter first; the perspective transform alone would skip pixels.
    sx, sy = min(1.0, width / sides[0]), min(1.0, height / sides[1])
    size = (max(2, round(canvas.image.shape[1] * sx)), max(2, round(canvas.image.shape[0] * sy)))
    scale = np.array([size[0] / canvas.image.shape[1], size[1] / canvas.image.shape[0]])
    small = np.asarray(Image.fromarray(canvas.image).resize(size, Image.Resampling.BILINEAR))
    pad = 16
    small = np.pad(small, ((pad, pad), (pad, pad), (0, 0)), mode="edge" if rng.random() < 0.7 else "reflect")
    quad = corners * scale + pad
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float)
    to_view = homography(quad, target)
    back = np.linalg.inv(to_view)
    back /= back[2, 2]
    picture = Image.fromarray(small).transform(
        (width, height), Image.Transform.PERSPECTIVE, tuple(back.reshape(9)[:8]), Image.Resampling.BILINEAR
    )
    if canvas.edges is None:
        return picture, None
    middle = canvas.box.y + canvas.box.height / 2
    points = np.c_[canvas.edges, np.full(len(canvas.edges), middle)] * scale + pad
    return picture, apply_homography(to_view, points)[:, 0]


def light(rng: np.random.Generator, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Exposure, contrast, colour of the light, shadows and glare on (height, width, 3) in 0..255."""
    height, width = x.shape[:2]
    x = 255.0 * (x / 255.0) ** np.float32(np.exp(rng.normal(0, 0.25)))
    mean = x.mean()
    x = (x - mean) * np.float32(np.exp(rng.normal(0, 0.25))) + mean * np.float32(np.exp(rng.normal(0, 0.25)))
    x = x * np.exp(rng.normal(0, 0.1, 3)).astype(np.float32)
    across, down = np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    if rng.random() < 0.4:
        slope_x, slope_y = rng.normal(0, 0.35, 2).astype(np.float32)
        x = x * (1 + slope_x * across + slope_y * down).clip(0.15, 2)[..., None]
    if rng.random() < 0.2:  # the edge of a shadow
        angle, offset, soft = rng.uniform(0, 2 * np.pi), rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.3)
        side = (np.cos(angle) * across + np.sin(angle) * down * 0.4 - offset) / soft
        shade = 1 / (1 + np.exp(-side.clip(-30, 30)))
        x = x * (1 - np.float32(rng.uniform(0.2, 0.7)) * shade.astype(np.float32))[..., None]
    if rng.random() < 0.25:  # glare
        cx, cy, sx, sy = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0.05, 0.5), rng.uniform(0.2, 1.2)
        spot = np.exp(-(((across - cx) / sx) ** 2) - ((down - cy) / sy) ** 2).astype(np.float32)
        x = x + np.float32(rng.uniform(30, 200)) * spot[..., None]
    return _expose(rng, x)


def _expose(rng: np.random.Generator, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """As a camera would, keeps the display from drowning in white or black, most of the time."""
    low, high = np.quantile(x[::4, ::4], (0.1, 0.9))
    ceiling, floor = np.float32(rng.uniform(150, 275)), np.float32(rng.uniform(-15, 30))
    if high > ceiling:
        x = x * (ceiling / high)
    if high - low < 12:
        x = (x - low) * np.float32(12.0 / max(high - low, 1.0)) + max(low, floor)
    return x


def photograph(rng: np.random.Generator, picture: Image.Image, invertible: bool = False) -> Pixels:
    """Degrades a framed display: uint8 (height, width, 3) → the same shape."""
    picture = augment.sharpness(rng, picture)
    x = np.asarray(picture, dtype=np.float32)
    if invertible and rng.random() < 0.3:
        x = 255.0 - x
    if rng.random() < 0.06:
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2)
    x = light(rng, x)
    if rng.random() < 0.5:
        x = x + rng.normal(0, rng.uniform(1, 10), x.shape).astype(np.float32)
    pixels = x.clip(0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        pixels = np.asarray(augment.compress(rng, Image.fromarray(pixels)))
    return pixels
