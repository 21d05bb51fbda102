"""Labels that the network contradicts, the most surprising first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

from backend.database import db, reading_session
from backend.models import Training
from backend.models.samples import DISAGREES
from backend.services.decisions import unconfirmed
from backend.services.gallery import Page
from backend.services.proposals import disagrees
from backend.services.surprise import shown_chances, surprise, unpack

MOST = 20_000  # contradicted labels that are compared; 440 bytes each


@dataclass(frozen=True)
class Doubt:
    """A sample whose label is contradicted: -log p of the label, and how likely each of the label's digits is."""

    sample: Training
    surprise: float
    chances: list[float]


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
