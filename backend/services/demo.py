"""Something to try everything with: drawn displays, fragments of them, copies and a wrong label to find.

The displays are drawn by `python -m training.render`, in a process of its own: this side knows nothing of training.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from sqlalchemy import ColumnElement, delete, select, true, update

from backend.database import db, reading_session
from backend.domain.sentences import Translatable
from backend.models import (
    Display,
    MeterType,
    Run,
    RunState,
    Split,
    State,
    Training,
    TrainingAugmentation,
    TrainingElement,
)
from backend.services import dataset_import, fragments, proposals, runs, tables
from backend.services.reading import ReaderError
from backend.services.tables import Cells
from backend.settings import ROOT
from backend.storage import release

COUNT = 60  # drawn displays: four meters of each type, five readings each
SEED = 1
READINGS = 5
FAILED = (RunState.FAILED.value, RunState.STOPPED.value)  # runs of which nothing is left
PIECES = 5  # a start, three middles and an end
GENERATED = ("drawn drums", 40)  # the meter type and the number of a run to begin with
METER_TYPES = {
    "drawn drums": {"unit": "m³", "digits": 8, "decimals": 3, "display": Display.DRUMS.value},
    "drawn LCD": {"unit": "kWh", "digits": 7, "decimals": 1, "display": Display.LCD.value},
    "drawn LED": {"unit": "kWh", "digits": 5, "decimals": 0, "display": Display.LED.value},
}
WRONG, COPIED, SAVED_AGAIN, LEAKING = 1, 2, 15, 20  # rows of the drawn folder that something is done to

Progress = Callable[[int, int], None]
Cell = list[float]


class DemoError(Translatable, ValueError):
    """The demonstration cannot be put here, in one sentence."""


@dataclass(frozen=True)
class Shown:
    """What there is to try now; `read` is None when there was no published version to read with."""

    samples: int
    unlabelled: int
    fragments: int
    read: int | None


def fill(person: str, progress: Progress | None = None) -> Shown:
    """Fill an empty installation. Raises DemoError when it is not empty; after a failure it is empty again."""
    refuse_full()
    tell = progress or (lambda done, total: None)
    with TemporaryDirectory() as name:
        folder = Path(name) / "drawn"
        draw(folder)
        rows = plant(folder)
        tell(1, 4)
        try:
            samples = dataset_import.import_dataset(folder, person).samples
            describe_types()
            tell(2, 4)
            unlabelled = unlabel(rows)
            cut = cut_all(folder, rows, person)
            tell(3, 4)
            read = propose()
            tell(4, 4)
        except BaseException:
            take_back()
            raise
    return Shown(samples, unlabelled, cut, read)


def unfinished() -> bool:
    """Tell whether there are drawn displays and their fragments and nothing else: the generation after them failed."""
    runs.reap()
    others = select(Run.id).where(Run.state.not_in(FAILED))
    with reading_session() as session:
        own = set(session.scalars(select(MeterType.id).where(MeterType.name.in_(METER_TYPES))))
        used = [set(session.scalars(select(table.meter_type_id).distinct())) for table in (Training, TrainingElement)]
        more = session.scalar(select(TrainingAugmentation.id).limit(1)), session.scalar(others.limit(1))
    return all(used) and set.union(*used) <= own and more == (None, None)


def refuse_full() -> None:
    """Raise DemoError unless there is nothing yet that the demonstration could be mistaken for."""
    names: dict[type[Any], str] = {
        Training: "samples",
        TrainingElement: "fragments",
        TrainingAugmentation: "generated pictures",
        Run: "runs",
    }
    for table, name in names.items():
        counts = Run.state.not_in(FAILED) if table is Run else true()
        if db.session.scalar(select(table.id).where(counts).limit(1)) is not None:
            raise DemoError("expected an empty installation, got one with %(rows)s; nothing was added", rows=name)


def draw(folder: Path) -> None:
    """Draw the displays. Raises DemoError when the drawing fails."""
    command = [sys.executable, "-m", "training.render", str(folder), "--count", str(COUNT), "--seed", str(SEED)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no reason given").splitlines()[-1]
        raise DemoError("expected displays to be drawn, got a failure: %(reason)s", reason=last[:300])


def plant(folder: Path) -> list[Cells]:
    """Add copies and a wrong label to the drawn folder; returns the rows as they were drawn."""
    drawn = [cells for _, cells in tables.read(folder / tables.SAMPLES, tables.SAMPLE_COLUMNS[:3])]
    rows = [dict(row) for row in drawn]
    rows[WRONG]["correct_value"] = misread(rows[WRONG]["correct_value"])
    copies = {"copy.png": COPIED, "saved-again.jpg": SAVED_AGAIN, "leak.jpg": LEAKING}
    for name, source in copies.items():
        row = {**drawn[source], "group": "", "image": name}
        rows.append({**row, "type": str(Split.VALIDATE.value)} if source == LEAKING else row)
        with Image.open(folder / tables.IMAGES / drawn[source]["image"]) as picture:
            picture.save(folder / tables.IMAGES / name)
    with (folder / tables.SAMPLES).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return drawn


def misread(value: str) -> str:
    """The value with its second digit wrong, as somebody labels who looks too briefly."""
    return value[0] + str((int(value[1]) + 5) % 10) + value[2:]


def describe_types() -> None:
    """Say what the drawn meter types are like."""
    for name, values in METER_TYPES.items():
        db.session.execute(update(MeterType).where(MeterType.name == name).values(**values))
    db.session.commit()


def unlabel(rows: list[Cells]) -> int:
    """Forget the label of the last reading of each meter, as if it had just been uploaded; returns how many."""
    empty = {"state": State.NEW.value, "correct_value": None, "labelled_by": None, "labelled_at": None}
    last = rows[READINGS - 1 :: READINGS]
    for row in last:
        db.session.execute(update(Training).where(of_row(row)).values(**empty))
    db.session.commit()
    return len(last)


def cut_all(folder: Path, rows: list[Cells], person: str) -> int:
    """Cut the teaching samples between their digits, whose places the drawing knows; returns how many fragments."""
    cells: dict[str, list[Cell]] = json.loads((folder / "cells.json").read_text("utf-8"))
    made = 0
    for number, row in enumerate(rows):
        labelled = number % READINGS != READINGS - 1 and number != WRONG
        sample = db.session.scalar(select(Training.id).where(of_row(row), Training.state == State.LABELLED.value))
        if labelled and sample is not None and row["type"] == str(Split.TEACH.value):
            lines, digits = between(cells[row["image"]])
            made += len(fragments.cut(sample, lines, person, digits))
    return made


def of_row(row: Cells) -> ColumnElement[bool]:
    """The condition for the sample of a drawn row: a meter shows each value once."""
    return (Training.group == row["group"]) & (Training.correct_value == row["correct_value"])


def between(cells: list[Cell]) -> tuple[list[float], list[int]]:
    """Lines in the gaps between digits, and how many digits the pieces have, as even as they can be."""
    count = len(cells)
    bounds = [round(count * piece / PIECES) for piece in range(PIECES + 1)]
    lines = [(cells[bound - 1][1] + cells[bound][0]) / 2 for bound in bounds[1:-1]]
    return lines, [right - left for left, right in zip(bounds, bounds[1:], strict=False)]


def propose() -> int | None:
    """Let the published version read all samples; None without one."""
    try:
        return proposals.fill().filled
    except ReaderError:
        return None


def take_back() -> None:
    """Remove what was added before something failed; everything there is was added here."""
    session = db.session()
    session.rollback()
    for table in (TrainingElement, Training):
        release(session, session.scalars(delete(table).returning(table.image)).all())
    session.execute(delete(MeterType).where(MeterType.name.in_(METER_TYPES)))
    session.commit()
