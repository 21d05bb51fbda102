"""Who may use the panel: accounts, their sessions on this server, one-time links."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from backend.models.base import HASH_LENGTH, Base, Changed, Made, Moment, one_of

NAME_LENGTH = 80


class Role(str, Enum):
    """What somebody may do; each role may do what those before it may."""

    VIEWER = "viewer"
    ANNOTATOR = "annotator"
    TRAINER = "trainer"
    ADMIN = "admin"

    def covers(self, needed: Role) -> bool:
        """Tell whether who has this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class User(Changed, Base):
    """Somebody with a password. `key` is the name in the form that is compared: without case and such."""

    __tablename__ = "account"  # "user" is a word of SQL
    __table_args__ = (
        CheckConstraint("length(name) > 0", name="name"),
        CheckConstraint("length(password_hash) > 0", name="password_hash"),
        one_of("role", Role),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), nullable=False)
    key: Mapped[str] = mapped_column(String(NAME_LENGTH), unique=True, nullable=False)
    password_hash: Mapped[str] = mapped_column(String(255), nullable=False)  # argon2id, with its parameters
    role: Mapped[str] = mapped_column(String(10), nullable=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True, nullable=False)

    def __str__(self) -> str:
        """The name, as lists show it."""
        return self.name


class LoginSession(Base):
    """A browser that is logged in. Its cookie holds a token, worth nothing without the row that has its hash."""

    __tablename__ = "login_session"
    __table_args__ = (CheckConstraint(f"length(token_sha256) = {HASH_LENGTH}", name="token_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True, nullable=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True, nullable=False)
    created_at: Mapped[datetime] = mapped_column(Moment, nullable=False)
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True, nullable=False)

    user: Mapped[User] = relationship()


class Invite(Made, Base):
    """A link that works once: for a new account with a role, or for a new password of an account that exists."""

    __tablename__ = "invite"
    __table_args__ = (
        CheckConstraint(f"length(token_sha256) = {HASH_LENGTH}", name="token_sha256"),
        one_of("role", Role),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True, nullable=False)
    role: Mapped[str] = mapped_column(String(10), nullable=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment, nullable=False)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[User | None] = relationship()
