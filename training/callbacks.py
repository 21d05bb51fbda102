"""What happens between the epochs of a run: checkpoint, validation, log, and an early stop when a loss breaks."""

from __future__ import annotations

import json
import math
import os
import time
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tensorboard.summary import Writer

from backend.domain.imaging import InputSpec, cut, load
from backend.domain.reading import encode
from training.data import Sample
from training.progress import Progress


class StopOnNonFinite(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the run within a step of the first NaN or Inf, with the reason."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Raises FloatingPointError for what the last step broke, before anything is kept."""
        for weight in self.model.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
                raise FloatingPointError(f"expected finite weights at epoch {epoch + 1}, got others in {weight.path}")

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Raises FloatingPointError."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise FloatingPointError(f"expected a finite loss, got {loss} at step {batch}: lower the learning rate")


class Waiting(keras.callbacks.Callback):  # type: ignore[misc]
    """The share of the steps' time that passed before their batches were there: `waiting`, 0 to 1, for each epoch.

    A step begins, and its batch may already have been handed over, by whatever fetches ahead; what lies between the two
    otherwise is what the device waits. The first epoch's share holds the start of the processes that make batches.
    """

    def __init__(self) -> None:
        """Nothing was handed over yet."""
        super().__init__()
        self._handed: deque[float] = deque()
        self._began = self._waited = self._all = 0.0

    def watch(self, batches: Iterator[Any]) -> Iterator[Any]:
        """The same batches; remembers when each was handed over."""
        for batch in batches:
            self._handed.append(time.monotonic())
            yield batch

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Starts anew."""
        self._waited = self._all = 0.0

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Starts the clock."""
        self._began = time.monotonic()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Stops it; the loss has been read by now (`StopOnNonFinite`), so that the step is done on the device too."""
        self._waited += max(0.0, self._handed.popleft() - self._began)
        self._all += time.monotonic() - self._began

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds `waiting` to the logs."""
        if logs is not None:
            logs["waiting"] = self._waited / max(self._all, 1e-9)


class SaveCheckpoint(keras.callbacks.Callback):  # type: ignore[misc]
    """The whole state after every epoch, complete or not at all."""

    def __init__(self, path: Path) -> None:
        """Saves to `path` by way of a temporary name."""
        super().__init__()
        self._path = path

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Weights, optimiser and step."""
        save_whole(self.model, self._path)


def save_whole(model: keras.Model, path: Path) -> None:
    """Writes a `.keras` file under a temporary name, then renames it."""
    temporary = path.with_name(f"{path.stem}.tmp.keras")
    model.save(temporary)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


class ShowAveragedWeights(keras.callbacks.Callback):  # type: ignore[misc]
    """Puts the optimiser's average of the weights in place while an epoch is judged, and the raw ones back after it.

    Keras' own SwapEMAWeights swaps by adding and subtracting, which rounds: a resumed run would differ in the last bit.
    """

    def __init__(self) -> None:
        """Nothing is put aside yet."""
        super().__init__()
        self._raw: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Averaged weights, until the next epoch begins."""
        self._raw = [keras.ops.copy(v) for v in self.model.trainable_variables]
        self.model.optimizer.finalize_variable_values(self.model.trainable_variables)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Raw weights, as they were."""
        for variable, value in zip(self.model.trainable_variables, self._raw, strict=False):
            variable.assign(value)


def best_score(log: Path) -> float:
    """The best score that a run has logged so far, -1 without any: a resumed run keeps its best weights."""
    records = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return max((ValidateReadings.score(record) for record in records if "exact_box" in record), default=-1.0)


class ValidateReadings(keras.callbacks.Callback):  # type: ignore[misc]
    """Exact readings on validation, once framed by the box and once as stored; keeps the best weights.

    These pictures choose and stop; nothing is ever trained on them.
    """

    def __init__(self, samples: list[Sample], spec: InputSpec, best: Path) -> None:
        """`spec` is the network's input; `best` the file of the best weights so far."""
        super().__init__()
        self._samples, self._path = samples, best
        self._score = best_score(best.with_name("log.jsonl"))
        pictures = [load(sample.image) for sample in samples]
        frame = partial(cut, spec=spec)
        self._views = {
            "box": _stack([frame(p, s.box) for p, s in zip(pictures, samples, strict=True)]),
            "whole": _stack([frame(p, None) for p in pictures]),
        }
        self._truths = [[encode(t).argmax(1) for t in (s.correct_value, *s.also_accepted)] for s in samples]
        self.rights: dict[str, NDArray[np.bool_]] = {}  # of the last epoch, by view
        self.plain: keras.Model | None = None  # what to judge and keep, in which the trained weights are then put

    @staticmethod
    def score(logs: dict[str, float]) -> float:
        """What the best weights are best at: readings framed by the box, and a little those of the stored picture."""
        return logs["exact_box"] + logs["exact_whole"] / 4

    def right(self, model: keras.Model, view: str) -> NDArray[np.bool_]:
        """Which validation pictures a model reads right, (n,)."""
        outputs = _read(model, self._views[view])
        return np.array([any((o == t).all() for t in ts) for o, ts in zip(outputs, self._truths, strict=True)])

    def may_be_best(self, logs: dict[str, float]) -> bool:
        """Tell whether this epoch's weights may be kept at all; may add to the logs."""
        return True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds `exact_box`, `exact_whole` and `exact_<source>` to the epoch's logs."""
        if logs is None:
            return
        model = self.model
        if self.plain is not None:
            model = self.plain
            model.set_weights(self.model.get_weights())
        sources = np.array([s.source for s in self._samples])
        for view in self._views:
            right = self.rights[view] = self.right(model, view)
            logs[f"exact_{view}"] = float(right.mean())
            if view == "box":
                for source in np.unique(sources):
                    logs[f"exact_{source}"] = float(right[sources == source].mean())
        score = self.score(logs)
        if self.may_be_best(logs) and score >= self._score:
            self._score = score
            save_whole(model, self._path)


def _read(model: keras.Model, pictures: NDArray[np.float32], batch: int = 64) -> NDArray[np.int64]:
    """Classes (n, 11). Calls the model plainly: `predict` within `fit` takes the weights away under JAX."""
    parts = [pictures[i : i + batch] for i in range(0, len(pictures), batch)]
    outputs = [keras.ops.convert_to_numpy(model(part, training=False)["reading"]) for part in parts]
    classes: NDArray[np.int64] = np.concatenate(outputs).argmax(-1)
    return classes


def _stack(pictures: list[NDArray[np.uint8]]) -> NDArray[np.float32]:
    stacked: NDArray[np.float32] = np.stack(pictures).astype(np.float32) / np.float32(255)
    return stacked


class EpochLog(keras.callbacks.Callback):  # type: ignore[misc]
    """One JSON line an epoch, the same numbers for TensorBoard, and how far the run is for who started it."""

    def __init__(self, run: Path, epochs: int, steps: int, batch: int, progress: Progress) -> None:
        """`steps` an epoch of `batch` pictures each."""
        super().__init__()
        self._file, self._epochs, self._images = run / "log.jsonl", epochs, steps * batch
        self._steps, self._epoch, self._progress = steps, 0, progress
        self._writer = Writer(str(run / "tensorboard"))
        self._started = self._cpu = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Starts the clock."""
        self._epoch = epoch
        self._started, self._cpu = time.monotonic(), time.process_time()

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Says how far it is."""
        loss = round(float((logs or {}).get("loss", 0.0)), 4)
        self._progress.hint(self._epoch * self._steps + batch + 1, self._epochs * self._steps, loss=loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Appends the line."""
        seconds = time.monotonic() - self._started
        record: dict[str, Any] = {
            "epoch": epoch + 1,
            "epochs": self._epochs,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(time.process_time() - self._cpu, 2),
            "images_per_second": round(self._images / seconds, 1),
        } | {key: round(float(value), 6) for key, value in (logs or {}).items()}
        with self._file.open("a") as file:
            file.write(json.dumps(record) + "\n")
        self._progress.say((epoch + 1) * self._steps, self._epochs * self._steps, **record)
        for key, value in record.items():
            self._writer.add_scalar(key, value, epoch + 1)
        self._writer.flush()
