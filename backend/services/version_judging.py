"""Readings of a version beside the labels as they are now: figures, errors, two versions picture by picture.

Readings are compared as classes (n, 11), so zeros in front count nothing, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from backend.domain import figures
from backend.domain.figures import Bools, Floats, Ints
from backend.domain.reading import DIGITS, ROWS
from backend.models import Split, State, Training, VersionReading


@dataclass(frozen=True)
class Judged:
    """n readings of a version beside the labels, in the order of the samples' ids.

    `read` and `truth` are classes (n, 11), of several accepted truths the one that the reading is nearest to; `shown`
    (n, 11) marks the point and the digits that the display shows.
    """

    ids: Ints
    texts: list[str]
    read: Ints
    truth: Ints
    shown: Bools
    right: Bools
    sure: Floats
    accepted: Bools
    sources: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, chosen: Bools | Ints) -> Judged:
        """The readings where `chosen` holds, or at these places."""
        places = np.arange(len(self))[chosen]
        arrays = {name: value[places] for name, value in vars(self).items() if name != "texts"}
        return Judged(texts=[self.texts[place] for place in places.tolist()], **arrays)


@dataclass(frozen=True)
class Comparison:
    """Two versions on the samples that both have read: the places (of n) of what one alone reads right."""

    a: Judged
    b: Judged
    fixed: Ints
    broken: Ints
    both_wrong: Ints
    p: float


def judged(session: Session, version_id: int, split: Split) -> Judged:
    """The version's readings of the labelled samples of one side."""
    columns = (VersionReading.text, VersionReading.confidence, VersionReading.accepted)
    truths = (Training.id, Training.correct_value, Training.also_accepted, Training.source)
    of_version = (VersionReading.version_id == version_id) & (Training.type == split.value)
    query = select(*truths, *columns).join(Training, VersionReading.training_id == Training.id)
    rows = session.execute(query.where(of_version, Training.state == State.LABELLED.value).order_by(Training.id)).all()
    return judge(rows)


def judge(rows: Sequence[Row[Any]]) -> Judged:
    """Readings beside their labels; rows have id, correct_value, also_accepted, source, text, confidence, accepted."""
    read = classes([row.text for row in rows])
    truth = classes([row.correct_value for row in rows])
    for place, row in enumerate(rows):
        if row.also_accepted:
            options = np.concatenate([truth[place : place + 1], classes(row.also_accepted.split())])
            truth[place] = options[(options != read[place]).sum(axis=1).argmin()]
    lengths = np.array([len(row.correct_value.replace(".", "")) for row in rows], dtype=int)
    shown = np.arange(ROWS)[None] > DIGITS - lengths[:, None]
    shown[:, 0] = True
    return Judged(
        ids=np.array([row.id for row in rows], dtype=np.int64),
        texts=[row.text for row in rows],
        read=read,
        truth=truth,
        shown=shown,
        right=(read == truth).all(axis=1),
        sure=np.array([row.confidence for row in rows], dtype=np.float64),
        accepted=np.array([row.accepted for row in rows], dtype=bool),
        sources=np.array([row.source for row in rows], dtype=str),
    )


def classes(texts: list[str]) -> Ints:
    """Stored readings as classes (n, 11), as `encode` has them, for all of them at once."""
    padded = "".join(text.replace(".", "").zfill(DIGITS) for text in texts)
    digits = np.frombuffer(padded.encode("ascii"), np.uint8).reshape(-1, DIGITS).astype(np.int64) - ord("0")
    decimals = np.array([len(text.partition(".")[2]) for text in texts], dtype=np.int64)
    return np.column_stack([decimals, digits])


def statistics(read: Judged) -> dict[str, Any]:
    """Figures of the readings, in the form of the `statistics.json` of a version; empty without readings."""
    if not len(read):
        return {}
    return {
        "together": summary(read),
        "by_source": {str(name): summary(read.only(read.sources == name)) for name in np.unique(read.sources)},
        "confusion": figures.confusion(read.truth, read.read, read.shown),
        "positions": figures.by_position(read.truth, read.read, read.shown),
        "reliability": figures.reliability(read.sure, read.right),
        "risk_coverage": figures.risk_coverage(read.sure, read.right),
        "mismatches": figures.mismatches(read.truth, read.read),
    }


def summary(read: Judged) -> dict[str, Any]:
    """The main figures."""
    same, digits = read.read == read.truth, read.shown.copy()
    digits[:, 0] = False
    return {
        "pictures": len(read),
        "exact": figures.proportion(read.right),
        "digits": figures.proportion(same[digits]),
        "point": figures.proportion(same[:, 0]),
        "accepted": {
            "coverage": figures.proportion(read.accepted),
            "error": figures.proportion(~read.right[read.accepted]),
        },
        "ece": {"value": float(figures.ece(read.sure, read.right)[0])},
    }


def errors(read: Judged) -> Judged:
    """The readings that are wrong, the surest first."""
    wrong = np.flatnonzero(~read.right)
    return read.only(wrong[np.argsort(-read.sure[wrong], kind="stable")])


def compare(session: Session, old: int, new: int, split: Split) -> Comparison:
    """Two versions, picture by picture, where both have read; the surest readings of the new one first."""
    a, b = judged(session, old, split), judged(session, new, split)
    _, in_a, in_b = np.intersect1d(a.ids, b.ids, return_indices=True)
    a, b = a.only(in_a), b.only(in_b)
    order = np.argsort(-b.sure, kind="stable")
    a, b = a.only(order), b.only(order)
    fixed, broken = np.flatnonzero(b.right & ~a.right), np.flatnonzero(a.right & ~b.right)
    both_wrong = np.flatnonzero(~a.right & ~b.right)
    return Comparison(a, b, fixed, broken, both_wrong, figures.mcnemar(len(broken), len(fixed)))
