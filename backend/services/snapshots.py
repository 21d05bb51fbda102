"""Snapshots: the labelled samples and the augmentations of one moment as a dataset folder, named by its hash.

Training reads a snapshot, never the database, so it can run on a machine without any web part; and what a version was
trained on can be told for ever by the hash in its card.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.database import reading_session
from backend.domain import leaking
from backend.domain.leaking import Leaks
from backend.models import Run, RunState, Split, State, Training
from backend.services import leaks, tables
from backend.services.dataset_export import (
    Progress,
    Writer,
    augmentation_cells,
    augmentation_query,
    sample_cells,
    sample_query,
)
from backend.services.tables import Cells, DatasetError
from backend.settings import get_settings

FOLDER = "snapshots"
KEPT = 5  # the newest; older ones can be made again while their samples are as they were
LEFT = 24 * 3600.0  # seconds: filling a folder takes minutes
LABELLED = Training.state == State.LABELLED.value


@dataclass(frozen=True)
class Snapshot:
    """A dataset folder, its hash as training computes it, what is in it, and what stands on two sides of it."""

    folder: Path
    sha256: str
    samples: int
    augmentations: int
    leaks: Leaks


def take(progress: Progress | None = None) -> Snapshot:
    """Write a snapshot of this moment. Raises DatasetError when there is nothing to teach or to validate with.

    Leaks are found and told, not refused: who wants to try something may train, but not publish without a word.
    """
    root = root_folder()
    own = root / f"{secrets.token_hex(6)}.tmp"
    (own / tables.IMAGES).mkdir(parents=True)
    try:
        with reading_session() as session:
            samples, augmentations = write(session, own, progress)
            prints = list(leaks.fingerprints(session, LABELLED))
        digest = dataset_sha256(own)
        folder = place_of(digest)
        try:
            alike = leaks.alike(folder)
        except (OSError, ValueError):  # somebody changed it
            alike = None
        if alike is None:
            alike = leaking.alike(prints, leaking.smalls(own / tables.IMAGES))
        leaks.write(own, prints, alike)
        if (folder / tables.SAMPLES).exists():
            os.utime(folder)
            leaks.write(folder, prints, alike)  # what fragments were cut from may be known better by now
        else:
            shutil.rmtree(folder, ignore_errors=True)
            own.rename(folder)
    finally:
        shutil.rmtree(own, ignore_errors=True)
    forget_old(root)
    return Snapshot(folder, digest, samples, augmentations, leaking.find(prints, alike))


def root_folder() -> Path:
    """Where the snapshots are."""
    return get_settings().instance.resolve() / FOLDER


def place_of(sha256: str) -> Path:
    """Where the snapshot with this hash is, if it was taken here; of an old one only its fingerprints are left."""
    return root_folder() / sha256[:16]


def write(session: Session, folder: Path, progress: Progress | None) -> tuple[int, int]:
    """Write table and pictures; returns how many samples and augmentations. Raises DatasetError."""
    sides = set(session.scalars(select(Training.type).where(LABELLED).distinct()))
    for side, name in ((Split.TEACH, "teach"), (Split.VALIDATE, "validate")):
        if side.value not in sides:
            raise DatasetError("expected labelled samples of the type %(type)s, got none", type=name)
    writer = Writer(session, folder, progress)
    queries = sample_query(LABELLED), augmentation_query()
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
    """Remove tables and pictures of all but the newest snapshots and those in use: their fingerprints stay."""
    remove_left(root, "*.tmp")
    folders = [place for place in root.iterdir() if place.is_dir() and place.suffix != ".tmp"]
    whole = [place for place in folders if (place / tables.SAMPLES).exists()]
    used = in_use()
    for place in sorted(whole, key=lambda place: place.stat().st_mtime, reverse=True)[KEPT:]:
        if place.name not in used:
            (place / tables.SAMPLES).unlink(missing_ok=True)
    for place in folders:
        if not (place / tables.SAMPLES).exists():
            shutil.rmtree(place / tables.IMAGES, ignore_errors=True)


def in_use() -> set[str]:
    """The names of the snapshots that runs are under way with: a training of days must not lose its pictures."""
    with reading_session() as session:
        results = session.scalars(select(Run.result).where(Run.state == RunState.RUNNING.value)).all()
    return {place_of(str(result["data_sha256"])).name for result in results if result and "data_sha256" in result}


def remove_left(folder: Path, pattern: str) -> None:
    """Remove folders of this pattern that nobody can be filling any more: their processes were killed."""
    for place in folder.glob(pattern):
        with suppress(FileNotFoundError):  # somebody else was quicker, or it has become whole
            if time.time() - place.stat().st_mtime > LEFT:
                shutil.rmtree(place, ignore_errors=True)
