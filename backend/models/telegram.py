"""The chats of the Telegram bot: what each asked for, what it was answered, and its readings.

A message waits in `TelegramUpdate` until it is answered, so that a process that dies loses none and answers none twice.
Neither names nor pictures of a person are kept: a chat is a number, and a picture stays with Telegram, which is asked
for it again when it is needed.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, Float, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from backend.models.base import READING_LENGTH, Base, JsonObject, Moment, now, one_of
from backend.models.feedback import VERSION_LENGTH
from backend.models.samples import checked_value

FILE_LENGTH = 255
METER_LENGTH = 40


class Purpose(Enum):
    """What a chat's photos show."""

    METER = "meter"
    DIGIT = "digit"


class UpdateState(Enum):
    """Where an update is on its way; an answered one is still to be sent."""

    WAITING = "waiting"
    ANSWERED = "answered"
    DONE = "done"


class TelegramChat(Base):
    """What one chat chose. Without a language it is the sender's; `consent` is None until somebody was asked."""

    __tablename__ = "telegram_chat"
    __table_args__ = (one_of("purpose", Purpose),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    language: Mapped[str | None] = mapped_column(String(2))
    purpose: Mapped[str] = mapped_column(String(10), default=Purpose.METER.value, nullable=False)
    network: Mapped[str | None] = mapped_column(String(80))
    consent: Mapped[bool | None] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, nullable=False)


class TelegramUpdate(Base):
    """One update as Telegram sent it, once however often it is sent, and its answer until that is sent."""

    __tablename__ = "telegram_update"
    __table_args__ = (one_of("state", UpdateState), Index(None, "state", "id"))

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chat_id: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10), default=UpdateState.WAITING.value, nullable=False)
    tries: Mapped[int] = mapped_column(default=0, nullable=False)
    content: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    answer: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    picture: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, nullable=False)


class TelegramReading(Base):
    """What was read for a chat. `message_id` is the answer's, once it is known; `photo_message_id` the picture's.

    `purpose` is what was looked for: a digit on paper is no reading of a meter, so it stands in no history. `meter` is
    the picture's caption, for who has several; `corrected` what the person says instead; `given` whether that became
    feedback.
    """

    __tablename__ = "telegram_reading"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence"),
        CheckConstraint("length(text) > 0", name="text"),
        one_of("purpose", Purpose),
        Index(None, "chat_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("telegram_chat.id", ondelete="CASCADE"), nullable=False)
    photo_message_id: Mapped[int] = mapped_column(BigInteger, nullable=False)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    file_id: Mapped[str] = mapped_column(String(FILE_LENGTH), nullable=False)
    purpose: Mapped[str] = mapped_column(String(10), default=Purpose.METER.value, nullable=False)
    meter: Mapped[str] = mapped_column(String(METER_LENGTH), default="", nullable=False)
    text: Mapped[str] = mapped_column(String(READING_LENGTH), nullable=False)
    confidence: Mapped[float] = mapped_column(Float, nullable=False)
    accepted: Mapped[bool] = mapped_column(Boolean, nullable=False)
    version: Mapped[str] = mapped_column(String(VERSION_LENGTH), nullable=False)
    corrected: Mapped[str | None] = mapped_column(String(READING_LENGTH))
    given: Mapped[bool] = mapped_column(Boolean, default=False, nullable=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=now, nullable=False)

    @validates("text", "corrected")
    def _check_value(self, key: str, value: str | None) -> str | None:
        return checked_value(value)
