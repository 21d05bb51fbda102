"""Photos as people hold a phone: upside down, on its side, turned by any angle, aslant.

A photo is warped as a whole onto a sheet of the letterbox's grey, so a turned one shows grey in its corners, which a
photo taken so would not.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from training.finder.data import Corners
from training.framing import apply_homography, from_rectangle, inverse

WAYS = ("upside down", "on its side", "turned by any angle", "aslant")
SLANT = 0.15  # of a side: how far each corner of the photo moves inwards, at most
_GREY = (128, 128, 128)


def hold(way: str, picture: Image.Image, display: Corners, rng: np.random.Generator) -> tuple[Image.Image, Corners]:
    """The picture held in one of `WAYS`, and where the display's corners (4, 2) come to lie. Raises KeyError."""
    width, height = picture.size
    sheet = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    angle = {
        "upside down": math.pi,
        "on its side": math.pi / 2 * float(rng.choice((-1, 1))),
        "turned by any angle": float(rng.uniform(-math.pi, math.pi)),
        "aslant": 0.0,
    }[way]
    if way == "aslant":
        inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
        sheet = sheet + inwards * rng.uniform(0, SLANT, (4, 2)) * (width, height)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    places = (sheet - sheet.mean(axis=0)) @ turn
    places -= places.min(axis=0)
    forth = from_rectangle(width, height, places)
    back = inverse(forth)
    held = picture.transform(
        (max(1, round(float(places[:, 0].max()))), max(1, round(float(places[:, 1].max())))),
        Image.Transform.PERSPECTIVE,
        tuple((back / back[2, 2]).ravel()[:8].tolist()),
        Image.Resampling.BICUBIC,
        fillcolor=_GREY,
    )
    return held, np.stack(apply_homography(forth, display[:, 0], display[:, 1]), axis=1)
