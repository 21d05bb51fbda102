"""What versions read on the labelled samples that are there to test and validate, read once for each.

Neither a version nor a picture changes. Whether a reading is right follows from the label as it is now:
see `version_judging`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.imaging import Box, ImageError, load
from backend.models import NeuralVersion, Split, State, Training, VersionReading
from backend.services.pointer import reader_named
from backend.services.reading import Version
from backend.services.versions import VersionError, models_folder
from backend.storage import Storage, StorageError, get_storage

Progress = Callable[[int, int], None]  # done, of how many

BATCH = 50  # samples between two commits: what a stopped reading loses
SPLITS = (Split.VALIDATE, Split.TEST)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Done:
    """How many samples were read, and which could not be."""

    read: int
    failed: list[int]


def version_named(path: str) -> int:
    """The number of a registered version such as compact/2. Raises VersionError."""
    with reading_session() as session:
        if found := reader_named(session, path):
            return found.id
    raise VersionError(
        "expected a registered version that reads displays, such as compact/2, got %(got)s", got=repr(path[:80])
    )


def to_read() -> ColumnElement[bool]:
    """The condition for samples that versions are compared on."""
    return Training.type.in_([split.value for split in SPLITS]) & (Training.state == State.LABELLED.value)


def missing(session: Session, version_id: int) -> int:
    """How many samples the version has not read yet."""
    return session.scalar(select(func.count()).select_from(unread(version_id).subquery())) or 0


def unread(version_id: int) -> Select[Any]:
    """The ids of the samples that the version has not read."""
    same = (VersionReading.training_id == Training.id) & (VersionReading.version_id == version_id)
    return select(Training.id).where(to_read(), ~select(VersionReading.training_id).where(same).exists())


def read_samples(version_id: int, progress: Progress = lambda done, total: None) -> Done:
    """Read what the version has not read yet; what is read so far stays when this is stopped.

    Raises VersionError or ReaderError for a version that is not there or not whole.
    """
    with reading_session() as session:
        version = session.get(NeuralVersion, version_id)
        if version is None:
            raise VersionError("expected a version, got none with the number %(number)s", number=version_id)
        reader = Version(models_folder() / version.path, version.card_sha256)
        ids = list(session.scalars(unread(version_id).order_by(Training.id)))
    done, failed = 0, []
    progress(0, len(ids))
    for part in parts(ids):
        rows, bad = read_part(reader, version_id, part)
        keep(rows)
        failed += bad
        done += len(part)
        progress(done, len(ids))
    return Done(done - len(failed), failed)


def parts(ids: list[int]) -> Iterator[list[int]]:
    """The ids in batches."""
    rest = iter(ids)
    while part := list(islice(rest, BATCH)):
        yield part


def read_part(reader: Version, version_id: int, ids: list[int]) -> tuple[list[dict[str, Any]], list[int]]:
    """The rows of a batch of samples, and the samples whose picture could not be read."""
    columns = (Training.id, Training.image, Training.box_x, Training.box_y, Training.box_width, Training.box_height)
    with reading_session() as session:
        samples = session.execute(select(*columns).where(Training.id.in_(ids)).order_by(Training.id)).all()
    storage, rows, failed = get_storage(), [], []
    for sample in samples:
        try:
            rows.append({"version_id": version_id, "training_id": sample.id} | read_one(reader, storage, sample))
        except (StorageError, ImageError) as error:
            log.warning("sample %d is not read: %s", sample.id, error)
            failed.append(sample.id)
    return rows, failed


def read_one(reader: Version, storage: Storage, sample: Row[Any]) -> dict[str, Any]:
    """What the version says about one sample."""
    box = None if sample.box_x is None else Box(sample.box_x, sample.box_y, sample.box_width, sample.box_height)
    reading = reader.card.read(reader.read(load(storage.get(sample.image)), box))
    return {"text": reading.text, "confidence": reading.confidence, "accepted": reading.accepted}


def keep(rows: list[dict[str, Any]]) -> None:
    """Add readings; what another run has added meanwhile, or whose sample has gone, is left out."""
    session = db.session()
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    found = select(Training.id).where(Training.id.in_([row["training_id"] for row in rows]))
    there = set(session.scalars(found.with_for_update(read=True, key_share=True)))  # nobody deletes them meanwhile
    rows = [row for row in rows if row["training_id"] in there]
    if rows:
        session.execute(insert(VersionReading).on_conflict_do_nothing(), rows)
    session.commit()
