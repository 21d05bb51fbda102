"""Snapshots: the labelled samples and the augmentations of one moment as a dataset folder, named by its hash.

Training reads a snapshot, never the database, so it can run on a machine without any web part; and what a version was
trained on can be told for ever by the hash in its card.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.database import reading_session
from backend.models import Split, State, Training
from backend.services import tables
from backend.services.dataset_export import (
    Progress,
    Writer,
    augmentation_cells,
    augmentation_query,
    refuse_leaks,
    sample_cells,
    sample_query,
)
from backend.services.tables import Cells, DatasetError
from backend.settings import get_settings

FOLDER = "snapshots"
KEPT = 5  # the newest; older ones can be made again while their samples are as they were


@dataclass(frozen=True)
class Snapshot:
    """A dataset folder, its hash as training computes it, and what is in it."""

    folder: Path
    sha256: str
    samples: int
    augmentations: int


def take(progress: Progress | None = None) -> Snapshot:
    """Write a snapshot of this moment. Raises DatasetError when there is nothing to teach or to validate with."""
    root = get_settings().instance.resolve() / FOLDER
    own = root / f"{secrets.token_hex(6)}.tmp"
    (own / tables.IMAGES).mkdir(parents=True)
    try:
        with reading_session() as session:
            samples, augmentations = write(session, own, progress)
        digest = dataset_sha256(own)
        folder = root / digest[:16]
        if folder.exists():
            os.utime(folder)
        else:
            own.rename(folder)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    forget_old(root)
    return Snapshot(folder, digest, samples, augmentations)


def write(session: Session, folder: Path, progress: Progress | None) -> tuple[int, int]:
    """Write table and pictures; returns how many samples and augmentations. Raises DatasetError."""
    labelled = Training.state == State.LABELLED.value
    refuse_leaks(session, labelled)
    sides = set(session.scalars(select(Training.type).where(labelled).distinct()))
    for side, name in ((Split.TEACH, "teach"), (Split.VALIDATE, "validate")):
        if side.value not in sides:
            raise DatasetError("expected labelled samples of the type %(type)s, got none", type=name)
    writer = Writer(session, folder, progress)
    queries = sample_query(labelled), augmentation_query()
    samples, augmentations = (writer.count(query) for query in queries)
    writer.total = samples + augmentations
    cells: Iterator[Cells] = chain(writer.each(queries[0], sample_cells), writer.each(queries[1], augmentation_cells))
    writer.table(tables.SAMPLES, tables.SAMPLE_COLUMNS, cells)
    return samples, augmentations


def dataset_sha256(folder: Path) -> str:
    """The hash of a dataset folder: over the table and over every picture that it names, in its order."""
    table = folder / tables.SAMPLES
    digest = hashlib.sha256(table.read_bytes())
    for _, cells in tables.read(table, ("image",)):
        digest.update(hashlib.sha256((folder / tables.IMAGES / cells["image"]).read_bytes()).digest())
    return digest.hexdigest()


def forget_old(root: Path) -> None:
    """Remove all but the newest snapshots."""
    folders = [place for place in root.iterdir() if place.is_dir() and not place.name.endswith(".tmp")]
    for place in sorted(folders, key=lambda place: place.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(place, ignore_errors=True)
