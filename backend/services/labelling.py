"""The labelling queue: one picture after the other, the most doubtful of different meters in turn.

Who looks at a picture holds a lease of it, whose key is the picture, so that two people never get the same one. The
page renews its leases while it is open; those of a closed page run out. An answer is one transaction, noted with what
it changed, so that going back and undoing work after a reload too. Skipping changes nothing about the picture: it
comes back later, and may go to somebody else at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.orm import Session

from backend.database import db
from backend.models import Change, ChangedSample, ChangeKind, State, Training, checked_value
from backend.models.base import now
from backend.services import changes, labelling_leases, labelling_order
from backend.services.changes import ChangeError, Values
from backend.services.labelling_leases import WAITING

SKIPPED_FOR = timedelta(hours=12)
AHEAD = 6  # pictures that a page holds: the one shown, and those loaded meanwhile
COUNTED = 1000  # counting goes no further: a person wants to know whether there is much
ANSWERS = (ChangeKind.ACCEPT.value, ChangeKind.CORRECT.value, ChangeKind.UNREADABLE.value, ChangeKind.SKIP.value)


class TakenError(ChangeError):
    """The picture was answered meanwhile, or somebody else has it."""


@dataclass(frozen=True)
class Waiting:
    """How much waits: in all (counted up to COUNTED), at others just now, skipped by this person."""

    all: int
    others: int
    skipped: int


def take(person: str, count: int = AHEAD) -> list[Training]:
    """Give this person up to `count` pictures to look at: those they have already, then the next ones."""
    session = db.session()
    labelling_leases.renew(session, person)
    missing = count - len(labelling_leases.held(session, person))
    while missing > 0:
        session.commit()  # candidates are looked for without holding the lock
        ids = labelling_order.candidates(labelling_leases.free() & ~skipped(person), 2 * missing)
        if not ids:
            break
        missing -= labelling_leases.lease(session, person, ids, missing)  # others may have been quicker
    rows = labelling_leases.held(session, person)
    session.commit()
    return rows


def answer(person: str, training_id: int, value: str | None, kind: ChangeKind, key: str) -> Change:
    """Take a person's answer; it is on the disk on return. The same `key` again is the same answer.

    ACCEPT and CORRECT come with the value the person saw; which of the two it was is found out here. Raises ChangeError
    and ReadingError.
    """
    session = db.session()
    try:
        change = known(session, key, person) or take_answer(session, person, training_id, value, kind, key)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return change


def undo(person: str) -> Training | None:
    """Take this person's last answer back and give them its picture again; None when there is none.

    Raises ChangeError when somebody changed the sample since, or looks at it.
    """
    session = db.session()
    try:
        last = session.scalars(answered(person)).first()
        if last is None:
            session.rollback()
            return None
        sample = sample_of(session, last)
        if changes.take_back(session, last, person).kept:
            raise ChangeError("somebody changed this sample since; it stays as it is")
        bring_back(session, person, sample)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return sample


def back(person: str, before: int | None = None) -> tuple[int, Training] | None:
    """The last picture that this person answered, or the one answered before the change `before`; with the change.

    None when there is none. Raises ChangeError when somebody else looks at it.
    """
    session = db.session()
    try:
        query = answered(person)
        last = session.scalars(query.where(Change.id < before) if before else query).first()
        if last is None:
            session.rollback()
            return None
        sample = sample_of(session, last)
        bring_back(session, person, sample)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return last.id, sample


def bring_back(session: Session, person: str, sample: Training) -> None:
    """Give a person a picture once more, before what they have; what waits no more needs no lease."""
    session.refresh(sample)
    if sample.state in WAITING and not labelling_leases.lease(session, person, [sample.id], 1, first=True):
        raise TakenError("somebody else has this picture by now; here is another one")


def sample_of(session: Session, change: Change) -> Training:
    """The sample of an answer."""
    item = select(Training).join(ChangedSample).where(ChangedSample.change_id == change.id)
    return session.scalars(item).one()


def show_skipped(person: str) -> int:
    """Let what this person skipped come again; returns how many pictures."""
    again = update(Change).where(Change.created_by == person, Change.kind == ChangeKind.SKIP.value)
    done = db.session.execute(again.where(Change.undone_at.is_(None)).values(undone_at=now()))
    db.session.commit()
    return int(getattr(done, "rowcount", 0))


def waiting(person: str) -> Waiting:
    """How much waits."""
    ids = select(Training.id).where(Training.state.in_(WAITING))
    others = ids.where(Training.id.in_(labelling_leases.others(person)))
    queries = (query.limit(COUNTED + 1).subquery() for query in (ids, others, ids.where(skipped(person))))
    return Waiting(*(db.session.scalar(select(func.count()).select_from(query)) or 0 for query in queries))


def take_answer(
    session: Session, person: str, training_id: int, value: str | None, kind: ChangeKind, key: str
) -> Change:
    """Answer a picture that waits, or once more one that this person answered last. Raises TakenError."""
    if labelling_leases.holder(session, training_id) not in (None, person):
        raise TakenError("somebody else has this picture by now; here is another one")
    state = session.scalar(select(Training.state).where(Training.id == training_id).with_for_update())
    if state not in WAITING and last_person(session, training_id) != person:
        raise TakenError("somebody answered this picture meanwhile; here is another one")
    change = noted(session, person, training_id, value, kind, key)
    labelling_leases.give_back(session, training_id)
    return change


def last_person(session: Session, training_id: int) -> str | None:
    """Who changed a sample last."""
    query = select(Change.created_by).join(ChangedSample).where(ChangedSample.training_id == training_id)
    return session.scalar(query.where(Change.undone_at.is_(None)).order_by(Change.id.desc()).limit(1))


def noted(session: Session, person: str, training_id: int, value: str | None, kind: ChangeKind, key: str) -> Change:
    """Do what an answer says, and note it."""
    values: Values = {}
    if kind in (ChangeKind.ACCEPT, ChangeKind.CORRECT):
        proposed = session.scalar(select(Training.proposed_value).where(Training.id == training_id))
        value = checked_value(value or "") or ""
        kind = ChangeKind.ACCEPT if same_number(value, proposed) else ChangeKind.CORRECT
        values = {"correct_value": value, "state": State.LABELLED.value}
    elif kind is ChangeKind.UNREADABLE:
        values = {"state": State.UNREADABLE.value}
    elif kind is not ChangeKind.SKIP:
        raise ChangeError("expected an answer: accept, correct, unreadable or skip")
    if not values:
        return note_skip(session, person, training_id, key)
    stamped = {**values, "labelled_at": now(), "labelled_by": person}
    change = changes.apply(session, kind, [training_id], stamped, person, key)
    if change is None:
        raise TakenError("expected a picture that is there, got one that was deleted")
    return change


def note_skip(session: Session, person: str, training_id: int, key: str) -> Change:
    """Note that a person does not want a picture now."""
    change = Change(kind=ChangeKind.SKIP.value, key=key, samples=1, created_by=person)
    session.add(change)
    session.flush()
    session.execute(
        insert(ChangedSample), [{"change_id": change.id, "training_id": training_id, "before": {}, "after": {}}]
    )
    return change


def answered(person: str) -> Select[tuple[Change]]:
    """This person's answers that count, the last one first; those of deleted samples are gone."""
    query = select(Change).join(ChangedSample).where(Change.created_by == person, Change.kind.in_(ANSWERS))
    return query.where(Change.undone_at.is_(None)).order_by(Change.id.desc()).limit(1)


def skipped(person: str) -> ColumnElement[bool]:
    """The condition for samples that this person skipped not long ago."""
    skips = select(ChangedSample.training_id).join(Change)
    mine = skips.where(Change.created_by == person, Change.kind == ChangeKind.SKIP.value, Change.undone_at.is_(None))
    return Training.id.in_(mine.where(Change.created_at > now() - SKIPPED_FOR))


def known(session: Session, key: str, person: str) -> Change | None:
    """The change that this key made already: an answer that was sent twice."""
    change = session.scalars(select(Change).where(Change.key == key)).first()
    if change is not None and change.created_by != person:
        raise ChangeError("expected a key of your own, got somebody else's")
    return change


def same_number(value: str, proposed: str | None) -> bool:
    """Tell whether two readings say the same; zeros in front are drums that the network cannot know of."""
    return proposed is not None and value.lstrip("0") == proposed.lstrip("0")
