"""What waits to be answered, in the database, so that nothing is lost and no update answered anew.

An update is kept under Telegram's number before Telegram is told that it has come, so that one that is sent again is
known. Its answer is kept in the same transaction as all that goes with it (the reading, the correction) before it is
sent. What remains is a process that dies after sending and before it has noted so: that answer is sent again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, or_, select

from backend.database import db, reading_session
from backend.models import TelegramReading, TelegramUpdate, UpdateState
from backend.models.base import now

QUEUE = 1000  # updates that may wait; more are left with Telegram, which keeps them for a day
CHAT_QUEUE = 30  # of one chat; what it sends beyond is not looked at
KEPT = timedelta(days=3)  # how long an update that was answered is known again: Telegram sends none after a day
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Answer:
    """One message: its text, a picture above it (JPEG or PNG), rows of buttons (label, data), what it answers.

    `reading_id` is the reading that a reply to this message corrects.
    """

    text: str
    picture: bytes | None = None
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    reply_to: int | None = None
    reading_id: int | None = None

    def plain(self) -> dict[str, Any]:
        """The answer as JSON keeps it, without its picture."""
        return {key: value for key, value in asdict(self).items() if key != "picture"}

    @classmethod
    def kept(cls, content: dict[str, Any], picture: bytes | None) -> Answer:
        """The answer that `plain` gave, with its picture."""
        buttons = tuple(tuple((str(label), str(data)) for label, data in row) for row in content["buttons"])
        return cls(**content | {"buttons": buttons}, picture=picture)


@dataclass(frozen=True)
class Job:
    """An update to work on: `answer` when it only is to be sent; `tries` how often somebody has begun to answer it."""

    id: int
    chat_id: int | None
    content: dict[str, Any]
    tries: int
    answer: Answer | None


def receive(updates: Iterable[dict[str, Any]]) -> int:
    """Keep updates as Telegram sent them, each once; returns how many are new. They are on the disk on return."""
    session = db.session()  # writers take turns, so nobody adds the same in between
    given = {number: update for update in updates if (number := number_of(update)) is not None}
    known = set(session.scalars(select(TelegramUpdate.id).where(TelegramUpdate.id.in_(given))))
    new = [row_of(number, update) for number, update in given.items() if number not in known]
    for row in new:
        if row.chat_id is not None and waiting_in(row.chat_id) >= CHAT_QUEUE:
            row.state, row.content = UpdateState.DONE.value, None
        session.add(row)
        session.flush()
    session.commit()
    return len(new)


def number_of(update: dict[str, Any]) -> int | None:
    """Telegram's number of an update; None for what is no update."""
    number = update.get("update_id")
    return number if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= LARGEST_ID else None


def row_of(number: int, update: dict[str, Any]) -> TelegramUpdate:
    """The row of an update that nobody has seen."""
    return TelegramUpdate(id=number, chat_id=chat_of(update), content=update, state=UpdateState.WAITING.value)


def chat_of(update: dict[str, Any]) -> int | None:
    """The chat that an update comes from; None where there is none, or where it says nothing that can be answered."""
    pressed = update.get("callback_query")
    message = pressed.get("message") if isinstance(pressed, dict) else update.get("message")
    chat = message.get("chat") if isinstance(message, dict) else None
    number = chat.get("id") if isinstance(chat, dict) else None
    fits = isinstance(number, int) and not isinstance(number, bool) and abs(number) <= LARGEST_ID
    return number if fits else None


def waiting_in(chat_id: int) -> int:
    """How many updates of a chat are not yet answered."""
    mine = select(func.count()).select_from(TelegramUpdate).where(TelegramUpdate.chat_id == chat_id)
    return db.session.scalar(mine.where(TelegramUpdate.state != UpdateState.DONE.value)) or 0


def is_full() -> bool:
    """Whether so many updates wait that no more should be fetched."""
    with reading_session() as session:
        open_ones = select(func.count()).select_from(TelegramUpdate)
        return (session.scalar(open_ones.where(TelegramUpdate.state != UpdateState.DONE.value)) or 0) >= QUEUE


def open_updates(busy: Collection[int | None], most: int) -> list[tuple[int, int | None]]:
    """Numbers and chats of the oldest updates that are to be worked on, one for each chat that is not busy."""
    first = func.min(TelegramUpdate.id)
    oldest = select(first, TelegramUpdate.chat_id).where(TelegramUpdate.state != UpdateState.DONE.value)
    if taken := [chat for chat in busy if chat is not None]:
        oldest = oldest.where(or_(TelegramUpdate.chat_id.is_(None), TelegramUpdate.chat_id.not_in(taken)))
    if None in busy:
        oldest = oldest.where(TelegramUpdate.chat_id.is_not(None))
    with reading_session() as session:
        rows = session.execute(oldest.group_by(TelegramUpdate.chat_id).order_by(first).limit(most))
        return [(number, chat) for number, chat in rows]


def begin(number: int) -> Job:
    """Begin to work on an update."""
    row = db.session.get_one(TelegramUpdate, number)
    if row.answer is None:
        row.tries += 1
    answer = Answer.kept(row.answer, row.picture) if row.answer is not None else None
    job = Job(number, row.chat_id, dict(row.content or {}), row.tries, answer)
    db.session.commit()
    return job


def answered(number: int, answer: Answer | None) -> None:
    """Keep an update's answer (None: it gets none) together with what the session holds besides."""
    row = db.session.get_one(TelegramUpdate, number)
    row.content = None
    row.answer, row.picture = (answer.plain(), answer.picture) if answer else (None, None)
    row.state = (UpdateState.ANSWERED if answer else UpdateState.DONE).value
    db.session.commit()


def sent(number: int, answer: Answer, message_id: int | None) -> None:
    """Note that the answer was sent, and as which message, where that is known; old updates are forgotten."""
    row = db.session.get_one(TelegramUpdate, number)
    row.state, row.answer, row.picture = UpdateState.DONE.value, None, None
    reading = db.session.get(TelegramReading, answer.reading_id) if answer.reading_id is not None else None
    if reading and reading.message_id is None:
        reading.message_id = message_id
    old = delete(TelegramUpdate).where(TelegramUpdate.state == UpdateState.DONE.value)
    db.session.execute(old.where(TelegramUpdate.created_at < now() - KEPT))
    db.session.commit()
