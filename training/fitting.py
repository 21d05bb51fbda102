"""What a version's card says about readings: calibration and figures, fitted and measured on a dataset folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import Box, InputSpec, cut
from backend.domain.reading import encode
from training import calibrate, metrics
from training.data import SPLITS, TEACH, TEST, VALIDATE, DatasetError, Sample, dataset_hash, read_table
from training.networks import Network, Pixels, crop_samples, read_all
from training.refuse import SIDES, by_kind, pictures_beside, read_set
from training.render import render
from training.unreadable_set import EACH, Unreadable

Chosen = tuple[list[Sample], list[Sample], list[Sample]]  # validation, test, teach
Nothing = dict[str, tuple[Unreadable, NDArray[np.float32]]]  # unreadable pictures of a side and Keras' outputs


@dataclass(frozen=True)
class Fitted:
    """Calibration and figures for the card; the pictures cut, where they lie, and Keras' outputs (n, 11, 10).

    `first` are those of the first looks, `outputs` of as many as each picture takes.

    `statistics` is too long for the card, which every visitor downloads: confusion, calibration and curves.
    """

    calibration: calibrate.Calibration
    metrics: dict[str, Any]
    statistics: dict[str, Any]
    data: dict[str, Any]
    pixels: Pixels
    first: NDArray[np.float32]
    outputs: NDArray[np.float32]
    places: list[tuple[Path, Box | None]]


def fit(network: Network, dataset: Path, chosen: Chosen, drawn: Sequence[Sample] = ()) -> Fitted:
    """Calibrate on validation; measure on validation and test; read the rest, and drawn displays, for the checks."""
    everything = read_table(dataset)
    validation, test, teach = chosen
    samples = [*validation, *test, *teach, *drawn]
    pixels = crop_samples(samples, network.spec)
    first = read_all(replace(network, again=0.0), pixels, "reading (Keras)")
    outputs = read_all(network, pixels, "looking again (Keras)", first)
    each = min(EACH, max(1, len(validation) // 3))  # of a few samples no more than they take to read
    nothing = {side: read_set(network, everything, pictures_beside(dataset), side, each) for side in SIDES}
    calibration = calibrate_on(outputs[: len(validation)], validation, nothing["validate"][1])
    whole = read_all(network, crop_samples(validation, network.spec, "whole"))
    measured = {
        "validate": evaluated(outputs[: len(validation)], validation, calibration),
        "validate_whole": evaluated(whole, validation, calibration),
        "test": evaluated(outputs[len(validation) : len(validation) + len(test)], test, calibration),
    }
    counts = Counter(s.type for s in everything)
    return Fitted(
        calibration=calibration,
        metrics={name: short(full) for name, full in measured.items()} | {"unreadable": refused(nothing, calibration)},
        statistics=measured,
        data={"sha256": dataset_hash(dataset), "counts": {name: counts[number] for name, number in SPLITS.items()}},
        pixels=pixels,
        first=first,
        outputs=outputs,
        places=[(s.image, s.box) for s in samples],
    )


def choose(everything: Sequence[Sample], pictures: int, few: bool = False, limit: int | None = None) -> Chosen:
    """The validation and test samples, and as many teaching ones as are missing to `pictures`; `limit` of each side.

    Raises DatasetError when there are not so many, which `few` allows, or none for validation.
    """
    validation, test, teach = ([s for s in everything if s.type == side][:limit] for side in (VALIDATE, TEST, TEACH))
    if not validation or (len(everything) < pictures and not few):
        raise DatasetError(
            f"expected {pictures} pictures, some of them for validation, got {len(everything)} with {len(validation)}"
        )
    return validation, test, teach[: max(0, pictures - len(validation) - len(test))]


def calibrate_on(
    outputs: NDArray[np.float32], validation: Sequence[Sample], others: NDArray[np.float32]
) -> calibrate.Calibration:
    """Temperature, threshold and limit from validation outputs (n, 11, 10) and those of unreadable pictures."""
    truths = [[encode(text).argmax(1) for text in (s.correct_value, *s.also_accepted)] for s in validation]
    temperature = calibrate.fit_temperature(outputs, calibrate.likely_truths(outputs, truths))
    judged = metrics.judge(outputs, validation, temperature, calibrate.SOFT)
    empty = metrics.displayed(others, calibrate.SOFT)
    unreadable, refusal = calibrate.choose_unreadable(judged.mean_sure, judged.exact, empty)
    threshold, acceptance = calibrate.choose_threshold(judged, unreadable=unreadable)
    if len(others):
        accepted = metrics.claimed(others, temperature, threshold, unreadable, calibrate.SOFT)[1]
        refusal["others_accepted"] = metrics.proportion(accepted)
    acceptance |= {"no_display": refusal}
    return calibrate.Calibration(temperature, threshold, unreadable, calibrate.SOFT, acceptance)


def refused(nothing: Nothing, calibration: calibrate.Calibration) -> dict[str, Any]:
    """Of the unreadable pictures of each side: how many are claimed as a reading, by kind."""
    limits = (
        calibration.temperature,
        calibration.threshold,
        calibration.unreadable,
        calibration.unreadable_temperature,
    )
    return {side: by_kind(drawn, outputs, *limits) for side, (drawn, outputs) in nothing.items()}


def evaluated(
    outputs: NDArray[np.float32], samples: Sequence[Sample], calibration: calibrate.Calibration
) -> dict[str, Any]:
    """A whole evaluation of outputs (n, 11, 10); empty without samples."""
    if not samples:
        return {}
    judged = metrics.judge(outputs, samples, calibration.temperature, calibration.unreadable_temperature)
    return metrics.evaluate(judged, calibration.threshold, calibration.unreadable)


def short(full: dict[str, Any]) -> dict[str, Any]:
    """The card's form of an evaluation: together, and what is exact by source."""
    if not full:
        return {}
    kept = ("exact", "exact_strict", "within_one", "digits", "point", "accepted", "ece")
    exact = ("value", "low", "high", "right", "n")
    by_source = {name: {key: part["exact"][key] for key in exact} for name, part in full["by_source"].items()}
    rest = {"exact_by_source": by_source, "mismatches": full["mismatches"]}
    return {key: full["together"][key] for key in kept} | rest


def probe(spec: InputSpec, count: int = 8) -> Pixels:
    """A few drawn displays, uint8 (count, height, width, 3), to compare two networks with."""
    drawn = [render(np.random.default_rng(i)) for i in range(count)]
    return np.stack([cut(d.image, d.box, spec) for d in drawn])
