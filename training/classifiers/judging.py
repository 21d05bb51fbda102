"""What happens between the epochs of a classifier: it is judged on validation pictures, kept, scored, stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.figures import proportion
from training.callbacks import save_whole
from training.classifiers.batches import as_input
from training.classifiers.digits import Part

SCORES = "scores.json"
BEST = "model.keras"
_AT_ONCE = 500

Judged = Callable[[keras.Model], NDArray[np.bool_]]
"""Which of some pictures a classifier tells rightly, (n,)."""


def right(model: keras.Model, part: Part) -> NDArray[np.bool_]:
    """Which pictures a classifier tells rightly, (n,). Plain calls: `predict` in `fit` takes JAX's weights away."""
    side = model.inputs[0].shape[1]
    answers = []
    for start in range(0, len(part), _AT_ONCE):
        pictures = as_input(part.pictures[start : start + _AT_ONCE], side)
        answers.append(keras.ops.convert_to_numpy(model(pictures, training=False)).argmax(axis=1))
    return np.concatenate(answers) == part.labels if answers else np.zeros(0, np.bool_)


def logged(run: Path) -> list[dict[str, Any]]:
    """The epochs of a run, from its log."""
    log = run / "log.jsonl"
    return [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []


def forget_after(run: Path, epoch: int) -> None:
    """Take out of the log what a killed run wrote of epochs that are done again."""
    kept = [line for line in logged(run) if line["epoch"] <= epoch]
    (run / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in kept), "utf-8")


def gave_up(run: Path, patience: int | None) -> bool:
    """Whether a run has not become better for `patience` epochs."""
    values = [line["validation"] for line in logged(run)]
    return patience is not None and bool(values) and len(values) - 1 - int(np.argmax(values)) >= patience


def scores(run: Path) -> dict[str, Any]:
    """Epoch → how many of the test pictures the weights told rightly that were best on validation until then."""
    file = run / SCORES
    return dict(json.loads(file.read_text("utf-8"))) if file.exists() else {}


def score(run: Path, epoch: int, test: Judged) -> None:
    """Add one of them."""
    best = keras.models.load_model(run / BEST, compile=False)
    found = scores(run) | {str(epoch): proportion(test(best))}
    temporary = run / f"{SCORES}.tmp"
    temporary.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    temporary.replace(run / SCORES)


class Judge(keras.callbacks.Callback):  # type: ignore[misc]
    """After each epoch: `validation` in the logs, the best weights in `model.keras`; at some, a score on the test set.

    The test set decides nothing: the weights that it scores were chosen by the validation pictures.
    """

    def __init__(self, run: Path, validation: Judged, test: Judged, scored: tuple[int, ...]) -> None:
        """`scored` are the epochs at which the test set is looked at."""
        super().__init__()
        self._run, self._validation, self._test, self._scored = run, validation, test, scored
        self._best = max((line["validation"] for line in logged(run)), default=-1.0)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Adds to the logs."""
        value = round(float(self._validation(self.model).mean()), 6)  # as the log has it
        if logs is not None:
            logs["validation"] = value
        if value > self._best:
            self._best = value
            save_whole(self.model, self._run / BEST)
        if epoch + 1 in self._scored:
            score(self._run, epoch + 1, self._test)


class GiveUp(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends a run that has not become better for so many epochs. After the log is written."""

    def __init__(self, run: Path, patience: int | None) -> None:
        """None never does."""
        super().__init__()
        self._run, self._patience = run, patience

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Looks at the log."""
        if gave_up(self._run, self._patience):
            self.model.stop_training = True
