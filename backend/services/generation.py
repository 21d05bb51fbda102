"""New displays joined from fragments: one start, one to three middles, one end, never the same sequence twice.

What is joined is a reading that the meter type can show. Fragments of test and validation samples never get into
pictures to teach with. Pictures come in batches: each is there as a whole or not at all, whatever happens.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import false, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.sentences import Translatable
from backend.models import Display, MeterType, Part, Split, State, Training, TrainingAugmentation, TrainingElement
from backend.models.base import now
from backend.services.combinations import Fit, Fragment, Ids, Pool, left
from backend.services.coverage import Counts, seen_augmentations, seen_samples
from backend.services.drawing import draw
from backend.services.joining import Joined, Joiner, Source
from backend.services.leftovers import Journal, taking_in
from backend.services.reporter import Progress
from backend.storage import get_storage

BATCH = 512  # pictures that become durable together: each batch waits for the disk three times
MOST = 1_000_000  # pictures of one run


class GenerationError(Translatable, ValueError):
    """Pictures that cannot be generated, in one sentence."""


@dataclass(frozen=True)
class Stock:
    """What the pictures of a meter type can be made of, and which there are."""

    meter_type: MeterType
    pool: Pool
    sources: dict[int, Source]
    taken: set[Ids]
    seen: Counts

    @property
    def left(self) -> int:
        """How many different pictures are possible that there are not yet."""
        return left(self.pool, self.taken)


def possible(meter_type: str | int, split: Split = Split.TEACH) -> int:
    """How many new pictures the fragments of a meter type (its name or id) can give. Raises GenerationError."""
    with reading_session() as session:
        return take_stock(session, meter_type, split).left


def generate(
    meter_type: str | int,
    count: int,
    seed: int,
    person: str,
    progress: Progress | None = None,
    split: Split = Split.TEACH,
) -> int:
    """Generate `count` pictures of a meter type (its name or id); the same seed on the same database gives the same.

    Returns `count`. Raises GenerationError, saying how many are possible, when too many are asked for. When it ends
    early, by an exception out of `progress` too, the batches until then stay.
    """
    db.session.commit()  # what the caller only read would lock the database meanwhile
    with reading_session() as session:
        stock = take_stock(session, meter_type, split)
    check_count(stock, count)
    plan = draw(stock.pool, stock.taken, count, stock.seen, np.random.default_rng(seed))
    batches = [plan[start : start + BATCH] for start in range(0, count, BATCH)]
    shared = {"type": split.value, "meter_type_id": stock.meter_type.id, "seed": seed, "created_by": person}
    done = 0
    with closing(Joiner(get_storage(), stock.sources).batches(batches)) as joined:
        for batch, pictures in zip(batches, joined, strict=True):
            add(batch, pictures, [{**shared, **described(stock.pool, ids)} for ids in batch])
            done += len(batch)
            if progress:
                progress(done, count)
    return count


def find_meter_type(session: Session, wanted: str | int) -> MeterType:
    """The meter type with this name, or else this id. Raises GenerationError."""
    found = session.scalars(select(MeterType).where(MeterType.name == str(wanted))).first()
    text = str(wanted)
    if found is None and text.isascii() and text.isdecimal() and len(text) < 10:
        found = session.get(MeterType, int(text))
    if found is None:
        names = ", ".join(session.scalars(select(MeterType.name).order_by(MeterType.name).limit(10)))
        raise GenerationError("expected a meter type such as %(names)s, got %(got)s", names=names, got=repr(text[:80]))
    return found


def take_stock(session: Session, meter_type: str | int, split: Split) -> Stock:
    """Find what can be joined for one side of the split. Raises GenerationError for an unknown meter type."""
    kind = find_meter_type(session, meter_type)
    fragments: list[Fragment] = []
    sources: dict[int, Source] = {}
    same: dict[tuple[str, int, str], int] = {}  # pixels, part and value → the first fragment that has them
    first_of: dict[int, int] = {}
    for row in session.execute(usable(kind.id, split)):
        if not follows(row.correct_value, row.sample_value):
            continue
        first = first_of[row.id] = same.setdefault((row.pixels_sha256, row.part, row.correct_value), row.id)
        if first == row.id:
            fragments.append(Fragment(row.id, Part(row.part), row.correct_value))
            sources[row.id] = Source(row.image, row.height)
    taken = {
        tuple(first_of.get(key, key) for key in map(int, ids.split("-")))
        for ids in session.scalars(select(TrainingAugmentation.element_ids))
    }
    seen = seen_samples(session, kind.id, split) + seen_augmentations(session, kind.id, split)
    return Stock(kind, Pool(fragments, fit_of(kind)), sources, taken, seen)


def usable(meter_type_id: int, split: Split) -> Any:
    """The fragments that may go into pictures of one side: those of its labelled samples.

    To teach, fragments whose sample is not here are fine too; to test with, they might have been taught.
    """
    of_side = (Training.type == split.value) & (Training.state == State.LABELLED.value)
    without = TrainingElement.training_id.is_(None) if split is Split.TEACH else false()
    return (
        select(
            *(TrainingElement.id, TrainingElement.part, TrainingElement.correct_value, TrainingElement.image),
            *(TrainingElement.height, TrainingElement.pixels_sha256, Training.correct_value.label("sample_value")),
        )
        .outerjoin(Training, TrainingElement.training_id == Training.id)
        .where(TrainingElement.meter_type_id == meter_type_id, or_(of_side, without))
        .order_by(TrainingElement.id)
    )


def follows(value: str, sample_value: str | None) -> bool:
    """Tell whether a fragment's value still follows from its sample's, which may have been corrected since."""
    return sample_value is None or value.strip(".") in sample_value


def fit_of(kind: MeterType) -> Fit:
    """What a meter type can show: drums always show all of their digits, screens often no leading zeros."""
    return Fit(kind.digits, kind.decimals, exact=kind.display not in (Display.LCD.value, Display.LED.value))


def check_count(stock: Stock, count: int) -> None:
    """Refuse a number of pictures that cannot be had. Raises GenerationError."""
    if not 1 <= count <= MOST:
        raise GenerationError("expected from 1 to %(most)s pictures, got %(got)s", most=f"{MOST:,}", got=f"{count:,}")
    name, room = stock.meter_type.name, stock.left
    if count <= room:
        return
    parts = [sum(one.part is part for one in stock.pool.fragments.values()) for part in Part]
    if 0 in parts:
        raise GenerationError(
            "expected start, middle and end fragments of %(name)s, got %(start)s, %(middle)s and %(end)s",
            name=name,
            start=parts[0],
            middle=parts[1],
            end=parts[2],
        )
    if not stock.pool.total:
        raise GenerationError(
            "expected fragments of %(name)s that can be joined to %(wanted)s, got none",
            name=name,
            wanted=wanted(stock.pool.fit),
        )
    raise GenerationError(
        "expected at most %(most)s pictures, which is what the fragments of %(name)s can still give, got %(got)s",
        most=f"{room:,}",
        name=name,
        got=f"{count:,}",
    )


def wanted(fit: Fit) -> str:
    """Say what a reading must be like."""
    digits = "at most 10 digits" if fit.digits is None else f"{'' if fit.exact else 'at most '}{fit.digits} digits"
    return f"a reading of {digits}" + ("" if fit.decimals is None else f" with {fit.decimals} decimals")


def add(batch: list[Ids], pictures: list[Joined], values: list[dict[str, Any]]) -> None:
    """Store one batch and add its rows, all or none. Raises GenerationError when somebody else changed what it uses."""
    with taking_in() as journal:
        try:
            stored = store(pictures, journal)
            commit_rows(batch, [{**row, **picture} for row, picture in zip(values, stored, strict=True)])
        except IntegrityError:
            db.session.rollback()
            raise GenerationError(
                "expected nobody else to generate the same pictures, got some that are there by now; generate again"
            ) from None
        except BaseException:
            db.session.rollback()  # before the pictures are taken back
            raise


def store(pictures: list[Joined], journal: Journal) -> list[dict[str, Any]]:
    """Store the pictures of a batch; returns the columns that say what was stored, in order."""
    for picture in pictures:
        journal.note(f"{picture.sha256[:2]}/{picture.sha256}.png")
    with get_storage().together() as put:
        keys = [put(picture.data, "png") for picture in pictures]
    names = ("width", "height", "sha256", "pixels_sha256")
    return [
        {"image": key, **{name: getattr(picture, name) for name in names}}
        for key, picture in zip(keys, pictures, strict=True)
    ]


def commit_rows(batch: list[Ids], rows: list[dict[str, Any]]) -> None:
    """Add the rows of a batch whose pictures are stored, if they and its fragments are still there."""
    session, storage = db.session(), get_storage()
    ids = {key for sequence in batch for key in sequence}
    there = session.scalars(select(TrainingElement.id).where(TrainingElement.id.in_(ids)).with_for_update(read=True))
    gone = len(ids) - len(there.all())
    if gone or not all(storage.exists(row["image"]) for row in rows):  # somebody's deletion came between
        raise GenerationError("expected fragments to stay while they are joined, got some removed; generate again")
    moment = now()
    session.execute(insert(TrainingAugmentation), [{**row, "created_at": moment} for row in rows])
    session.commit()


def described(pool: Pool, ids: Ids) -> dict[str, str]:
    """What a sequence shows, and what it is made of."""
    return {"correct_value": pool.text(ids), "element_ids": "-".join(map(str, ids))}
