"""Leaks of a snapshot: what stands on both sides of the line between teaching and measuring.

They are looked for in fingerprints, which are written down with each snapshot and kept when its pictures are gone, so
that the question can be asked again when a version is to be published, with what is known by then about the meters.
What counts as the same picture is said in `lookalikes`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.models import Split, State, Training, TrainingAugmentation, TrainingElement
from backend.services import tables
from backend.services.lookalikes import Table
from backend.storage import write_safely

FILE = "fingerprints.csv"
UNKNOWN = "?"  # in the place of a sample that nobody knows
MOST = 100_000
PICTURE, LOOK, METER, FRAGMENT = KINDS = ("picture", "look", "meter", "fragment")


class Print(NamedTuple):
    """What a picture of a snapshot is recognised by.

    `picture` and `pixels` are sha256 of the file and of its pixels, `look` is the perceptual hash of a sample, empty
    for an augmentation, whose `made_of` has instead the samples' `picture`s that its fragments were cut from.
    """

    id: int
    type: int
    picture: str
    pixels: str
    look: str
    value: str
    meter: str
    made_of: str

    @property
    def taught(self) -> bool:
        """Whether it is for teaching; else something is measured by it."""
        return self.type == Split.TEACH

    def __str__(self) -> str:
        """Its row in the database, in words."""
        return f"{'sample' if self.look else 'augmentation'} {self.id}"


class Leak(NamedTuple):
    """One thing on both sides: what is taught and what is measured by; of a meter only its name, twice."""

    kind: str
    taught: str
    measured: str


@dataclass(frozen=True)
class Leaks:
    """All leaks of a snapshot, and how many augmentations have fragments of which nobody knows the sample."""

    found: list[Leak]
    untraced: int

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return dict.fromkeys(KINDS, 0) | Counter(leak.kind for leak in self.found)


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


def write(folder: Path, prints: Iterable[Print]) -> None:
    """Write them into a snapshot's folder, complete or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(Print._fields)
    writer.writerows(prints)
    write_safely(folder / FILE, text.getvalue().encode())


def read(folder: Path) -> list[Print]:
    """What was written. Raises DatasetError when there is no such file, ValueError for one that somebody changed."""
    rows = (cells for _, cells in tables.read(folder / FILE, Print._fields))
    return [Print(int(cells["id"]), int(cells["type"]), *(cells[name] for name in Print._fields[2:])) for cells in rows]


def with_meters_of_now(session: Session, prints: list[Print]) -> list[Print]:
    """The same, with the meters that the samples are said to show now; it may not have been known earlier."""
    query = select(Training.id, Training.sha256, Training.group).where(Training.group != "")
    said = {(key, picture): meter for key, picture, meter in session.execute(query)}
    return [
        each._replace(meter=said.get((each.id, each.picture), each.meter)) if each.look else each for each in prints
    ]


def find(prints: Iterable[Print]) -> Leaks:
    """All leaks, each once: a pair of pictures, a meter, an augmentation."""
    prints = list(prints)
    samples = [each for each in prints if each.look]
    joined = [each for each in prints if not each.look]
    found = [*same_pictures(samples), *same_meters(samples), *same_fragments(samples, joined)]
    return Leaks(found, sum(UNKNOWN in each.made_of.split() for each in joined))


def same_pictures(samples: list[Print]) -> Iterator[Leak]:
    """Pairs of samples with one picture: the same to the pixel, or the same to look at."""
    by_id = {each.id: each for each in samples}
    table = Table(map(row_of, samples))
    (first, second, _), _ = table.leaks(MOST)
    taught, measured = np.where(table.taught[first], [first, second], [second, first])
    for one, other, same in zip(taught, measured, table.same_pixels(first, second), strict=True):
        pair = by_id[int(table.ids[one])], by_id[int(table.ids[other])]
        yield Leak(PICTURE if same else LOOK, *map(str, pair))


def row_of(each: Print) -> Any:
    """A sample as a row of the table of samples; which part of the picture is meant makes no difference to leaks."""
    about = {"id": each.id, "type": each.type, "state": State.LABELLED.value, "box_x": None}
    looks = {"pixels_sha256": each.pixels, "phash": each.look}
    return SimpleNamespace(**about, **looks, correct_value=each.value, group=each.meter)


def same_meters(samples: list[Print]) -> Iterator[Leak]:
    """Meters with samples on several sides; test and validation are two, since limits are fitted on one of them."""
    sides: dict[str, set[int]] = {}
    for each in samples:
        if each.meter:
            sides.setdefault(each.meter, set()).add(each.type)
    for meter, types in sides.items():
        if len(types) > 1:
            yield Leak(METER, f"meter {meter!r}", f"meter {meter!r}")


def same_fragments(samples: list[Print], joined: list[Print]) -> Iterator[Leak]:
    """Augmentations with a fragment of a sample on the other side, or with such a sample's pixels."""
    by_picture: dict[str, list[Print]] = {}
    for each in samples:
        for key in {each.picture, each.pixels}:
            by_picture.setdefault(key, []).append(each)
    for each in joined:
        other = (one for key in (each.pixels, *each.made_of.split()) for one in by_picture.get(key, ()))
        across = next((one for one in other if one.taught != each.taught), None)
        if across:
            taught, measured = (each, across) if each.taught else (across, each)
            yield Leak(FRAGMENT, str(taught), str(measured))
