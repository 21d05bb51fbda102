"""Figures of versions in the form that the page of versions shows them in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import exists, select

from backend.database import db
from backend.domain.reading import DIGITS
from backend.models import FINDER, READER, NeuralVersion, Publication, Split, Training, VersionReading
from backend.services import version_files, version_judging
from backend.services.gallery import Page
from backend.services.version_judging import Judged

# Shares of a row of the confusion table at which its colours get deeper.
RIGHT = (0.0, 0.5, 0.9)
WRONG = (0.0, 0.02, 0.05)
MEASURED = ("validate", "validate_whole", "test")  # what the export measures, in this order
HERE = {"samples_validate": Split.VALIDATE, "samples_test": Split.TEST}  # readings of the samples in the database
ENOUGH = 30  # readings for an interval that says something
SHARE = {"value", "low", "high", "right", "n"}


@dataclass(frozen=True)
class Branch:
    """A version with those that came from it."""

    version: NeuralVersion
    exact: dict[str, Any] | None
    accepted: dict[str, Any] | None
    wrong: dict[str, Any] | None
    children: list[Branch]


def trees(versions: list[NeuralVersion]) -> list[Branch]:
    """The versions below those that they came from: one tree for each that came from none."""
    below: dict[int | None, list[NeuralVersion]] = {}
    known = {version.id for version in versions}
    for version in sorted(versions, key=lambda each: (each.model.name, each.number)):
        below.setdefault(version.parent_id if version.parent_id in known else None, []).append(version)

    def branch(version: NeuralVersion) -> Branch:
        children = [branch(child) for child in below.get(version.id, [])]
        shares = (share(version, "exact"), share(version, "accepted", "coverage"), share(version, "accepted", "error"))
        return Branch(version, *shares, children)

    return [branch(version) for version in below.get(None, [])]


@dataclass(frozen=True)
class Slot:
    """What is published beside the reader under a name, and all versions that could be."""

    name: str
    published: NeuralVersion | None
    versions: list[NeuralVersion]


def slots(versions: list[NeuralVersion]) -> list[Slot]:
    """The finder and the classifiers, each with its versions, the newest first."""
    names = sorted({version.slot for version in versions} - {READER}, key=lambda name: (name != FINDER, name))
    found = [(name, [version for version in versions if version.slot == name]) for name in names]
    return [Slot(name, next((one for one in these if one.published), None), these) for name, these in found]


def last_publication(version: NeuralVersion | None) -> Publication | None:
    """How a version came to be published at last."""
    if version is None:
        return None
    query = select(Publication).where(Publication.version_id == version.id).order_by(Publication.id.desc()).limit(1)
    return db.session.scalars(query).first()


def shares(version: NeuralVersion) -> dict[str, dict[str, Any]]:
    """All shares in a card's metrics by their places, such as "test accuracy"."""
    found: dict[str, dict[str, Any]] = {}

    def look(inner: Any, place: str) -> None:
        if is_share(inner):
            found[place] = inner
        elif isinstance(inner, dict):
            for key, deeper in inner.items():
                look(deeper, f"{place} {key}".strip())

    look(version.statistics, "")
    return found


def share(version: NeuralVersion, *keys: str, name: str = "validate") -> dict[str, Any] | None:
    """One share with its interval out of a card's metrics; None where the card has no such figure."""
    found: Any = version.statistics.get(name)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if is_share(found) else None


def is_share(found: Any) -> bool:
    """Tell whether this is a share of something, with its interval."""
    return isinstance(found, dict) and found.keys() >= SHARE and isinstance(found["value"], int | float)


def accuracy(version: NeuralVersion) -> list[dict[str, Any]]:
    """Exact readings of each set that the export measured, together (source "") and by source."""
    rows: dict[str, dict[str, Any]] = {}
    for name in MEASURED:
        if together := share(version, "exact", name=name):
            rows.setdefault("", {})[name] = together
        metrics = version.statistics.get(name)
        by_source = metrics.get("exact_by_source") if isinstance(metrics, dict) else None
        for source, found in (by_source if isinstance(by_source, dict) else {}).items():
            if is_share(found):
                rows.setdefault(source, {})[name] = found
    return [{"source": source, **found} for source, found in rows.items()]


def sets(version: NeuralVersion) -> dict[str, Callable[[], dict[str, Any]]]:
    """The sets of pictures that there are long figures of, and how to get these."""
    written = version_files.statistics_of(version)
    found: dict[str, Callable[[], dict[str, Any]]] = {
        name: partial(shaped, written[name]) for name in MEASURED if shaped(written.get(name))
    }
    for name, split in HERE.items():
        of_version = (VersionReading.version_id == version.id) & (VersionReading.training_id == Training.id)
        if db.session.scalar(select(exists().where(of_version, Training.type == split.value))):
            found[name] = partial(read_here, version.id, split)
    return found


def read_here(version_id: int, split: Split) -> dict[str, Any]:
    """Figures from the readings of the samples in the database, by the labels as they are now."""
    return shaped(version_judging.statistics(version_judging.judged(db.session(), version_id, split)))


def shaped(found: Any) -> dict[str, Any]:
    """Long figures with the colours of their tables; empty for what has another form."""
    try:
        positions = [{**each, "levels": levels(each["confusion"])} for each in found["positions"]]
        shares = [each["accuracy"] for each in (*positions, *found["reliability"])]
        shares += [each["error"] for each in found["risk_coverage"]]
        shares.append(found["together"]["exact"])
        if not all(map(is_share, shares)):
            return {}
        return {
            **found,
            "positions": positions,
            "levels": levels(found["confusion"]),
            "top": top(found["risk_coverage"]),
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def top(curve: list[dict[str, Any]]) -> float:
    """Where the axis of errors ends: above every interval but those of the first few readings."""
    highs = [each["error"]["high"] for each in curve if each["error"]["n"] >= ENOUGH]
    return min(1.0, math.ceil(20 * max(highs, default=1.0)) / 20)


def levels(counts: list[list[int]]) -> list[list[str]]:
    """The colour of each cell of a confusion table (10, 10), as the name of its class."""
    table = np.array(counts, dtype=np.int64).reshape(DIGITS, DIGITS)
    parts = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    right = np.searchsorted(RIGHT, parts, side="left")
    wrong = np.searchsorted(WRONG, parts, side="left")
    diagonal = np.eye(DIGITS, dtype=bool)
    return [
        [f"heat-{right[i, j]}" if diagonal[i, j] else f"heat-bad-{wrong[i, j]}" for j in range(DIGITS)]
        for i in range(DIGITS)
    ]


def places(found: Page[int]) -> NDArray[np.int64]:
    """The places of a page's pictures."""
    return np.array(found.rows, dtype=np.int64)


def told(judged: Judged, place: int) -> dict[str, Any]:
    """One reading as the page shows it: its characters, each marked when it is wrong, and how sure it was."""
    return {
        "characters": characters(judged, place),
        "sure": float(judged.sure[place]),
        "accepted": bool(judged.accepted[place]),
        "right": bool(judged.right[place]),
    }


def characters(judged: Judged, place: int) -> list[tuple[str, bool]]:
    """The characters of a reading with as many digits as the label or more, and whether each is wrong."""
    read, truth = judged.read[place], judged.truth[place]
    decimals = int(read[0])
    length = max(int(judged.shown[place, 1:].sum()), DIGITS - first_digit(read), decimals + 1)
    marked = [(str(read[row]), bool(read[row] != truth[row])) for row in range(1 + DIGITS - length, 1 + DIGITS)]
    if decimals:
        marked.insert(length - decimals, (".", bool(read[0] != truth[0])))
    elif truth[0]:
        marked.append(("", True))  # the point is missing
    return marked


def first_digit(classes: NDArray[np.int64]) -> int:
    """How many zeros the ten digits of a reading begin with."""
    nonzero = np.flatnonzero(classes[1:])
    return int(nonzero[0]) if nonzero.size else DIGITS - 1
