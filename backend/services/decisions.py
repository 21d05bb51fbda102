"""What people decide about samples that look alike and about labels that the network contradicts; all can be undone.

Nothing is deleted: what a person does not keep goes to the trash, from where undoing brings it back.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, joinedload

from backend.database import db
from backend.domain.sentences import Translatable
from backend.models import (
    Change,
    ChangedSample,
    ChangeKind,
    Kept,
    LabelConfirmation,
    PairDecision,
    Split,
    State,
    Training,
)
from backend.models.base import now
from backend.services import changes
from backend.services.changes import ChangeError, Values
from backend.services.duplicates import Pair


class DecisionError(Translatable, ValueError):
    """A decision that cannot be made or undone, in one sentence."""


@dataclass(frozen=True)
class Answer:
    """What undoes an answer about a label: a change, or the confirmation of a sample's label."""

    change_id: int | None = None
    confirmed_id: int | None = None


def decide_pair(left_id: int, right_id: int, kept: Kept, person: str) -> PairDecision:
    """Keep the left sample of two that look alike (FIRST), the right one (SECOND), or both. Raises DecisionError."""
    session = db.session()
    try:
        left, right = both(session, left_id, right_id)
        if kept is Kept.BOTH:
            refuse_leak(left, right)
        change = put_away(session, {Kept.FIRST: right, Kept.SECOND: left}.get(kept), person)
        if left.id > right.id:
            kept = {Kept.FIRST: Kept.SECOND, Kept.SECOND: Kept.FIRST}.get(kept, kept)
        ids = {"first_id": min(left_id, right_id), "second_id": max(left_id, right_id)}
        decision = PairDecision(**ids, kept=kept.value, change_id=change.id if change else None, created_by=person)
        session.add(decision)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return decision


def undo_pair(decision_id: int, person: str) -> PairDecision:
    """Take a decision back: the pair is asked about again, what went to the trash returns. Raises DecisionError."""
    session = db.session()
    try:
        decision = session.get(PairDecision, decision_id, with_for_update=True)
        if decision is None:
            raise DecisionError("expected a decision about a pair, got one that is undone already")
        if decision.change and decision.change.undone_at is None:
            take_back(session, decision.change, person)
        session.delete(decision)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return decision


def undecided(pairs: list[Pair]) -> list[Pair]:
    """Those of some pairs that nobody decided about, in their order."""
    decided = {(low, high) for low, high in db.session.execute(select(PairDecision.first_id, PairDecision.second_id))}
    return [pair for pair in pairs if (pair.first_id, pair.second_id) not in decided]


def pair_decisions(limit: int = 20) -> list[PairDecision]:
    """The last decisions about pairs, newest first, with their samples."""
    query = select(PairDecision).options(joinedload(PairDecision.first), joinedload(PairDecision.second))
    return list(db.session.scalars(query.order_by(PairDecision.id.desc()).limit(limit)))


def confirm_label(training_id: int, value: str, person: str) -> Answer:
    """Say that a label is right, as this person saw it. Raises DecisionError."""
    return answer(training_id, value, person, None)


def take_proposal(training_id: int, value: str, proposed: str, person: str) -> Answer:
    """Replace a label by what the network reads, both as this person saw them. Raises DecisionError."""
    values = {"correct_value": proposed, "state": State.LABELLED.value}
    return answer(training_id, value, person, values, proposed)


def mark_unreadable(training_id: int, value: str, person: str) -> Answer:
    """Say that nobody can read a sample that has a label. Raises DecisionError."""
    return answer(training_id, value, person, {"state": State.UNREADABLE.value})


def answer(training_id: int, value: str, person: str, values: Values | None, proposed: str | None = None) -> Answer:
    """Change a sample whose label is still `value`, or without `values` confirm the label."""
    session = db.session()
    try:
        sample = session.get(Training, training_id, with_for_update=True)
        if sample is None or sample.state != State.LABELLED.value or sample.correct_value != value:
            raise DecisionError("expected the label as it was shown, got one that somebody changed meanwhile")
        if proposed is not None and sample.proposed_value != proposed:
            raise DecisionError("expected the proposal as it was shown, got a newer one")
        if values is None:
            session.merge(LabelConfirmation(training_id=training_id, correct_value=value, created_by=person))
            session.commit()
            return Answer(confirmed_id=training_id)
        stamped = {**values, "labelled_at": now(), "labelled_by": person}
        change = changes.apply(session, ChangeKind.EDIT, [training_id], stamped, person)
        assert change is not None  # the moment of labelling is always another one
        session.commit()
        return Answer(change_id=change.id)
    except BaseException:
        session.rollback()
        raise


def undo_answer(undone: Answer, person: str) -> int:
    """Take an answer about a label back; returns the sample's id. Raises DecisionError."""
    session = db.session()
    try:
        if undone.confirmed_id is not None:
            sample_id = withdraw(session, undone.confirmed_id)
        else:
            change = session.get(Change, undone.change_id or 0, with_for_update=True)
            if change is None or change.undone_at is not None or change.created_by != person:
                raise DecisionError("expected an answer of yours that is not undone yet, got another one")
            sample_id = take_back(session, change, person)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return sample_id


def unconfirmed() -> ColumnElement[bool]:
    """The condition for samples whose label nobody confirmed as it is now."""
    confirmed = and_(
        LabelConfirmation.training_id == Training.id, LabelConfirmation.correct_value == Training.correct_value
    )
    return ~exists().where(confirmed)


def both(session: Session, left_id: int, right_id: int) -> tuple[Training, Training]:
    """Two samples that nobody put away or decided about yet, kept from changing. Raises DecisionError."""
    ids = sorted({left_id, right_id})
    rows = session.scalars(select(Training).where(Training.id.in_(ids)).order_by(Training.id).with_for_update())
    found = {row.id: row for row in rows if row.state != State.TRASH.value}
    if len(found) < 2:
        raise DecisionError("expected two samples, got one that was removed meanwhile")
    known = select(PairDecision.id).where(PairDecision.first_id == ids[0], PairDecision.second_id == ids[1])
    if session.scalar(known) is not None:
        raise DecisionError("expected a pair that nobody decided about, got one with a decision; undo that first")
    return found[left_id], found[right_id]


def refuse_leak(left: Training, right: Training) -> None:
    """Refuse to keep the same picture on two sides of the split, one of them to teach. Raises DecisionError."""
    if left.pixels_sha256 == right.pixels_sha256 and leaks(left.type, right.type):
        raise DecisionError("expected one of two to go, got the same picture to teach and to test with")


def leaks(left: int, right: int) -> bool:
    """Tell whether a picture on these two sides of the split is tested after it was taught."""
    return left != right and Split.TEACH.value in (left, right)


def put_away(session: Session, sample: Training | None, person: str) -> Change | None:
    """Move a sample to the trash."""
    if sample is None:
        return None
    return changes.apply(session, ChangeKind.EDIT, [sample.id], {"state": State.TRASH.value}, person)


def take_back(session: Session, change: Change, person: str) -> int:
    """Restore the one sample of a change; returns its id. Raises DecisionError when it was changed since."""
    sample_id = session.scalars(select(ChangedSample.training_id).where(ChangedSample.change_id == change.id)).first()
    if sample_id is None:
        raise DecisionError("expected a sample that is there, got one that was deleted")
    try:
        kept = changes.take_back(session, change, person).kept
    except ChangeError as error:
        raise DecisionError(error.sentence, **error.values) from error
    if kept:
        raise DecisionError("expected the sample as it was left, got one that was changed since")
    return sample_id


def withdraw(session: Session, training_id: int) -> int:
    """Take the confirmation of a label back. Raises DecisionError."""
    confirmation = session.get(LabelConfirmation, training_id)
    if confirmation is None:
        raise DecisionError("expected a confirmed label, got one that is not")
    session.delete(confirmation)
    return training_id
