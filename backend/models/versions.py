"""Networks, their versions, what was published when and why, and the runs that made them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, event, text
from sqlalchemy import inspect as state_of
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from backend.models.base import HASH_LENGTH, JSON_OBJECT, Base, JsonObject, Made, Moment, one_of

READER, FINDER = "reader", "finder"  # slots; the others are recipes


class RunKind(str, Enum):
    """What a run does."""

    TRAINING = "training"
    FINE_TUNING = "fine_tuning"
    GENERATION = "generation"
    IMPORT = "import"
    READING = "reading"  # a version reads the samples, to be compared with others
    LEARNING_CURVE = "learning_curve"  # trainings on ever more of the samples
    RECIPE = "recipe"  # one of the systems that this project descends from is trained again


class RunState(str, Enum):
    """How a run goes."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class Action(str, Enum):
    """How a version came to be the published one."""

    PUBLISH = "publish"
    ROLLBACK = "rollback"
    ADOPT = "adopt"  # somebody else, such as the training's export, pointed current.json to it


class NeuralModel(Made, Base):
    """A network by its name, with its structure."""

    __tablename__ = "neural_model"
    __table_args__ = (CheckConstraint("length(name) > 0", name="name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True, nullable=False)
    structure: Mapped[str] = mapped_column(String(80), nullable=False)

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class NeuralVersion(Made, Base):
    """One version of a network. Nothing in it changes after it was made, but whether it is published.

    Its `slot` is what it is published as, beside what is published as something else: "reader", "finder", or the recipe
    whose pictures it classifies.
    """

    __tablename__ = "neural_version"
    __table_args__ = (
        UniqueConstraint("model_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(f"length(card_sha256) = {HASH_LENGTH}", name="card_sha256"),
        Index(
            "uq_neural_version_published",
            "slot",
            unique=True,
            sqlite_where=text("published"),
            postgresql_where=text("published"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("neural_model.id", ondelete="RESTRICT"), nullable=False)
    number: Mapped[int] = mapped_column(nullable=False)
    slot: Mapped[str] = mapped_column(String(80), default=READER, nullable=False)
    changes: Mapped[str] = mapped_column(Text, default="", nullable=False)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("neural_version.id", ondelete="RESTRICT"), index=True)
    card_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), nullable=False)
    files: Mapped[JsonObject] = mapped_column(JSON_OBJECT, nullable=False)  # as in the card: name → sha256, bytes
    statistics: Mapped[JsonObject] = mapped_column(JSON_OBJECT, nullable=False)  # the card's metrics
    data_sha256: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    published: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)

    model: Mapped[NeuralModel] = relationship()
    parent: Mapped[NeuralVersion | None] = relationship(remote_side=[id])

    @property
    def path(self) -> str:
        """Its folder under static/model/, e.g. "compact/2"."""
        return f"{self.model.name}/{self.number}"

    def __str__(self) -> str:
        """The path, as lists show it."""
        return self.path


@event.listens_for(NeuralVersion, "before_update")
def refuse_change(mapper: Mapper[NeuralVersion], connection: Connection, version: NeuralVersion) -> None:
    """Keep a version as it was made."""
    changed = {attribute.key for attribute in state_of(version).attrs if attribute.history.has_changes()}
    if changed - {"published"}:
        raise ValueError(f"expected a version to stay as it was made, got a change of {', '.join(sorted(changed))}")


class Publication(Made, Base):
    """One publishing or rolling back: who, when, why. Not `completed` while the file may not have been replaced.

    `gates` has the outcome of each gate at that moment, `override` why it was published although not all were passed.
    """

    __tablename__ = "publication"
    __table_args__ = (one_of("action", Action),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(String(10), nullable=False)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("neural_version.id", ondelete="RESTRICT"), index=True, nullable=False
    )
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("neural_version.id", ondelete="RESTRICT"))
    reason: Mapped[str] = mapped_column(Text, default="", nullable=False)
    gates: Mapped[JsonObject] = mapped_column(JSON_OBJECT, default=dict, nullable=False)
    override: Mapped[str] = mapped_column(Text, default="", nullable=False)
    completed: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)

    version: Mapped[NeuralVersion] = relationship(foreign_keys=[version_id])
    previous: Mapped[NeuralVersion | None] = relationship(foreign_keys=[previous_id])


class Run(Made, Base):
    """One training, fine-tuning, generation or import."""

    __tablename__ = "run"
    __table_args__ = (
        one_of("kind", RunKind),
        one_of("state", RunState),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
        Index(None, "state", "heartbeat_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), nullable=False)
    parameters: Mapped[JsonObject] = mapped_column(JSON_OBJECT, default=dict, nullable=False)
    state: Mapped[str] = mapped_column(String(10), default=RunState.WAITING.value, nullable=False)
    progress: Mapped[float] = mapped_column(Float, default=0.0, nullable=False)
    heartbeat_at: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str | None] = mapped_column(String(160))  # who does it: only this one may write here meanwhile
    stopping: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)  # somebody asked it to stop
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    log: Mapped[str] = mapped_column(Text, default="", nullable=False)
    result: Mapped[JsonObject | None] = mapped_column(JSON_OBJECT)
    error: Mapped[str | None] = mapped_column(Text)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("neural_version.id", ondelete="RESTRICT"), index=True)

    version: Mapped[NeuralVersion | None] = relationship()
