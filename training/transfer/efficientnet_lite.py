"""EfficientNet-Lite0: the one of that family for small devices, without squeeze-and-excitation, ReLU6 throughout.

Tan & Le 2019, arXiv:1905.11946, as its authors published it (`tensorflow/tpu`). It is not among
`keras.applications`; it is here because its weights, taught on ImageNet, are in a package (`weights.py` says which).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

Tensor = Any  # of whichever backend is at work

# Expansion, channels, blocks, stride of the first, kernel.
STAGES = ((1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3), (6, 112, 3, 1, 5), (6, 192, 4, 2, 5))
LAST = (6, 320, 1, 1, 3)
STEM, HEAD = 32, 1280


def _conv(x: Tensor, layer: Any, name: str, relu: bool = True) -> Tensor:
    """A convolution, batch normalisation, and ReLU6 where wanted."""
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_norm")(layer(x))
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x


def _plain(filters: int, kernel: int, stride: int, name: str) -> Any:
    return layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=name)


def _block(x: Tensor, expand: int, channels: int, stride: int, kernel: int, name: str) -> Tensor:
    """An inverted residual (Sandler et al. 2018, arXiv:1801.04381)."""
    y, wide = x, f"{name}_expand"
    if expand > 1:
        y = _conv(y, _plain(expand * x.shape[-1], 1, 1, wide), wide)
    deep = f"{name}_depthwise"
    y = _conv(y, layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=deep), deep)
    y = _conv(y, _plain(channels, 1, 1, f"{name}_project"), f"{name}_project", relu=False)
    return layers.Add(name=f"{name}_sum")([x, y]) if stride == 1 and x.shape[-1] == channels else y


def build(input_tensor: Tensor) -> keras.Model:
    """Pictures (batch, side, side, 3) in −1..1 → features (batch, side/32, side/32, 1280), as `keras.applications` do.

    What the tensor was made of comes to be the network's input.
    """
    x = _conv(input_tensor, _plain(STEM, 3, 2, "stem"), "stem")
    number = 0
    for expand, channels, repeats, stride, kernel in (*STAGES, LAST):
        for again in range(repeats):
            x = _block(x, expand, channels, 1 if again else stride, kernel, f"block{number}")
            number += 1
    features = _conv(x, _plain(HEAD, 1, 1, "head"), "head")
    return keras.Model(keras.utils.get_source_inputs(input_tensor)[0], features, name="EfficientNetLite0")
