"""What a version reads on samples, kept so that versions can be compared picture by picture."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.models.base import READING_LENGTH, Base
from backend.models.samples import Training
from backend.models.versions import NeuralVersion


class VersionReading(Base):
    """What one version read on one sample. Whether it is right follows from the sample's label, which may change."""

    __tablename__ = "version_reading"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint("length(text) > 0", name="text"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("neural_version.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    training_id: Mapped[int] = mapped_column(
        ForeignKey("training.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    text: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)
    confidence: Mapped[float] = mapped_column(Float, nullable=False)
    accepted: Mapped[bool] = mapped_column(Boolean, nullable=False)

    version: Mapped[NeuralVersion] = relationship()
    training: Mapped[Training] = relationship()
