"""Nested subsets of the teaching samples: every smaller one lies within the next larger one, whole meters at a time.

Pictures of one meter are alike, so a meter is in a subset with all its pictures or not at all; and meters of every
type come in the same share at every size, so that a type's own curve has as many sizes.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.data import TEACH, TEST, VALIDATE, DatasetError, Sample

COLUMNS = ("image", "type", "correct_value", "meter_type", "group", "source", "x", "y", "w", "h", "also_accepted")
LEAST = 8  # samples in the smallest subset


def nested(samples: Sequence[Sample], count: int, seed: int) -> list[list[Sample]]:
    """`count` subsets of the teaching samples, each about half of the next, the last one all of them.

    Raises DatasetError when there are too few samples or meters for so many sizes.
    """
    teach = [sample for sample in samples if sample.type == TEACH]
    if len(teach) < LEAST * 2 ** (count - 1):
        needed = LEAST * 2 ** (count - 1)
        raise DatasetError(f"expected {needed} teaching samples for {count} sizes, got {len(teach)}")
    ends, ordered = _meters(teach, seed)
    found = [min(ends, key=lambda end: abs(end - len(teach) / 2**k)) for k in reversed(range(count))]
    if len(set(found)) < count:
        raise DatasetError(f"expected enough meters for {count} sizes, got {len(ends)} with {len(teach)} pictures")
    return [ordered[:end] for end in found]


def _meters(teach: list[Sample], seed: int) -> tuple[list[int], list[Sample]]:
    """The samples by meter in a random order that mixes the types evenly, and where each meter ends."""
    rng = np.random.default_rng(seed)
    groups: dict[str, list[Sample]] = defaultdict(list)
    for sample in teach:
        groups[sample.group].append(sample)
    types: dict[str, list[str]] = defaultdict(list)
    for name in sorted(groups):
        types[groups[name][0].meter_type].append(name)
    places: dict[str, float] = {}
    for name in sorted(types):
        order = rng.permutation(len(types[name]))
        shares = (np.arange(len(order)) + rng.random()) / len(order)
        places |= {types[name][which]: float(share) for which, share in zip(order, shares, strict=True)}
    ordered, ends = [], []
    for name in sorted(places, key=lambda name: (places[name], name)):
        ordered += groups[name]
        ends.append(len(ordered))
    return ends, ordered


def write_subset(folder: Path, images: Path, subset: Sequence[Sample], samples: Sequence[Sample]) -> Path:
    """A dataset folder for one training: the subset to teach, and what chooses the best of its epochs.

    That is the test side, where there is one: the validation side is then left for the one reading that counts.
    `images` is the folder of the samples' pictures, which is linked to.
    """
    side = TEST if any(sample.type == TEST for sample in samples) else VALIDATE
    judges = [sample for sample in samples if sample.type == side]
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "images").exists():
        (folder / "images").symlink_to(images.resolve(), target_is_directory=True)
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(_row(sample, TEACH, images) for sample in subset)
        writer.writerows(_row(sample, VALIDATE, images) for sample in judges)
    return folder


def _row(sample: Sample, side: int, images: Path) -> list[object]:
    box = sample.box
    corners = (box.x, box.y, box.width, box.height) if box else ("",) * 4
    about = (sample.correct_value, sample.meter_type, sample.group, sample.source)
    return [sample.image.relative_to(images), side, *about, *corners, " ".join(sample.also_accepted)]
