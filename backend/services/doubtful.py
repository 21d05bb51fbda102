"""Labels that the published version contradicts, the most surprising first; and letting it read labelled samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import joinedload

from backend.database import db, reading_session
from backend.models import State, Training
from backend.models.samples import DISAGREES
from backend.services import proposals
from backend.services.decisions import unconfirmed
from backend.services.gallery import Page
from backend.services.proposals import disagrees
from backend.services.reading import get_readers
from backend.services.surprise import shown_chances, surprise, unpack

MOST = 20_000  # contradicted labels that are compared; 440 bytes each


@dataclass(frozen=True)
class Doubt:
    """A sample whose label is contradicted: -log p of the label, and how likely each of the label's digits is."""

    sample: Training
    surprise: float
    chances: list[float]


@dataclass(frozen=True)
class Read:
    """How many labelled samples the published version has read just now, and how many it has still to read."""

    read: int
    left: int


def doubtful_labels(number: int, size: int) -> Page[Doubt]:
    """One page of contradicted labels that nobody confirmed, the most surprising first."""
    contradicted = select(Training.id, Training.correct_value, Training.proposed_probabilities).where(
        text(DISAGREES), disagrees(), unconfirmed(), Training.proposed_probabilities.is_not(None)
    )
    with reading_session() as session:
        rows = session.execute(contradicted.order_by(Training.id).limit(MOST)).all()
    if not rows:
        return Page([], 1, 1, 0)
    likely = unpack([row.proposed_probabilities for row in rows])
    surprises = surprise(likely, [row.correct_value for row in rows])
    order = np.argsort(-surprises, kind="stable")
    pages = max(1, -(-len(rows) // size))
    number = min(max(1, number), pages)
    shown = order[(number - 1) * size : number * size]
    query = (
        select(Training).options(joinedload(Training.meter_type)).where(Training.id.in_([rows[n].id for n in shown]))
    )
    found = {row.id: row for row in db.session.scalars(query)}
    doubts = [
        Doubt(found[rows[n].id], float(surprises[n]), shown_chances(likely[n], rows[n].correct_value))
        for n in shown
        if rows[n].id in found
    ]
    return Page(doubts, number, pages, len(rows))


def read_some(most: int) -> Read:
    """Let the published version read up to `most` labelled samples that it has not read. Raises ReaderError."""
    unread = unread_by(proposals.registered(get_readers().version()))
    with reading_session() as session:
        ids = list(session.scalars(select(Training.id).where(unread).order_by(Training.id).limit(most)))
        count = session.scalar(select(func.count(Training.id)).where(unread)) or 0
    read = proposals.fill(ids).filled if ids else 0
    return Read(read, count - read)


def unread_count() -> int:
    """How many labelled samples the published version has not read. Raises ReaderError without a published one."""
    unread = unread_by(proposals.registered(get_readers().version()))
    return db.session.scalar(select(func.count(Training.id)).where(unread)) or 0


def unread_by(version_id: int) -> ColumnElement[bool]:
    """The condition for labelled samples whose proposal is not by this version."""
    other = or_(Training.proposed_version_id.is_(None), Training.proposed_version_id != version_id)
    return (Training.state == State.LABELLED.value) & other
