"""Out-of-fold readings of a whole dataset folder: K networks, each of which learns nothing about one fold of meters.

Pictures of one meter are alike, so a meter is in one fold with all its pictures (cross-validation by group). Of the
other folds' meters an eighth chooses each network's best epoch and its temperature; the fold itself has no say.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from backend.domain.doubt import Probabilities
from backend.domain.reading import encode
from training.calibrate import fit_temperature, likely_truths
from training.data import SPLITS, VALIDATE, DatasetError, Sample, dataset_hash, read_table, share
from training.label_errors import OutOfFold, read
from training.networks import crop_samples, open_keras, read_all
from training.subsets import write_subset
from training.train import main as train

JUDGES = 1 / 8  # of the other folds' meters


def by_folds(given: argparse.Namespace) -> OutOfFold:
    """Train and read fold after fold. Raises DatasetError for too few meters and when a training ends early."""
    samples = read_table(given.dataset)
    folds = fold_of(samples, given.folds)
    places = np.array([folds[sample.group] for sample in samples])
    probabilities = np.zeros((len(samples), 11, 10), np.float32)
    for fold in range(given.folds):
        others = [sample for sample, place in zip(samples, places, strict=True) if place != fold]
        chosen = np.flatnonzero(places == fold)
        probabilities[chosen] = read_fold(given, others, [samples[i] for i in chosen], fold)
    about = {"folds": given.folds, "epochs": given.epochs, "data": dataset_hash(given.dataset)}
    wanted = [i for i, s in enumerate(samples) if given.side is None or s.type == SPLITS[given.side]]
    return OutOfFold([samples[i] for i in wanted], probabilities[wanted], about)


def fold_of(samples: Sequence[Sample], folds: int) -> dict[str, int]:
    """Meter → fold, as many in each, by their names alone. Raises DatasetError for under two meters a fold."""
    meters = by_lot(samples, "fold")
    if len(meters) < 2 * folds:
        raise DatasetError(f"expected at least {2 * folds} meters for {folds} folds, got {len(meters)}")
    return {meter: place % folds for place, meter in enumerate(meters)}


def by_lot(samples: Sequence[Sample], lot: str) -> list[str]:
    """The meters in an order that a hash of their names gives, another one for each lot."""
    return sorted({sample.group for sample in samples}, key=lambda group: (share(f"{lot} {group}"), group))


def divide(others: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
    """The samples to teach with and those that judge the epochs, by meter: at least one each."""
    meters = by_lot(others, "judge")
    judges = set(meters[: max(1, round(JUDGES * len(meters)))])
    teach = [sample for sample in others if sample.group not in judges]
    return teach, [replace(sample, type=VALIDATE) for sample in others if sample.group in judges]


def read_fold(given: argparse.Namespace, others: Sequence[Sample], held: Sequence[Sample], fold: int) -> Probabilities:
    """Train on the other folds, or go on with it, and read this one: calibrated probabilities (n, 11, 10)."""
    name = f"fold{fold + 1}of{given.folds}"
    teach, judges = divide(others)
    data = write_subset(given.runs / f"{name}-data", Path(given.dataset) / "images", teach, judges)
    numbers = {"steps": given.steps, "batch": given.batch, "seed": given.seed, "workers": given.workers}
    numbers |= {"epochs": given.epochs} if given.epochs else {}
    flags = [part for flag, value in numbers.items() for part in (f"--{flag}", str(value))]
    beside = Path(given.dataset).resolve().parent
    extras = ["--extras", str(beside)] if (beside / "digits").is_dir() else []
    if train([str(data), "--runs", str(given.runs), "--name", name, "--no-export", *flags, *extras]):
        raise DatasetError(f"expected the training of {name} to end well, got the error above")
    network = open_keras(given.runs / name / "model.keras")
    found = read_all(network, crop_samples(judges, network.spec))
    options = [[encode(text).argmax(1) for text in (s.correct_value, *s.also_accepted)] for s in judges]
    temperature = fit_temperature(found, likely_truths(found, options))
    probabilities = read(network, held, temperature)
    del network
    keras.backend.clear_session()
    gc.collect()
    return probabilities
