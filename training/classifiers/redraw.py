"""Are digits told rightly that were drawn anywhere and in any size, once they are centred as MNIST's are?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.drawn import INKED, centred
from backend.domain.figures import proportion
from backend.domain.imaging import normalise
from training.classifiers.digits import SIDE, Digits, Part
from training.classifiers.judging import BEST, right

REDRAWN = "redrawn.json"
CANVAS = 280  # pixels
SMALLEST, LARGEST = 24, 240  # pixels of the digit's picture on it
COUNT = 2000  # test digits that are redrawn
TARGET = 0.97


def redrawn_figure(run: Path, digits: Digits) -> dict[str, Any]:
    """The figure of a training's best weights, kept beside them."""
    model = keras.models.load_model(run / BEST, compile=False)
    measured = proportion(right(model, redrawn(digits.test[:COUNT])))
    (run / REDRAWN).write_text(json.dumps(measured) + "\n", encoding="utf-8")
    what = "test digits redrawn at a random place and size, then centred"
    return {"what": what, "measured": measured, "ancestor": None, "target": TARGET, "stage": run.name}


def redrawn(part: Part, seed: int = 1) -> Part:
    """The same digits drawn somewhere on a canvas, 24 to 240 pixels large, and then centred."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros_like(part.pictures)
    for number, picture in enumerate(part.pictures):
        pictures[number] = np.round(centred(on_canvas(rng, picture))[..., 0] * 255)
    return Part(pictures, part.labels)


def on_canvas(rng: np.random.Generator, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A digit's ink (280, 280): its picture without the black around it, in another size, where it happens to fit."""
    rows, columns = (np.flatnonzero((picture >= 255 * INKED).any(axis=axis)) for axis in (1, 0))
    ink = Image.fromarray(picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    scale = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST)))) / SIDE
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    canvas = Image.new("L", (CANVAS, CANVAS))
    place = (int(rng.integers(CANVAS - size[0])), int(rng.integers(CANVAS - size[1])))
    canvas.paste(ink.resize(size, Image.Resampling.BICUBIC), place)
    return normalise(np.asarray(canvas))
