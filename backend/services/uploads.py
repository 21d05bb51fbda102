"""One uploaded picture becomes a sample: new until a version proposes its value, which happens right away."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.sentences import Translatable
from backend.models import MeterType, Split, State, Training
from backend.services import changes, proposals, tables
from backend.services.leftovers import taking_in
from backend.services.pictures import Picture, prepare
from backend.services.reading import get_readers
from backend.storage import get_storage


class UploadError(Translatable, ValueError):
    """An upload that is refused, in one sentence."""


@dataclass(frozen=True)
class About:
    """What is said about the uploaded pictures: what for, which kind of meter, which meter, from where."""

    type: int
    meter_type_id: int
    group: str = ""
    source: str = ""

    def check(self) -> None:
        """Raise ValueError for what the tables, or a spreadsheet later, would not take."""
        if self.type not in {split.value for split in Split}:
            raise UploadError("expected a type of 0, 1 or 2, got %(got)s", got=self.type)
        tables.text({"group": self.group}, "group", 120)
        tables.text({"source": self.source}, "source", 80)


@dataclass(frozen=True)
class Added:
    """The number of the sample, and whether the same picture was there before."""

    id: int
    known: bool


def add(data: bytes, about: About, person: str) -> Added:
    """Keep a picture file that nobody trusts; on return it is on the disk. The same picture twice is one sample.

    Raises ImageError for what is no picture, UploadError, SplitError, RowError, and BusyError when too many are read.
    """
    about.check()
    with get_readers().slot():
        picture = prepare(data)
    session = db.session()
    session.commit()  # the picture is stored without holding the lock
    with taking_in() as journal:
        try:
            journal.note(picture.key)
            key = get_storage().put(picture.data, picture.suffix)
            known = same_picture(session, picture)
            sample_id = known or insert(session, picture, key, about, person)
            session.commit()
        except BaseException:
            session.rollback()
            raise
    if known is None:
        proposals.try_to_fill(sample_id)
    return Added(sample_id, known is not None)


def same_picture(session: Session, picture: Picture) -> int | None:
    """The sample that has the same pixels."""
    return session.scalar(select(Training.id).where(Training.pixels_sha256 == picture.pixels_sha256).limit(1))


def insert(session: Session, picture: Picture, key: str, about: About, person: str) -> int:
    """Add the row; returns its number."""
    if session.get(MeterType, about.meter_type_id) is None:
        raise UploadError("expected a meter type that there is, got another number")
    sample = Training(
        image=key,
        **picture.sample_columns(),
        type=about.type,
        meter_type_id=about.meter_type_id,
        group=about.group,
        source=about.source,
        state=State.NEW.value,
        created_by=person,
        updated_by=person,
    )
    session.add(sample)
    session.flush()
    changes.refuse_split(session, ("type", "group"), [sample.id])
    return sample.id
