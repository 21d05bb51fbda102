"""What was told of a photo, kept so that a reply can correct it, and known again by its words."""

from __future__ import annotations

import re

from backend.database import db
from backend.models import Purpose, TelegramReading
from backend.models.telegram import METER_LENGTH
from backend.telegram import chats
from backend.telegram.chats import Chat
from backend.telegram.incoming import Incoming

REST = {Purpose.METER.value: r"[^%)]*\)", Purpose.DIGIT.value: r"[^%)]*\d+%\)"}  # a digit is told with the next one


def keep(
    incoming: Incoming, chat: Chat, purpose: Purpose, text: str, confidence: float, accepted: bool, version: str
) -> TelegramReading:
    """Keep what was read in a photo, in the session."""
    assert incoming.file
    row = TelegramReading(
        chat_id=chats.known(chat.id).id,
        photo_message_id=incoming.message_id,
        file_id=incoming.file.id,
        purpose=purpose.value,
        meter=" ".join(incoming.text.split())[:METER_LENGTH] if purpose is Purpose.METER else "",
        text=text,
        confidence=confidence,
        accepted=accepted,
        version=version,
    )
    db.session.add(row)
    db.session.flush()
    return row


def percent(confidence: float) -> str:
    """How sure something is, as it is told."""
    return f"{100 * confidence:.0f}"


def is_told(row: TelegramReading, answer: str) -> bool:
    """Whether an answer, in whatever language, tells what was read: the value, then how sure it is, in parentheses."""
    value = rf"(?<![\w.,]){re.escape(row.text)} \(\D*{percent(row.confidence)}%"
    return re.search(value + REST[row.purpose], answer) is not None
