"""In which order pictures are labelled: by doubt and variety, not by doubt alone.

The most doubtful pictures alone would be a hundred of the same fogged meter. So of each meter (or source, where the
meter is not known) the most doubtful comes first, then of each the second one, and within a meter readings that were
proposed less often come before more of the same. The order is a hint that may be minutes old; leases decide. It is
therefore made once for many pictures, and kept in memory.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Select, String, case, cast, func, select, union_all

from backend.database import reading_session
from backend.models import Training
from backend.services.changes import chunks
from backend.services.labelling_leases import WAITING

CONSIDERED = 20_000  # the most doubtful of each state, by the index: all that fits into 200 ms
KEPT = 2000  # pictures that are put in order at once
FRESH_SECONDS = 300.0  # how old the order may be while it has enough
EXTENSION = "labelling order"
# Of a picture without a proposal nothing is known: it comes among those that are as likely right as wrong.
UNKNOWN_CONFIDENCE = 0.5


class Order:
    """Ids in the order of labelling, and when they were put into it."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.made_at = float("-inf")
        self.lock = threading.Lock()

    def renew(self) -> None:
        """Put the pictures that wait into order; of threads that come at once, one does it."""
        asked = time.monotonic()
        with self.lock:
            if self.made_at < asked:
                self.ids, self.made_at = put_in_order(), time.monotonic()


def candidates(condition: ColumnElement[bool], count: int) -> list[int]:
    """Up to `count` ids of samples that wait and meet the condition, in the order of labelling."""
    order: Order = current_app.extensions.setdefault(EXTENSION, Order())
    if time.monotonic() - order.made_at < FRESH_SECONDS:
        found = among(order, condition, count)
        if len(found) == count:
            return found
    order.renew()
    found = among(order, condition, count)
    return found or any_left(condition, count)


def among(order: Order, condition: ColumnElement[bool], count: int) -> list[int]:
    """The first of the order that meet the condition. What waits no more leaves the order."""
    found: list[int] = []
    with reading_session() as session:
        for chunk in chunks(list(order.ids), 100):
            waiting = set(session.scalars(select(Training.id).where(Training.id.in_(chunk), in_queue())))
            fit = set(session.scalars(select(Training.id).where(Training.id.in_(waiting), condition)))
            gone = set(chunk) - waiting
            if gone:
                order.ids = [id_ for id_ in order.ids if id_ not in gone]
            found += [id_ for id_ in chunk if id_ in fit]
            if len(found) >= count:
                break
    return found[:count]


def any_left(condition: ColumnElement[bool], count: int) -> list[int]:
    """What is left when all that was put in order is taken: the most doubtful first."""
    with reading_session() as session:
        query = select(Training.id).where(in_queue(), condition)
        return list(session.scalars(query.order_by(Training.proposed_confidence, Training.id).limit(count)))


def put_in_order() -> list[int]:
    """The ids of the first KEPT pictures that wait, in the order of labelling."""
    with reading_session() as session:
        return list(session.scalars(in_order()))


def in_order() -> Select[tuple[int]]:
    """The query of `put_in_order`, inside out: the most doubtful; their place among alike ones, then in their meter."""
    seen = union_all(*(most_doubtful(state) for state in WAITING)).subquery()
    alike = func.row_number().over(partition_by=(seen.c.meter, seen.c.value), order_by=(seen.c.confidence, seen.c.id))
    among_alike = select(seen, alike.label("alike")).subquery()
    columns = among_alike.c
    turn = func.row_number().over(partition_by=columns.meter, order_by=(columns.alike, columns.confidence, columns.id))
    in_turn = select(columns.id, columns.confidence, turn.label("turn")).subquery()
    order = (in_turn.c.turn, in_turn.c.confidence, in_turn.c.id)
    return select(in_turn.c.id).order_by(*order).limit(KEPT)


def most_doubtful(state: str) -> Select[Any]:
    """The CONSIDERED most doubtful samples of a state: id, meter, proposed value, confidence."""
    source = Training.source + "|" + cast(Training.meter_type_id, String)
    query = select(
        Training.id,
        case((Training.group != "", Training.group), else_=source).label("meter"),
        func.coalesce(Training.proposed_value, "").label("value"),
        func.coalesce(Training.proposed_confidence, UNKNOWN_CONFIDENCE).label("confidence"),
    )
    query = query.where(Training.state == state).order_by(Training.proposed_confidence, Training.id).limit(CONSIDERED)
    return select(query.subquery())  # SQLite takes no LIMIT inside a union


def in_queue() -> ColumnElement[bool]:
    """The condition for samples that wait for a label."""
    return Training.state.in_(WAITING)
