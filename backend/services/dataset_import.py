"""Dataset folders into the database: all rows or none, and what is there already is not added again.

A row is there already when the same pixels with the same value are: then neither another file format nor a newer
encoder makes a second one of it. A folder that has a row twice gives two rows, which the duplicates page shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.imaging import widen
from backend.models import MeterType, State, Training, TrainingElement
from backend.models.base import now
from backend.services import sides, tables
from backend.services.intake import Entry, Intake, Spool
from backend.services.leftovers import Journal, taking_in
from backend.services.tables import DatasetError, ElementRow, RowError, SampleRow
from backend.storage import Storage, get_storage

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Imported:
    """How many samples and fragments were added, and how many were there already."""

    samples: int = 0
    elements: int = 0
    known: int = 0


def import_dataset(folder: Path, who: str, progress: Progress | None = None) -> Imported:
    """Import `training.csv` and `images/`. Raises DatasetError, naming every bad row, and then adds nothing."""
    return Import(folder, who, progress, base=False).run()


def import_base(folder: Path, who: str, progress: Progress | None = None) -> Imported:
    """Import what `create_base_data` wrote: samples and fragments, pictures to the byte. Raises DatasetError."""
    return Import(folder, who, progress, base=True).run()


class Import:
    """One import, from the folder to the commit."""

    def __init__(self, folder: Path, who: str, progress: Progress | None, base: bool) -> None:
        self.folder, self.who, self.base = folder, who, base
        self.progress = progress or (lambda done, total: None)
        self.storage = get_storage()
        self.samples = Intake[SampleRow](self.storage, describe_sample, keep_own_form=base)
        self.elements = Intake[ElementRow](self.storage, describe_element, keep_own_form=base)
        self.done = self.total = 0

    def run(self) -> Imported:
        """Store the pictures, then add the rows; on any failure take back what was stored."""
        db.session.commit()  # what the caller only read would lock the database while the pictures are read
        try:
            with taking_in() as journal:
                return self._take_in(journal)
        finally:
            for spool in (self.samples.spool, self.elements.spool):
                spool.close()

    def _take_in(self, journal: Journal) -> Imported:
        try:
            self._take_pictures(journal)
            return self._add_rows()
        except BaseException:
            db.session.rollback()  # before the pictures are taken back
            raise

    def _take_pictures(self, journal: Journal) -> None:
        self.total = count(self.folder, tables.SAMPLES) + (count(self.folder, tables.ELEMENTS) if self.base else 0)
        self.samples.take(
            one_side(tables.rows(self.folder, tables.SAMPLES, tables.parse_sample)), journal, self._advance
        )
        if self.base:
            self.elements.take(tables.rows(self.folder, tables.ELEMENTS, tables.parse_element), journal, self._advance)
        problems = [*self.samples.problems]
        problems += [f"{tables.ELEMENTS} {problem}" for problem in self.elements.problems]
        if problems:
            raise DatasetError("%(count)s bad rows; nothing was imported", tuple(problems), count=len(problems))
        if not self.total:
            raise DatasetError("expected at least one row in %(table)s, got none", table=tables.SAMPLES)

    def _advance(self) -> None:
        self.done += 1
        self.progress(self.done, self.total)

    def _add_rows(self) -> Imported:
        session = db.session()
        types = MeterTypes(session, self.who)
        if self.base:
            types.describe(self.folder)
        samples = Adder(session, Training, self.storage, ("pixels_sha256", "correct_value"))
        elements = Adder(session, TrainingElement, self.storage, ("pixels_sha256", "correct_value", "part"))
        samples.add(self.samples.spool, lambda entry: self._sample(entry, types))
        refuse_other_side(session, samples.last)
        elements.add(self.elements.spool, lambda entry: self._element(entry, types, session))
        session.commit()
        return Imported(samples.added, elements.added, samples.known + elements.known)

    def _sample(self, entry: Entry, types: MeterTypes) -> Entry:
        moment = now()
        made = {"created_by": self.who, "updated_by": self.who, "labelled_by": self.who, "labelled_at": moment}
        return {**made, **with_type(entry, types), "state": State.LABELLED.value}

    def _element(self, entry: Entry, types: MeterTypes, session: Session) -> Entry:
        sample = entry.pop("sample")
        found = session.scalar(select(func.min(Training.id)).where(Training.sha256 == sample)) if sample else None
        return {"created_by": self.who, "updated_by": self.who, **with_type(entry, types), "training_id": found}


class MeterTypes:
    """Meter types by name, made when they are met first."""

    def __init__(self, session: Session, who: str) -> None:
        self.session, self.who = session, who
        self.ids = {meter_type.name: meter_type.id for meter_type in session.scalars(select(MeterType))}

    def id(self, name: str) -> int:
        """The id of a meter type; what it is like is left open when it is new."""
        return self.ids[name] if name in self.ids else self.make(name=name)

    def make(self, **values: Any) -> int:
        """Add a meter type."""
        meter_type = MeterType(created_by=self.who, updated_by=self.who, **values)
        self.session.add(meter_type)
        self.session.flush()
        self.ids[meter_type.name] = meter_type.id
        return meter_type.id

    def describe(self, folder: Path) -> None:
        """Add the meter types of a base dataset that are not there yet. Raises DatasetError."""
        for line, cells in tables.read(folder / tables.METER_TYPES, tables.METER_TYPE_COLUMNS):
            try:
                values = tables.parse_meter_type(cells)
            except RowError as error:
                raise DatasetError(
                    "%(table)s line %(line)s: %(error)s", table=tables.METER_TYPES, line=line, error=error
                ) from error
            if values["name"] not in self.ids:
                self.make(**values)


class Adder:
    """Adds rows in bulk but for those that are there already, each as often as it is there."""

    def __init__(self, session: Session, table: Any, storage: Storage, identity: tuple[str, ...]) -> None:
        self.session, self.table, self.storage, self.identity = session, table, storage, identity
        self.last = session.scalar(select(func.max(table.id))) or 0
        self.remaining: dict[tuple[Any, ...], int] = {}  # how many more of a row are there already
        self.added = self.known = 0

    def add(self, spool: Spool, complete: Callable[[Entry], Entry]) -> None:
        """Add the spooled rows."""
        for chunk in spool.chunks():
            self._look_up(chunk)
            new = [complete(entry) for entry in chunk if not self._is_known(entry)]
            for entry in new:
                if not self.storage.exists(entry["image"]):  # another one's deletion came between
                    raise DatasetError(
                        "expected the stored picture %(file)s, got none; import once more", file=entry["image"]
                    )
            if new:
                self.session.execute(insert(self.table), new)
            self.added += len(new)

    def _look_up(self, chunk: list[Entry]) -> None:
        columns = [getattr(self.table, name) for name in self.identity]
        hashes = {entry["pixels_sha256"] for entry in chunk}
        there = select(*columns, func.count()).where(self.table.id <= self.last, columns[0].in_(hashes))
        for *identity, number in self.session.execute(there.group_by(*columns)):
            self.remaining.setdefault(tuple(identity), number)

    def _is_known(self, entry: Entry) -> bool:
        identity = tuple(entry[name] for name in self.identity)
        if self.remaining.get(identity, 0) <= 0:
            return False
        self.remaining[identity] -= 1
        self.known += 1
        return True


def count(folder: Path, table: str) -> int:
    """How many rows a table has; reads it once, so that what is no table is refused before any picture is read."""
    return sum(1 for _ in tables.read(folder / table, ("image",)))


def one_side(rows: Iterator[tuple[int, SampleRow | RowError]]) -> Iterator[tuple[int, SampleRow | RowError]]:
    """Refuse a meter on two sides of the split: what was taught must not be tested."""
    known = dict[str, int]()
    for line, row in rows:
        if isinstance(row, SampleRow) and row.group and known.setdefault(row.group, row.type) != row.type:
            wanted = {"type": known[row.group], "group": repr(row.group), "got": row.type}
            row = RowError("expected type %(type)s as for the meter %(group)s above, got %(got)s", **wanted)
        yield line, row


def refuse_other_side(session: Session, last: int) -> None:
    """Refuse new samples, those behind the row `last`, of a meter whose known samples are on another side."""
    if found := sides.torn(session, Training.id > last):
        raise DatasetError(
            "expected each meter's type as its samples have it that are there, got another one for %(groups)s;"
            " nothing was imported",
            groups=sides.named(found),
        )


def describe_sample(row: SampleRow, width: int, height: int) -> Entry:
    """The columns that a row of the table gives. Raises ImageError for a box outside of the picture."""
    box = row.box
    if box:
        widen(box, 0.0, (width, height))
    return {
        "type": row.type,
        "correct_value": row.correct_value,
        "also_accepted": row.also_accepted,
        "meter_type": row.meter_type,
        "group": row.group,
        "source": row.source,
        "box_x": box and box.x,
        "box_y": box and box.y,
        "box_width": box and box.width,
        "box_height": box and box.height,
    }


def describe_element(row: ElementRow, width: int, height: int) -> Entry:
    """The columns that a row of the table gives."""
    return {
        "part": row.part,
        "correct_value": row.correct_value,
        "meter_type": row.meter_type,
        "sample": row.sample,
    }


def with_type(entry: Entry, types: MeterTypes) -> Entry:
    """Put the id of the meter type in the place of its name."""
    name = entry.pop("meter_type")
    return {**entry, "meter_type_id": types.id(name)}
