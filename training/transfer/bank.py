"""What a frozen network makes of pictures, computed once and kept in a folder: every training draws from it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import normalise
from training.transfer.backbones import Backbone
from training.transfer.collection import Collection, Places
from training.transfer.distort import SHIFT, STRETCH, TURN, distorted

Values = NDArray[np.float16]

_AT_ONCE = 50


@dataclass(frozen=True)
class Bank:
    """`plain` (n, …) of all pictures, `copies` of those at the places `taught`, and the classes of all, (n,)."""

    plain: Values
    copies: list[Values]
    taught: Places
    labels: NDArray[np.int64]

    def draw(self, teach: Places, steps: range, batch: int, seed: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Batches of some steps. An epoch goes through the pictures in an order of its own, by one look of each."""
        each = max(1, len(teach) // batch)
        rows = np.searchsorted(self.taught, teach)
        for step in steps:
            epoch, place = divmod(step, each)
            rng = np.random.default_rng((seed, epoch))
            chosen = rng.permutation(len(teach))[place * batch : (place + 1) * batch]
            looks = rng.integers(0, len(self.copies) + 1, len(teach))[chosen]
            values = [
                self.copies[look - 1][rows[one]] if look else self.plain[teach[one]]
                for one, look in zip(chosen, looks, strict=True)
            ]
            yield np.stack(values).astype(np.float32), self.labels[teach[chosen]]

    def right(self, model: keras.Model, places: Places) -> NDArray[np.bool_]:
        """Which of some pictures, undistorted, a model of these values tells rightly; as `judging.right`."""
        answers = []
        for start in range(0, len(places), _AT_ONCE):
            values = self.plain[places[start : start + _AT_ONCE]].astype(np.float32)
            answers.append(keras.ops.convert_to_numpy(model(values, training=False)).argmax(axis=1))
        told: NDArray[np.bool_] = np.concatenate(answers) == self.labels[places]
        return told

    def pooled(self, block: keras.Model) -> Bank:
        """The same after the last block as it came, the mean of each channel: what a head alone learns from."""
        means = keras.Model(block.inputs[0], keras.layers.GlobalAveragePooling2D()(block.outputs[0]))

        def of(values: Values) -> Values:
            parts = [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]
            return np.concatenate([_half(means.predict_on_batch(part.astype(np.float32))) for part in parts])

        return Bank(of(self.plain), [of(copy) for copy in self.copies], self.taught, self.labels)


def fill(
    backbone: Backbone, collection: Collection, copies: int, seed: int, folder: Path, said: Callable[[int], None]
) -> tuple[Bank, float]:
    """What `backbone.lower` makes of a collection, and so many seconds it took. What `folder` has is not made again.

    `said` hears how many rounds of `copies` + 1 are done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lower, rounds, seconds = backbone.lower, [], 0.0
    for number in range(copies + 1):
        places = collection.taught if number else np.arange(len(collection.files))
        file = folder / f"{_key(backbone, collection, seed, number)}.npy"
        if not file.exists():
            _make(file, lower, collection, places, backbone.size, (seed, number))
        seconds += float(json.loads(file.with_suffix(".json").read_text("utf-8"))["seconds"])
        rounds.append(np.load(file, mmap_mode="r"))
        said(number + 1)
    return Bank(rounds[0], rounds[1:], collection.taught, collection.labels), seconds


def _make(
    file: Path,
    lower: keras.Model,
    collection: Collection,
    places: Places,
    size: tuple[int, int],
    seed: tuple[int, int],
) -> None:
    """One round, complete or not at all; round 0 is not distorted."""
    began, parts = time.monotonic(), []
    for start in range(0, len(places), _AT_ONCE):
        chosen = places[start : start + _AT_ONCE]
        pictures = collection.pictures(chosen, size)
        if seed[1]:
            pictures = [distorted(each, (*seed, int(place))) for each, place in zip(pictures, chosen, strict=True)]
        pixels = np.stack([np.asarray(picture) for picture in pictures])
        parts.append(_half(lower.predict_on_batch(normalise(pixels))))
    file.with_suffix(".json").write_text(json.dumps({"seconds": round(time.monotonic() - began, 1)}) + "\n", "utf-8")
    temporary = file.with_suffix(".tmp")
    with temporary.open("wb") as out:
        np.save(out, np.concatenate(parts))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)


def _half(values: Any) -> Values:
    """As numbers of 16 bits, the largest that they hold at most."""
    most = float(np.finfo(np.float16).max)
    halved: Values = np.clip(keras.ops.convert_to_numpy(values), -most, most).astype(np.float16)
    return halved


def _key(backbone: Backbone, collection: Collection, seed: int, number: int) -> str:
    """A name for one round, which tells it from all that was made of anything else."""
    distortion = [TURN, STRETCH, SHIFT, seed] if number else []
    made_of = [backbone.name, backbone.sha256, backbone.size, collection.sha256, distortion]
    return f"{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]}-{number:02}"
