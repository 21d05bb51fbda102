"""What people told us about readings: the correction, and what had been read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from backend.models.base import HASH_LENGTH, READING_LENGTH, Base, Moment, now
from backend.models.samples import Training, checked_value

VERSION_LENGTH = 100


class Feedback(Base):
    """One correction that somebody sent with consent. Nothing says who: neither a name nor an address is kept.

    `value` is what the person says the display shows; it is the sample's proposal until somebody labels it. `reading`
    and `confidence` are what `version` had read on the person's device. It goes with its sample.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("length(value) > 0", name="value"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint(f"length(content_sha256) = {HASH_LENGTH}", name="content_sha256"),
        CheckConstraint(f"length(key_sha256) = {HASH_LENGTH}", name="key_sha256"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("training.id", ondelete="CASCADE"), unique=True, nullable=False)
    value: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)
    reading: Mapped[str | None] = mapped_column(String(READING_LENGTH))
    confidence: Mapped[float | None] = mapped_column(Float)
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH), nullable=False)
    content_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True, nullable=False)
    key_sha256: Mapped[str | None] = mapped_column(String(HASH_LENGTH), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, nullable=False)

    training: Mapped[Training] = relationship()

    @validates("value", "reading")
    def _check_value(self, key: str, value: str | None) -> str | None:
        return checked_value(value)
