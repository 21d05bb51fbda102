"""Networks to begin with: those of `keras.applications`, EfficientNet-Lite0, and the reader's and the finder's own.

Each is one flat network from a picture in 0..1 to a map of features, and is cut where its last block begins: what lies
below is never taught again. The first ones need their weights, from a file or by the library's download; any of them
can be named, and is shown its pictures as its own `preprocess_input` makes them.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers, ops

import training.architectures.compact  # noqa: F401  (the layers of its own that the reader's and finder's files name)
from training.recipes import RecipeError
from training.transfer import efficientnet_lite

MODELS = Path(__file__).resolve().parents[2] / "static" / "model"
SIDE = 96  # pixels of what `keras.applications` are shown; all of them take it
READER, FINDER = OWN = ("reader", "finder")


@dataclass(frozen=True)
class Backbone:
    """`whole` maps float32 (n, height, width, 3) in 0..1 to a map; `lower` does up to the cut, `block` from there on.

    `sha256` is that of its weights.
    """

    name: str
    whole: keras.Model
    cut: Any
    sha256: str

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures that it takes."""
        height, width = self.whole.inputs[0].shape[1:3]
        return int(width), int(height)

    @property
    def lower(self) -> keras.Model:
        """What stays as it is."""
        return keras.Model(self.whole.inputs[0], self.cut)

    @property
    def block(self) -> keras.Model:
        """What is tuned."""
        return keras.Model(self.cut, self.whole.outputs[0])


@dataclass(frozen=True)
class Known:
    """A network whose weights come from elsewhere: how it is built, and where its last block begins.

    Without a `cut` that is where the last few convolutions begin; `end` is the layer that it ends with, where that is
    not its last. `shown` makes of pixels (n, height, width, 3) in 0..255 what it takes.
    """

    build: Callable[..., keras.Model]
    cut: str | None = None
    end: str | None = None
    shown: Callable[[Any], Any] = keras.applications.mobilenet_v2.preprocess_input  # -1..1


CUTS = {  # those that were tried here
    "VGG16": "block4_pool",
    "InceptionV3": "mixed9",
    "MobileNetV2": "block_15_add",
    "MobileNetV3Small": "expanded_conv_9_add",
    "MobileNetV3Large": "expanded_conv_13_add",
}
OTHERS = [name for name in dir(keras.applications) if name[0].isupper() and name not in CUTS]
LITE = {
    "EfficientNetLite0": Known(efficientnet_lite.build, "block14_sum"),
    # Its first eight blocks of sixteen, as a small version: a fourteenth of the weights.
    "EfficientNetLite0Half": Known(efficientnet_lite.build, "block6_sum", end="block7_sum"),
}
BLOCK = 3  # convolutions of a last block, at least, where no cut is known


def _application(name: str) -> Known:
    """One of `keras.applications`, with the preparation that stands beside it."""
    build = getattr(keras.applications, name)
    return Known(build, CUTS.get(name), shown=importlib.import_module(build.__module__).preprocess_input)


KNOWN = {name: _application(name) for name in (*CUTS, *OTHERS)} | LITE
NAMES = (*OWN, *KNOWN)


def open_backbone(name: str, weights: Path | None = None) -> Backbone:
    """One of `NAMES`. Raises RecipeError for weights that are not to be had, or are another network's."""
    if name in OWN:
        return _own(name)
    known = KNOWN[name]
    if weights is None and name in LITE:
        raise RecipeError(
            f"expected the weights of {name} as --weights FILE, got none, and there is no download of them"
        )
    return assembled(name, known, _loaded(name, known, weights))


def assembled(name: str, known: Known, features: keras.Model) -> Backbone:
    """A backbone of a network with its weights."""
    whole = keras.Model(features.inputs[0], features.get_layer(known.end).output if known.end else features.outputs[0])
    digest = hashlib.sha256(b"".join(each.tobytes() for each in whole.get_weights())).hexdigest()
    return Backbone(name, whole, whole.get_layer(known.cut).output if known.cut else last_block(whole), digest)


def built(known: Known, weights: str | None) -> keras.Model:
    """The network for pictures of 96 × 96 in 0..1, its weights those of ImageNet or drawn anew."""
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    lite = known.build is efficientnet_lite.build
    options: dict[str, Any] = {} if lite else {"include_top": False, "weights": weights}
    return known.build(input_tensor=_shown(picture, known.shown), **options)


def last_block(whole: keras.Model) -> Any:
    """The last place that all of the network goes through and that `BLOCK` convolutions follow.

    That is its stem where, as in NASNet, all cells but the first look past the one before them. Raises RecipeError for
    a network without one.
    """
    kernels = (layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D)
    follow = 0
    for operation, alone in reversed(list(_places(whole))):
        if alone and follow >= BLOCK:
            return operation.output
        follow += isinstance(operation, kernels)
    raise RecipeError(f"expected a network of {BLOCK} convolutions or more, got {whole.name}")


def _places(whole: keras.Model) -> Iterator[tuple[Any, bool]]:
    """The network's operations in their order, each with whether nothing passes by it."""
    order = {id(operation): place for place, operation in enumerate(whole.operations)}
    until: dict[int, int] = {}  # the last place that takes what was made at one
    for operation in whole.operations:
        for tensor in keras.tree.flatten(operation.input):
            maker = order.get(id(tensor._keras_history.operation), -1)
            until[maker] = max(until.get(maker, -1), order[id(operation)])
    passing = -1
    for place, operation in enumerate(whole.operations):
        yield operation, passing <= place
        passing = max(passing, until.get(place, -1))


def _loaded(name: str, known: Known, weights: Path | None) -> keras.Model:
    """The network with its weights: of `weights`, or else those of ImageNet by the library's download."""
    try:
        model = built(known, None if weights else "imagenet")
        if weights is not None:
            model.load_weights(weights)
    except (OSError, ValueError, KeyError) as error:
        source = f"in {weights.name}" if weights else "by download"
        raise RecipeError(f"expected the weights of {name} {source}, got none that fit: {error}") from error
    except Exception as error:  # keras raises a bare Exception for a download that fails
        if weights is not None:
            raise
        raise RecipeError(f"expected the weights of {name} by download or as --weights FILE, got {error}") from error
    return model


def _shown(picture: Any, prepare: Callable[[Any], Any]) -> Any:
    """0..1 as a network was taught to see it: `prepare` stretches and moves each channel, and may turn their order.

    As layers, which can be kept and exported with the network: what they do is seen on black and on each pure colour.
    """
    black = prepare(np.zeros((1, 1, 1, 3), np.float32)).ravel()
    colours = prepare(255 * np.eye(3, dtype=np.float32)[None, None])[0, 0] - black  # a row for each channel
    scales = np.abs(colours).max(axis=0)
    if (np.abs(colours).argmax(axis=0) == [2, 1, 0]).all():
        picture = ops.flip(picture, axis=-1)
    return layers.Rescaling(scales.tolist(), black.tolist(), name="shown")(picture)


def _own(name: str) -> Backbone:
    """The published reader up to where it looks at columns alone, or the finder up to its pooling."""
    try:
        pointer = json.loads((MODELS / "current.json").read_text(encoding="utf-8"))
        named = pointer["finder"] if name == FINDER else pointer
        file = MODELS / str(named["name"]) / str(named["version"]) / "model.keras"
        published = keras.models.load_model(file, compile=False)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError) as error:
        raise RecipeError(f"expected the {name}'s published version with model.keras, got none: {error}") from error
    end, cut = _ends(published, name)
    return Backbone(name, keras.Model(published.inputs[0], end), cut, digest)


def _ends(model: keras.Model, name: str) -> tuple[Any, Any]:
    """Where its features are taken, and where the block before them begins."""
    pools, columns = layers.GlobalAveragePooling2D, layers.DepthwiseConv2D
    last = next((each for each in model.layers if isinstance(each, pools if name == FINDER else columns)), None)
    if last is not None and name == FINDER:  # pooled is a sum, whose first term enters the last block
        begins = [each.input[0] for each in model.layers if isinstance(each, layers.Add) and each.output is last.input]
    else:
        begins = [each.output for each in model.layers if isinstance(each, layers.MaxPooling2D)]
    if last is None or not begins:
        raise RecipeError(f"expected the {name}'s network as it is built here, got {model.name}, which is another")
    return last.input, begins[-1]
