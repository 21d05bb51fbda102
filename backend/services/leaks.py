"""Leaks of a snapshot: what stands on both sides of the line between teaching and measuring.

They are looked for in fingerprints, which are written down with each snapshot and kept when its pictures are gone, so
that the question can be asked again when a version is to be published, with what is known by then about the meters.
What is a leak is said in `domain.leaking`. Which pictures are the same to look at is found while they are there, and
kept, too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.domain.leaking import UNKNOWN, Pair, Print
from backend.models import Training, TrainingAugmentation, TrainingElement
from backend.services import tables
from backend.storage import write_safely

FILE = "fingerprints.csv"
ALIKE = "alike.csv"  # beside it: pairs of pictures that are the same to look at
PAIR = ("taught", "measured")


def fingerprints(session: Session, condition: ColumnElement[bool]) -> Iterator[Print]:
    """The samples that meet a condition, and all augmentations."""
    columns = (Training.id, Training.type, Training.sha256, Training.pixels_sha256, Training.phash)
    words = (Training.correct_value, Training.group)
    for row in session.execute(select(*columns, *words).where(condition).order_by(Training.id)):
        yield Print._make((*row, ""))
    query = select(TrainingElement.id, Training.sha256).join(Training, TrainingElement.training_id == Training.id)
    cut_from = {str(key): picture for key, picture in session.execute(query)}
    joined = TrainingAugmentation
    hashes = (joined.sha256, joined.pixels_sha256)
    for key, side, picture, pixels, value, ids in session.execute(
        select(joined.id, joined.type, *hashes, joined.correct_value, joined.element_ids).order_by(joined.id)
    ):
        samples = {cut_from.get(part, UNKNOWN) for part in ids.split("-")}
        yield Print(key, side, picture, pixels, "", value, "", " ".join(sorted(samples)))


def write(folder: Path, prints: Iterable[Print], alike: Iterable[Pair]) -> None:
    """Write them and the pairs that are alike into a snapshot's folder, each complete or not at all."""
    for name, columns, rows in ((ALIKE, PAIR, alike), (FILE, Print._fields, prints)):
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
        write_safely(folder / name, text.getvalue().encode())


def read(folder: Path) -> list[Print]:
    """What was written. Raises DatasetError when there is no such file, ValueError for one that somebody changed."""
    rows = (cells for _, cells in tables.read(folder / FILE, Print._fields))
    return [Print(int(cells["id"]), int(cells["type"]), *(cells[name] for name in Print._fields[2:])) for cells in rows]


def alike(folder: Path) -> list[Pair] | None:
    """The pairs of pictures that are the same to look at; None of a snapshot from before these were looked for."""
    if not (folder / ALIKE).is_file():
        return None
    return [(cells["taught"], cells["measured"]) for _, cells in tables.read(folder / ALIKE, PAIR)]


def with_meters_of_now(session: Session, prints: list[Print]) -> list[Print]:
    """The same, with the meters that the samples are said to show now; it may not have been known earlier."""
    query = select(Training.id, Training.sha256, Training.group).where(Training.group != "")
    said = {(key, picture): meter for key, picture, meter in session.execute(query)}
    return [
        each._replace(meter=said.get((each.id, each.picture), each.meter)) if each.look else each for each in prints
    ]
