"""Meter types, samples to train on, the fragments cut out of them, and pictures joined from fragments."""

from __future__ import annotations

from datetime import datetime
from enum import Enum, IntEnum

from sqlalchemy import BigInteger, CheckConstraint, Float, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backend.domain.reading import encode
from backend.models.base import (
    HASH_LENGTH,
    READING_LENGTH,
    Base,
    Changed,
    Made,
    Moment,
    Pictured,
    one_of,
    picture_checks,
)
from backend.models.versions import NeuralVersion


class Display(str, Enum):
    """What shows the digits."""

    DRUMS = "drums"
    LCD = "lcd"
    LED = "led"


class Split(IntEnum):
    """What a sample is for."""

    TEACH = 0
    TEST = 1
    VALIDATE = 2


class State(str, Enum):
    """How far the labelling of a sample is."""

    NEW = "new"
    PROPOSED = "proposed"
    LABELLED = "labelled"
    UNREADABLE = "unreadable"
    TRASH = "trash"


class Part(IntEnum):
    """Where in a display a fragment was."""

    START = 0
    MIDDLE = 1
    END = 2


# The proposed value is another one; zeros in front may be drums that the network cannot know of. The index holds what
# this says word for word, so queries must use it as it stands.
DISAGREES = "ltrim(correct_value, '0') <> ltrim(proposed_value, '0')"


class MeterType(Changed, Base):
    """A kind of meter. Digits, decimals and the kind of display are NULL while nobody has said them."""

    __tablename__ = "meter_type"
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("digits BETWEEN 1 AND 10", name="digits"),
        CheckConstraint("decimals >= 0 AND decimals < coalesce(digits, 10)", name="decimals"),
        one_of("display", Display),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    unit: Mapped[str] = mapped_column(String(20), default="", nullable=False)
    digits: Mapped[int | None] = mapped_column(SmallInteger)
    decimals: Mapped[int | None] = mapped_column(SmallInteger)
    display: Mapped[str | None] = mapped_column(String(10))

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class Training(Pictured, Changed, Base):
    """One display: its picture, what it shows, and how that is known."""

    __tablename__ = "training"
    __table_args__ = (
        *picture_checks(),
        CheckConstraint(f"length(phash) = {HASH_LENGTH}", name="phash"),
        one_of("type", Split),
        one_of("state", State),
        CheckConstraint("state <> 'labelled' OR correct_value IS NOT NULL", name="labelled"),
        CheckConstraint("length(correct_value) > 0", name="correct_value"),
        CheckConstraint(
            "(box_x IS NULL AND box_y IS NULL AND box_width IS NULL AND box_height IS NULL)"
            " OR (box_x IS NOT NULL AND box_y IS NOT NULL AND box_width > 0 AND box_height > 0"
            " AND box_width IS NOT NULL AND box_height IS NOT NULL)",
            name="box",
        ),
        CheckConstraint("proposed_confidence BETWEEN 0 AND 1", name="proposed_confidence"),
        # The list's filters, each in the list's order (newest first).
        Index(None, "type", "id"),
        Index(None, "meter_type_id", "id"),
        Index(None, "state", "id"),
        Index(None, "source", "id"),
        Index(None, "group", "id"),
        Index(None, "state", "proposed_confidence"),  # the doubtful first
        Index(None, "type", "state"),  # the overview counts by both
        Index(None, "correct_value"),
        # Several filters at once: all columns that they need, so that rows are read only for the page shown; the values
        # are there for the map of digits.
        Index(
            "ix_training_filters",
            *("type", "state", "meter_type_id", "source", "group", "proposed_confidence", "correct_value"),
        ),
        Index("ix_training_disagrees", "id", sqlite_where=text(DISAGREES), postgresql_where=text(DISAGREES)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[int] = mapped_column(SmallInteger, nullable=False)
    correct_value: Mapped[str | None] = mapped_column(String(READING_LENGTH))
    also_accepted: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    meter_type_id: Mapped[int] = mapped_column(ForeignKey("meter_type.id", ondelete="RESTRICT"), nullable=False)
    group: Mapped[str] = mapped_column(String(120), default="", nullable=False)
    source: Mapped[str] = mapped_column(String(80), default="", nullable=False)
    box_x: Mapped[float | None] = mapped_column(Float)
    box_y: Mapped[float | None] = mapped_column(Float)
    box_width: Mapped[float | None] = mapped_column(Float)
    box_height: Mapped[float | None] = mapped_column(Float)
    state: Mapped[str] = mapped_column(String(10), default=State.NEW.value, nullable=False)
    phash: Mapped[str] = mapped_column(String(HASH_LENGTH), nullable=False)
    original_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True, nullable=False)
    proposed_value: Mapped[str | None] = mapped_column(String(READING_LENGTH))
    proposed_probabilities: Mapped[bytes | None] = mapped_column(LargeBinary)  # float32 (11, 10), little-endian
    proposed_confidence: Mapped[float | None] = mapped_column(Float)
    proposed_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("neural_version.id", ondelete="RESTRICT"), index=True
    )
    labelled_at: Mapped[datetime | None] = mapped_column(Moment)
    labelled_by: Mapped[str | None] = mapped_column(String(120))

    meter_type: Mapped[MeterType] = relationship()
    proposed_version: Mapped[NeuralVersion | None] = relationship()

    @validates("correct_value", "proposed_value")
    def _check_value(self, key: str, value: str | None) -> str | None:
        return checked_value(value)


class TrainingElement(Pictured, Changed, Base):
    """A fragment of a display: one or several digits, with the point where it stands among them."""

    __tablename__ = "training_element"
    __table_args__ = (
        *picture_checks(),
        one_of("part", Part),
        CheckConstraint("length(correct_value) > 0", name="correct_value"),
        Index(None, "meter_type_id", "part", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(SmallInteger, nullable=False)
    meter_type_id: Mapped[int] = mapped_column(ForeignKey("meter_type.id", ondelete="RESTRICT"), nullable=False)
    correct_value: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)
    training_id: Mapped[int | None] = mapped_column(ForeignKey("training.id", ondelete="SET NULL"), index=True)

    meter_type: Mapped[MeterType] = relationship()
    training: Mapped[Training | None] = relationship()


class TrainingAugmentation(Pictured, Made, Base):
    """A display joined from fragments. No two are joined from the same fragments in the same order."""

    __tablename__ = "training_augmentation"
    __table_args__ = (
        *picture_checks(),
        one_of("type", Split),
        CheckConstraint("length(correct_value) > 0", name="correct_value"),
        Index(None, "meter_type_id", "type", "id"),
        Index(None, "meter_type_id", "type", "correct_value"),  # the map of digits
        Index(None, "seed", "meter_type_id", "created_at"),  # what a run made
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[int] = mapped_column(SmallInteger, nullable=False)
    meter_type_id: Mapped[int] = mapped_column(ForeignKey("meter_type.id", ondelete="RESTRICT"), nullable=False)
    correct_value: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)
    # Ids from left to right, as "12-7-31": a text can be unique in every database, and outlives the fragments.
    element_ids: Mapped[str] = mapped_column(String(120), unique=True, nullable=False)
    seed: Mapped[int] = mapped_column(BigInteger, nullable=False)

    meter_type: Mapped[MeterType] = relationship()

    @validates("correct_value")
    def _check_value(self, key: str, value: str) -> str | None:
        return checked_value(value)

    @validates("element_ids")
    def _check_ids(self, key: str, value: str) -> str:
        parts = value.split("-")
        if not all(part.isascii() and part.isdecimal() and part == str(int(part)) for part in parts):
            raise ValueError(f"expected ids such as 12-7-31, got {value!r}")
        return value


def checked_value(value: str | None) -> str | None:
    """A reading's text as it is stored: with a point, never a comma. Raises ReadingError for what is no reading."""
    if value is None:
        return None
    encode(value)
    return value.replace(",", ".")
