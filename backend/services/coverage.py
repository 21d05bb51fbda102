"""How often each digit was seen at each place, and where it was seldom seen: what generating pictures aims at.

A map is int64 (10, 10): row 9 counts the last digit of a reading, row 8 the one before it, as in rows 1 to 10 of the
codec's array; column d counts the digit d. Places left of a reading's first digit count nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from backend.database import reading_session
from backend.domain.reading import DIGITS
from backend.models import MeterType, Split, State, Training, TrainingAugmentation

Counts = NDArray[np.int64]
SELDOM = 0.25  # a digit seen less often than this part of its place's mean is a hole


@dataclass(frozen=True)
class Hole:
    """A digit that was seldom or never seen at a place (0: the last digit, 1: the one before it)."""

    place: int
    digit: int
    count: int


def coverage(meter_type_id: int, split: Split = Split.TEACH) -> Counts:
    """The map of a meter type over its labelled samples and its augmentations of one side, int64 (10, 10)."""
    with reading_session() as session:
        return seen_samples(session, meter_type_id, split) + seen_augmentations(session, meter_type_id, split)


def seen_samples(session: Session, meter_type_id: int, split: Split) -> Counts:
    """The map of the labelled samples alone."""
    labelled = (Training.meter_type_id == meter_type_id) & (Training.state == State.LABELLED.value)
    return counted(session, Training, labelled & (Training.type == split.value))


def seen_augmentations(session: Session, meter_type_id: int, split: Split) -> Counts:
    """The map of the augmentations alone."""
    ours = TrainingAugmentation.meter_type_id == meter_type_id
    return counted(session, TrainingAugmentation, ours & (TrainingAugmentation.type == split.value))


def counted(session: Session, table: type[Training | TrainingAugmentation], condition: ColumnElement[bool]) -> Counts:
    """The map of those rows of a table: one text out of an index, for a row in Python for each value takes longer."""
    return count_digits(session.scalar(select(func.aggregate_strings(table.correct_value, " ")).where(condition)) or "")


def count_digits(readings: str) -> Counts:
    """The map of readings with a space between them, such as "012.5 013.0"."""
    text = np.frombuffer(readings.replace(".", "").encode("ascii") + b" ", np.uint8)
    ends = np.flatnonzero(text == ord(" "))
    lengths = np.diff(ends, prepend=-1)  # each with the space behind it
    from_end = np.repeat(ends, lengths) - np.arange(len(text))  # 0: the space, 1: the last digit
    shown = from_end > 0
    cells = (DIGITS - from_end[shown]) * DIGITS + text[shown] - ord("0")
    return np.bincount(cells, minlength=DIGITS * DIGITS).astype(np.int64).reshape(DIGITS, DIGITS)


def shown_places(counts: Counts, meter_type: MeterType | None = None) -> int:
    """How many places, from the right, a map is worth showing: those of the meter type, else those seen."""
    if meter_type is not None and meter_type.digits:
        return meter_type.digits
    seen = np.flatnonzero(counts.any(axis=1))
    return DIGITS - int(seen[0]) if seen.size else 0


def holes(counts: Counts, places: int) -> list[Hole]:
    """The digits seldom seen at the last `places` places, the worst first."""
    found = []
    for place in range(places):
        row = counts[DIGITS - 1 - place]
        limit = SELDOM * float(row.mean())
        found += [Hole(place, digit, count) for digit, count in enumerate(row.tolist()) if count <= limit]
    return sorted(found, key=lambda hole: (hole.count, hole.place, hole.digit))


def missing(row: Counts, count: int) -> NDArray[np.float64]:
    """How many of each digit to add so that `count` more make a place as even as they can: float64, sums to `count`.

    `row` is what was seen, int64 (n,). The seldom ones are raised to one level, like water filling a vessel.
    """
    order = np.sort(row).astype(np.float64)
    levels = (count + np.cumsum(order)) / np.arange(1, len(order) + 1)
    filled = np.flatnonzero(levels >= order)[-1]  # the digits up to this one lie under the water
    return np.asarray(np.maximum(0.0, levels[filled] - row))
