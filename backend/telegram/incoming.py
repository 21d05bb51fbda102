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
    "story",
    "game",
    "checklist",
)  # animations come as documents too, so they are looked for before those
OTHER = "other"  # whatever else there is, or will be
CHAT_EVENTS = (  # what Telegram itself says of a chat in somebody's name
    "new_chat_members",
    "left_chat_member",
    "new_chat_title",
    "new_chat_photo",
    "delete_chat_photo",
    "group_chat_created",
    "supergroup_chat_created",
    "channel_chat_created",
    "message_auto_delete_timer_changed",
    "migrate_to_chat_id",
    "migrate_from_chat_id",
    "pinned_message",
    "successful_payment",
    "refunded_payment",
    "connected_website",
    "write_access_allowed",
    "proximity_alert_triggered",
    "boost_added",
    "chat_background_set",
    "chat_owner_left",
    "chat_owner_changed",
    "checklist_tasks_done",
    "checklist_tasks_added",
    "poll_option_added",
    "poll_option_deleted",
    "direct_message_price_changed",
    "paid_message_price_changed",
    "forum_topic_created",
    "forum_topic_edited",
    "forum_topic_closed",
    "forum_topic_reopened",
    "general_forum_topic_hidden",
    "general_forum_topic_unhidden",
    "giveaway_created",
    "giveaway_completed",
    "managed_bot_created",
    "suggested_post_approved",
    "suggested_post_approval_failed",
    "suggested_post_declined",
    "suggested_post_paid",
    "suggested_post_refunded",
    "video_chat_scheduled",
    "video_chat_started",
    "video_chat_ended",
    "video_chat_participants_invited",
)
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

    `kind` is "text", "picture", "file" (a document that is no picture), or what else it is, such as "sticker"; "other"
    for what has no name here. `text` is a picture's caption, too. `language` is the sender's, as Telegram says it.
    `reply_to` is the message that this one replies to, `replied` that one's text.
    """

    chat_id: int
    message_id: int
    kind: str
    text: str = ""
    language: str = ""
    file: File | None = None
    reply_to: int | None = None
    replied: str = ""
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
        return barely(content.get("message"))
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


def barely(message: Any) -> Incoming | None:
    """A person's message that the library can make no sense of: what kind it is, where it says so."""
    try:
        chat_id, number, sender = message["chat"]["id"], message["message_id"], message["from"]
        language = str(sender.get("language_code") or "")
    except (KeyError, TypeError, AttributeError):
        return None
    if not isinstance(chat_id, int) or not isinstance(number, int) or any(event in message for event in CHAT_EVENTS):
        return None
    return Incoming(chat_id, number, next((kind for kind in OTHERS if kind in message), OTHER), language=language)


def of_message(message: Message) -> Incoming | None:
    """What a message says; None for one about the chat itself, such as that somebody joined."""
    sender, replied = message.from_user, message.reply_to_message
    if any(getattr(message, event) for event in CHAT_EVENTS):
        return None
    kind, file = kind_of(message)
    if kind == OTHER and sender is None:
        return None
    return Incoming(
        message.chat.id,
        message.message_id,
        kind,
        message.text or message.caption or "",
        (sender.language_code or "") if sender else "",
        file,
        replied.message_id if replied else None,
        (replied.text or replied.caption or "") if replied else "",
    )


def kind_of(message: Message) -> tuple[str, File | None]:
    """What kind of message it is, with its picture. A live photo has one, too."""
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
    return (TEXT if message.text else OTHER), None


def as_file(file_id: str, size: int | None) -> File | None:
    """A file that can be asked for; None for an id that is too long to be one."""
    return File(file_id, size) if 0 < len(file_id) <= LONGEST_ID else None
