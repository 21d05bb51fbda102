"""How the runs of a learning curve are taught: by whole trainings, or on top of a frozen trunk."""

from __future__ import annotations

import argparse
import gc
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
from numpy.typing import NDArray

from training import frozen, metrics
from training.data import VALIDATE, DatasetError, Sample, read_table
from training.networks import crop_samples, open_keras, read_all
from training.render.__main__ import write as write_drawn
from training.subsets import write_subset
from training.train import main as train

if TYPE_CHECKING:
    from training.curve import Teach

DRAWN = 240  # displays, of which every fourth judges the base


@contextmanager
def teacher(given: argparse.Namespace, samples: Sequence[Sample], folder: Path) -> Iterator[Teach]:
    """What teaches one subset and says which validation samples are then read right. Raises DatasetError."""
    if given.how == "train":
        yield lambda subset, seed: by_training(given, samples, subset, seed, folder)
        return
    base = Path(given.base) if given.base else train_base(given, folder)
    yield on_trunk(given, samples, base, folder)


def extras_of(given: argparse.Namespace) -> Path | None:
    """The folder with single digits and pictures without a display, if there is one."""
    beside = Path(given.dataset).resolve().parent
    return given.extras or (beside if (beside / "digits").is_dir() else None)


def by_training(
    given: argparse.Namespace, samples: Sequence[Sample], subset: Sequence[Sample], seed: int, folder: Path
) -> NDArray[Any]:
    """Train on a subset from nothing. A killed training goes on; its folder goes when it has been judged."""
    data = write_subset(folder / "data" / str(seed), Path(given.dataset) / "images", subset, samples)
    call_train(given, data, folder, str(seed), seed, given.epochs)
    network = open_keras(folder / str(seed) / "model.keras")
    validation = [sample for sample in samples if sample.type == VALIDATE]
    outputs = read_all(network, crop_samples(validation, network.spec))
    for place in (data, folder / str(seed)):
        shutil.rmtree(place)
    del network
    keras.backend.clear_session()
    gc.collect()
    return metrics.judge(outputs, validation).exact


def call_train(given: argparse.Namespace, data: Path, folder: Path, name: str, seed: int, epochs: int) -> None:
    """`training.train` on a dataset folder. Raises DatasetError when it ends early."""
    extras = extras_of(given)
    numbers = {"epochs": epochs, "steps": given.steps, "batch": given.batch, "seed": seed, "workers": given.workers}
    flags = [part for flag, value in numbers.items() for part in (f"--{flag}", str(value))]
    more = ["--extras", str(extras)] if extras else []
    where = ["--architecture", given.architecture, "--runs", str(folder), "--name", name]
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


def on_trunk(given: argparse.Namespace, samples: Sequence[Sample], base: Path, folder: Path) -> Teach:
    """Teach what lies above the base's trunk: features are made once, for all runs."""
    network = frozen.split(base)
    extras = extras_of(given)
    digits = extras / "digits" if extras else None
    backgrounds = extras / "not_meters" / "images" if extras else None
    bank = frozen.fill(network, list(samples), digits, backgrounds, given.workers, given.seed)
    validation = [sample for sample in samples if sample.type == VALIDATE]
    features = network.features(crop_samples(validation, network.spec))

    def teach(subset: list[Sample], seed: int) -> NDArray[Any]:
        chosen = {sample.image for sample in subset}
        outputs = frozen.teach(network, bank, chosen, features, given.epochs * given.steps, given.batch, seed)
        return metrics.judge(outputs, validation).exact

    return teach
