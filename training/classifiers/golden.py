"""Golden pictures of a classifier: digits from typefaces with the probabilities that Keras gives for them.

Who runs a classifier can trust it when it reproduces these. Each is told rightly, but for a network that cannot yet.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.classifiers.batches import as_input
from training.classifiers.digits import CLASSES
from training.classifiers.drawn import drawn_digits

TRIES = 12  # of each digit
DECIMALS = 7

Predict = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Float32 (n, height, width, channels) → probabilities (n, classes)."""


def write_golden(predict: Predict, side: int, folder: Path, seed: int = 2) -> dict[str, Any]:
    """Write `golden.json` and a PNG of 28 × 28 for each digit; returns how many there are and are told rightly."""
    folder.mkdir()
    part = drawn_digits(TRIES * CLASSES, seed)
    outputs = predict(as_input(part.pictures, side))
    entries, right = [], 0
    for digit in range(CLASSES):
        one = max(np.flatnonzero(part.labels == digit), key=lambda each: float(outputs[each, digit]))
        name = f"{digit:02}.png"
        Image.fromarray(part.pictures[one]).save(folder / name, optimize=True)
        output = [round(float(value), DECIMALS) for value in outputs[one]]
        entries.append({"image": name, "class": str(digit), "output": output})
        right += int(outputs[one].argmax() == digit)
    (folder / "golden.json").write_text(json.dumps(entries, separators=(",", ":")) + "\n", encoding="utf-8")
    return {"pictures": len(entries), "right": right}
