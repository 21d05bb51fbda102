"""A better network than LeNet with at most 130,000 parameters, on the same data, for 10 and for 40 epochs.

Ancestor: the same Telegram bot's own network, which reached 99.25% after 10 epochs and 99.24% after 40.

Network: four 3 × 3 convolutions with batch normalisation (Ioffe & Szegedy 2015) and ReLU, two of them followed by
pooling, dropout (Srivastava et al. 2014), one dense layer: 94,682 parameters. It sees each picture a little turned,
stretched, sheared and moved (Simard, Steinkraus & Platt 2003 found affine distortions to matter most on MNIST), and its
learning rate decays to nothing.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from training.classifiers.recipe import ClassifierRecipe, Stage
from training.recipes import Ancestor


def block(x: Any, filters: int, padding: str = "valid") -> Any:
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, 3, padding=padding, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def build() -> keras.Model:
    """Float32 (batch, 32, 32, 1) → probabilities (batch, 10)."""
    picture = keras.Input((32, 32, 1), name="picture")
    x = layers.MaxPooling2D(2)(block(picture, 16))  # 15 × 15
    x = layers.MaxPooling2D(2)(block(x, 32))  # 6 × 6
    x = block(block(x, 64, "same"), 96)  # 4 × 4
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(picture, layers.Dense(10, activation="softmax", name="classes")(x), name="lenet_better")


RECIPE = ClassifierRecipe(
    name="lenet_better",
    build=build,
    stages=(Stage("epochs10", 10, validation=2000), Stage("epochs40", 40, validation=2000)),
    batch=128,
    learning_rate=3e-3,
    decays=1.0,
    distorts=1.0,
    ancestor=Ancestor("a Telegram bot's own network", {"10 epochs": 0.9925, "40 epochs": 0.9924}),
    target=0.995,
)
