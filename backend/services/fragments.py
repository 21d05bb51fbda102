"""Fragments cut out of samples, listed, removed and undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.database import db
from backend.domain.imaging import load
from backend.models import Training, TrainingAugmentation, TrainingElement
from backend.models.base import now
from backend.services.cutting import FragmentError, Piece, pieces, proposed_lines
from backend.services.leftovers import Journal, taking_in
from backend.services.pictures import Picture, describe, encode
from backend.storage import get_storage

__all__ = ["FragmentError", "Piece", "cut", "delete", "fragments_of", "pieces", "proposed_lines", "undo", "uses"]

AT_ONCE = 1000


def cut(
    training_id: int,
    lines: Sequence[float],
    person: str,
    digits: Sequence[int] | None = None,
    take: Collection[int] | None = None,
) -> list[TrainingElement]:
    """Cut a sample at lines and keep its pieces, or only those that `take` numbers (0: the leftmost).

    A piece that was cut out of this sample before is not kept again; returns the new fragments. Raises FragmentError.
    """
    session = db.session()
    try:
        with taking_in() as journal:
            try:
                return add_pieces(session, training_id, person, journal, (lines, digits, take))
            except BaseException:
                session.rollback()  # before the pictures are taken back
                raise
    finally:
        session.rollback()


def undo(training_id: int, person: str) -> int:
    """Remove what this person's last cut of a sample gave; returns how many fragments. Raises FragmentError."""
    session = db.session()
    own = (TrainingElement.training_id == training_id) & (TrainingElement.created_by == person)
    last = select(func.max(TrainingElement.created_at)).where(own).scalar_subquery()
    ids = list(session.scalars(select(TrainingElement.id).where(own, TrainingElement.created_at == last)))
    if not ids:
        raise FragmentError("expected a cut of yours to undo, got none")
    return delete(ids)


def fragments_of(training_id: int) -> list[TrainingElement]:
    """The fragments of a sample in the order in which they were cut."""
    return list(
        db.session.scalars(
            select(TrainingElement).where(TrainingElement.training_id == training_id).order_by(TrainingElement.id)
        )
    )


def delete(ids: Collection[int], with_augmentations: bool = False) -> int:
    """Remove fragments, and if asked for the pictures generated from them; returns how many fragments went.

    Raises FragmentError while generated pictures use them: a wrong fragment makes those wrong, too.
    """
    session = db.session()
    try:
        rows = session.scalars(
            select(TrainingElement).where(TrainingElement.id.in_(ids)).with_for_update()  # no generation in between
        ).all()
        used = uses(session, {row.id for row in rows})
        if used and not with_augmentations:
            raise FragmentError(
                "expected fragments that no generated picture uses, got %(count)s such pictures; remove these too",
                count=len(used),
            )
        for start in range(0, len(used), AT_ONCE):
            some = used[start : start + AT_ONCE]
            for augmentation in session.scalars(select(TrainingAugmentation).where(TrainingAugmentation.id.in_(some))):
                session.delete(augmentation)
        for row in rows:
            session.delete(row)
        session.commit()
        return len(rows)
    finally:
        session.rollback()


def uses(session: Session, ids: Collection[int]) -> list[int]:
    """The ids of the generated pictures that use any of these fragments."""
    wanted = set(map(str, ids))
    query = select(TrainingAugmentation.id, TrainingAugmentation.element_ids).execution_options(yield_per=AT_ONCE)
    return [key for key, element_ids in session.execute(query) if not wanted.isdisjoint(element_ids.split("-"))]


def add_pieces(
    session: Session,
    training_id: int,
    person: str,
    journal: Journal,
    choice: tuple[Sequence[float], Sequence[int] | None, Collection[int] | None],
) -> list[TrainingElement]:
    """Store the pieces that are new, and add their rows."""
    lines, digits, take = choice
    sample = session.get(Training, training_id, with_for_update={"read": True})
    if sample is None:
        raise FragmentError("expected a sample, got none with the number %(number)s", number=training_id)
    chosen = selected(pieces(sample, lines, digits), take)
    storage, moment = get_storage(), now()  # one cut, one moment: what undo goes by
    image = load(storage.get(sample.image))
    known = {(row.pixels_sha256, row.part, row.correct_value) for row in fragments_of(training_id)}
    new = []
    for piece in chosen:
        picture = cut_out(image, piece)
        if (picture.pixels_sha256, piece.part.value, piece.value) not in known:
            journal.note(f"{picture.sha256[:2]}/{picture.sha256}.{picture.suffix}")
            new.append(row_of(piece, picture, storage.put(picture.data, picture.suffix)))
    if not new:
        raise FragmentError("expected new pieces, got only such as were cut out of this sample before")
    for row in new:
        row.training_id, row.meter_type_id = sample.id, sample.meter_type_id
        row.created_at = row.updated_at = moment
        row.created_by = row.updated_by = person
    session.add_all(new)
    session.commit()
    return new


def selected(cut: list[Piece], take: Collection[int] | None) -> list[Piece]:
    """The pieces to keep. Raises FragmentError for a number that is none of a piece's."""
    if take is not None and not (take and set(take) <= set(range(len(cut)))):
        raise FragmentError(
            "expected pieces from 0 to %(last)s to keep, got %(got)s",
            last=len(cut) - 1,
            got=", ".join(map(str, sorted(take))),
        )
    return [piece for n, piece in enumerate(cut) if take is None or n in take]


def cut_out(image: Image.Image, piece: Piece) -> Picture:
    """The picture of a piece, ready to be stored."""
    part = image.crop((piece.left, piece.top, piece.right, piece.bottom))
    data = encode(part)
    return describe(part, data, data)


def row_of(piece: Piece, picture: Picture, key: str) -> TrainingElement:
    """The row of a piece, not yet said whose."""
    return TrainingElement(
        image=key,
        width=picture.width,
        height=picture.height,
        sha256=picture.sha256,
        pixels_sha256=picture.pixels_sha256,
        part=piece.part.value,
        correct_value=piece.value,
    )
