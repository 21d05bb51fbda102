"""The list of samples: filters, search, pages and counts that stay quick with 100,000 rows.

A page begins behind a row, not at a number, so the last page costs what the first one does. Counting stops at a limit.
Each filter has an index in the list's order, and one index holds all their columns, so that several at once are looked
up without reading rows. A search is by beginning, for which the values' own indexes serve.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, Row, Select, String, and_, func, or_, select, text, union

from backend.database import db
from backend.domain.card import Card, CardError
from backend.models import MeterType, State, Training
from backend.models.samples import DISAGREES
from backend.services import proposals, versions
from backend.services.sample_filter import Cursor, Filter, FilterError

PAGE = 50
COUNTED = 1000  # counting goes no further
DOUBTFUL = 0.9  # below this confidence, when no published version says another one
KEPT_SECONDS = 60.0
SHOWN_SOURCES = 200
EXTENSION = "sources of samples"
LAST = "\U0010ffff"  # comes behind every other character
COLUMNS = (
    Training.id, Training.sha256, Training.width, Training.height, Training.type, Training.state, Training.group,
    Training.source, Training.meter_type_id, Training.correct_value, Training.proposed_value,
    Training.proposed_confidence, Training.also_accepted, Training.created_at, Training.labelled_by,
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Rows of the list, and where the pages before and after it begin: None at an end."""

    rows: Sequence[Row[Any]]
    before: str | None
    after: str | None


def page(wanted: Filter, after: str | None = None, before: str | None = None, size: int = PAGE) -> Page:
    """The samples behind the row `after`, or those before the row `before`; the first ones without either.

    The newest come first; doubtful ones, when they are asked for, with the most doubtful first. Raises FilterError.
    """
    place = Cursor.parse(before or after, wanted.doubtful)
    backwards = bool(before)
    ids = matching(wanted)
    if place:
        ids = ids.where(place.behind(backwards))
    ids = ids.order_by(*Cursor.order(wanted.doubtful, backwards)).limit(size + 1)
    query = select(*COLUMNS).where(Training.id.in_(select(ids.subquery().c.id)))
    rows = db.session.execute(query.order_by(*Cursor.order(wanted.doubtful))).all()
    more = len(rows) > size
    rows = rows[-size:] if backwards else rows[:size]
    if not rows:
        return Page((), None, None)
    first, last = (Cursor.of(row, wanted.doubtful).text() for row in (rows[0], rows[-1]))
    others_before, others_after = (more, place) if backwards else (place, more)
    return Page(rows, first if others_before else None, last if others_after else None)


def count(wanted: Filter) -> int:
    """How many samples there are, counted no further than COUNTED + 1."""
    ids = matching(wanted).limit(COUNTED + 1)
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def ids_of(wanted: Filter, most: int) -> list[int]:
    """The ids of all samples that a filter lets through. Raises FilterError when there are more than `most`."""
    ids = list(db.session.scalars(matching(wanted).limit(most + 1)))
    if len(ids) > most:
        raise FilterError("expected at most %(most)s samples at once, got more; choose fewer by a filter", most=most)
    return ids


def matching(wanted: Filter) -> Select[tuple[int]]:
    """The ids of the samples that a filter lets through, in no order."""
    plain = plain_conditions(wanted)
    query = select(Training.id).where(*plain)
    if wanted.group:
        query = query.where(Training.group == wanted.group)
    if wanted.search:
        query = query.where(searched(wanted.search, alone=not plain and not wanted.group))
    if wanted.disagrees:
        query = query.where(text(DISAGREES), bare(Training.state) == State.LABELLED.value, proposals.accepts_no_other())
    return query


def plain_conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """The conditions on single columns.

    Contradicted labels are few and have an index of their own, which SQLite would not take while another one would do.
    """
    conditions = []
    for column, value in plain_values(wanted).items():
        shown = bare(column) if wanted.disagrees else column
        conditions.append(shown < value if column is Training.proposed_confidence else shown == value)
    return conditions


def plain_values(wanted: Filter) -> dict[Any, Any]:
    """The columns that matter, each with the value that it must have; the confidence must be below its value."""
    state = State.PROPOSED.value if wanted.doubtful and wanted.state is None else wanted.state
    values = {
        Training.type: wanted.type,
        Training.state: state,
        Training.meter_type_id: wanted.meter_type,
        Training.source: wanted.source or None,
        Training.proposed_confidence: doubt_limit() if wanted.doubtful else None,
    }
    return {column: value for column, value in values.items() if value is not None}


def bare(column: Any) -> Any:
    """A column as an expression, which no index serves."""
    return column.concat("") if isinstance(column.type, String) else column + 0


def searched(beginning: str, alone: bool) -> ColumnElement[bool]:
    """The condition for samples whose value, group, source or hash begins so.

    `alone` it is quickest as one list out of the four indexes; with other filters these narrow it first.
    """
    columns = (Training.correct_value, Training.group, Training.source, Training.sha256)
    conditions = [begins(column, beginning) for column in columns]
    if alone:
        return Training.id.in_(union(*(select(Training.id).where(one) for one in conditions)))
    return or_(*conditions)


def begins(column: Any, beginning: str) -> ColumnElement[bool]:
    """The condition that a text begins so; on SQLite as a range, which its indexes serve."""
    if db.engine.dialect.name == "sqlite":
        return and_(column >= beginning, column < beginning + LAST)
    started: ColumnElement[bool] = column.startswith(beginning, autoescape=True)
    return started


def meter_types() -> dict[int, str]:
    """The names of the meter types by id, in the order of their names."""
    rows = db.session.execute(select(MeterType.id, MeterType.name).order_by(MeterType.name))
    return {row.id: row.name for row in rows}


def sources() -> list[str]:
    """Where samples came from, as a person can choose it; up to a minute old."""
    kept: tuple[float, list[str]] = current_app.extensions.get(EXTENSION, (float("-inf"), []))
    if time.monotonic() - kept[0] > KEPT_SECONDS:
        found = select(Training.source).where(Training.source != "").distinct().order_by(Training.source)
        kept = (time.monotonic(), list(db.session.scalars(found.limit(SHOWN_SOURCES))))
        current_app.extensions[EXTENSION] = kept
    return kept[1]


def doubt_limit() -> float:
    """Below which confidence a proposal is doubtful: what the published version's card accepts."""
    folder = versions.models_folder()
    try:
        path = versions.pointed_at(folder / versions.POINTER)
    except versions.VersionError:
        path = None
    return threshold(str(folder / path)) if path else DOUBTFUL


@lru_cache(maxsize=16)
def threshold(folder: str) -> float:
    """What a version accepts; its files never change."""
    try:
        return Card.load(Path(folder)).threshold
    except CardError:
        return DOUBTFUL


def says_otherwise(row: Row[Any]) -> bool:
    """Tell whether the version reads another value than any that is accepted, as the filter does."""
    if row.state != State.LABELLED.value or not row.correct_value or not row.proposed_value:
        return False
    accepted = {value.lstrip("0") for value in (row.correct_value, *row.also_accepted.split())}
    return row.proposed_value.lstrip("0") not in accepted
