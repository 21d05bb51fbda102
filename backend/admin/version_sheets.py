"""The pictures of a page of the error sheet or of a comparison, with what versions read on them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from backend.admin import version_figures
from backend.database import db
from backend.models import Training
from backend.services.version_judging import Comparison, Judged


def cells(part: Judged) -> list[dict[str, Any]]:
    """What the error sheet shows of some readings."""
    rows = samples(part.ids.tolist())
    places = [place for place, key in enumerate(part.ids.tolist()) if key in rows]
    return [{"sample": rows[int(part.ids[place])], "reading": version_figures.told(part, place)} for place in places]


def pairs(compared: Comparison, places: Any) -> list[dict[str, Any]]:
    """What the comparison shows of some pictures: both readings."""
    rows = samples(compared.b.ids[places].tolist())
    return [
        {
            "sample": rows[int(compared.b.ids[place])],
            "old": version_figures.told(compared.a, place),
            "new": version_figures.told(compared.b, place),
        }
        for place in places.tolist()
        if int(compared.b.ids[place]) in rows
    ]


def samples(ids: list[int]) -> dict[int, Training]:
    """The samples of a page."""
    return {row.id: row for row in db.session.scalars(select(Training).where(Training.id.in_(ids)))}
