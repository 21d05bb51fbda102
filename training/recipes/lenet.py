"""LeNet (1998) on MNIST padded to 32 × 32, for 10 and for 40 epochs.

Ancestor: a Telegram bot that reads a digit from a photo. It trained LeNet on MNIST, 60,000 pictures to 10,000, with
2,000 of the former to validate, and reached 97.17% after 10 epochs and 97.53% after 40.

Network: LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document recognition", figure 2, as
it is usually built today: every map of C3 sees all of S2, pooling has no weights, and the output is a softmax instead
of distances to drawn characters. 61,706 parameters. As for that paper's best LeNet, pictures are distorted while they
are learnt: shown as they are, it reached 98.7% after 10 epochs and no more after 40.
"""

from __future__ import annotations

import keras
from keras import layers

from training.classifiers.recipe import ClassifierRecipe, Stage
from training.recipes import Ancestor


def build() -> keras.Model:
    """Float32 (batch, 32, 32, 1) → probabilities (batch, 10)."""
    picture = keras.Input((32, 32, 1), name="picture")
    x = layers.Conv2D(6, 5, activation="tanh", name="c1")(picture)
    x = layers.AveragePooling2D(2, name="s2")(x)
    x = layers.Conv2D(16, 5, activation="tanh", name="c3")(x)
    x = layers.AveragePooling2D(2, name="s4")(x)
    x = layers.Conv2D(120, 5, activation="tanh", name="c5")(x)
    x = layers.Dense(84, activation="tanh", name="f6")(layers.Flatten()(x))
    return keras.Model(picture, layers.Dense(10, activation="softmax", name="classes")(x), name="lenet")


RECIPE = ClassifierRecipe(
    name="lenet",
    build=build,
    stages=(Stage("epochs10", 10, validation=2000), Stage("epochs40", 40, validation=2000)),
    batch=128,
    learning_rate=2e-3,
    decays=1.0,
    distorts=0.6,
    ancestor=Ancestor("a Telegram bot's LeNet", {"10 epochs": 0.9717, "40 epochs": 0.9753}),
    target=0.989,
)
