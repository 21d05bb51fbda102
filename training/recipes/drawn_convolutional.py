"""Digits drawn in the browser, network one: two blocks of convolution, normalisation, pooling and dropout.

Ancestor: a lab course in which one drew digits on a page and two networks told them. Its figures are not known; what
it trained is: 25, 50 and 100 epochs in batches of 1,024. As its rate was constant, one run of 100 epochs passes
through all three. Only in its last 15 epochs the rate falls to nothing (Hägele et al. 2024, arXiv:2405.18392): what it
says from epoch to epoch varies less then. The last tenth of MNIST's 60,000 pictures validates.

Network: twice a 3 × 3 convolution without padding (64, then 128 filters), batch normalisation, ReLU, 2 × 2 pooling and
dropout of a tenth; then one dense layer. 107,274 parameters. On digits as they are it reached 99.05% after 25 epochs,
and knew them by heart; so they are distorted while they are learnt.
"""

from __future__ import annotations

import keras
from keras import layers

from training.classifiers.recipe import ClassifierRecipe, Stage
from training.recipes import Ancestor


def build() -> keras.Model:
    """Float32 (batch, 28, 28, 1) → probabilities (batch, 10)."""
    picture = keras.Input((28, 28, 1), name="picture")
    x = picture
    for filters in (64, 128):
        x = layers.BatchNormalization()(layers.Conv2D(filters, 3)(x))
        x = layers.Dropout(0.1)(layers.MaxPooling2D(2)(layers.ReLU()(x)))
    classes = layers.Dense(10, activation="softmax", name="classes")(layers.Flatten()(x))
    return keras.Model(picture, classes, name="drawn_convolutional")


RECIPE = ClassifierRecipe(
    name="drawn_convolutional",
    build=build,
    stages=(Stage("epochs100", 100, validation=0.1, scored=(25, 50)),),
    batch=1024,
    learning_rate=1e-3,
    decays=0.15,
    distorts=0.5,
    ancestor=Ancestor("a lab course's convolutional network"),
    target=0.994,
)
