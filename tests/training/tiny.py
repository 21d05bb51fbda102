"""A tiny untrained network with the contract's shapes and every kind of layer that export treats specially."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from keras import layers


def tiny_model(seed: int = 1) -> keras.Model:
    """Float32 (batch, 48, 192, 3) → {"reading": (batch, 11, 10), "count": (batch, 12)}, 2,000 parameters or so."""
    keras.utils.set_random_seed(seed)
    picture = keras.Input((48, 192, 3), name="picture")
    x = layers.Conv2D(8, 5, strides=4, padding="same", use_bias=False)(picture)
    x = layers.Activation("relu")(layers.BatchNormalization(scale=False)(x))
    x = layers.DepthwiseConv2D((1, 7), padding="same", dilation_rate=(1, 2))(x)
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(12, (1, 3))(layers.ZeroPadding2D((0, 1))(x))
    x = layers.MaxPooling2D(4)(x)
    gate = layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)  # one filter: its bias needs care
    x = layers.Multiply()([x, gate])
    x = layers.Flatten()(layers.AveragePooling2D((3, 2))(x))
    x = layers.BatchNormalization(center=False)(layers.Dense(16)(x))
    x = layers.Reshape((11, 10))(layers.Dense(110)(layers.Activation("relu")(x)))
    x = layers.Dense(10)(layers.Dense(12, activation="relu")(x))
    count = layers.Reshape((12,))(layers.AveragePooling2D((3, 1))(gate))
    model = keras.Model(picture, {"reading": layers.Softmax(name="reading")(x), "count": count}, name="tiny")
    _pretend_training(model, np.random.default_rng(seed))
    return model


def tiny_run(folder: Path) -> Path:
    """A run folder as training leaves it."""
    folder.mkdir(parents=True)
    tiny_model().save(folder / "model.keras")
    (folder / "options.json").write_text('{"dataset": "some/folder", "architecture": "tiny", "seed": 1}')
    (folder / "log.jsonl").write_text('{"epoch": 1, "seconds": 2.0, "cpu_seconds": 3.0, "images_per_second": 50.0}\n')
    return folder


def _pretend_training(model: keras.Model, rng: np.random.Generator) -> None:
    """Weights that make different pictures give different, decided readings."""
    for layer in model.layers:
        values = [
            _pretend(weight.name, value, rng) for weight, value in zip(layer.weights, layer.get_weights(), strict=True)
        ]
        layer.set_weights(values)


def _pretend(name: str, value: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if name in ("gamma", "moving_variance"):
        return rng.uniform(0.5, 1.5, value.shape)
    return rng.normal(0, 0.2, value.shape) if name in ("beta", "bias", "moving_mean") else value * 2.5
