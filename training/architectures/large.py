"""A column reader of 0.7 M parameters: `compact`'s design for displays a third higher, its trunk wider and deeper.

What more pixels, features and columns are worth is measured beside the others: `python -m scripts.bench_architectures`.
"""

from __future__ import annotations

import keras
from keras import layers

from training.architectures.compact import Tensor, context, conv, read_columns, standardise


def _trunk(picture: Tensor, height: int) -> Tensor:
    """(batch, height, width, 3) → (batch, 1, width / 4, channels)."""
    x = conv(standardise(picture), 24, 5, stride=2)
    x = conv(x, 32, 3)
    x = layers.MaxPooling2D(2)(x)
    for filters in (64, 128):
        x = conv(x, filters, 3)
        x = layers.add([x, conv(x, filters, 3)])
        x = layers.MaxPooling2D((2, 1))(x)
    x = layers.ZeroPadding2D((0, 1))(x)
    return conv(x, 176, (height // 16, 3), padding="valid")


def build(height: int = 64, width: int = 256) -> keras.Model:
    """Float32 (batch, height, width, 3) in 0..1 → {"reading": (batch, 11, 10), "count": (batch, width / 4)}."""
    picture = keras.Input((height, width, 3), name="picture")
    return read_columns(picture, context(_trunk(picture, height)), "large")
