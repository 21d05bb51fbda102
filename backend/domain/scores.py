"""Networks beside the reader, finders and classifiers, compared by their cards: how many pictures each got right.

What the pictures were is in the card too: only versions that were judged alike can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.domain.gates import FAILED, OPEN, PASSED, Gate, statistic, whole


@dataclass(frozen=True)
class Score:
    """How many of so many pictures a version got right, and by what it was judged: which pictures, or which reader."""

    right: int
    pictures: int
    judged_by: Any


def score(is_finder: bool, statistics: Mapping[str, Any], data_sha256: str | None) -> Score | None:
    """What a version's card says that it got right: photos that are read from its outlines, or test pictures."""
    if is_finder:
        figures = statistic(statistics, "validate")
        reader = figures.get("reader")
        found, judged_by = statistic(figures, "right_found"), reader and (reader, data_sha256)
    else:
        found, judged_by = statistic(statistic(statistics, "test"), "accuracy"), data_sha256
    return Score(found["right"], found["n"], judged_by) if judged_by and whole(found, "right", "n") else None


def compare(own: Score | None, published: Score | None) -> Gate:
    """Whether a version gets fewer pictures right than the published one; open where they were not judged alike:
    nobody has compared the two.
    """
    if own is None or published is None:
        return {"outcome": OPEN}
    if (own.pictures, own.judged_by) != (published.pictures, published.judged_by):
        return {"outcome": OPEN}
    outcome = PASSED if own.right >= published.right else FAILED
    return {"outcome": outcome, "pictures": own.pictures, "right": own.right, "before": published.right}
