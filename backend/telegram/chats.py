"""What a chat has chosen: its language, what its photos show, and whether its corrections may be learnt from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.database import db
from backend.models import Purpose, TelegramChat


@dataclass(frozen=True)
class Chat:
    """A chat's choices. `consent` is None until somebody was asked; `network` is the recipe that reads its digits."""

    id: int
    language: str
    purpose: Purpose
    network: str | None
    consent: bool | None


def of(chat_id: int, sender_language: str) -> Chat:
    """The chat's choices; without a language of its own it is the sender's, where the bot speaks it."""
    row = db.session.get(TelegramChat, chat_id)
    spoken = "ru" if sender_language.lower().split("-")[0] == "ru" else "en"
    chat = Chat(chat_id, spoken, Purpose.METER, None, None)
    if row:
        chat = Chat(chat_id, row.language or spoken, Purpose(row.purpose), row.network, row.consent)
    db.session.commit()
    return chat


def choose(chat_id: int, **choices: Any) -> None:
    """Keep choices of a chat, once the session is committed."""
    row = known(chat_id)
    for name, value in choices.items():
        setattr(row, name, value)


def known(chat_id: int) -> TelegramChat:
    """The chat's row, added when it is new."""
    row = db.session.get(TelegramChat, chat_id)
    if row is None:
        row = TelegramChat(id=chat_id)
        db.session.add(row)
        db.session.flush()
    return row


def forget(chat_id: int) -> None:
    """Remove a chat's choices and its readings, once the session is committed."""
    if row := db.session.get(TelegramChat, chat_id):
        db.session.delete(row)
