"""What people decided about pairs of samples that look alike, and about labels that the network contradicts."""

from __future__ import annotations

from enum import Enum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.models.base import READING_LENGTH, Base, Made, one_of
from backend.models.changes import Change
from backend.models.samples import Training


class Kept(str, Enum):
    """Which samples of a pair stay."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


class PairDecision(Made, Base):
    """What a person decided about two samples that look alike. A decided pair is not shown again."""

    __tablename__ = "pair_decision"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
        one_of("kept", Kept),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"), nullable=False)
    second_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"), index=True, nullable=False)
    kept: Mapped[str] = mapped_column(String(10), nullable=False)
    # The change that moved the other one to the trash, by which it comes back; NULL when both stay.
    change_id: Mapped[int | None] = mapped_column(ForeignKey("training_change.id", ondelete="SET NULL"), index=True)

    first: Mapped[Training] = relationship(foreign_keys=[first_id])
    second: Mapped[Training] = relationship(foreign_keys=[second_id])
    change: Mapped[Change | None] = relationship()


class LabelConfirmation(Made, Base):
    """A person said that a label is right although the network reads another value. Holds while the label stays."""

    __tablename__ = "label_confirmation"

    training_id: Mapped[int] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    correct_value: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)

    training: Mapped[Training] = relationship()
