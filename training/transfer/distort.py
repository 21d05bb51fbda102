"""Copies of a picture, shifted, turned and stretched at random: a few pictures then teach more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TURN, STRETCH, SHIFT = 15.0, 0.15, 0.1  # degrees, parts, parts of the side: at most, each way
_EDGE = 0.35  # parts of the side that are mirrored around it, for what comes in from outside


def distorted(picture: Image.Image, seed: tuple[int, ...]) -> Image.Image:
    """Another look at an RGB picture, of the same size; the same for the same seed. What comes in is mirrored."""
    turn, across, down, beside, below = np.random.default_rng(seed).uniform(-1, 1, 5)
    width, height = picture.size
    edge = (round(_EDGE * width), round(_EDGE * height))
    framed = np.pad(np.asarray(picture), ((edge[1], edge[1]), (edge[0], edge[0]), (0, 0)), mode="reflect")
    matrix = _matrix(np.radians(TURN * turn), 1 + STRETCH * across, 1 + STRETCH * down)
    middle = np.array([width - 1, height - 1]) / 2
    start = middle + edge + SHIFT * np.array([beside * width, below * height]) - matrix @ middle
    flat = [matrix[0, 0], matrix[0, 1], start[0], matrix[1, 0], matrix[1, 1], start[1]]
    whole = Image.fromarray(framed)
    return whole.transform(picture.size, Image.Transform.AFFINE, flat, Image.Resampling.BILINEAR)


def _matrix(turn: float, across: float, down: float) -> NDArray[np.float64]:
    """From places in the copy to places in the picture."""
    cos, sin = np.cos(turn), np.sin(turn)
    return np.array([[cos, -sin], [sin, cos]]) @ np.diag([across, down])
