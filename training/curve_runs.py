"""How the runs of a learning curve are taught: by trainings from nothing, or by short ones from a base network."""

from __future__ import annotations

import argparse
import gc
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
from numpy.typing import NDArray

from backend.domain.files import claimed
from training import metrics
from training.data import VALIDATE, DatasetError, Sample, read_table
from training.networks import crop_samples, open_keras, read_all
from training.render.__main__ import write as write_drawn
from training.subsets import write_subset
from training.train import main as train

if TYPE_CHECKING:
    from training.curve import Teach

DRAWN = 240  # displays, of which every fourth judges the base


def teacher(given: argparse.Namespace, samples: Sequence[Sample], folder: Path) -> Teach:
    """What teaches one subset and says which validation samples are then read right. Raises DatasetError."""
    base = None
    if given.how == "tuned":
        with claimed(folder / "points" / "base", wait=True):
            base = Path(given.base) if given.base else train_base(given, folder)
    return lambda subset, seed: by_training(given, samples, subset, seed, folder, base)


def extras_of(given: argparse.Namespace) -> Path | None:
    """The folder with single digits and pictures without a display, if there is one."""
    beside = Path(given.dataset).resolve().parent
    return given.extras or (beside if (beside / "digits").is_dir() else None)


def by_training(
    given: argparse.Namespace,
    samples: Sequence[Sample],
    subset: Sequence[Sample],
    seed: int,
    folder: Path,
    base: Path | None,
) -> NDArray[Any]:
    """Train on a subset, from a base or from nothing. A killed training goes on; its folder goes when it is judged."""
    data = write_subset(folder / "data" / str(seed), Path(given.dataset) / "images", subset, samples)
    call_train(given, data, folder, str(seed), seed, given.epochs, base)
    network = open_keras(folder / str(seed) / "model.keras")
    validation = [sample for sample in samples if sample.type == VALIDATE]
    outputs = read_all(network, crop_samples(validation, network.spec))
    keep_logs(folder / str(seed), folder / "tensorboard" / str(seed), data)
    del network
    keras.backend.clear_session()
    gc.collect()
    return metrics.judge(outputs, validation).exact


def keep_logs(run: Path, logs: Path, data: Path) -> None:
    """Of all that a run leaves only what TensorBoard shows is kept. Killed at any place, the same run goes on."""
    shown = run / "tensorboard"
    if shown.is_dir():  # else it was moved before this was killed
        shutil.rmtree(logs, ignore_errors=True)
        shutil.move(shown, logs)
    shutil.rmtree(data)
    # A run of which a part is gone could neither go on nor begin anew, so it goes from its place in one step.
    gone = run.with_name(f"{run.name}.gone")
    shutil.rmtree(gone, ignore_errors=True)
    shutil.rmtree(run.rename(gone))


def call_train(
    given: argparse.Namespace, data: Path, folder: Path, name: str, seed: int, epochs: int, base: Path | None = None
) -> None:
    """`training.train` on a dataset folder, from a base or from nothing. Raises DatasetError when it ends early."""
    extras = extras_of(given)
    numbers = {"epochs": epochs, "steps": given.steps, "batch": given.batch, "seed": seed, "workers": given.workers}
    flags = [part for flag, value in numbers.items() for part in (f"--{flag}", str(value))]
    more = [*(["--extras", str(extras)] if extras else []), *(["--from", str(base)] if base else [])]
    where = ["--architecture", given.architecture, "--runs", str(folder), "--name", name, "--no-export"]
    if train([str(data), *where, *flags, *more]):
        raise DatasetError(f"expected the training of {name} to end well, got the error above")


def train_base(given: argparse.Namespace, folder: Path) -> Path:
    """A network that has never seen a photographed display: drawn ones, and ones composed of single digits."""
    drawn, base = folder / "drawn", folder / "base"
    if not (drawn / "cells.json").is_file():  # written last
        write_drawn(drawn, DRAWN, given.seed)
    # Nothing but what batches draw and compose anew is taught; the folder's displays choose the best epoch.
    data = write_subset(folder / "data" / "base", drawn / "images", [], read_table(drawn))
    log = base / "log.jsonl"
    if not log.is_file() or len(log.read_text().splitlines()) < given.base_epochs:
        call_train(given, data, folder, "base", given.seed, given.base_epochs)
    return base / "model.keras"
