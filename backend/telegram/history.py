"""A chat's readings, and the use between them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask_babel import format_date, format_decimal, gettext
from sqlalchemy import Select, select

from backend.database import db
from backend.models import Purpose, TelegramReading

SHOWN = 10  # readings of the history


@dataclass(frozen=True)
class Entry:
    """One reading: its meter's name, its text, whether it is sure (accepted, or corrected), and when."""

    id: int
    meter: str
    text: str
    sure: bool
    at: datetime

    @classmethod
    def of(cls, row: TelegramReading) -> Entry:
        """The row, with what the person says in place of what was read."""
        return cls(row.id, row.meter, row.corrected or row.text, row.accepted or bool(row.corrected), row.created_at)


def of_meters(chat_id: int) -> Select[tuple[TelegramReading]]:
    """The chat's readings of meters."""
    mine = select(TelegramReading).where(TelegramReading.chat_id == chat_id)
    return mine.where(TelegramReading.purpose == Purpose.METER.value)


def before(chat_id: int, meter: str, number: int) -> Entry | None:
    """The last sure reading of a meter before the reading `number`."""
    mine = of_meters(chat_id).where(TelegramReading.meter == meter)
    sure = mine.where(TelegramReading.accepted | TelegramReading.corrected.is_not(None))
    row = db.session.scalars(sure.where(TelegramReading.id < number).order_by(TelegramReading.id.desc())).first()
    return Entry.of(row) if row else None


def latest(chat_id: int) -> list[Entry]:
    """The chat's latest readings, the oldest of them first."""
    rows = db.session.scalars(of_meters(chat_id).order_by(TelegramReading.id.desc()).limit(SHOWN)).all()
    return [Entry.of(row) for row in reversed(rows)]


def use(entry: Entry, earlier: Entry | None) -> str:
    """The sentence about the use since an earlier reading; empty where nothing is to be said."""
    if earlier is None or not entry.sure:
        return ""
    used = Decimal(entry.text) - Decimal(earlier.text)
    values = {"since": format_date(earlier.at, "medium"), "used": format_decimal(abs(used), "#,##0.##########")}
    if used < 0:
        return gettext("%(used)s less than on %(since)s: is one of the two wrong, or is it another meter?", **values)
    return gettext("Used since %(since)s: %(used)s.", **values)


def text(chat_id: int) -> str:
    """The history as a message."""
    entries = latest(chat_id)
    if not entries:
        return gettext("There are no readings yet. Send a photo of a meter.")
    return "\n".join([gettext("Your latest readings:"), "", *map(line, entries)])


def line(entry: Entry) -> str:
    """One line of the history."""
    value = entry.text if entry.sure else gettext("%(value)s (not sure)", value=entry.text)
    named = f"{entry.meter}: {value}" if entry.meter else value
    told = use(entry, before_entry(entry))
    return f"{format_date(entry.at, 'medium')} — {named}" + (f"\n    {told}" if told else "")


def before_entry(entry: Entry) -> Entry | None:
    """The last sure reading of the same meter before this one."""
    row = db.session.get_one(TelegramReading, entry.id)
    return before(row.chat_id, entry.meter, entry.id)
