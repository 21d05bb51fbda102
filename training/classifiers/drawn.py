"""Drawn digits from typefaces: for golden pictures, for holding the browser against Keras, and for tests.

None of MNIST's pictures is among what this project gives on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from backend.domain.drawn import SIDE, centred
from backend.domain.imaging import normalise
from training.classifiers.digits import CLASSES, Part
from training.render.fonts import face

FACES = ("schola", "courier-prime-sans", "heros", "dosis", "play", "oxygen", "pt-narrow", "inter")
CANVAS, EM = 96, (40, 80)  # pixels


def draw(rng: np.random.Generator, digit: int) -> NDArray[np.float32]:
    """A digit somewhere on a canvas, leaning and a little soft: ink (96, 96), bright on black."""
    font = face(FACES[rng.integers(len(FACES))], int(rng.integers(*EM)))
    left, top, right, bottom = font.getbbox(str(digit))
    mask = font.getmask(str(digit), mode="L")
    glyph = Image.frombytes("L", mask.size, bytes(mask))
    canvas = Image.new("L", (CANVAS, CANVAS))
    room = [max(1, CANVAS - int(side)) for side in (right - left, bottom - top)]
    canvas.paste(glyph, (int(rng.integers(room[0])), int(rng.integers(room[1]))))
    canvas = canvas.rotate(float(rng.uniform(-12, 12)), Image.Resampling.BILINEAR)
    soft = canvas.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.5))))
    return normalise(np.asarray(soft))


def drawn_digits(count: int, seed: int) -> Part:
    """Digits as MNIST would have them, each class as often."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % CLASSES
    pictures = np.zeros((count, SIDE, SIDE), np.uint8)
    for number, label in enumerate(labels):
        pictures[number] = np.round(centred(draw(rng, int(label)))[..., 0] * 255)
    return Part(pictures, labels)
