"""What the tables share: names of constraints, who made a row and when, a stored picture."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum

from sqlalchemy import JSON, CheckConstraint, DateTime, MetaData, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Named constraints, so that migrations can change them on every database (SQLite included).
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
READING_LENGTH = 11  # ten digits and the point
HASH_LENGTH = 64  # 256 bits in hexadecimal: sha256, and the perceptual hash too
SYSTEM = "system"


class Base(DeclarativeBase):
    """What every table derives from."""

    metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite forgets the zone, so it is given back here; a moment without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC on the way in."""
        if value is not None and value.utcoffset() is None:
            raise ValueError(f"expected a moment with its time zone, got {value}")
        return value and value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say UTC on the way out."""
        if value is None:
            return None
        return value.astimezone(timezone.utc) if value.tzinfo else value.replace(tzinfo=timezone.utc)


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(timezone.utc)


def one_of(column: str, values: type[Enum], name: str | None = None) -> CheckConstraint:
    """A check that a column holds one of an enumeration's values."""
    allowed = ", ".join(repr(member.value) for member in values)
    return CheckConstraint(f'"{column}" IN ({allowed})', name=name or column)


class Made:
    """Who made a row, and when. The name is kept as text, so that it outlives the account."""

    created_at: Mapped[datetime] = mapped_column(Moment, default=now, nullable=False)
    created_by: Mapped[str] = mapped_column(String(120), default=SYSTEM, nullable=False)


class Changed(Made):
    """Who changed a row last, and when."""

    updated_at: Mapped[datetime] = mapped_column(Moment, default=now, onupdate=now, nullable=False)
    updated_by: Mapped[str] = mapped_column(String(120), default=SYSTEM, nullable=False)


class Pictured:
    """A stored picture: its key in the storage, its size, and the hashes it is compared by."""

    image: Mapped[str] = mapped_column(String(120), nullable=False)
    width: Mapped[int] = mapped_column(nullable=False)
    height: Mapped[int] = mapped_column(nullable=False)
    sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), nullable=False, index=True)
    pixels_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), nullable=False, index=True)


def picture_checks() -> tuple[CheckConstraint, ...]:
    """A picture has an area and whole hashes."""
    return (
        CheckConstraint("width > 0 AND height > 0", name="size"),
        CheckConstraint(f"length(sha256) = {HASH_LENGTH}", name="sha256"),
        CheckConstraint(f"length(pixels_sha256) = {HASH_LENGTH}", name="pixels_sha256"),
    )


JsonObject = dict[str, object]
JSON_OBJECT = JSON()
