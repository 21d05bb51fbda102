"""`python -m tests.training.small_training …`: the training command for a network that compiles in a second or two."""

from __future__ import annotations

import sys

import keras
from keras import layers

from training.architectures import ARCHITECTURES, Architecture
from training.train import main


class Small(Architecture):
    """Batch statistics, dropout and averaged weights, as the shipped network has them, and little else."""

    def build(self) -> keras.Model:
        """Float32 (batch, 48, 192, 3) → {"reading": (batch, 11, 10)}."""
        picture = keras.Input((*self.size, 3), name="picture")
        x = layers.Conv2D(8, 8, strides=8, use_bias=False)(picture)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.Dropout(0.2)(layers.Flatten()(x))
        x = layers.Reshape((11, 10))(layers.Dense(110)(x))
        return keras.Model(picture, {"reading": layers.Softmax(name="reading", dtype="float32")(x)}, name=self.name)


SMALL = Small("small", (48, 192), aligned=False, learning_rate=2e-3, heavy_augmentation=True)

if __name__ in ("__main__", "__mp_main__"):  # the processes that make batches must know it too
    ARCHITECTURES["small"] = SMALL
if __name__ == "__main__":
    sys.exit(main([*sys.argv[1:], "--architecture", "small"]))
