"""What people changed about samples, so that it can be undone, and who looks at which picture just now."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.models.base import JSON_OBJECT, Base, JsonObject, Made, Moment, one_of
from backend.models.samples import Training


class ChangeKind(str, Enum):
    """What was done. The first four are answers of the labelling queue."""

    ACCEPT = "accept"  # the proposed value is right
    CORRECT = "correct"  # another value is
    UNREADABLE = "unreadable"
    SKIP = "skip"  # not now, not by this person
    EDIT = "edit"  # one sample, by its form
    BULK = "bulk"  # several samples at once


class Change(Made, Base):
    """One thing that a person did, to one sample or many. What is asked twice with the same `key` is done once."""

    __tablename__ = "training_change"
    __table_args__ = (one_of("kind", ChangeKind), Index(None, "created_by", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), nullable=False)
    key: Mapped[str | None] = mapped_column(String(40), unique=True)
    samples: Mapped[int] = mapped_column(default=1, nullable=False)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class ChangedSample(Base):
    """What a change did to one sample: the columns that changed, as they were and as they became."""

    __tablename__ = "training_change_sample"

    change_id: Mapped[int] = mapped_column(ForeignKey("training_change.id", ondelete="CASCADE"), primary_key=True)
    training_id: Mapped[int] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    before: Mapped[JsonObject] = mapped_column(JSON_OBJECT, nullable=False)
    after: Mapped[JsonObject] = mapped_column(JSON_OBJECT, nullable=False)

    change: Mapped[Change] = relationship()
    training: Mapped[Training] = relationship()


class Lease(Base):
    """A sample that one person has in the labelling queue until a moment. The key keeps it from being given twice."""

    __tablename__ = "labelling_lease"
    __table_args__ = (CheckConstraint("length(person) > 0", name="person"), Index(None, "person", "place"))

    training_id: Mapped[int] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person: Mapped[str] = mapped_column(String(120), nullable=False)
    place: Mapped[int] = mapped_column(default=0, nullable=False)  # the order in which the person sees them
    expires_at: Mapped[datetime] = mapped_column(Moment, nullable=False)
