"""The network of the system that this project carries on, as it was: the yardstick for `compact`.

RGB 312×104, pairs of ELU convolutions (2×2, then 3×3) of 16, 32, 64 and 128 filters, each pair followed by 2×2
max-pooling; Flatten, Dense 512 ELU, Dense 110, Reshape 11×10, softmax. Trained with Adam at 1e-4.
"""

from __future__ import annotations

import keras
from keras import layers


def build(height: int = 104, width: int = 312) -> keras.Model:
    """Float32 (batch, height, width, 3) in 0..1 → {"reading": probabilities (batch, 11, 10)}."""
    picture = keras.Input((height, width, 3), name="picture")
    x = picture
    for filters in (16, 32, 64, 128):
        x = layers.Conv2D(filters, 2, padding="same", activation="elu")(x)
        x = layers.Conv2D(filters, 3, padding="same", activation="elu")(x)
        x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(512, activation="elu")(x)
    x = layers.Dense(110)(x)
    x = layers.Reshape((11, 10))(x)
    return keras.Model(picture, {"reading": layers.Softmax(name="reading", dtype="float32")(x)}, name="baseline")
