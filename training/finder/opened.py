"""Open a finder: a version folder, a run folder or a `.keras` file → what `outline.find` calls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.card_parts import CardError
from backend.domain.finder_card import FinderCard, is_finder
from backend.domain.outline import PRESENT, Predict
from training.finder import network as network  # registers what the file names
from training.fold import fold, snap


@dataclass(frozen=True)
class Finder:
    """A finder and from which presence on a display counts as found; `about` says what was opened."""

    predict: Predict
    presence: float
    about: dict[str, Any]


def open_finder(place: Path) -> Finder:
    """A version, with its weights as they travel, or a trained network. Raises CardError for anything else."""
    file = place / "model.keras" if place.is_dir() else place
    if file.suffix != ".keras" or not file.is_file():
        raise CardError(f"expected a finder's version folder, a run folder or a .keras file, got {place}")
    model = keras.models.load_model(file, compile=False)
    if not is_finder(place):
        return Finder(keras_predict(model), PRESENT, {"name": file.parent.name, "version": "run"})
    card = FinderCard.load(place)
    card.verify(place)
    about = {"name": card.name, "version": card.version, "parameters": card.parameters}
    about |= {"presence": card.presence, "export": card.metrics["export"]}
    return Finder(keras_predict(as_sent(model, card.metrics["export"]["weights"])), card.presence, about)


def as_sent(model: keras.Model, form: str) -> keras.Model:
    """The network with batch normalisation folded in and its weights rounded to the form they travel in."""
    folded = fold(model)
    snap(folded, form)
    return folded


def keras_predict(model: keras.Model) -> Predict:
    """The model as `outline.find` calls it. Called plainly: `predict` within `fit` takes its weights away in JAX."""

    def predict(pixels: NDArray[np.float32]) -> tuple[NDArray[np.floating], float]:
        outputs: dict[str, Any] = model(pixels, training=False)
        maps, presence = (keras.ops.convert_to_numpy(outputs[name])[0] for name in ("corners", "presence"))
        return np.asarray(maps, np.float32), float(presence[0])

    return predict


def tflite_predict(file: Path) -> Predict:
    """A `.tflite` as `outline.find` calls it, on one thread."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(file), num_threads=1)
    interpreter.allocate_tensors()
    source = interpreter.get_input_details()[0]["index"]
    outputs = sorted(interpreter.get_output_details(), key=lambda output: int(np.prod(output["shape"])))

    def predict(pixels: NDArray[np.float32]) -> tuple[NDArray[np.floating], float]:
        interpreter.set_tensor(source, pixels)
        interpreter.invoke()
        presence, maps = (np.array(interpreter.get_tensor(output["index"])[0], np.float32) for output in outputs)
        return maps, float(presence[0])

    return predict
