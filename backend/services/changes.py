"""Changes of samples by people: each is noted with what it changed, so that it can be undone, also after a reload.

The split is by meter: the samples of one group are all there to teach, or all to test, or all to validate. Otherwise
the network would be tested on what it was taught, so a change that tears a group apart is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.sentences import Translatable
from backend.models import Change, ChangedSample, ChangeKind, State, Training
from backend.models.base import JsonObject, now
from backend.services import sides
from backend.storage import release

AT_ONCE = 500  # below every database's limit of parameters
Values = dict[str, Any]
Item = TypeVar("Item")


class ChangeError(Translatable, ValueError):
    """A change that is refused, in one sentence."""


class SplitError(ChangeError):
    """A change that would put one meter on several sides of the split."""


@dataclass(frozen=True)
class Undone:
    """How many samples are as they were before, and how many stay because they were changed again since."""

    restored: int
    kept: int


def change_samples(
    ids: Iterable[int], values: Values, person: str, kind: ChangeKind = ChangeKind.BULK, whole_groups: bool = False
) -> Change | None:
    """Set columns of samples, all or none of them; None when nothing is different.

    With `whole_groups` the other samples of their meters change too. Raises ChangeError.
    """
    session = db.session()
    chosen = dict.fromkeys(ids)  # keeps the order
    if whole_groups:
        for chunk in chunks(list(chosen)):
            chosen |= dict.fromkeys(sides.whole_meters(session, Training.id.in_(chunk)))
    try:
        change = apply(session, kind, chosen, values, person)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return change


def apply(
    session: Session, kind: ChangeKind, ids: Iterable[int], values: Values, person: str, key: str | None = None
) -> Change | None:
    """Change samples and note it, in the caller's transaction. Raises ChangeError."""
    change = Change(kind=kind.value, key=key, samples=0, created_by=person)
    session.add(change)
    session.flush()
    touched: list[int] = []
    stamp = stamp_of(values, person)
    for chunk in chunks(ids):
        refuse_without_value(rows := current(session, chunk, values | stamp), values)
        changed = {row.id: row for row in rows if as_json(row, values) != plain(values)}
        judged = {row.id for row in changed.values() if stamp and row.state != values["state"]}
        write(session, list(changed), values, person)
        write(session, list(judged), stamp, person)
        old = {id_: as_json(row, values | stamp) for id_, row in changed.items()}
        new = {id_: old[id_] | plain(values | stamp if id_ in judged else values) for id_ in changed}
        note(session, change, {id_: (old[id_], new[id_]) for id_ in changed})
        touched += changed
    refuse_split(session, values, touched)
    if touched:
        change.samples = len(touched)
        session.flush()
        return change
    session.delete(change)
    session.flush()
    return None


def stamp_of(values: Values, person: str) -> Values:
    """Who says what samples show, and when: for those that become labelled or unreadable by a change."""
    judged = values.get("state") in (State.LABELLED.value, State.UNREADABLE.value)
    return {"labelled_at": now(), "labelled_by": person} if judged and "labelled_by" not in values else {}


def undo(change_id: int, person: str, anyones: bool = False) -> Undone:
    """Take a change back; samples that were changed again since stay as they are. Raises ChangeError."""
    session = db.session()
    try:
        change = session.get(Change, change_id, with_for_update=True)
        if change is None or change.undone_at is not None or not (anyones or change.created_by == person):
            raise ChangeError("expected a change of yours that is not undone yet, got another one")
        undone = take_back(session, change, person)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return undone


def take_back(session: Session, change: Change, person: str) -> Undone:
    """Restore what a change changed, in the caller's transaction. Raises SplitError."""
    query = select(ChangedSample.training_id, ChangedSample.before, ChangedSample.after)
    items = session.execute(query.where(ChangedSample.change_id == change.id).order_by(ChangedSample.training_id)).all()
    restored: list[int] = []
    names: set[str] = set()
    for chunk in chunks(items):
        names |= chunk[0].before.keys()
        rows = {row.id: row for row in current(session, [item.training_id for item in chunk], chunk[0].before)}
        alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for item in chunk:
            if can_restore(rows.get(item.training_id), item.before, item.after):
                alike[tuple(item.before.items())].append(item.training_id)
        for before, ids in alike.items():
            write(session, ids, from_json(dict(before)), person)
            restored += ids
    refuse_split(session, names, restored)
    change.undone_at = now()
    session.flush()
    return Undone(len(restored), len(items) - len(restored))


def delete_samples(ids: Iterable[int]) -> int:
    """Delete samples for ever; their files go after the commit unless another row uses them. Returns how many went."""
    session = db.session()
    deleted = 0
    for chunk in chunks(ids):
        rows = session.execute(select(Training.id, Training.image).where(Training.id.in_(chunk))).all()
        release(session, [row.image for row in rows])
        statement = delete(Training).where(Training.id.in_([row.id for row in rows]))
        session.execute(statement, execution_options={"synchronize_session": False})
        deleted += len(rows)
    session.commit()
    return deleted


def recent(limit: int = 10) -> list[Change]:
    """The last changes from lists and forms that can still be undone, newest first."""
    kinds = [ChangeKind.BULK.value, ChangeKind.EDIT.value]
    query = select(Change).where(Change.kind.in_(kinds), Change.undone_at.is_(None))
    return list(db.session.scalars(query.order_by(Change.id.desc()).limit(limit)))


def history(training_id: int, limit: int = 30) -> list[tuple[Change, JsonObject, JsonObject]]:
    """What happened to a sample, the last thing first: the change, and its columns before and after."""
    query = select(Change, ChangedSample.before, ChangedSample.after).join(ChangedSample)
    rows = db.session.execute(query.where(ChangedSample.training_id == training_id).order_by(Change.id.desc()))
    return [(change, before, after) for change, before, after in rows.fetchmany(limit)]


def current(session: Session, ids: list[int], names: Iterable[str]) -> list[Row[Any]]:
    """Some columns of samples as they are now, kept from changing until the transaction ends."""
    columns = [getattr(Training, name) for name in {"correct_value": None, **dict.fromkeys(names)}]
    query = select(Training.id, *columns).where(Training.id.in_(ids)).order_by(Training.id)
    return list(session.execute(query.with_for_update()).all())


def write(session: Session, ids: list[int], values: Values, person: str) -> None:
    """Set columns of samples."""
    if ids:
        stamped = {**values, "updated_at": now(), "updated_by": person}
        statement = update(Training).where(Training.id.in_(ids)).values(**stamped)
        session.execute(statement, execution_options={"synchronize_session": False})
        session.expire_all()


def note(session: Session, change: Change, items: Mapping[int, tuple[JsonObject, JsonObject]]) -> None:
    """Note what a change does to each sample: as it was, as it becomes."""
    rows = [
        {"change_id": change.id, "training_id": id_, "before": before, "after": after}
        for id_, (before, after) in items.items()
    ]
    if rows:
        session.execute(insert(ChangedSample), rows)


def refuse_without_value(rows: list[Row[Any]], values: Values) -> None:
    """Refuse to call samples labelled that have no value."""
    if values.get("state") == State.LABELLED.value and "correct_value" not in values:
        empty = sum(row.correct_value is None for row in rows)
        if empty:
            raise ChangeError("only samples with a value can be labelled; without one: %(count)s", count=empty)


def refuse_split(session: Session, changed: Container[str], ids: list[int]) -> None:
    """Refuse when the meters of these samples are on several sides after a change of the type or the meter."""
    if "type" not in changed and "group" not in changed:
        return
    for chunk in chunks(ids):
        if found := sides.torn(session, Training.id.in_(chunk)):
            raise split(found)


def split(groups: list[str]) -> SplitError:
    """The refusal to put these meters on several sides."""
    return SplitError(
        "all samples of a meter must have one type, or it would be tested on what it was taught;"
        " change whole meters: %(groups)s",
        groups=sides.named(groups),
    )


def can_restore(row: Row[Any] | None, before: JsonObject, after: JsonObject) -> bool:
    """Tell whether a sample is still as a change left it, and may be what it was before."""
    if row is None or as_json(row, after) != after:
        return False
    value = before.get("correct_value", row.correct_value)
    return before.get("state") != State.LABELLED.value or value is not None


def as_json(row: Row[Any], names: Iterable[str]) -> JsonObject:
    """Some columns of a sample as the history keeps them."""
    return plain({name: getattr(row, name) for name in names})


def plain(values: Mapping[str, Any]) -> JsonObject:
    """Values as JSON keeps them."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def from_json(values: JsonObject) -> Values:
    """Values as the table keeps them."""
    return {
        key: datetime.fromisoformat(str(value)) if key.endswith("_at") and value is not None else value
        for key, value in values.items()
    }


def chunks(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """The items, some at a time."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
