"""The finder's network: a photo → a heat map for each corner of the display, and whether there is a display.

A residual encoder down to a sixteenth of the input, dilated there so that each place sees the whole meter (which way up
the text stands is told by what lies around it), and one step of a feature pyramid back up (Lin et al. 2017,
arXiv:1612.03144). The heat maps are logits over all places; `backend/domain/outline.py` says how corners come of them.
Plain convolutions throughout: at so few channels they are as fast as separable ones, and train several times faster.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from backend.domain.outline import CELLS, SIDE
from training.architectures.compact import conv, standardise

Tensor = Any  # of whichever backend is at work

CORNERS = 4
SIGMA = 1.0  # cells: how far the probability may lie around a corner


def _residual(x: Tensor, dilation: int = 1) -> Tensor:
    """A 3×3 convolution added to what it was made of."""
    y = layers.Conv2D(x.shape[-1], 3, padding="same", dilation_rate=dilation, use_bias=False)(x)
    y = layers.Activation("relu")(layers.BatchNormalization(momentum=0.98, epsilon=1e-3)(y))
    return layers.add([x, y])


def _merge(deep: Tensor, lateral: Tensor) -> Tensor:
    """Deep features at twice their resolution, added to those of that resolution, and mixed."""
    channels = lateral.shape[-1]
    up = layers.UpSampling2D(2)(layers.Conv2D(channels, 1, use_bias=True)(deep))
    return conv(layers.add([up, layers.Conv2D(channels, 1, use_bias=True)(lateral)]), channels, 3)


def build() -> keras.Model:
    """Float32 (batch, 192, 192, 3) in 0..1 → {"corners": logits (batch, 48, 48, 4), "presence": logit (batch, 1)}."""
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    x = conv(standardise(picture), 16, 6, stride=4)
    eighth = _residual(conv(x, 32, 3, stride=2))
    x = conv(eighth, 64, 3, stride=2)
    for dilation in (1, 2, 3):
        x = _residual(x, dilation)
    pooled = layers.Concatenate()([layers.GlobalAveragePooling2D()(x), layers.GlobalMaxPooling2D()(x)])
    presence = layers.Dense(1, name="presence", dtype="float32")(layers.Dense(32, activation="relu")(pooled))
    # Each place of an eighth says where within its 2 × 2 quarters the corner is.
    corners = layers.Conv2DTranspose(CORNERS, 2, strides=2, name="corners", dtype="float32")(_merge(x, eighth))
    return keras.Model(picture, {"corners": corners, "presence": presence}, name="finder")


@keras.saving.register_keras_serializable("meter")  # type: ignore[untyped-decorator]
def corners_loss(target: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy of each map against a Gaussian around its corner: (batch, 4, 3), (batch, 48, 48, 4) → (batch,).

    The target's channels are x and y in cells (the middle of the first is 0.5) and the weight, 0 without a display.
    """
    places = ops.arange(CELLS, dtype="float32") + 0.5
    across = ops.exp(-((places - target[..., 0:1]) ** 2) / (2 * SIGMA**2))  # (batch, 4, 48)
    down = ops.exp(-((places - target[..., 1:2]) ** 2) / (2 * SIGMA**2))
    across = across / (ops.sum(across, axis=-1, keepdims=True) + 1e-6)
    down = down / (ops.sum(down, axis=-1, keepdims=True) + 1e-6)
    wanted = ops.expand_dims(down, 3) * ops.expand_dims(across, 2)  # (batch, 4, 48, 48): rows, then columns
    wanted = ops.reshape(wanted, (-1, CORNERS, CELLS * CELLS))
    maps = ops.transpose(ops.reshape(logits, (-1, CELLS * CELLS, CORNERS)), (0, 2, 1))
    each = -ops.sum(wanted * ops.log_softmax(maps, axis=-1), axis=-1)
    return ops.sum(each * target[..., 2], axis=-1) / CORNERS


@keras.saving.register_keras_serializable("meter")  # type: ignore[untyped-decorator]
def presence_loss(target: Tensor, logit: Tensor) -> Tensor:
    """Binary cross-entropy: (batch, 1) each → (batch,)."""
    return ops.mean(ops.softplus(logit) - target * logit, axis=-1)
