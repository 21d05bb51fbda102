"""Families of displays whose learning curves are measured: the meter types of a dataset, and drawn ones.

A family of drawn displays is one kind of display in one, four or sixteen looks (`training.render` draws a look from the
state of its generator), photographed as training does.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.domain.reading import encode
from training.augment import photograph
from training.callbacks import save_whole
from training.canvas import Pixels, from_drawn
from training.data import TEACH, VALIDATE, DatasetError, Sample, read_table
from training.first_guess import Family
from training.framing import frame
from training.learning_curve import LEAST
from training.networks import batches, crop_samples, input_of, load_keras
from training.render import KINDS, render

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOOKS = (1, 4, 16)
TAUGHT, JUDGED = 128, 96  # pictures of a drawn family
LARGEST = 256  # samples of a photographed family
DRAWS = 5  # subsets of each size
PENALTY = 1.0  # of the linear classifier, on standardised features
KEPT = 64  # embeddings of a family, to draw four from
SEED = 4_000_003  # drawings that no training with a small seed makes


class Reader:
    """A base network that looks at pictures: embeddings, and the features of each digit that it finds."""

    def __init__(self, file: Path) -> None:
        """Raises DatasetError for a file that is no network that gathers digits."""
        if not file.is_file():
            raise DatasetError(f"expected a .keras file to look with, got {file}")
        self.spec = input_of(load_keras(file), "compact")
        whole = keras.models.load_model(file, compile=False)
        gather = next((layer for layer in whole.layers if layer.name == "gather"), None)
        if gather is None:
            raise DatasetError(f"expected a network that gathers digits, such as compact, got {whole.name}")
        self.model = keras.Model(whole.inputs, [gather.input[0], gather.output[0]])

    def look(self, pixels: Pixels) -> tuple[Floats, Floats]:
        """Uint8 (n, height, width, 3) → embeddings (n, k), and the digits' features from the last one, (n, 10, m)."""
        columns, digits = [], []
        for part in batches(pixels):
            features, gathered = (np.asarray(output, np.float64) for output in self.model.predict_on_batch(part))
            columns.append(features.mean(axis=1))
            digits.append(gathered[:, :10])
        return np.concatenate(columns), np.concatenate(digits)

    def crop(self, samples: Sequence[Sample]) -> Pixels:
        """The network's input, by the samples' boxes."""
        return crop_samples(samples, self.spec)


def photographed(reader: Reader, dataset: str | Path) -> list[Family]:
    """The meter types of a dataset with samples enough to teach and to judge with."""
    samples = read_table(dataset)
    found = []
    for kind in sorted({sample.meter_type for sample in samples}):
        taught, judged = ([s for s in samples if s.meter_type == kind and s.type == side] for side in (TEACH, VALIDATE))
        if len(taught) < 2**LEAST or len(judged) < 2**LEAST:
            continue
        sets = [(reader.crop(some), [_truths(s) for s in some]) for some in (spread(taught, LARGEST), judged)]
        found.append(family(kind, False, reader, *sets))
    return found


def spread(samples: Sequence[Sample], most: int) -> list[Sample]:
    """At most so many samples, evenly from all."""
    places = np.linspace(0, len(samples) - 1, min(most, len(samples))).round().astype(int)
    return [samples[i] for i in places]


def drawn(reader: Reader, per_kind: int) -> list[Family]:
    """Families of drawn displays, `per_kind` of each kind."""
    plan = [(kind, number) for kind in KINDS for number in range(per_kind)]
    found = []
    for kind, number in tqdm(plan, desc="drawn families", unit="family", disable=None):
        looks = LOOKS[number % len(LOOKS)]
        pixels, texts = draw(kind, number, looks, TAUGHT + JUDGED, (reader.spec.height, reader.spec.width))
        truths = [[encode(text).argmax(1)[:0:-1]] for text in texts]
        sets = [(pixels[part], truths[part]) for part in (slice(TAUGHT), slice(TAUGHT, None))]
        found.append(family(f"drawn {kind} {number + 1}, {looks} looks", True, reader, *sets))
    return found


def draw(kind: str, number: int, looks: int, count: int, size: tuple[int, int]) -> tuple[Pixels, list[str]]:
    """Photographs of drawn displays in turn of all looks, uint8 (count, height, width, 3), and their readings."""
    pictures, texts = [], []
    base = (SEED, KINDS.index(kind), number)
    for i in range(count):
        state = (*base, i % looks)
        form = render(np.random.default_rng(state), kind).text  # how many digits this look has, and where its point
        rng = np.random.default_rng((*base, 100 + i))
        text = "".join("." if c == "." else str(rng.integers(10)) for c in form)
        canvas = from_drawn(render(np.random.default_rng(state), kind, text))
        pictures.append(photograph(rng, frame(rng, canvas, *size)[0]))
        texts.append(text)
    return np.stack(pictures), texts


def family(name: str, is_drawn: bool, reader: Reader, taught: tuple[Pixels, Any], judged: tuple[Pixels, Any]) -> Family:
    """A family with its embeddings and its measured curve."""
    embeddings, x = reader.look(taught[0])
    _, others = reader.look(judged[0])
    points = measure(x, np.stack([truths[0] for truths in taught[1]]), others, judged[1])
    kept = {"embeddings": embeddings[:KEPT].tolist(), "points": points}
    return {"name": name, "drawn": is_drawn, "pictures": len(x), **kept}


def measure(
    x: Floats, y: Ints, others: Floats, truths: Sequence[Sequence[Ints]], seed: int = 0
) -> list[dict[str, Any]]:
    """The curve of a family: features (n, 10, m) and digits (n, 10), from the last one; the points of the curve."""
    rng = np.random.default_rng(seed)
    sizes = [2**k for k in range(1, int(np.log2(len(x))) + 1)]
    points = []
    for size in sizes:
        errors = []
        for _ in range(DRAWS):
            chosen = rng.permutation(len(x))[:size]
            read = classify(x[chosen], y[chosen], others)
            errors.append(np.mean([not any((r == t).all() for t in ts) for r, ts in zip(read, truths, strict=True)]))
        points.append({"size": size, "error": round(float(np.mean(errors)), 5), "n": len(others)})
    return points


def classify(x: Floats, y: Ints, others: Floats) -> Ints:
    """Ridge regression onto one-hot digits (n, 10, m), (n, 10) → the digits (k, 10) of others (k, 10, m)."""
    rows, target = x.reshape(-1, x.shape[2]), np.eye(10)[y.ravel()]
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    a = np.column_stack([(rows - mean) / deviation, np.ones(len(rows))])
    weights = np.linalg.solve(a.T @ a + PENALTY * np.eye(a.shape[1]), a.T @ target)
    b = (others.reshape(-1, x.shape[2]) - mean) / deviation
    scores = np.column_stack([b, np.ones(len(b))]) @ weights
    return np.asarray(scores.argmax(axis=1).reshape(len(others), 10))


def _truths(sample: Sample) -> list[Ints]:
    """The digits (10,) of every accepted reading, from the last one."""
    return [encode(text).argmax(1)[:0:-1] for text in (sample.correct_value, *sample.also_accepted)]


def sha256(file: Path) -> str:
    """The hash of a file. Raises DatasetError when there is none."""
    if not file.is_file():
        raise DatasetError(f"expected a .keras file to look with, got {file}")
    return hashlib.sha256(file.read_bytes()).hexdigest()


def keep_look(reader: Reader, place: Path) -> None:
    """Save the way from a picture to its embedding as a TFLite network: float32 (1, height, width, 3) → (1, k)."""
    from training import convert  # TensorFlow: only who exports needs it

    columns = reader.model.outputs[0]
    model = keras.Model(reader.model.inputs, keras.ops.mean(columns, axis=1), name="look")
    with tempfile.TemporaryDirectory() as work:
        convert.convert_tflite(convert.save_tensorflow(model, Path(work) / "saved"), place)


def keep(file: Path, place: Path) -> None:
    """Save a network without what only its training needs."""
    save_whole(keras.models.load_model(file, compile=False), place)
