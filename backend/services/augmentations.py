"""Generated pictures as the panel shows them: the runs that made them, the map of digits, and taking a run's back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from sqlalchemy import ColumnElement, delete, false, func, select

from backend.database import db, reading_session
from backend.domain.reading import DIGITS
from backend.domain.sentences import Translatable
from backend.models import MeterType, Run, RunKind, RunState, Split, TrainingAugmentation, TrainingElement
from backend.models.base import now
from backend.services import runs
from backend.services.coverage import SELDOM, Counts, seen_augmentations, seen_samples, shown_places
from backend.storage import release

ENDED = (RunState.DONE.value, RunState.FAILED.value, RunState.STOPPED.value)
CLOCKS = timedelta(minutes=1)  # the clocks of machines may differ by so much
AT_ONCE = 500
LEVELS = (SELDOM, 0.75, 1.5)  # of a place's mean: seldom, less, about as often, more often


class AugmentationError(Translatable, ValueError):
    """Generated pictures that cannot be removed, in one sentence."""


@dataclass(frozen=True)
class Cell:
    """How often a digit was seen at a place; `level` goes from 0 (never) to 4 (more often than others there)."""

    samples: int
    generated: int
    level: int

    @property
    def count(self) -> int:
        """In all."""
        return self.samples + self.generated


@dataclass(frozen=True)
class DigitMap:
    """The map of a meter type: a heading for each place from left to right, and ten rows of cells, for 0 to 9."""

    headings: list[str]
    rows: list[list[Cell]]

    @property
    def seen(self) -> bool:
        """Tell whether anything was counted."""
        return any(cell.count for row in self.rows for cell in row)


def digit_map(meter_type: MeterType, split: Split = Split.TEACH) -> DigitMap:
    """How often each digit was seen at each place of a meter type's teaching samples and generated pictures."""
    with reading_session() as session:
        samples = seen_samples(session, meter_type.id, split)
        generated = seen_augmentations(session, meter_type.id, split)
    places = shown_places(samples + generated, meter_type)
    level = levels(samples + generated)
    rows = [
        [Cell(int(samples[row, digit]), int(generated[row, digit]), int(level[row, digit])) for row in last(places)]
        for digit in range(10)
    ]
    return DigitMap([heading(place, meter_type.decimals) for place in reversed(range(places))], rows)


def last(places: int) -> range:
    """The rows of a map that stand for the last so many places."""
    return range(DIGITS - places, DIGITS)


def levels(counts: Counts) -> Counts:
    """The level of each cell of a map, int64 of the same shape."""
    mean = np.maximum(counts.mean(axis=1, keepdims=True), 1e-9)
    level = 1 + sum((counts > share * mean).astype(np.int64) for share in LEVELS)
    return np.where(counts == 0, 0, level)


def heading(place: int, decimals: int | None) -> str:
    """What a place is worth, such as "100" or "0.01"; counted from the end where nobody knows the decimals."""
    if decimals is None:
        return f"…{place + 1}"
    power = place - decimals
    return "1" + "0" * power if power >= 0 else "0." + "0" * (-power - 1) + "1"


def fullest_type() -> int | None:
    """The meter type with most fragments; None without any."""
    kind = TrainingElement.meter_type_id
    return db.session.scalar(select(kind).group_by(kind).order_by(func.count().desc(), kind).limit(1))


def generations(limit: int = 10) -> list[Run]:
    """The last runs that generated pictures, newest first."""
    query = select(Run).where(Run.kind == RunKind.GENERATION.value).order_by(Run.id.desc())
    return list(db.session.scalars(query.limit(limit)))


def of_run(run: Run) -> ColumnElement[bool]:
    """The condition for the pictures that a run made: its meter type and seed, while it ran."""
    name, seed = run.parameters.get("meter_type"), run.parameters.get("seed")
    if run.started_at is None or not isinstance(seed, int):
        return false()
    meter_type = select(MeterType.id).where(MeterType.name == name).scalar_subquery()
    began, ended = run.started_at - CLOCKS, (run.finished_at or now()) + CLOCKS
    made = TrainingAugmentation.created_at.between(began, ended)
    return (TrainingAugmentation.seed == seed) & (TrainingAugmentation.meter_type_id == meter_type) & made


def made_by(run: Run) -> int:
    """How many pictures of a run there are."""
    return db.session.scalar(select(func.count(TrainingAugmentation.id)).where(of_run(run))) or 0


def delete_of_run(run_id: int) -> int:
    """Remove the pictures that a run made; returns how many. Raises AugmentationError and RunError."""
    run = runs.find(run_id)
    if run.kind != RunKind.GENERATION.value or run.state not in ENDED:
        raise AugmentationError("expected a generation that has ended, got another run")
    return remove(of_run(run))


def delete_chosen(ids: list[int]) -> int:
    """Remove some generated pictures; returns how many."""
    return sum(remove(TrainingAugmentation.id.in_(ids[at : at + AT_ONCE])) for at in range(0, len(ids), AT_ONCE))


def remove(condition: ColumnElement[bool]) -> int:
    """Remove generated pictures and, after the commit, their files."""
    session = db.session()
    try:
        gone = session.execute(
            delete(TrainingAugmentation).where(condition).returning(TrainingAugmentation.image),
            execution_options={"synchronize_session": False},
        )
        keys = list(gone.scalars())
        release(session, keys)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return len(keys)
