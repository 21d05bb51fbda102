"""The database as dataset folders: what training reads, and the base dataset that goes back in to the byte.

The order of the rows depends on what is in them, not on ids, so the same samples always give the same folder.
"""

from __future__ import annotations

import csv
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from backend.database import reading_session
from backend.domain.files import sync_folder
from backend.models import MeterType, Split, State, Training, TrainingAugmentation, TrainingElement
from backend.services import sides, tables
from backend.services.tables import Cells, DatasetError
from backend.storage import Storage, get_storage

Progress = Callable[[int, int], None]  # done, of how many
KEPT_FOR_BASE = (Split.TEST.value, Split.VALIDATE.value)
AT_ONCE = 1000
AUGMENTATION = "augmentation"  # the source of augmentations: results are told apart by it

AnyRow = TypeVar("AnyRow", Training, TrainingElement, TrainingAugmentation)


@dataclass(frozen=True)
class Exported:
    """How many samples and fragments a folder got."""

    samples: int
    elements: int = 0


def export_dataset(folder: Path, progress: Progress | None = None, augmentations: bool = False) -> Exported:
    """Write every labelled sample, and every augmentation if asked, as training reads them. Raises DatasetError."""
    labelled = Training.state == State.LABELLED.value
    with reading_session() as session:
        refuse_leaks(session, labelled)
        return write(session, folder, labelled, False, progress, augmentations)


def create_base(folder: Path, progress: Progress | None = None) -> Exported:
    """Write the labelled test and validation samples, all fragments and the meter types. Raises DatasetError."""
    condition = (Training.state == State.LABELLED.value) & Training.type.in_(KEPT_FOR_BASE)
    with reading_session() as session:
        return write(session, folder, condition, with_elements=True, progress=progress)


def refuse_leaks(session: Session, condition: ColumnElement[bool]) -> None:
    """Refuse a meter on two sides of the split: training would test what it was taught."""
    groups = select(Training.group).where(condition, Training.group != "").group_by(Training.group)
    leaks = list(session.scalars(groups.having(func.count(Training.type.distinct()) > 1).limit(3)))
    if leaks:
        raise DatasetError(
            "expected each meter to have one type, got several for %(groups)s", groups=sides.named(leaks)
        )


def write(
    session: Session,
    folder: Path,
    condition: ColumnElement[bool],
    with_elements: bool,
    progress: Progress | None,
    augmentations: bool = False,
) -> Exported:
    """Write a folder under another name, then put it in the place of the old one."""
    refuse_foreign(folder)
    own = folder.with_name(f"{folder.name}.{secrets.token_hex(6)}.tmp")
    (own / tables.IMAGES).mkdir(parents=True)
    try:
        writer = Writer(session, own, progress)
        samples, elements = sample_query(condition), element_query()
        writer.total = writer.count(samples) + (writer.count(elements) if with_elements else 0)
        rows = writer.each(samples, sample_cells)
        if augmentations:
            writer.total += writer.count(augmentation_query())
            rows = chain(rows, writer.each(augmentation_query(), augmentation_cells))
        done = writer.table(tables.SAMPLES, tables.SAMPLE_COLUMNS, rows)
        fragments = 0
        if with_elements:
            exported = set(session.scalars(select(Training.sha256).where(condition)))
            cells = writer.each(elements, lambda row: element_cells(row, exported))
            fragments = writer.table(tables.ELEMENTS, tables.ELEMENT_COLUMNS, cells)
            types = session.scalars(select(MeterType).order_by(MeterType.name))
            writer.table(tables.METER_TYPES, tables.METER_TYPE_COLUMNS, map(meter_type_cells, types))
        put_in_place(own, folder)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    return Exported(done, fragments)


class Writer:
    """Writes tables, and the pictures that their rows name."""

    def __init__(self, session: Session, folder: Path, progress: Progress | None) -> None:
        self.session, self.folder = session, folder
        self.progress = progress or (lambda done, total: None)
        self.storage: Storage = get_storage()
        self.done = self.total = 0

    def count(self, query: Select[Any]) -> int:
        """How many rows a query gives."""
        return self.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0

    def each(self, query: Select[tuple[AnyRow]], cells: Callable[[AnyRow], Cells]) -> Iterator[Cells]:
        """Copy the picture of each row and yield its cells."""
        for row in self.session.scalars(query.execution_options(yield_per=AT_ONCE)):
            name = Path(row.image).name
            place = self.folder / tables.IMAGES / name
            if not place.exists():
                place.write_bytes(self.storage.get(row.image))
            yield {"image": name, "correct_value": row.correct_value or "", **cells(row)}
            self.session.expunge(row)
            self.done += 1
            self.progress(self.done, self.total)

    def table(self, name: str, columns: tuple[str, ...], rows: Iterable[Cells]) -> int:
        """Write one table; returns the number of its rows."""
        written = 0
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            for row in rows:
                writer.writerow(row)
                written += 1
        return written


def sample_query(condition: ColumnElement[bool]) -> Select[tuple[Training]]:
    """The samples in the folder's order."""
    order = (Training.sha256, Training.correct_value, Training.type, Training.group, Training.source, Training.box_x)
    return select(Training).where(condition).options(joinedload(Training.meter_type)).order_by(*order, Training.id)


def element_query() -> Select[tuple[TrainingElement]]:
    """The fragments in the folder's order."""
    order = (TrainingElement.sha256, TrainingElement.correct_value, TrainingElement.part, TrainingElement.id)
    loaded = (joinedload(TrainingElement.meter_type), joinedload(TrainingElement.training))
    return select(TrainingElement).options(*loaded).order_by(*order)


def augmentation_query() -> Select[tuple[TrainingAugmentation]]:
    """The augmentations in the folder's order, after the samples."""
    order = (TrainingAugmentation.sha256, TrainingAugmentation.element_ids)
    return select(TrainingAugmentation).options(joinedload(TrainingAugmentation.meter_type)).order_by(*order)


def sample_cells(row: Training) -> Cells:
    """What `training.csv` says about a sample."""
    box = {"x": row.box_x, "y": row.box_y, "w": row.box_width, "h": row.box_height}
    return {
        "type": str(row.type),
        "meter_type": row.meter_type.name,
        "group": row.group,
        "source": row.source,
        "also_accepted": row.also_accepted,
        **{key: "" if value is None else f"{value!r}".removesuffix(".0") for key, value in box.items()},
    }


def augmentation_cells(row: TrainingAugmentation) -> Cells:
    """What `training.csv` says about an augmentation."""
    return {"type": str(row.type), "meter_type": row.meter_type.name, "source": AUGMENTATION}


def element_cells(row: TrainingElement, exported: set[str]) -> Cells:
    """What `training_element.csv` says about a fragment; the sample only if it is in the folder too."""
    sample = row.training.sha256 if row.training else ""
    return {
        "part": str(row.part),
        "meter_type": row.meter_type.name,
        "sample": sample if sample in exported else "",
    }


def meter_type_cells(row: MeterType) -> Cells:
    """What `meter_type.csv` says about a meter type."""
    known = {"digits": row.digits, "decimals": row.decimals, "display": row.display}
    said = {key: "" if value is None else str(value) for key, value in known.items()}
    return {"name": row.name, "unit": row.unit, **said}


def refuse_foreign(folder: Path) -> None:
    """Refuse to write over a folder that is no dataset folder."""
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / tables.SAMPLES).is_file()):
        raise DatasetError("expected a new, an empty or a dataset folder to write to, got %(folder)s", folder=folder)


def put_in_place(own: Path, folder: Path) -> None:
    """Bring the folder onto the disk and give it its name; an older one goes afterwards."""
    for path in own.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(own / tables.IMAGES)
    old = folder.with_name(f"{own.name}.old.tmp")
    if folder.exists():
        folder.rename(old)
    own.rename(folder)
    sync_folder(folder.parent)
    shutil.rmtree(old, ignore_errors=True)
