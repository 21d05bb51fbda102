"""Samples side by side in arrays: which of them look alike, and which are there twice.

Two samples are duplicates when their pixels are the same, or when they have the same value and look the same. How near
their perceptual hashes of 256 bits have to be was measured on 3,133 photographed displays and on drawn ones. Displays
saved again, brightened by 15%, shifted by two pixels across or one down stay within 40 bits in 99 of 100. Other meters
with the same value start at 44. Two readings of one meter of which one digit differs start at 14, but those never have
the same value; where values are not compared, and between meters said to be different, 12 bits are the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from backend.models import Split, State, Training
from backend.services.neighbours import near_pairs, words_of

SAME_VALUE_BITS = 40  # of 256, with the same value
SAME_PICTURE_BITS = 12  # whatever the values and the meters are
SHOWN_BITS = 16  # what a person is asked about
OVERLAP = 0.5  # of two boxes, as intersection over union: with less they are two displays in one photo
STATES = [state.value for state in (State.LABELLED, State.PROPOSED, State.NEW, State.UNREADABLE)]  # the best first
SIDES = [side.value for side in (Split.VALIDATE, Split.TEST, Split.TEACH)]

Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]
Found = tuple[Indices, Indices, NDArray[np.uint8]]  # first, second, distance: three of (m,)
Keep = Callable[[Indices, Indices, NDArray[np.uint8]], Bools]


class Table:
    """All samples but those in the trash, the best first: what `rows` says, and arrays of (n,) to compare them by."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self.rows = sorted(rows, key=quality)
        self.ids = np.array([row.id for row in self.rows], np.int64)
        self.words = words_of([row.phash for row in self.rows])
        self.pixels = codes(row.pixels_sha256 for row in self.rows)
        self.valued = np.array([row.correct_value is not None for row in self.rows], bool)
        # Without a value only the same pixels are the same.
        self.values = codes(row.correct_value or row.pixels_sha256 for row in self.rows)
        self.meters = np.where([bool(row.group) for row in self.rows], codes(row.group for row in self.rows), -1)
        self.labelled = np.array([row.state == State.LABELLED.value for row in self.rows], bool)
        self.taught = np.array([row.type == Split.TEACH.value for row in self.rows], bool)
        self.boxes = np.array([box_of(row) for row in self.rows], float).reshape(-1, 4)

    @classmethod
    def read(cls, session: Session) -> Table:
        """The samples as they are now."""
        names = "id type state correct_value group pixels_sha256 phash updated_at image width height".split()
        boxes = "box_x box_y box_width box_height".split()
        columns = [getattr(Training, name) for name in (*names, *boxes)]
        return cls(session.execute(select(*columns).where(Training.state.in_(STATES))).all())

    def same_pixels(self, first: Indices, second: Indices) -> Bools:
        """Whether the pictures are the same to the pixel."""
        return np.asarray(self.pixels[first] == self.pixels[second])

    def same_value(self, first: Indices, second: Indices) -> Bools:
        """Whether both have a value, the same."""
        return np.asarray(self.valued[first] & self.valued[second] & (self.values[first] == self.values[second]))

    def same_meter(self, first: Indices, second: Indices) -> Bools:
        """Whether both may show one meter: nobody said which, or the same."""
        one, other = self.meters[first], self.meters[second]
        return np.asarray((one == other) | (one < 0) | (other < 0))

    def same_box(self, first: Indices, second: Indices) -> Bools:
        """Whether both may be the same display of their pictures: no box, or about the same."""
        one, other = self.boxes[first], self.boxes[second]
        low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
        both = np.prod(np.maximum(high - low, 0), axis=1)
        areas = [np.prod(box[:, 2:] - box[:, :2], axis=1) for box in (one, other)]
        return np.asarray(~(both < OVERLAP * (areas[0] + areas[1] - both)))  # NaN, without a box, is no "less"

    def look_the_same(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether the pictures are the same as far as the limits above tell."""
        alike = self.same_value(first, second) & self.same_meter(first, second) & (distance <= SAME_VALUE_BITS)
        return np.asarray(self.same_pixels(first, second) | (distance <= SAME_PICTURE_BITS) | alike)

    def twice(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether samples of one value group are there twice."""
        same = self.same_pixels(first, second) | self.valued[first]
        return np.asarray(same & self.look_the_same(first, second, distance) & self.same_box(first, second))

    def leaking(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether one picture is both taught and kept for measuring."""
        across = (self.taught[first] != self.taught[second]) & self.labelled[first] & self.labelled[second]
        return np.asarray(across & self.look_the_same(first, second, distance))

    def better(self, parted: set[tuple[int, int]]) -> list[tuple[int, int, int]]:
        """For each sample that is there twice: its index, that of the better one that stays, and their distance.

        Every one that goes looks like one that stays, not only like another one that goes. Pairs of ids in `parted`
        are not duplicates of each other.
        """
        order = np.argsort(self.values, kind="stable")
        alive, gone = np.ones(len(order), bool), []
        for first, second, distance in near_pairs(
            self.words[:, order], ends(self.values[order]), SAME_VALUE_BITS, alive
        ):
            keep = self.twice(order[first], order[second], distance)
            first, second, distance = first[keep], second[keep], distance[keep]
            bounds = np.flatnonzero(np.diff(first, prepend=-1, append=-1))
            for low, high in pairwise(bounds):
                one = first[low]
                if not alive[one]:
                    continue
                for other, bits in zip(second[low:high], distance[low:high], strict=True):
                    pair = sorted((int(self.ids[order[one]]), int(self.ids[order[other]])))
                    if alive[other] and tuple(pair) not in parted:
                        alive[other] = False
                        gone.append((int(order[other]), int(order[one]), int(bits)))
        return gone

    def alike(self, most: int) -> tuple[Found, bool]:
        """Pairs that look alike, for a person to see, and whether these are all; about `most` at most."""
        everything = np.arange(len(self.ids))
        near, all_near = self.collect(everything, np.full(len(self.ids), len(self.ids)), SHOWN_BITS, None, most)
        order = np.argsort(self.values, kind="stable")
        same, all_same = self.collect(order, ends(self.values[order]), SAME_VALUE_BITS, self.further, most)
        return joined([near, same]), all_near and all_same

    def further(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether a pair of one value group looks the same although it is further apart than what is shown anyway."""
        return np.asarray((distance > SHOWN_BITS) & self.same_meter(first, second))

    def leaks(self, most: int) -> tuple[Found, bool]:
        """Pairs of which one is taught and the other kept for measuring, and whether these are all."""
        order = np.argsort(self.taught, kind="stable")  # those for measuring first: only they are compared
        until = np.where(self.taught[order], np.arange(len(order)) + 1, len(order))
        return self.collect(order, until, SAME_VALUE_BITS, self.leaking, most)

    def collect(self, order: Indices, until: Indices, limit: int, keep: Keep | None, most: int) -> tuple[Found, bool]:
        """The near pairs among samples in some order that `keep` keeps, until there are `most`."""
        parts: list[Found] = []
        count = 0
        for one, other, distance in near_pairs(self.words[:, order], until, limit, np.ones(len(order), bool)):
            first, second = order[one], order[other]
            kept = keep(first, second, distance) if keep else np.ones(len(first), bool)
            parts.append((first[kept], second[kept], distance[kept]))
            count += int(kept.sum())
            if count > most:
                break
        return joined(parts), count <= most


def joined(parts: list[Found]) -> Found:
    """Pairs found at different times as one."""
    parts = [*parts, (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))]
    first, second, distance = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(distance)


def quality(row: Row[Any]) -> tuple[int, int, bool, bool, int]:
    """What the best sample has least of: `duplicates.remove` says it in words."""
    return STATES.index(row.state), SIDES.index(row.type), row.box_x is None, not row.group, row.id


def box_of(row: Row[Any]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the display as parts of the picture; NaN without a box."""
    if row.box_x is None:
        return (np.nan,) * 4
    right, bottom = row.box_x + row.box_width, row.box_y + row.box_height
    return row.box_x / row.width, row.box_y / row.height, right / row.width, bottom / row.height


def codes(texts: Iterable[str]) -> Indices:
    """A number for each text, the same for the same one, int64 (n,)."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(text, len(known)) for text in texts], np.int64)


def ends(grouped: Indices) -> Indices:
    """For each of numbers in rising order, where its like end."""
    return np.searchsorted(grouped, grouped, side="right")


def state_of(session: Session) -> tuple[int, int, datetime | None]:
    """What is different after any change of the samples."""
    query = select(func.count(Training.id), func.coalesce(func.sum(Training.id), 0), func.max(Training.updated_at))
    count, total, moment = session.execute(query).one()
    return count, int(total), moment
