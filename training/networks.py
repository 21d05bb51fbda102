"""Open what holds a trained network (a version folder, a run folder, a `.keras` file) and read pictures with it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.domain.card import Card, CardError
from backend.domain.card_parts import read_object, read_text
from backend.domain.imaging import Box, InputSpec, cut, load, normalise
from backend.domain.looks import look_again
from training.data import Sample

Pixels = NDArray[np.uint8]
Probabilities = NDArray[np.float32]

BATCH = 64


@dataclass(frozen=True)
class Network:
    """A network and how its output is read.

    `predict` maps float32 (n, height, width, 3) in 0..1 to float32 (n, 11, 10); `card` is None before an export, and
    readings are then neither calibrated nor refused; `about` says in words and hashes what was opened. Displays whose
    first look is less sure than `again` are looked at again, as the card says.
    """

    spec: InputSpec
    predict: Callable[[NDArray[np.float32]], Probabilities]
    parameters: int
    about: dict[str, Any]
    card: Card | None = None
    again: float = 0.0

    def read(self, pictures: NDArray[np.float32], first: Probabilities | None = None) -> Probabilities:
        """What is read from inputs, in as many looks as each takes; shapes as of `predict`, `first` what that gave."""
        known = self.predict(pictures) if first is None else first
        outputs: Probabilities = look_again(self.predict, pictures, known, self.again)
        return outputs


def open_network(place: str | Path) -> Network:
    """A version folder (by its `.tflite`), a run folder or a `.keras` file. Raises CardError for anything else."""
    path = Path(place)
    if (path / "card.json").is_file():
        return open_version(path)
    file = path / "model.keras" if path.is_dir() else path
    if file.suffix == ".keras" and file.is_file():
        return open_keras(file)
    raise CardError(f"expected a version folder, a run folder or a .keras file, got {place}")


def open_version(folder: Path) -> Network:
    """A version of a reader, its files checked against its card; read through TFLite. Raises CardError."""
    if kind := read_object(read_text(folder)).get("kind"):  # a reader's card says none
        raise CardError(f"expected a reader's version, got a {kind}'s: {folder}")
    card = Card.load(folder)
    card.verify(folder)
    about = {"name": card.name, "version": card.version, "architecture": card.architecture, "through": "TFLite"}
    return Network(card.input, tflite_predict(folder / "model.tflite"), card.parameters, about, card, card.look_again)


def open_keras(file: Path) -> Network:
    """A trained Keras model; its options, if any, lie beside it."""
    model = load_keras(file)
    options = file.with_name("options.json")
    architecture = json.loads(options.read_text())["architecture"] if options.is_file() else model.name
    about = {"name": file.parent.name, "version": "run", "architecture": architecture, "through": "Keras"}
    return Network(input_of(model, architecture), keras_predict(model), model.count_params(), about)


def input_of(model: Any, architecture: str) -> InputSpec:
    """The input of a Keras model: its size, and the margins that its architecture was designed with."""
    from training.architectures import ARCHITECTURES  # imports Keras, as above

    height, width = model.inputs[0].shape[1:3]
    side_margin = ARCHITECTURES[architecture].side_margin if architecture in ARCHITECTURES else None
    return InputSpec(width, height, side_margin=side_margin)


def load_keras(file: Path) -> Any:
    """The Keras model with the reading as its only output."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras  # takes seconds: reading a version through TFLite does without

    import training.architectures
    import training.losses  # noqa: F401 (both register what the file names)
    from training.fold import only_reading

    return only_reading(keras.models.load_model(file, compile=False))


def keras_predict(model: Any) -> Callable[[NDArray[np.float32]], Probabilities]:
    """Prediction in batches by Keras."""

    def predict(pictures: NDArray[np.float32]) -> Probabilities:
        return np.asarray(model.predict_on_batch(pictures), dtype=np.float32)

    return predict


def tflite_predict(file: Path) -> Callable[[NDArray[np.float32]], Probabilities]:
    """Prediction one by one by TFLite, on one thread."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(file), num_threads=1)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def predict(pictures: NDArray[np.float32]) -> Probabilities:
        outputs = []
        for picture in pictures:
            interpreter.set_tensor(source, picture[None])
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(target)[0])
        return np.stack(outputs)

    return predict


def crop_samples(samples: Sequence[Sample], spec: InputSpec, way: str = "box") -> Pixels:
    """Cut pictures, uint8 (n, height, width, 3): by the given box ("box") or as they are stored ("whole")."""
    boxes = [sample.box if way == "box" else None for sample in samples]
    return crop_files([(s.image, box) for s, box in zip(samples, boxes, strict=True)], spec, f"cropping ({way})")


def crop_files(places: Sequence[tuple[Path, Box | None]], spec: InputSpec, what: str = "cropping") -> Pixels:
    """Cut boxes out of picture files, uint8 (n, height, width, 3), with a progress bar."""
    pixels = np.zeros((len(places), spec.height, spec.width, 3), dtype=np.uint8)
    for i, (file, box) in enumerate(tqdm(places, desc=what, unit="picture", leave=False, disable=None)):
        pixels[i] = cut(load(file), box, spec)
    return pixels


def read_all(
    network: Network, pixels: Pixels, what: str = "reading", first: Probabilities | None = None
) -> Probabilities:
    """Raw probabilities (n, 11, 10) of cut pictures, of as many looks as each takes, with a progress bar.

    `first` are those of the first looks, where they are known.
    """
    with tqdm(total=len(pixels), desc=what, unit="picture", leave=False, disable=None) as progress:
        outputs = []
        for number, batch in enumerate(batches(pixels)):
            known = None if first is None else first[number * BATCH : (number + 1) * BATCH]
            outputs.append(network.read(batch, known))
            progress.update(len(batch))
    return np.concatenate(outputs) if outputs else np.zeros((0, 11, 10), np.float32)


def batches(pixels: Pixels, size: int = BATCH) -> Iterator[NDArray[np.float32]]:
    """The network's input, float32 in 0..1, a batch at a time: all of it would not fit into memory."""
    for start in range(0, len(pixels), size):
        yield normalise(pixels[start : start + size])
