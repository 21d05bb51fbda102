"""What photography does to a framed display: light, blur, noise, compression.

All on one small picture at a time with Pillow and numpy; every step draws from the given generator alone, so a seed
repeats the picture exactly. `scripts/plain_input.py` does the same in the straightforward way, several times slower; a
test holds the two against each other. What made the difference: one table of 256 tones in place of arithmetic on every
pixel, colours in planes (numpy is slow along an axis of three), and noise cut from one long strip.
"""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.canvas import Canvas, Pixels
from training.framing import frame as frame  # augmentation begins with it

Planes = NDArray[np.float32]  # (3, height, width) in 0..255

_TONES = np.arange(256, dtype=np.float32) / np.float32(255)


def light(rng: np.random.Generator, pixels: Pixels) -> Planes:
    """Exposure, contrast, colour of the light, shadows and glare: (height, width, 3) → (3, height, width) in 0..255."""
    table = np.float32(255) * _TONES ** np.float32(np.exp(rng.normal(0, 0.25)))
    mean = np.float32(np.bincount(pixels.ravel(), minlength=256) @ table / pixels.size)
    table = (table - mean) * np.float32(np.exp(rng.normal(0, 0.25))) + mean * np.float32(np.exp(rng.normal(0, 0.25)))
    x = np.empty((3, *pixels.shape[:2]), np.float32)
    for plane, gain, channel in zip(x, np.exp(rng.normal(0, 0.1, 3)), range(3), strict=True):
        np.take(table * np.float32(gain), pixels[..., channel], out=plane, mode="clip")
    _shade(rng, x)
    return _expose(rng, x)


@cache
def _places(size: int) -> NDArray[np.float32]:
    """Rows or columns from -1 to 1."""
    return np.linspace(-1, 1, size, dtype=np.float32)


def _shade(rng: np.random.Generator, x: Planes) -> None:
    """Uneven light on (3, height, width), in place."""
    height, width = x.shape[1:]
    across, down = _places(width), _places(height)[:, None]
    if rng.random() < 0.4:
        slope_x, slope_y = rng.normal(0, 0.35, 2).astype(np.float32)
        x *= (1 + slope_x * across + slope_y * down).clip(0.15, 2)
    if rng.random() < 0.2:  # the edge of a shadow
        angle, offset, soft = rng.uniform(0, 2 * np.pi), rng.uniform(-0.8, 0.8), rng.uniform(0.02, 0.3)
        turn, tilt = np.float32(np.cos(angle) / soft), np.float32(np.sin(angle) * 0.4 / soft)
        side = turn * across + tilt * down - np.float32(offset / soft)
        x *= 1 - np.float32(rng.uniform(0.2, 0.7)) / (1 + np.exp(-side.clip(-30, 30)))
    if rng.random() < 0.25:  # glare
        cx, cy, sx, sy = rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(0.05, 0.5), rng.uniform(0.2, 1.2)
        strength = np.float32(rng.uniform(30, 200))
        x += (strength * np.exp(-(((down - cy) / sy) ** 2)) * np.exp(-(((across - cx) / sx) ** 2))).astype(np.float32)


def _expose(rng: np.random.Generator, x: Planes) -> Planes:
    """As a camera would, keeps the display from drowning in white or black, most of the time; in place."""
    some = x[:, ::4, ::4].ravel()
    tenth = (len(some) - 1) // 10
    some.partition((tenth, len(some) - 1 - tenth))
    low, high = some[tenth], some[-1 - tenth]
    ceiling, floor = np.float32(rng.uniform(150, 275)), np.float32(rng.uniform(-15, 30))
    if high > ceiling:
        x *= ceiling / high
    if high - low < 12:
        x -= low
        x *= np.float32(12.0 / max(high - low, 1.0))
        x += max(low, floor)
    return x


@cache
def _noise() -> NDArray[np.float32]:
    """A strip of standard normal noise, long enough that two pictures hardly ever show the same part of it."""
    return np.random.default_rng(0).standard_normal(1 << 20, dtype=np.float32)


def grain(rng: np.random.Generator, x: Planes) -> None:
    """Noise of a sensor, in place."""
    strip = _noise()
    begins = int(rng.integers(len(strip) - x.size))
    x += strip[begins : begins + x.size].reshape(x.shape) * np.float32(rng.uniform(1, 10))


def _motion(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """A short straight smear in a random direction."""
    kernel = np.zeros((5, 5))
    dx, dy = rng.uniform(-2, 2, 2)
    for t in np.linspace(-1, 1, 9):
        kernel[round(2 + dy * t) % 5, round(2 + dx * t) % 5] += 1
    return picture.filter(ImageFilter.Kernel((5, 5), (kernel / kernel.sum()).ravel().tolist(), scale=1))


def sharpness(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """Few pixels, blur, motion, or a camera's sharpening."""
    size = picture.size
    if rng.random() < 0.18:  # a display that was few pixels wide
        factor = rng.uniform(1.3, 2.8)
        method = Image.Resampling.BILINEAR if rng.random() < 0.7 else Image.Resampling.BICUBIC
        picture = picture.resize((round(size[0] / factor), round(size[1] / factor)), Image.Resampling.BOX)
        picture = picture.resize(size, method)
    if rng.random() < 0.35:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.5))))
    if rng.random() < 0.1:
        picture = _motion(rng, picture)
    if rng.random() < 0.1:
        picture = picture.filter(ImageFilter.UnsharpMask(1, int(rng.integers(50, 200)), 0))
    return picture


def compress(rng: np.random.Generator, picture: Image.Image) -> Image.Image:
    """To JPEG and back."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=int(rng.integers(15, 90)))
    return Image.open(buffer).convert("RGB")


def photograph(rng: np.random.Generator, picture: Image.Image, invertible: bool = False) -> Pixels:
    """Degrades a framed display: uint8 (height, width, 3) → the same shape."""
    framed: Pixels = np.asarray(sharpness(rng, picture))
    if invertible and rng.random() < 0.3:
        framed = 255 - framed
    if rng.random() < 0.06:
        framed = np.repeat(framed.mean(axis=2, keepdims=True, dtype=np.float32).astype(np.uint8), 3, axis=2)
    x = light(rng, framed)
    if rng.random() < 0.5:
        grain(rng, x)
    pixels: Pixels = x.clip(0, 255, out=x).astype(np.uint8).transpose(1, 2, 0)
    if rng.random() < 0.3:
        pixels = np.asarray(compress(rng, Image.fromarray(pixels)))
    return pixels


def gentle(rng: np.random.Generator, canvas: Canvas, height: int, width: int) -> Pixels:
    """The baseline's own augmentation: small shears, shifts and brightness."""
    h = canvas.box.height
    shift = rng.uniform(-0.05, 0.05, 2) * h
    left, top = canvas.box.x - 0.1 * h + shift[0], canvas.box.y - 0.1 * h + shift[1]
    sx, sy = (canvas.box.width + 0.2 * h) / width, (canvas.box.height + 0.2 * h) / height
    shear = float(rng.uniform(-0.1, 0.1))
    matrix = (sx, shear * sy, left - shear * sy * height / 2, 0.0, sy, top)
    picture = Image.fromarray(canvas.image).transform(
        (width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    brighter: Pixels = (np.asarray(picture, dtype=np.float32) * rng.uniform(0.8, 1.2)).clip(0, 255).astype(np.uint8)
    return brighter
