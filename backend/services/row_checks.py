"""What the tables themselves promise, checked again: a restored backup or another program may not have kept it.

SQLite takes any text for a moment or for JSON and any length for a short text, and keeps no constraint that was
switched off while somebody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    ForeignKey,
    String,
    Table,
    exists,
    func,
    select,
    text,
)
from sqlalchemy.orm import Session

from backend.models import Base

Problem = tuple[ColumnElement[bool], str]  # which rows, and what is wrong with them


def check_tables(session: Session) -> Iterator[str]:
    """Go through every table's constraints, references and kinds of values."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for table in Base.metadata.sorted_tables:
        for condition, problem in (*constraints(table), *references(table), *(kinds(table) if sqlite else ())):
            for key in session.execute(select(*table.primary_key).where(condition)):
                yield f"{table.name} {'-'.join(map(str, key))}: {problem}"


def constraints(table: Table) -> Iterator[Problem]:
    """Rows for which a check of the table's is false."""
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            yield text(f"NOT ({constraint.sqltext})"), f"expected {constraint.sqltext}, got another"  # type: ignore[misc]


def references(table: Table) -> Iterator[Problem]:
    """Rows that refer to a row that is not there."""
    for key in table.foreign_keys:
        yield refers_to_nothing(key), f"expected {key.parent.name} to name a row of {key.column.table.name}, got none"


def refers_to_nothing(key: ForeignKey) -> ColumnElement[bool]:
    """The condition for rows whose reference dangles."""
    other = key.column.table.alias("other")
    return key.parent.is_not(None) & ~exists().where(other.c[key.column.name] == key.parent)


def kinds(table: Table) -> Iterator[Problem]:
    """Rows with a value that its column is not for; only SQLite has such."""
    for column in table.columns:
        if problem := kind(column):
            condition, wanted = problem
            yield column.is_not(None) & condition, f"expected {column.name} to be {wanted}, got something else"


def kind(column: Column[object]) -> Problem | None:
    """The condition for values of a wrong kind, and what they should be."""
    if isinstance(column.type, String) and column.type.length:
        return func.length(column) > column.type.length, f"a text of at most {column.type.length} characters"
    if isinstance(column.type, JSON):
        return func.json_valid(column) == 0, "JSON"
    if isinstance(getattr(column.type, "impl", None), DateTime):
        return func.datetime(column).is_(None), "a moment"
    return None
