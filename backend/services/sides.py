"""Meters and the split: all samples of a meter are for one thing, or it would be tested on what it was taught."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from backend.models import Training

NAMED = 3  # how many meters a sentence names


def torn(session: Session, chosen: ColumnElement[bool]) -> list[str]:
    """Which meters of the chosen samples are on several sides of the split; a few of them."""
    groups = select(Training.group).where(Training.group.in_(meters(chosen))).group_by(Training.group)
    return list(session.scalars(groups.having(func.count(Training.type.distinct()) > 1).limit(NAMED)))


def whole_meters(session: Session, chosen: ColumnElement[bool]) -> list[int]:
    """The ids of all samples that show the meters of the chosen ones."""
    return list(session.scalars(select(Training.id).where(Training.group.in_(meters(chosen)))))


def meters(chosen: ColumnElement[bool]) -> Select[tuple[str]]:
    """The meters that the chosen samples show."""
    return select(Training.group).where(chosen, Training.group != "").distinct()


def named(groups: list[str]) -> str:
    """Meters as a sentence names them."""
    return ", ".join(map(repr, groups))
