"""The shipped network: a column reader that places digits by looking, 0.2 M parameters.

A small convolutional trunk turns the display into 48 columns of features. Each column says how much of a digit begins
there (its *weight*); the running sum of the weights from the right says which digit, counted from the end, a column
belongs to. Row k of the reading gathers the columns whose running sum lies between k−1 and k: the "continuous
integrate-and-fire" alignment (Dong & Xu 2020, arXiv:1905.11235) run from right to left. One classifier serves all
rows, so a digit learned at one position is read at every other; rows beyond the last drum gather nothing and say 0.
The decimal point is looked for at every gathered digit: "is this the first decimal?".

What follows the trunk serves wider and deeper trunks too (`large`). Under mixed precision, what sums or decides stays
in float32: 16 bits have no room for a running count up to ten.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

Tensor = Any  # of whichever backend is at work

ROWS = 10  # digits of a reading
CLASSES = 10


@keras.saving.register_keras_serializable("meter")
class StandardisePicture(layers.Layer):  # type: ignore[misc]
    """One mean and one deviation for the whole picture: light and contrast go, colour (red drums) stays."""

    def call(self, picture: Tensor) -> Tensor:
        """Float32 (batch, height, width, 3) → the same shape with mean 0 and deviation about 1."""
        centred = picture - _mean(picture)
        return centred * ops.rsqrt(_mean(centred * centred) + 1e-3)


def _mean(picture: Tensor) -> Tensor:
    """(batch, height, width, 3) → (batch, 1, 1, 1), row by row: a long float32 sum would drift."""
    row = (1, picture.shape[2])
    rows = ops.average_pool(picture, row, row)  # faster than a mean, which transposes; under JAX needs its strides
    return ops.mean(rows, axis=(1, 2, 3), keepdims=True)


@keras.saving.register_keras_serializable("meter")
class GatherDigits(layers.Layer):  # type: ignore[misc]
    """Columns → one feature vector a digit, counted from the end (see the module's docstring)."""

    def call(self, features: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, columns, channels), (batch, columns) → (batch, 11, channels + 1), (batch, columns).

        The extra channel is how much of the row was found, 0..1. Row 10 (an eleventh digit) is only ever the neighbour
        of the tenth. The second output is the running sum from the right.
        """
        columns = features.shape[1]
        to_the_right = ops.convert_to_tensor(
            [[1.0 if j >= i else 0.0 for i in range(columns)] for j in range(columns)], dtype=features.dtype
        )
        count = ops.matmul(weights, to_the_right)
        low = ops.reshape(ops.arange(ROWS + 1, dtype=features.dtype), (1, ROWS + 1, 1))
        upper = ops.expand_dims(count, 1)
        lower = upper - ops.expand_dims(weights, 1)
        left, right = ops.relu(low + 1.0 - upper), ops.relu(lower - low)  # of row k, what lies beside the column
        share = ops.relu(1.0 - left - right)  # min(upper, low + 1) - max(lower, low), where that is positive
        with_one = ops.pad(features, ((0, 0), (0, 0), (0, 1)), constant_values=1.0)
        return ops.matmul(share, with_one), count


@keras.saving.register_keras_serializable("meter")
class AssembleReading(layers.Layer):  # type: ignore[misc]
    """Digit logits and point logits, counted from the end → the 11×10 order."""

    def call(self, digits: Tensor, point: Tensor) -> Tensor:
        """(batch, 10, 10), (batch, 10) → logits (batch, 11, 10): row 0 the point, rows 1–10 digits left to right."""
        return ops.concatenate([ops.expand_dims(point, 1), ops.flip(digits, axis=1)], axis=1)


def conv(x: Tensor, filters: int, size: int | tuple[int, int], stride: int = 1, padding: str = "same") -> Tensor:
    """Convolution, batch normalisation, ReLU."""
    x = layers.Conv2D(filters, size, strides=stride, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.98, epsilon=1e-3)(x)
    return layers.Activation("relu")(x)


def standardise(picture: Tensor) -> Tensor:
    """The first layer."""
    return StandardisePicture(name="standardise", dtype="float32")(picture)


def _trunk(picture: Tensor, height: int) -> Tensor:
    """(batch, height, width, 3) → (batch, 1, width / 4, channels)."""
    x = standardise(picture)
    x = conv(x, 16, 5, stride=2)
    x = conv(x, 24, 3)
    x = layers.MaxPooling2D(2)(x)
    x = conv(x, 48, 3)
    x = layers.add([x, conv(x, 48, 3)])
    x = layers.MaxPooling2D((2, 1))(x)
    x = conv(x, 80, 3)
    x = layers.MaxPooling2D((2, 1))(x)
    x = layers.ZeroPadding2D((0, 1))(x)
    x = conv(x, 112, (height // 16, 3), padding="valid")
    return x


def context(x: Tensor) -> Tensor:
    """Each column learns of its neighbours: half-turned drums, commas, the first red drum, where the display ends."""
    channels = x.shape[-1]
    for dilation in (1, 3):
        y = layers.DepthwiseConv2D((1, 7), padding="same", dilation_rate=(1, dilation), use_bias=False)(x)
        y = layers.BatchNormalization(momentum=0.98)(y)
        y = layers.Conv2D(channels, 1, use_bias=False)(y)
        y = layers.BatchNormalization(momentum=0.98)(y)
        x = layers.add([x, layers.Activation("relu")(y)])
    return x


def read_columns(picture: Tensor, wide: Tensor, name: str) -> keras.Model:
    """The model: what was made of the input `picture`, (batch, 1, columns, channels), → reading and count."""
    columns, channels = wide.shape[2:]
    features = layers.Reshape((columns, channels))(wide)
    # A digit is at least three columns wide, so no column starts more than a good part of one.
    weights = layers.Conv2D(
        1, (1, 3), padding="same", activation="sigmoid", bias_initializer=keras.initializers.Constant(-1.5)
    )(wide)
    weights = layers.Reshape((columns,), name="weights")(weights)
    gathered, count = GatherDigits(name="gather", dtype="float32")(features, weights)
    digits, point = _classify(gathered)
    logits = AssembleReading(name="assemble", dtype="float32")(digits, point)
    reading = layers.Softmax(name="reading", dtype="float32")(logits)
    return keras.Model(picture, {"reading": reading, "count": count}, name=name)


def _classify(gathered: Tensor) -> tuple[Tensor, Tensor]:
    """Features of each digit (batch, 11, channels) → logits of the digits (batch, 10, 10) and of the point."""
    hidden = layers.Dropout(0.2)(layers.Dense(128, activation="relu")(gathered))
    digits = layers.Dense(CLASSES, name="digits")(hidden[:, :ROWS, :])
    pairs = layers.Concatenate()([hidden[:, :ROWS, :], hidden[:, 1:, :]])
    first_decimal = layers.Dense(48, activation="relu")(pairs)
    point = layers.Dense(1)(first_decimal)  # (batch, 10, 1): digit k from the end is the first decimal
    none = layers.Dense(1)(layers.Dense(24, activation="relu")(hidden[:, 0, :]))  # no decimals at all
    return digits, layers.Concatenate(name="point")([none, layers.Reshape((ROWS,))(point)[:, : ROWS - 1]])


def build(height: int = 48, width: int = 192) -> keras.Model:
    """Float32 (batch, height, width, 3) in 0..1 → {"reading": (batch, 11, 10), "count": (batch, width / 4)}."""
    picture = keras.Input((height, width, 3), name="picture")
    return read_columns(picture, context(_trunk(picture, height)), "compact")
