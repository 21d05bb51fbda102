"""Samples as a table or as JSON, for other programs: piece by piece, however many there are.

What training reads is a dataset folder (`export_dataset`); this is the list as it is filtered, every state included.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select

from backend.database import reading_session
from backend.models import MeterType, NeuralModel, NeuralVersion, Training
from backend.services.sample_filter import Filter
from backend.services.samples import matching
from backend.services.tables import FORMULA

AT_ONCE = 500
COLUMNS = {
    "id": Training.id,
    "image": Training.image,
    "sha256": Training.sha256,
    "width": Training.width,
    "height": Training.height,
    "type": Training.type,
    "state": Training.state,
    "correct_value": Training.correct_value,
    "also_accepted": Training.also_accepted,
    "meter_type": MeterType.name,
    "group": Training.group,
    "source": Training.source,
    "x": Training.box_x,
    "y": Training.box_y,
    "w": Training.box_width,
    "h": Training.box_height,
    "proposed_value": Training.proposed_value,
    "proposed_confidence": Training.proposed_confidence,
    "proposed_by": NeuralModel.name,
    "proposed_number": NeuralVersion.number,
    "created_at": Training.created_at,
    "created_by": Training.created_by,
    "labelled_at": Training.labelled_at,
    "labelled_by": Training.labelled_by,
}


def rows(wanted: Filter) -> Iterator[dict[str, Any]]:
    """The samples that a filter lets through, oldest first, as they are at one moment."""
    columns = [column.label(f"c{place}") for place, column in enumerate(COLUMNS.values())]
    query = select(*columns).select_from(Training).join(MeterType).outerjoin(NeuralVersion).outerjoin(NeuralModel)
    ids = matching(wanted).subquery()
    query = query.where(Training.id.in_(select(ids.c.id))).order_by(Training.id)
    with reading_session() as session:
        for row in session.execute(query.execution_options(yield_per=AT_ONCE)):
            yield dict(zip(COLUMNS, map(plain, row), strict=True))


def as_csv(wanted: Filter) -> Iterator[str]:
    """The samples as a table; a cell that a spreadsheet would run gets an apostrophe in front."""
    yield line(COLUMNS)
    for row in rows(wanted):
        yield line(map(safe, row.values()))


def as_json(wanted: Filter) -> Iterator[str]:
    """The samples as one JSON array, a sample a line."""
    before = "[\n"
    for row in rows(wanted):
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def plain(value: Any) -> Any:
    """A cell as JSON holds it."""
    return value.isoformat() if isinstance(value, datetime) else value


def safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def line(cells: Iterable[Any]) -> str:
    """One line of a table."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
