"""A small network to begin with, and pictures for it."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers
from PIL import Image

from training.transfer.backbones import Backbone

SIDE = 16


def paint(file: Path, seed: int, red: bool = False) -> None:
    """A picture of noise, reddish or not."""
    file.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 120, (20, 24, 3), np.uint8)
    pixels[..., 0] += 120 * red
    Image.fromarray(pixels).save(file)


def small_backbone(name: str = "small", weights: Path | None = None) -> Backbone:
    keras.utils.set_random_seed(3)
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    cut = layers.Conv2D(4, 3, strides=4, activation="relu", name="first")(picture)
    x = layers.BatchNormalization(name="norm")(layers.Conv2D(6, 3, use_bias=False, name="last")(cut))
    return Backbone(name, keras.Model(picture, layers.ReLU()(x)), cut, f"sha of {weights}")
