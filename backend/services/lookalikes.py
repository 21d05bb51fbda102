"""All samples side by side: which of them look alike, as `domain.lookalikes` tells, and which are there twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from backend.domain.lookalikes import SAME_VALUE_BITS, Bools, Found, Indices, Looks, ends, joined
from backend.domain.neighbours import near_pairs
from backend.models import Split, State, Training

SHOWN_BITS = 16  # what a person is asked about
OVERLAP = 0.5  # of two boxes, as intersection over union: with less they are two displays in one photo
STATES = [state.value for state in (State.LABELLED, State.PROPOSED, State.NEW, State.UNREADABLE)]  # the best first
SIDES = [side.value for side in (Split.VALIDATE, Split.TEST, Split.TEACH)]


class Table(Looks):
    """All samples but those in the trash, the best first: what `rows` says, and arrays of (n,) to compare them by."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self.rows = sorted(rows, key=quality)
        self.ids = np.array([row.id for row in self.rows], np.int64)
        super().__init__(
            [row.phash for row in self.rows],
            [row.pixels_sha256 for row in self.rows],
            [row.correct_value for row in self.rows],
            [row.group for row in self.rows],
            [row.type == Split.TEACH.value for row in self.rows],
        )
        self.labelled = np.array([row.state == State.LABELLED.value for row in self.rows], bool)
        self.boxes = np.array([box_of(row) for row in self.rows], float).reshape(-1, 4)

    @classmethod
    def read(cls, session: Session) -> Table:
        """The samples as they are now."""
        names = "id type state correct_value group pixels_sha256 phash updated_at image width height".split()
        boxes = "box_x box_y box_width box_height".split()
        columns = [getattr(Training, name) for name in (*names, *boxes)]
        return cls(session.execute(select(*columns).where(Training.state.in_(STATES))).all())

    def same_box(self, first: Indices, second: Indices) -> Bools:
        """Whether both may be the same display of their pictures: no box, or about the same."""
        one, other = self.boxes[first], self.boxes[second]
        low, high = np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:])
        both = np.prod(np.maximum(high - low, 0), axis=1)
        areas = [np.prod(box[:, 2:] - box[:, :2], axis=1) for box in (one, other)]
        return np.asarray(~(both < OVERLAP * (areas[0] + areas[1] - both)))  # NaN, without a box, is no "less"

    def twice(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether samples of one value group are there twice."""
        same = self.same_pixels(first, second) | self.valued[first]
        return np.asarray(same & self.look_the_same(first, second, distance) & self.same_box(first, second))

    def leaking(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether one picture of labelled samples is both taught and kept for measuring."""
        return np.asarray(self.labelled[first] & self.labelled[second] & super().leaking(first, second, distance))

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


def quality(row: Row[Any]) -> tuple[int, int, bool, bool, int]:
    """What the best sample has least of: `duplicates.remove` says it in words."""
    return STATES.index(row.state), SIDES.index(row.type), row.box_x is None, not row.group, row.id


def box_of(row: Row[Any]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the display as parts of the picture; NaN without a box."""
    if row.box_x is None:
        return (np.nan,) * 4
    right, bottom = row.box_x + row.box_width, row.box_y + row.box_height
    return row.box_x / row.width, row.box_y / row.height, right / row.width, bottom / row.height


def state_of(session: Session) -> tuple[int, int, datetime | None]:
    """What is different after any change of the samples."""
    query = select(func.count(Training.id), func.coalesce(func.sum(Training.id), 0), func.max(Training.updated_at))
    count, total, moment = session.execute(query).one()
    return count, int(total), moment
