"""The networks of a transfer: a head alone, the last block below it, and all of it together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
from keras import layers

from training.transfer.backbones import Backbone

DROPPED = 0.2  # of the pooled features, while the head learns


def head(width: int, classes: int) -> keras.Model:
    """Pooled features (batch, width) → probabilities (batch, classes)."""
    features = keras.Input((width,), name="features")
    return keras.Model(features, _classes(features, classes), name="head")


def tuned(backbone: Backbone, trained_head: Path) -> keras.Model:
    """The last block below a trained head: maps → probabilities. Batch normalisation stays as it is, in every way."""
    known = keras.models.load_model(trained_head, compile=False)
    block = _copy(backbone.block)
    for layer in block.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable = False
    model = keras.Model(block.inputs[0], _head_on(block.outputs[0], known.outputs[0].shape[1]), name="tuned")
    _give(known, model)
    return model


def joined(backbone: Backbone, trained: keras.Model) -> keras.Model:
    """Pictures in 0..1 → probabilities: all of a backbone, its last block and head those of `tuned`, trained."""
    whole = _copy(backbone.whole)
    features = _head_on(whole.outputs[0], trained.outputs[0].shape[1])
    model = keras.Model(whole.inputs[0], features, name=backbone.name)
    _give(trained, model)
    return model


def _head_on(maps: Any, classes: int) -> Any:
    return _classes(layers.GlobalAveragePooling2D(name="pooled")(maps), classes)


def _classes(features: Any, classes: int) -> Any:
    features = layers.Dropout(DROPPED, name="dropped")(features)
    return layers.Dense(classes, activation="softmax", name="classes")(features)


def _copy(model: keras.Model) -> keras.Model:
    """The same with weights of its own."""
    made = keras.models.clone_model(model)
    made.set_weights(model.get_weights())
    return made


def _give(trained: keras.Model, model: keras.Model) -> None:
    """Put the weights of one network's layers into those of the same names."""
    for layer in trained.layers:
        if layer.weights:
            model.get_layer(layer.name).set_weights(layer.get_weights())
