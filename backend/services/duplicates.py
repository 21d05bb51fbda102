"""Samples that are there twice: what the command removes, what the panel shows, what is both taught and measured by.

What counts as twice is said in `lookalikes`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from flask import current_app
from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.lookalikes import Found
from backend.models import Kept, PairDecision, Training, TrainingElement
from backend.models.base import now
from backend.services.leftovers import taking_in
from backend.services.lookalikes import Table, state_of
from backend.storage import release

MOST_SHOWN = 5000
MOST_LEAKS = 100_000
AT_ONCE = 500
CACHE = "look-alikes"
STEPS = 3  # of removing: read, compare, delete
Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Removed:
    """A sample that went, or would go, and the one that stays in its place; their distance of 256 bits."""

    id: int
    kept_id: int
    distance: int


@dataclass(frozen=True)
class Pair:
    """Two samples that look alike, the smaller id first; `exact`: the same pixels, `leak`: taught and measured by."""

    first_id: int
    second_id: int
    distance: int
    exact: bool
    same_value: bool
    leak: bool


@dataclass(frozen=True)
class Pairs:
    """Pairs, the nearest first. Not `complete`: there are more, and perhaps nearer ones."""

    pairs: list[Pair]
    complete: bool


def remove(person: str, dry_run: bool = False, progress: Progress | None = None) -> list[Removed]:
    """Remove samples with the same picture and the same value as a better one; what is in the trash stays there.

    The better one is labelled before proposed before new before unreadable. Among equals it is one to validate with,
    then one to test with: taking the other out of what is taught closes the leak, and pictures to measure by are rare.
    Then one with a box, one whose meter is known, the older one. Pairs that a person decided to keep both stay, and so
    does a sample that somebody changes meanwhile. Fragments of what goes belong to what stays.
    """
    report = progress or (lambda done, total: None)
    db.session.commit()  # what the caller only read would lock the database meanwhile
    with reading_session() as session:
        table = Table.read(session)
        report(1, STEPS)
        both = PairDecision.kept == Kept.BOTH.value
        decided = session.execute(select(PairDecision.first_id, PairDecision.second_id).where(both))
        parted = {(low, high) for low, high in decided}
    better = table.better(parted)
    found = [Removed(table.rows[one].id, table.rows[kept].id, bits) for one, kept, bits in better]
    report(2, STEPS)
    if not dry_run:
        found = delete_unchanged(found, {row.id: row.updated_at for row in table.rows}, person)
    report(STEPS, STEPS)
    return found


def pairs(most: int = MOST_SHOWN) -> Pairs:
    """Pairs of samples that look alike, whatever their values, for a person to decide about.

    Takes seconds with 100,000 samples, and nothing when they are as they were at the last call.
    """
    return remembered("pairs", most)


def leaks() -> Pairs:
    """Pairs of labelled samples with one picture of which one is taught and the other is kept for measuring."""
    return remembered("leaks", MOST_LEAKS)


def remembered(what: str, most: int) -> Pairs:
    """Look for pairs, unless the samples are as they were when somebody looked last."""
    cache: dict[str, tuple[object, Pairs]] = current_app.extensions.setdefault(CACHE, {})
    with reading_session() as session:
        state = (most, state_of(session))
        known = cache.get(what)
        if known and known[0] == state:
            return known[1]
        table = Table.read(session)
    found, complete = table.alike(most) if what == "pairs" else table.leaks(most)
    listed = described(table, found)
    result = Pairs(listed[:most], complete and len(listed) <= most)
    cache[what] = (state, result)
    return result


def described(table: Table, found: Found) -> list[Pair]:
    """What a person should know of each pair, the nearest first."""
    first, second, distance = found
    low, high = np.minimum(table.ids[first], table.ids[second]), np.maximum(table.ids[first], table.ids[second])
    columns = (
        *(low, high, distance, table.same_pixels(first, second), table.same_value(first, second)),
        table.leaking(first, second, distance),
    )
    listed = [Pair(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]
    return sorted(listed, key=lambda pair: (pair.distance, not pair.exact, pair.first_id, pair.second_id))


def delete_unchanged(found: list[Removed], moments: dict[int, datetime], person: str) -> list[Removed]:
    """Delete, in one transaction, those that are as they were when they were compared, as are those that stay."""
    session = db.session()
    done: list[Removed] = []
    with taking_in() as journal:  # a process killed after the commit leaves files, which this names
        try:
            for start in range(0, len(found), AT_ONCE):
                chunk = found[start : start + AT_ONCE]
                ids = {key for one in chunk for key in (one.id, one.kept_id)}
                rows = {row.id: row for row in session.execute(current(ids))}
                same = [one for one in chunk if all(unchanged(rows, moments, key) for key in (one.id, one.kept_id))]
                for one in same:
                    journal.note(rows[one.id].image)
                hand_over(session, same, person)
                release(session, [rows[one.id].image for one in same])
                session.execute(
                    delete(Training).where(Training.id.in_([one.id for one in same])),
                    execution_options={"synchronize_session": False},
                )
                done += same
            session.commit()
        except BaseException:
            session.rollback()
            raise
    return done


def current(ids: set[int]) -> Select[tuple[int, str, datetime]]:
    """Samples as they are now, kept as they are until the end of the transaction."""
    columns = select(Training.id, Training.image, Training.updated_at)
    return columns.where(Training.id.in_(ids)).with_for_update()


def unchanged(rows: Mapping[int, Row[tuple[int, str, datetime]]], moments: dict[int, datetime], key: int) -> bool:
    """Whether a sample is still there, and as it was when it was compared."""
    return key in rows and rows[key].updated_at == moments[key]


def hand_over(session: Session, removed: list[Removed], person: str) -> None:
    """Give the fragments of what goes to what stays."""
    kept = {one.id: one.kept_id for one in removed}
    query = select(TrainingElement.training_id).where(TrainingElement.training_id.in_(kept)).distinct()
    for sample in filter(None, session.scalars(query).all()):
        session.execute(
            update(TrainingElement)
            .where(TrainingElement.training_id == sample)
            .values(training_id=kept[sample], updated_by=person, updated_at=now())
        )
