"""Digits → batches: the same for the same step, so that a run that was killed goes on as if nothing had been."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import normalise
from training.classifiers.digits import Part, Pictures

TURN, STRETCH, SHEAR, SHIFT = 0.17, 0.1, 0.15, 2.0  # radians, parts, parts, pixels: at most, each way

Batch = tuple[NDArray[np.float32], NDArray[np.uint8]]


def as_input(pictures: Pictures, side: int) -> NDArray[np.float32]:
    """Uint8 (n, h, w) → float32 (n, side, side, 1) in 0..1, each in the middle of black."""
    return normalise(padded(pictures, side))[..., None]


def padded(pictures: Pictures, side: int) -> Pictures:
    """The same in the middle of larger black pictures, (n, side, side)."""
    missing = side - pictures.shape[1]
    edge = (missing // 2, missing - missing // 2)
    return np.pad(pictures, ((0, 0), edge, edge))


def steps_of(part: Part, batch: int) -> int:
    """Whole batches in an epoch; what is left over comes in another one."""
    return max(1, len(part) // batch)


def batches(part: Part, steps: range, batch: int, side: int, seed: int, distorts: float) -> Iterator[Batch]:
    """The batches of some steps: pictures float32 (batch, side, side, 1), labels (batch,).

    Each epoch goes through the pictures in an order of its own.
    """
    each = steps_of(part, batch)
    pictures = padded(part.pictures, side)
    order, known = np.zeros(0, np.int64), -1
    for step in steps:
        epoch, place = divmod(step, each)
        if epoch != known:
            order, known = np.random.default_rng((seed, epoch)).permutation(len(part)), epoch
        chosen = order[place * batch : (place + 1) * batch]
        values = normalise(pictures[chosen])
        yield (distorted(values, (seed, step), distorts) if distorts else values)[..., None], part.labels[chosen]


def distorted(pictures: NDArray[np.float32], seed: tuple[int, int], much: float) -> NDArray[np.float32]:
    """Each picture (n, h, w) turned, stretched, sheared and moved at random, sampled bilinearly; black comes in.

    `much` is a part of the most that is done, up to 1.
    """
    rng = np.random.default_rng((*seed, 1))
    n, height, width = pictures.shape
    turn, shear, across, down, beside, below = rng.uniform(-much, much, (6, n))
    y, x = np.mgrid[:height, :width].astype(np.float32) - np.array([height - 1, width - 1]).reshape(2, 1, 1) / 2
    each = [np.cos(TURN * turn), np.sin(TURN * turn), SHEAR * shear]
    each += [1 + STRETCH * across, 1 + STRETCH * down, SHIFT * beside, SHIFT * below]
    cos, sin, lean, wide, tall, right, under = np.stack(each).reshape(-1, n, 1, 1)
    from_x = (cos * x - sin * y + lean * y) * wide + right + (width - 1) / 2
    from_y = (sin * x + cos * y) * tall + under + (height - 1) / 2
    return _sampled(pictures, from_y.astype(np.float32), from_x.astype(np.float32))


def _sampled(pictures: NDArray[np.float32], y: NDArray[np.float32], x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values at places (n, h, w) in pixels, between the four around them; 0 outside."""
    n, height, width = pictures.shape
    framed = np.pad(pictures, ((0, 0), (1, 2), (1, 2)))
    y, x = np.clip(y + 1, 0, height + 1), np.clip(x + 1, 0, width + 1)
    top, left = y.astype(np.int32), x.astype(np.int32)
    down, across = y - top, x - left
    flat = framed.reshape(-1)
    at = (np.arange(n, dtype=np.int32).reshape(n, 1, 1) * (height + 3) + top) * (width + 3) + left
    above = flat[at] * (1 - across) + flat[at + 1] * across
    below = flat[at + width + 3] * (1 - across) + flat[at + width + 4] * across
    return np.asarray(above * (1 - down) + below * down, np.float32)
