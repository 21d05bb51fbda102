"""Files against rows against hashes: everything that does not fit together, one sentence each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from backend.database import reading_session
from backend.domain.imaging import ImageError, load
from backend.domain.perceptual import phash, pixels_sha256
from backend.domain.reading import CLASSES, ROWS, ReadingError, encode
from backend.models import State, Training, TrainingAugmentation, TrainingElement
from backend.models.base import Moment
from backend.services.pictures import is_own_form
from backend.services.row_checks import check_tables
from backend.services.version_checks import check_versions
from backend.storage import KEY, TABLES, Storage, StorageError, get_storage, hash_of

Row = Training | TrainingElement | TrainingAugmentation
Progress = Callable[[int, int], None]  # done, of how many
IDS = re.compile(r"[1-9][0-9]{0,18}(-[1-9][0-9]{0,18})*")
AT_ONCE = 256
THREADS = 4


def check(progress: Progress | None = None) -> Iterator[str]:
    """Go through all rows and all files, and yield what is wrong."""
    report = progress or (lambda done, total: None)
    storage = get_storage()
    with reading_session() as session:
        total = sum(session.scalar(select(func.count(table.id))) or 0 for table in TABLES)
        done = 0
        for table in TABLES:
            for rows in chunks(session, table):
                yield from check_rows(storage, rows)
                done += len(rows)
                report(done, total)
        yield from check_tables(session)
        yield from check_sides(session)
        yield from check_fragments(session)
        yield from check_versions(session)
        yield from check_orphans(session, storage)


def chunks(session: Session, table: type[Row]) -> Iterator[list[Row]]:
    """The rows of a table, some at a time, without their moments: SQLite may hold one that cannot be read."""
    last = 0
    without = [defer(getattr(table, c.name), raiseload=True) for c in table.__table__.c if isinstance(c.type, Moment)]
    while True:
        query: Select[Any] = select(table).options(*without).where(table.id > last).order_by(table.id).limit(AT_ONCE)
        rows: list[Row] = list(session.scalars(query))
        if not rows:
            return
        yield rows
        last = rows[-1].id
        session.expunge_all()


def check_rows(storage: Storage, rows: list[Row]) -> Iterator[str]:
    """Check some rows of one table against their files, which a few threads read."""
    with ThreadPoolExecutor(THREADS) as pool:
        for row, problems in zip(rows, pool.map(lambda row: list(picture_problems(storage, row)), rows), strict=True):
            for problem in (*value_problems(row), *problems):
                yield f"{row.__tablename__} {row.id}: {problem}"


def value_problems(row: Row) -> Iterator[str]:
    """What a row says that cannot be."""
    if isinstance(row, TrainingElement):
        digits = row.correct_value.replace(".", "", 1)
        if not (digits.isascii() and digits.isdecimal()):
            yield f"expected digits with at most one point, got {row.correct_value!r}"
        return
    values = [row.correct_value]
    if isinstance(row, Training):
        if not re.fullmatch(r"[0-9a-f]{64}", row.original_sha256):
            yield f"expected original_sha256 in hexadecimal, got {row.original_sha256[:70]!r}"
        values += [row.proposed_value, *row.also_accepted.split()]
        yield from box_problems(row)
        yield from proposal_problems(row)
    for value in values:
        if value is not None and (problem := reading_problem(value)):
            yield problem


def reading_problem(value: str) -> str | None:
    """What is wrong with a reading's text as it is stored: with a point, never a comma."""
    try:
        encode(value)
    except ReadingError as error:
        return str(error)
    return f"expected a decimal point, got {value!r}" if "," in value else None


def box_problems(row: Training) -> Iterator[str]:
    """A display's box has to lie in its picture, at least in part."""
    if row.box_x is None or row.box_y is None or row.box_width is None or row.box_height is None:
        return
    across = row.box_x < row.width and row.box_x + row.box_width > 0
    if not (across and row.box_y < row.height and row.box_y + row.box_height > 0):
        yield f"expected the box inside the picture of {row.width} × {row.height} pixels, got one outside"


def proposal_problems(row: Training) -> Iterator[str]:
    """A proposal has a value, a version that made it, and probabilities of the codec's shape."""
    if row.proposed_probabilities is None:
        return
    if (size := len(row.proposed_probabilities)) != 4 * ROWS * CLASSES:
        yield f"expected probabilities of {4 * ROWS * CLASSES} bytes, got {size}"
        return
    probabilities = np.frombuffer(row.proposed_probabilities, "<f4")
    if not ((probabilities >= 0) & (probabilities <= 1 + 1e-3)).all():  # NaN is neither
        yield "expected probabilities from 0 to 1, got others"


def picture_problems(storage: Storage, row: Row) -> Iterator[str]:
    """What does not fit between a row and its file."""
    try:
        data = storage.get(row.image)
    except (StorageError, OSError) as error:
        yield str(error)
        return
    digest = hashlib.sha256(data).hexdigest()
    if digest != hash_of(row.image):
        yield f"expected the file {row.image} as it was stored, got a changed one"
        return
    if digest != row.sha256:
        yield f"expected sha256 {digest}, got {row.sha256}"
    if not is_own_form(data) or row.image.endswith(".png") != data.startswith(b"\x89PNG"):
        yield f"expected the file {row.image} to hold nothing but pixels, got something else in it"
    yield from pixel_problems(data, row)


def pixel_problems(data: bytes, row: Row) -> Iterator[str]:
    """What a row says wrong about the pixels of its picture."""
    try:
        image = load(data)
    except ImageError as error:
        yield f"{row.image}: {error}"
        return
    if image.size != (row.width, row.height):
        yield f"expected a size of {image.width} × {image.height} pixels, got {row.width} × {row.height}"
    if (pixels := pixels_sha256(image)) != row.pixels_sha256:
        yield f"expected pixels_sha256 {pixels}, got {row.pixels_sha256}"
    if isinstance(row, Training) and (perceptual := phash(image)) != row.phash:
        yield f"expected phash {perceptual}, got {row.phash}"


def check_sides(session: Session) -> Iterator[str]:
    """A meter, and a picture, belongs on one side of the split."""
    for column, what in ((Training.group, "meter"), (Training.pixels_sha256, "picture")):
        several = select(column).where(Training.state == State.LABELLED.value, column != "").group_by(column)
        for value in session.scalars(several.having(func.count(Training.type.distinct()) > 1)):
            yield f"training: expected the {what} {value!r} to have one type, got several"


def check_fragments(session: Session) -> Iterator[str]:
    """Augmentations name fragments that are there."""
    there = set(session.scalars(select(TrainingElement.id)))
    query = select(TrainingAugmentation.id, TrainingAugmentation.element_ids)
    for key, ids in session.execute(query.execution_options(yield_per=AT_ONCE)):
        if not IDS.fullmatch(ids):
            yield f"training_augmentation {key}: expected ids such as 12-7-31, got {ids!r}"
        elif gone := [part for part in ids.split("-") if int(part) not in there]:
            yield f"training_augmentation {key}: expected the fragment {gone[0]}, got none"


def check_orphans(session: Session, storage: Storage) -> Iterator[str]:
    """Every file belongs to a row."""
    for name in orphans(session, storage):
        yield f"files: expected every file to belong to a row, got {name}"


def orphans(session: Session, storage: Storage) -> Iterator[str]:
    """The files that no row uses."""
    names = storage.names()
    while some := list(islice(names, AT_ONCE)):
        hashes = {match[2] for name in some if (match := KEY.fullmatch(name))}
        used: set[str] = set()
        for table in TABLES:
            used.update(session.scalars(select(table.image).where(table.sha256.in_(hashes))))
        for name in some:
            if name not in used and not used_elsewhere(session, name):
                yield name


def used_elsewhere(session: Session, name: str) -> bool:
    """Tell whether a row uses a file although its hash says otherwise (which is a problem of that row's)."""
    return any(session.scalar(select(table.id).where(table.image == name).limit(1)) for table in TABLES)
