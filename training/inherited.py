"""Leaks that come with the weights: what the networks were taught with that a run begins with, or learns from.

A picture that this run is measured by may stand among it, though the run's own folder has no leak. The data of an
earlier run lie where its options say, and are known again by their hash; a version's card says the hashes of all that
is behind it, but not where that lay. What cannot be found is said to be unknown. The same data needs no second look.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from backend.domain import gates
from backend.domain.card import NAME
from backend.domain.leaking import Leaks, find_across
from training.data import dataset_hash, read_table
from training.leaking import TOLD, Looked, look_at, own_prints
from training.lineage import named
from training.spending import folder_of, options_of, start_of, teachers_of

WEIGHTS = "model.keras"


class Taught(NamedTuple):
    """What a network was taught with: a hash, None where that is not known, and the folder, where that is known."""

    network: str
    sha256: str | None
    folder: Path | None


class Inherited(NamedTuple):
    """The leaks that were found, the hashes of all data, the networks whose data could not all be looked through."""

    leaks: Leaks
    data: list[str]
    unknown: list[str]


def behind(files: Iterable[Path], seen: set[Path]) -> Iterator[Taught]:
    """What all networks were taught with that these files of weights come from, without the folders `seen`."""
    for file in files:
        folder = folder_of(file)
        if folder is None:
            yield Taught(file.name, None, None)
        elif folder.resolve() not in seen:
            seen.add(folder.resolve())
            yield from _version(folder) if (folder / NAME).is_file() else _run(folder, seen)


def _version(folder: Path) -> Iterator[Taught]:
    """What a version was taught with, and those before it, by its card: an older one does not say all of it."""
    try:
        card = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a broken one tells nothing
        card = {}
    made = gates.statistic(gates.statistic(gates.statistic(card, "metrics"), "gates"), gates.INHERITED)
    hashes = [gates.statistic(card, "training").get("dataset_sha256"), *_texts(made.get("data"))]
    yield from (Taught(named(folder), sha256, None) for sha256 in hashes)
    yield from (Taught(name or named(folder), None, None) for name in _texts(made.get("unknown")))


def _texts(given: object) -> list[str | None]:
    """A list of texts as a card has it; of anything else that it is not known."""
    texts = isinstance(given, list) and all(isinstance(each, str) for each in given)
    return list(given) if isinstance(given, list) and texts else [None]


def _run(folder: Path, seen: set[Path], parent: Path | None = None) -> Iterator[Taught]:
    """What a run was taught with, and all before it; `parent` is given besides what its options say."""
    options, files = options_of(folder), [parent / WEIGHTS] if parent else []
    files += filter(None, (start_of(folder), *teachers_of(folder)))
    dataset = options.get("dataset")
    yield Taught(named(folder), options.get("dataset_sha256"), Path(dataset) if dataset else None)
    if any(file.resolve().parent == folder.resolve() for file in files):  # what it began with lay where it lies now
        yield Taught(named(folder), None, None)
    yield from behind(files, seen)


def look_through(dataset: Path, came: list[Taught], same: set[str]) -> Inherited:
    """What is measured by, in a dataset folder, beside all that was taught before, but for data of the hashes `same`.

    Raises DatasetError for a folder that is none.
    """
    leaks, unknown, here = Leaks([], 0), [each.network for each in came if each.sha256 is None], None
    data = list(dict.fromkeys(each.sha256 for each in came if each.sha256))
    for sha256 in data:
        if sha256 in same:
            continue
        own = [each for each in came if each.sha256 == sha256]
        folders = dict.fromkeys([each.folder for each in own if each.folder] + [dataset])
        folder = next((each for each in folders if _has(each, sha256)), None)
        if folder is None:
            unknown += [each.network for each in own]
        else:
            here = here or look_at(dataset)
            leaks += _across(look_at(folder), here)
    return Inherited(leaks, data, list(dict.fromkeys(unknown)))


def _has(folder: Path, sha256: str) -> bool:
    """Whether the data of this hash are in a folder still."""
    try:
        return dataset_hash(folder) == sha256
    except (OSError, ValueError, csv.Error):  # whatever has become of it
        return False


def _across(there: Looked, here: Looked) -> Leaks:
    """The leaks between what is taught there and what is measured by here."""
    return find_across(
        there.prints,
        here.prints,
        lambda each: (there if each.taught else here).small_of(each),
        lambda each: (there if each.taught else here).name(each),
    )


def gate(dataset: Path | None, run: Path, parent: Path | None = None) -> gates.Gate:
    """The gate of the version that a run becomes, measured by a dataset folder; see `_run` of `parent`.

    Raises DatasetError.
    """
    (_, taught_with, _), *came = _run(run, {run.resolve()}, parent)
    if not came:
        return of(Inherited(Leaks([], 0), [], []))
    if dataset is None:
        return {"outcome": gates.OPEN, "reason": "there was no dataset"}
    same = {dataset_hash(dataset)} & {taught_with}  # the gate of leaks looks at that
    return of(look_through(dataset, came, same))


def of(found: Inherited) -> gates.Gate:
    """The gate for the card."""
    leaks = found.leaks
    return gates.inherit(gates.leak(leaks.counts, leaks.untraced, leaks.compared), found.data, found.unknown)


def tell(dataset: Path, sha256: str, files: Iterable[Path]) -> None:
    """Say before a training, rather than after hours, what comes with the weights that it takes."""
    came = list(behind(files, set()))
    if not came or own_prints(dataset, read_table(dataset)):  # nothing came before, or the panel has told
        return
    found = look_through(dataset, came, {sha256})
    lines = [
        f"Leak ({leak.kind}): {leak.taught} was taught to a network before it, {leak.measured} is measured by."
        for leak in found.leaks.found[:TOLD]
    ]
    if found.leaks.found:
        lines.append(f"{len(found.leaks.found)} such leaks: a version takes a written override to be published.")
    if found.unknown:
        lines.append(f"Not all that was taught to {', '.join(found.unknown)} can be looked through for leaks.")
    for line in lines:
        print(line, file=sys.stderr, flush=True)
