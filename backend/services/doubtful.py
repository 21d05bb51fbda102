"""Labels that a version contradicts, the most surprising first; and letting the published one read labelled samples.

What a version was taught it may know by heart, a wrong label included: where it was, that is said beside the sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path

import numpy as np
from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.orm import joinedload

from backend.database import db, reading_session
from backend.domain.doubt import contradiction
from backend.models import NeuralVersion, Split, State, Training
from backend.models.samples import DISAGREES
from backend.services import proposals, tables
from backend.services.decisions import unconfirmed
from backend.services.gallery import Page
from backend.services.proposals import disagrees
from backend.services.reading import get_readers
from backend.services.snapshots import FOLDER as SNAPSHOTS
from backend.services.surprise import shown_chances, unpack
from backend.settings import get_settings

MOST = 20_000  # contradicted labels that are compared; 440 bytes each
WITH = (joinedload(Training.meter_type), joinedload(Training.proposed_version).joinedload(NeuralVersion.model))


class Taught(str, Enum):
    """Whether a version learned from a sample."""

    YES = "yes"
    PERHAPS = "perhaps"  # it is there to teach with, and what the version learned from is not kept here
    NO = "no"


@dataclass(frozen=True)
class Doubt:
    """A sample whose label is contradicted: how surely, how likely each digit is, who may know it."""

    sample: Training
    score: float
    chances: list[float]
    taught: Taught


@dataclass(frozen=True)
class Read:
    """How many labelled samples the published version has read just now, and how many it has still to read."""

    read: int
    left: int


def doubtful_labels(number: int, size: int) -> Page[Doubt]:
    """One page of contradicted labels that nobody confirmed, the most surprising first."""
    columns = (Training.id, Training.correct_value, Training.also_accepted, Training.proposed_probabilities)
    contradicted = select(*columns).where(
        text(DISAGREES), disagrees(), unconfirmed(), Training.proposed_probabilities.is_not(None)
    )
    with reading_session() as session:
        rows = session.execute(contradicted.order_by(Training.id).limit(MOST)).all()
    if not rows:
        return Page([], 1, 1, 0)
    likely = unpack([row.proposed_probabilities for row in rows])
    scores = contradiction(likely, [(row.correct_value, *row.also_accepted.split()) for row in rows])
    order = np.argsort(-scores, kind="stable")
    pages = max(1, -(-len(rows) // size))
    number = min(max(1, number), pages)
    shown = order[(number - 1) * size : number * size]
    query = select(Training).where(Training.id.in_([rows[n].id for n in shown]))
    found = {row.id: row for row in db.session.scalars(query.options(*WITH))}
    doubts = [
        Doubt(sample, float(scores[n]), shown_chances(likely[n], rows[n].correct_value), taught(sample))
        for n in shown
        if (sample := found.get(rows[n].id))
    ]
    return Page(doubts, number, pages, len(rows))


def taught(sample: Training) -> Taught:
    """Whether the version that read a sample had learned from it: its snapshot tells, if it is still there."""
    if sample.proposed_version is None:
        return Taught.NO
    names = learned_from(sample.proposed_version)
    if names is not None:
        return Taught.YES if Path(sample.image).name in names else Taught.NO
    return Taught.PERHAPS if sample.type == Split.TEACH.value else Taught.NO


def learned_from(version: NeuralVersion) -> frozenset[str] | None:
    """The names of the pictures that a version learned from; None when its snapshot is not kept here."""
    table = get_settings().instance.resolve() / SNAPSHOTS / (version.data_sha256 or "-")[:16] / tables.SAMPLES
    return taught_in(table) if table.is_file() else None


@lru_cache(maxsize=4)
def taught_in(table: Path) -> frozenset[str]:
    """The names of the pictures to teach with in a snapshot's table; a snapshot never changes."""
    rows = tables.read(table, ("image", "type"))
    return frozenset(cells["image"] for _, cells in rows if cells["type"] == str(Split.TEACH.value))


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
