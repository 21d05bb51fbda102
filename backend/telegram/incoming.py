"""What somebody sent, out of an update of the Bot API (https://core.telegram.org/bots/api#update)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from telegram import Message, Update

TEXT, PICTURE, FILE = "text", "picture", "file"
OTHERS = (
    "sticker",
    "voice",
    "audio",
    "animation",
    "video",
    "video_note",
    "location",
    "contact",
    "poll",
    "dice",
)  # animations come as documents too, so they are looked for before those
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
LONGEST_ID = 255


@dataclass(frozen=True)
class File:
    """A picture that is with Telegram; its size in bytes, where that is known."""

    id: str
    size: int | None


@dataclass(frozen=True)
class Incoming:
    """A message, or a button pressed (`pressed`, the button's data).

    `kind` is "text", "picture", "file" (a document that is no picture), or what else it is, such as "sticker". `text`
    is a picture's caption, too. `language` is the sender's, as Telegram says it.
    """

    chat_id: int
    message_id: int
    kind: str
    text: str = ""
    language: str = ""
    file: File | None = None
    reply_to: int | None = None
    pressed: str | None = None
    pressed_id: str | None = None

    @property
    def command(self) -> str:
        """The command, such as "/history"; empty for what is none. In groups it may carry the bot's name."""
        first = self.text.split(maxsplit=1)[0] if self.kind == TEXT and self.text.strip() else ""
        return first.partition("@")[0].lower() if first.startswith("/") else ""


def understood(content: dict[str, Any]) -> Incoming | None:
    """What an update says; None for what asks for no answer, or is not as documented."""
    try:
        update = Update.de_json(content, None)
    except Exception:  # it builds a hundred classes out of whatever is there: all that is amiss means one thing here
        return None
    pressed = update.callback_query
    if pressed is not None:
        message = pressed.message
        if not isinstance(message, Message) or not pressed.data:
            return None
        language = pressed.from_user.language_code or ""
        return Incoming(
            message.chat.id,
            message.message_id,
            TEXT,
            language=language,
            pressed=pressed.data,
            pressed_id=pressed.id,
        )
    return of_message(update.message) if update.message and update.message.chat else None


def of_message(message: Message) -> Incoming | None:
    """What a message says; None for one about the chat itself, such as that somebody joined."""
    found = kind_of(message)
    if found is None:
        return None
    kind, file = found
    sender, replied = message.from_user, message.reply_to_message
    return Incoming(
        message.chat.id,
        message.message_id,
        kind,
        message.text or message.caption or "",
        (sender.language_code or "") if sender else "",
        file,
        replied.message_id if replied else None,
    )


def kind_of(message: Message) -> tuple[str, File | None] | None:
    """What kind of message it is, with its picture."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return PICTURE, as_file(largest.file_id, largest.file_size)
    for kind in OTHERS:
        if getattr(message, kind):
            return kind, None
    if document := message.document:
        named = (document.file_name or "").lower().endswith(SUFFIXES)
        is_picture = named or (document.mime_type or "").startswith("image/")
        return (PICTURE, as_file(document.file_id, document.file_size)) if is_picture else (FILE, None)
    return (TEXT, None) if message.text else None


def as_file(file_id: str, size: int | None) -> File | None:
    """A file that can be asked for; None for an id that is too long to be one."""
    return File(file_id, size) if 0 < len(file_id) <= LONGEST_ID else None
