"""Networks to begin with: those of `keras.applications`, EfficientNet-Lite0, and the reader's and the finder's own.

Each is one flat network from a picture in 0..1 to a map of features, and is cut where its last block begins: what lies
below is never taught again. The first ones need their weights, from a file or by the library's download.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
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
    """A network whose weights come from elsewhere: how it is built, where its last block begins, what it is shown.

    `end` is the layer that it ends with, where that is not its last; `shown` is how it takes its pictures' values.
    """

    build: Callable[..., keras.Model]
    cut: str
    end: str | None = None
    shown: str = "-1..1"


_APPLICATIONS = keras.applications
KNOWN = {
    "VGG16": Known(_APPLICATIONS.VGG16, "block4_pool", shown="mean"),
    "InceptionV3": Known(_APPLICATIONS.InceptionV3, "mixed9"),
    "MobileNetV2": Known(_APPLICATIONS.MobileNetV2, "block_15_add"),
    "MobileNetV3Small": Known(_APPLICATIONS.MobileNetV3Small, "expanded_conv_9_add"),
    "MobileNetV3Large": Known(_APPLICATIONS.MobileNetV3Large, "expanded_conv_13_add"),
    "EfficientNetLite0": Known(efficientnet_lite.build, "block14_sum"),
    # Its first eight blocks of sixteen, as a small version: a fourteenth of the weights.
    "EfficientNetLite0Half": Known(efficientnet_lite.build, "block6_sum", end="block7_sum"),
}
NAMES = (*OWN, *KNOWN)


def open_backbone(name: str, weights: Path | None = None) -> Backbone:
    """One of `NAMES`. Raises RecipeError for weights that are not to be had, or are another network's."""
    if name in OWN:
        return _own(name)
    known = KNOWN[name]
    features = _loaded(name, known, weights)
    whole = keras.Model(features.inputs[0], features.get_layer(known.end).output if known.end else features.outputs[0])
    digest = hashlib.sha256(b"".join(each.tobytes() for each in whole.get_weights())).hexdigest()
    return Backbone(name, whole, whole.get_layer(known.cut).output, digest)


def _loaded(name: str, known: Known, weights: Path | None) -> keras.Model:
    """The network with its weights: of `weights`, or else those of ImageNet by the library's download."""
    lite = known.build is efficientnet_lite.build
    if weights is None and lite:
        raise RecipeError(
            f"expected the weights of {name} as --weights FILE, got none, and there is no download of them"
        )
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    options: dict[str, Any] = {} if lite else {"include_top": False, "weights": None if weights else "imagenet"}
    if "MobileNetV3" in name:
        options["include_preprocessing"] = False
    try:
        model = known.build(input_tensor=_shown(picture, known.shown), **options)
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


def _shown(picture: Any, values: str) -> Any:
    """0..1 as a network was taught to see it: -1..1, or blue first and around the mean picture of ImageNet (VGG's)."""
    if values == "mean":
        blue_first = ops.flip(picture, axis=-1)
        return layers.Rescaling(255.0, [-103.939, -116.779, -123.68], name="shown")(blue_first)
    return layers.Rescaling(2.0, -1.0, name="shown")(picture)


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
