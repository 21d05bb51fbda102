"""What people correct becomes samples: the picture with the person's value as its proposal, to be labelled here.

A correction is a stranger's word, so it is not a label: the sample is "proposed", and a person decides. The value that
was sent is the proposal; what the version had read on the sender's device, and which version that was, is kept beside
it (`Feedback`), so that it can be seen later what was wrong. The probabilities of the proposal are the server's own.

The same correction is kept once, however often it is sent: it is the same when its picture (pixel by pixel), its box
and its value are. A key that the sender chose marks one sending, which may be repeated after a lost answer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import astuple, dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.imaging import Box, widen
from backend.domain.sentences import Translatable
from backend.models import Feedback, Split, State, Training
from backend.services import proposals
from backend.services.dataset_import import MeterTypes
from backend.services.leftovers import taking_in
from backend.services.pictures import Picture, prepare
from backend.services.reading import get_readers
from backend.services.tables import UNKNOWN
from backend.storage import get_storage

SOURCE = "feedback"
ATTEMPTS = 3  # somebody else may add the same correction, or the meter type, at the same moment


class KeyReusedError(Translatable, ValueError):
    """A key that was used before, for another correction."""


@dataclass(frozen=True)
class Correction:
    """What was sent. `value` and `reading` are readings as `checked_value` gives them."""

    value: str
    version: str
    reading: str | None = None
    confidence: float | None = None
    box: Box | None = None


def give(data: bytes, correction: Correction, key: str | None = None) -> tuple[int, bool]:
    """Keep a correction with its picture; returns its number, and whether it is new. It is on the disk on return.

    Raises ImageError for what is no picture, KeyReusedError, and BusyError when too many pictures are being read.
    """
    with get_readers().slot():
        picture = prepare(data)
    if correction.box:
        widen(correction.box, 0.0, (picture.width, picture.height))
    content = content_sha256(picture, correction)
    key_sha256 = key and hashlib.sha256(key.encode()).hexdigest()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            known = find(db.session(), content, key_sha256)
            return (known, False) if known is not None else (add(picture, correction, content, key_sha256), True)
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def content_sha256(picture: Picture, correction: Correction) -> str:
    """What makes a correction the same one."""
    box = astuple(correction.box) if correction.box else None
    return hashlib.sha256(json.dumps([picture.pixels_sha256, correction.value, box]).encode()).hexdigest()


def find(session: Session, content: str, key: str | None) -> int | None:
    """The number of the same correction, if it was sent before. Raises KeyReusedError."""
    known = session.scalar(select(Feedback.id).where(Feedback.content_sha256 == content))
    used = session.scalar(select(Feedback.content_sha256).where(Feedback.key_sha256 == key)) if key else None
    session.commit()  # the picture is stored without holding the lock
    if used and used != content:
        raise KeyReusedError("expected a new key for another correction, got one that was used before")
    return known


def add(picture: Picture, correction: Correction, content: str, key: str | None) -> int:
    """Store the picture, then the rows in one transaction; on any failure the picture goes again."""
    session = db.session()
    with taking_in() as journal:
        try:
            journal.note(picture.key)
            image = get_storage().put(picture.data, picture.suffix)
            sample = sample_of(session, picture, correction, image)
            told = {"value": correction.value, "reading": correction.reading, "confidence": correction.confidence}
            hashes = {"content_sha256": content, "key_sha256": key}
            row = Feedback(training=sample, version=correction.version, **told, **hashes)
            session.add(row)
            session.commit()
        except BaseException:
            session.rollback()
            raise
        number, sample_id = row.id, row.training_id
    proposals.try_to_fill(sample_id)
    return number


def sample_of(session: Session, picture: Picture, correction: Correction, image: str) -> Training:
    """The sample: for teaching, of a meter type that a person is to say."""
    box = correction.box
    return Training(
        image=image,
        **picture.sample_columns(),
        type=Split.TEACH.value,
        state=State.PROPOSED.value,
        proposed_value=correction.value,
        meter_type_id=MeterTypes(session, SOURCE).id(UNKNOWN),
        source=SOURCE,
        box_x=box and box.x,
        box_y=box and box.y,
        box_width=box and box.width,
        box_height=box and box.height,
        created_by=SOURCE,
        updated_by=SOURCE,
    )
