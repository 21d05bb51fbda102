"""What the published version reads on the samples, kept with each of them: the value, how sure, and all probabilities.

A new sample becomes "proposed" by it; a sample that is labelled keeps its label and shows whether the version agrees.
Where somebody sent a correction (`Feedback`), the correction stays the proposal until the sample is labelled, and
`proposed_confidence` says how likely the version finds it: a correction that it contradicts is doubtful.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, not_, or_, select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.imaging import Box, ImageError, load
from backend.models import Feedback, MeterType, NeuralVersion, State, Training
from backend.services import versions
from backend.services.reading import ReaderError, Version, get_readers
from backend.services.surprise import calibrated, chances, pack
from backend.storage import Storage, StorageError, get_storage

BATCH = 256  # samples in one transaction
THREADS = min(4, os.cpu_count() or 1)
WAITING = (State.NEW.value, State.PROPOSED.value)
CONCERNED = (*WAITING, State.LABELLED.value)
MOST_ZEROS = 9  # in front of a reading

Progress = Callable[[int, int], None]
Proposal = dict[str, Any]


@dataclass(frozen=True)
class Filled:
    """How many samples got a proposal, and of how many the picture could not be read."""

    filled: int = 0
    failed: int = 0


def fill(
    ids: Sequence[int] | None = None,
    *,
    everything: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] | None = None,
) -> Filled:
    """Read samples with the published version and keep what it reads; each batch is kept once it is done.

    Of `ids` those that are given; else all without a proposal, or with `everything` all that another version read.
    `stop` is asked between batches. Raises ReaderError without a published version.
    """
    version = get_readers().version()
    version_id = registered(version)
    wanted = concerned(version_id, ids, everything)
    with reading_session() as session:
        total = session.scalar(select(func.count(Training.id)).where(wanted)) or 0
    tell = progress or (lambda done, total: None)
    done, failed, storage = 0, 0, get_storage()
    with ThreadPoolExecutor(THREADS) as pool:
        for rows in batches(wanted):
            if stop and stop():
                break
            proposals = list(pool.map(lambda row: propose(version, version_id, row, storage), rows))
            keep(db.session(), [proposal for proposal in proposals if proposal])
            done += len(rows)
            failed += proposals.count(None)
            tell(done, total)
    return Filled(done - failed, failed)


def try_to_fill(sample_id: int) -> None:
    """Read a sample that has just been kept. It is safe already: what fails now is made up later."""
    try:
        fill([sample_id])
    except ReaderError:
        db.session.rollback()


def registered(version: Version) -> int:
    """The row of the published version; it is added when the version came from elsewhere. Raises ReaderError."""
    row = select(NeuralVersion.id).where(NeuralVersion.card_sha256 == version.card_sha256)
    found = db.session.scalar(row)
    db.session.commit()
    if found is None:
        try:
            versions.settle()
        except versions.VersionError as error:
            db.session.rollback()
            raise ReaderError(error.sentence, **error.values) from error
        found = db.session.scalar(row)
        db.session.commit()
    if found is None:
        raise ReaderError("expected the published version to stay while samples are read, got another one")
    return found


def published_path() -> str | None:
    """The version that proposes, such as compact/2; None without one."""
    try:
        card = get_readers().version().card
    except ReaderError:
        return None
    return f"{card.name}/{card.version}"


def concerned(version_id: int, ids: Sequence[int] | None, everything: bool) -> ColumnElement[bool]:
    """Which samples are to be read."""
    if ids is not None:
        return and_(Training.id.in_(ids), Training.state.in_(CONCERNED))
    missing = Training.proposed_version_id.is_(None)
    other = or_(missing, Training.proposed_version_id != version_id)
    return and_(Training.state.in_(CONCERNED), other if everything else missing)


def batches(wanted: ColumnElement[bool]) -> Iterator[Sequence[Row[Any]]]:
    """The samples to be read, as they are when their batch comes."""
    box = (Training.box_x, Training.box_y, Training.box_width, Training.box_height)
    columns = select(
        Training.id, Training.image, Training.state, *box, MeterType.digits, Feedback.value.label("correction")
    )
    query = columns.join(MeterType).outerjoin(Feedback).where(wanted).order_by(Training.id).limit(BATCH)
    last = 0
    while True:
        with reading_session() as session:
            rows = session.execute(query.where(Training.id > last)).all()
        if not rows:
            return
        last = rows[-1].id
        yield rows


def propose(version: Version, version_id: int, row: Row[Any], storage: Storage) -> Proposal | None:
    """What the version makes of one sample; None when there is no picture to read."""
    box = None if row.box_x is None else Box(row.box_x, row.box_y, row.box_width, row.box_height)
    try:
        output = version.read(load(storage.get(row.image)), box)
    except (ImageError, StorageError):  # `check` names it
        return None
    reading = version.card.read(output)
    probabilities = calibrated(output, version.card.temperature)
    value, confidence = padded(reading.text, row.digits), reading.confidence
    if row.correction and row.state in WAITING:
        value, confidence = row.correction, float(np.prod(chances(probabilities, [row.correction])))
    return {
        "sample": row.id,
        "value": value,
        "confidence": min(1.0, confidence),
        "probabilities": pack(probabilities),
        "version": version_id,
    }


def padded(text: str, digits: int | None) -> str:
    """A reading with the zeros in front that a meter of so many digits shows; None when nobody knows how many."""
    point = 1 if "." in text else 0
    return text.zfill((digits or 0) + point)


def keep(session: Session, proposals: list[Proposal]) -> None:
    """Write proposals to their samples; what a person did meanwhile to their states stays."""
    if proposals:
        statement = (
            update(Training.__table__)  # type: ignore[arg-type] # a Table, as declared classes have
            .where(Training.id == bindparam("sample"))
            .values(
                proposed_value=bindparam("value"),
                proposed_confidence=bindparam("confidence"),
                proposed_probabilities=bindparam("probabilities"),
                proposed_version_id=bindparam("version"),
                state=case((Training.state == State.NEW.value, State.PROPOSED.value), else_=Training.state),
                updated_at=Training.updated_at,  # nobody changed it
            )
        )
        session.connection().execute(statement, proposals)
    session.commit()


def disagrees() -> ColumnElement[bool]:
    """The condition for labelled samples on which the version reads another value than any that is accepted.

    Zeros in front do not count: a network cannot tell them from padding.
    """
    return and_(
        Training.state == State.LABELLED.value,
        Training.proposed_value.is_not(None),
        func.ltrim(Training.correct_value, "0") != func.ltrim(Training.proposed_value, "0"),
        accepts_no_other(),
    )


def accepts_no_other() -> ColumnElement[bool]:
    """The condition for samples whose proposed value is none of those that are accepted besides the correct one."""
    proposed = func.ltrim(Training.proposed_value, "0")
    accepted = " " + Training.also_accepted + " "
    others = or_(*(accepted.contains(" " + "0" * zeros + proposed + " ") for zeros in range(MOST_ZEROS + 1)))
    return or_(Training.also_accepted == "", not_(others))
