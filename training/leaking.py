"""Leaks of a dataset folder, looked for as the panel does in its snapshots: `backend.domain.leaking` says what is one.

A snapshot of the panel has fingerprints, which know of fragments in augmentations; in any other folder the pictures are
looked at, and in one whose fingerprints are of other pictures than its table's: no hash in a card covers them.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from backend.domain import gates
from backend.domain.imaging import ImageError, load
from backend.domain.leaking import Leaks, Print, alike, find, smalls
from backend.domain.perceptual import Small, phash, pixels_sha256, small
from training.data import FINGERPRINTS, DatasetError, Sample, dataset_hash, read_table

TOLD = 20  # leaks that are named


class Looked(NamedTuple):
    """What the pictures of a dataset folder are recognised by, how to get one (see `alike`), and what it is called."""

    prints: list[Print]
    small_of: Callable[[Print], Small | None]
    name: Callable[[Print], str]


def leaks_of(dataset: Path) -> Leaks:
    """All leaks between what a dataset folder teaches with and what it measures by. Raises DatasetError."""
    prints, small_of, name = look_at(dataset)
    return find(prints, alike(prints, small_of), name)


def look_at(dataset: Path) -> Looked:
    """Look at every picture of a dataset folder, or take the fingerprints that it has. Raises DatasetError."""
    samples = read_table(dataset)
    if prints := own_prints(dataset, samples):
        return Looked(prints, smalls(dataset / "images"), str)
    with ThreadPoolExecutor() as pool:  # opening a picture leaves Python's lock
        seen = tqdm(pool.map(_seen, samples), desc="leaks", total=len(samples), leave=False, disable=None)
        pictures = dict[str, Small]()
        for number, (one, picture) in enumerate(seen):
            prints.append(one._replace(id=number))
            pictures[one.picture] = picture
    return Looked(prints, lambda each: pictures[each.picture], lambda each: samples[each.id].image.name)


def own_prints(dataset: Path, samples: list[Sample]) -> list[Print]:
    """The fingerprints of a snapshot of the panel; none where they are not of the table's pictures and sides."""
    if not (dataset / FINGERPRINTS).is_file():
        return []
    try:
        prints = read_prints(dataset / FINGERPRINTS)
    except (OSError, ValueError, KeyError, TypeError, csv.Error):  # whatever somebody made of it
        return []
    there = Counter((hashlib.sha256(each.image.read_bytes()).hexdigest(), each.type) for each in samples)
    return prints if Counter((each.picture, each.type) for each in prints) == there else []


def read_prints(file: Path) -> list[Print]:
    """The fingerprints that a snapshot of the panel has."""
    with file.open(newline="", encoding="utf-8") as table:
        rows = [[row[name] or "" for name in Print._fields] for row in csv.DictReader(table)]
    return [Print(int(number), int(side), *texts) for number, side, *texts in rows]


def _seen(sample: Sample) -> tuple[Print, Small]:
    """What a sample's picture is recognised by. A meter that is named after its picture alone is not known.

    Its source is part of its name: another folder's may count its meters alike.
    """
    data = sample.image.read_bytes()
    try:
        image = load(data)
    except ImageError as error:
        raise DatasetError(f"{sample.image.name}: {error}") from None
    meter = f"{sample.source}/{sample.group}" if sample.group != sample.image.stem else ""
    hashes = hashlib.sha256(data).hexdigest(), pixels_sha256(image), phash(image)
    return Print(0, sample.type, *hashes, sample.correct_value, meter, ""), small(image)


def gate(dataset: Path, taught_sha256: str | None) -> gates.Gate:
    """The gate of a version that is measured by this folder, and was taught with the one that has this hash."""
    if taught_sha256 != dataset_hash(dataset):
        return {"outcome": gates.OPEN, "reason": "it was taught with another folder than it is measured by"}
    found = leaks_of(dataset)
    return gates.leak(found.counts, found.untraced, found.compared)


def tell(dataset: Path) -> None:
    """Say before a training, rather than after hours, that its version will take an override to be published."""
    if own_prints(dataset, read_table(dataset)):  # the panel has told
        return
    found = leaks_of(dataset).found
    lines = [f"Leak ({leak.kind}): {leak.taught} is taught, {leak.measured} is measured by." for leak in found[:TOLD]]
    if found:
        lines.append(f"{len(found)} leaks: a version takes a written override to be published.")
    for line in lines:
        print(line, file=sys.stderr, flush=True)
