"""What a picture is recognised by: its pixels, a perceptual hash, and a small grey picture that can be laid on another.

The hash finds what may be the same picture among thousands in no time, but a shift by a few pixels moves its bits as
another number on the display does. Small pictures that are laid on each other tell the two apart: their normalised
cross-correlation is greatest where one fits the other best, at whatever brightness (Lewis, "Fast Normalized
Cross-Correlation", 1995).
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PHASH_SIDE = 16  # 8 cannot tell a new reading from a copy of the old one
HEIGHT, WIDTH = 32, 96  # of the small picture
AROUND = 6  # pixels of it within which the light is taken for even
PART, BARE = 16, 0.35  # columns of a part; one with less in it than this share of the fullest one says nothing
EDGES = (4, 8)  # rows and columns at each edge that fade out: a shift moves something else in there
SHIFTS = (2, 4)  # of so many of its rows and columns each way
TRANSFORM = (HEIGHT, WIDTH)

Small = NDArray[np.uint8]  # (HEIGHT, WIDTH)
Indices = NDArray[np.int64]  # (m,)
Spectra = NDArray[np.complex64]  # (n, 2, HEIGHT, WIDTH // 2 + 1)


def pixels_sha256(image: Image.Image) -> str:
    """Sha256 of the size and the RGB values: equal for the same picture in whatever file."""
    return hashlib.sha256(f"{image.width}x{image.height}\n".encode() + image.tobytes()).hexdigest()


def phash(image: Image.Image) -> str:
    """The perceptual hash, 256 bits in hex: which low frequencies of the grey picture lie above their median.

    The same bits as ImageHash's `phash(image, 16)`, whose closure (SciPy, PyWavelets) is thirty times its worth here.
    """
    grey = image.convert("L").resize((4 * PHASH_SIDE, 4 * PHASH_SIDE), Image.Resampling.LANCZOS)
    transform = cosines()
    low = transform @ np.asarray(grey, dtype=np.float64) @ transform.T
    return np.packbits(low > np.median(low)).tobytes().hex()


@lru_cache(maxsize=1)
def cosines() -> NDArray[np.float64]:
    """The first rows of the DCT-II matrix, float64 (16, 64)."""
    frequency, position = np.ogrid[:PHASH_SIDE, : 4 * PHASH_SIDE]
    return np.asarray(np.cos(np.pi * frequency * (2 * position + 1) / (8 * PHASH_SIDE)))


def small(image: Image.Image) -> Small:
    """The picture in grey, uint8 (32, 96), whatever its shape was."""
    return np.asarray(image.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), np.uint8)


def likeness(pictures: NDArray[np.uint8], first: Indices, second: Indices) -> NDArray[np.float32]:
    """How alike the pairs `first`, `second` (m,) among small pictures (n, 32, 96) are, (m,): 1 for the same.

    One is laid on the other where it fits best as a whole, to parts of a pixel; then that part counts which fits worst,
    unless it is bare: of two numbers on displays of one kind most of the picture is the same.
    """
    grey = pictures.astype(np.float32)
    detail = grey - _mean_around(grey)
    whole, rest = _best_shifts(_spectra(grey, detail), first, second)
    one, other = _moved(detail, first, rest / 2), _moved(detail, second, -whole - rest / 2)  # both blurred alike
    parts = [_fit(one[:, :, left : left + PART], other[:, :, left : left + PART]) for left in _parts(one.shape[2])]
    fits, strengths = (np.stack(each, axis=1) for each in zip(*parts, strict=True))
    bare = strengths < BARE * strengths.max(axis=1, keepdims=True)
    return np.asarray(np.where(bare, 1, fits).min(axis=1), np.float32)


def _spectra(grey: NDArray[np.float32], detail: NDArray[np.float32]) -> Spectra:
    """What is brighter than around it, and what brightens to the right, both transformed."""
    rising = np.zeros_like(grey)
    rising[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    return np.stack([np.fft.rfft2(_unit(part)) for part in (detail, rising)], axis=1).astype(np.complex64)


def _best_shifts(spectra: Spectra, first: Indices, second: Indices) -> tuple[Indices, NDArray[np.float32]]:
    """How far the second of each pair has to be moved down and to the right to fit the first best, twice (2, m).

    Whole pixels, and what is missing to the top of a parabola through the best fit and its neighbours, half of one at
    most.
    """
    fits = np.fft.irfft2((spectra[first] * spectra[second].conj()).mean(axis=1), s=TRANSFORM)
    rows, columns = (np.arange(-most, most + 1) for most in SHIFTS)
    best = fits[:, rows[:, None], columns].reshape(len(first), -1).argmax(axis=1)
    down, right = rows[best // len(columns)], columns[best % len(columns)]
    each = np.arange(len(first))
    above = _top(fits[each, down - 1, right], fits[each, down, right], fits[each, down + 1, right])
    beside = _top(fits[each, down, right - 1], fits[each, down, right], fits[each, down, right + 1])
    return np.stack([down, right]), np.stack([above, beside])


def _top(before: NDArray[np.float32], here: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where between -½ and ½ a parabola through three values, of (m,) each, is highest; 0 where it has no top."""
    bend = before - 2 * here + after
    top = 0.5 * (before - after) / np.where(bend < 0, bend, 1)
    return np.asarray(np.where(bend < 0, top, 0).clip(-0.5, 0.5), np.float32)


def _moved(pictures: NDArray[np.float32], which: Indices, by: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The inner part of some pictures, from where `by` (2, m) tells, between pixels as a mean of those around."""
    low = np.floor(by).astype(int)
    down, right = (by - low)[:, :, None, None]
    y, x = (
        np.arange(most + 1, size - most - 1) + start[:, None]
        for most, size, start in zip(SHIFTS, TRANSFORM, low, strict=True)
    )
    at = which[:, None, None]
    upper, lower = (
        (1 - right) * pictures[at, row[:, :, None], x[:, None]] + right * pictures[at, row[:, :, None], x[:, None] + 1]
        for row in (y, y + 1)
    )
    return np.asarray((1 - down) * upper + down * lower, np.float32)


def _parts(width: int) -> list[int]:
    """Where parts of so wide a picture begin, about half of each in the next, the last at the edge."""
    return [*range(0, width - PART, PART // 2), width - PART]


def _fit(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Correlation of two parts of each pair, and how much there is in the fuller one: two of (m,)."""
    one, other = (part - part.mean(axis=(1, 2), keepdims=True) for part in (one, other))
    lengths = [np.sqrt((part**2).sum(axis=(1, 2))) for part in (one, other)]
    return (one * other).sum(axis=(1, 2)) / (lengths[0] * lengths[1] + 1e-6), np.maximum(*lengths)


def _unit(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without their mean, with soft edges, and of length 1 each."""
    rows, columns = (
        np.minimum(1, (np.minimum(np.arange(n), np.arange(n)[::-1]) + 0.5) / edge)
        for n, edge in zip(TRANSFORM, EDGES, strict=True)
    )
    soft = (pictures - pictures.mean(axis=(1, 2), keepdims=True)) * np.outer(rows, columns).astype(np.float32)
    length = np.sqrt((soft**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(soft / np.maximum(length, 1e-6), np.float32)


def _mean_around(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of the pixels around each."""
    wide = 2 * AROUND + 1
    for axis in (1, 2):
        size = pictures.shape[axis]
        padding = [(AROUND + 1, AROUND) if each == axis else (0, 0) for each in range(3)]
        sums = np.pad(pictures, padding, mode="edge").cumsum(axis=axis)
        until, since = (sums.take(np.arange(size) + start, axis=axis) for start in (wide, 0))
        pictures = np.asarray((until - since) / wide, np.float32)
    return pictures
