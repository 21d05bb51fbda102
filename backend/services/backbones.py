"""Networks that recipes of transfer learning begin with: which there are, and weights among the files for imports.

What is named here the training side has, too (`training/transfer/backbones.py`); a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.services.archives import imports_folder
from backend.services.parameters import ParameterError, text

RECIPES = ("clocks_or_crocs", "meter_or_not")  # those that begin with another network
OWN = ("reader", "finder")  # the published ones
TRIED = ("VGG16", "InceptionV3", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large")
# The rest of `keras.applications`, which the library downloads as it does those before, where no file is named.
OTHERS = """
    ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge DenseNet121 DenseNet169 DenseNet201
    EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6
    EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2L
    EfficientNetV2M EfficientNetV2S InceptionResNetV2 MobileNet NASNetLarge NASNetMobile ResNet101 ResNet101V2
    ResNet152 ResNet152V2 ResNet50 ResNet50V2 VGG19 Xception
""".split()
DOWNLOADED = (*TRIED, *OTHERS)
FROM_FILE = ("EfficientNetLite0", "EfficientNetLite0Half")
NAMES = (*OWN, *DOWNLOADED, *FROM_FILE)
ENDING = ".h5"


def asked(given: dict[str, Any], recipe: str) -> tuple[str, str]:
    """The backbone and the file of its weights, each empty where none is named. Raises ParameterError."""
    backbone, weights = text(given, "backbone", ""), text(given, "weights", "")
    if (backbone or weights) and recipe not in RECIPES:
        raise ParameterError(
            "expected a backbone for %(names)s only, got %(got)s, which begins with no other network",
            names=", ".join(RECIPES),
            got=recipe,
        )
    if backbone and backbone not in NAMES:
        raise ParameterError(
            "expected a backbone among %(names)s, got %(got)s", names=", ".join(NAMES), got=repr(backbone[:80])
        )
    if weights and backbone in OWN:
        raise ParameterError("expected no weights for %(name)s, which is published with its own", name=backbone)
    if not weights and backbone in FROM_FILE:
        raise ParameterError(
            "expected a file with the weights of %(name)s, got none, and there is no download of them", name=backbone
        )
    if weights:
        weights_named(weights)
    return backbone, weights


def weights_files() -> list[str]:
    """The files of weights among those for imports, by their names inside that folder."""
    root = imports_folder()
    found = (path for path in root.glob(f"**/*{ENDING}") if path.is_file() and path.resolve().is_relative_to(root))
    return sorted(path.relative_to(root).as_posix() for path in found)


def weights_named(name: str) -> Path:
    """A file of weights inside the imports folder. Raises ParameterError, also for what leads out of it."""
    root = imports_folder()
    place = (root / name).resolve() if "\0" not in name else root
    if not place.is_relative_to(root) or place.suffix != ENDING or not place.is_file():
        raise ParameterError(
            "expected a file of weights (%(ending)s) among those for imports, got %(got)s",
            ending=ENDING,
            got=repr(name[:80]),
        )
    return place
