"""Corrections by reply: they count in the history at once, and with consent they become feedback.

Consent is asked once, and kept with the chat. Without it nothing is given: the picture stays with Telegram, where it is
fetched from when it may be given. Given is the straightened display alone, as the page gives it. Of a digit on paper
nothing is: its correction is kept beside what was told.
"""

from __future__ import annotations

import re

from flask_babel import gettext
from sqlalchemy import or_, select

from backend.database import db
from backend.domain.reading import ReadingError
from backend.i18n import explanation
from backend.metrics import FEEDBACK
from backend.models import Purpose, TelegramReading, checked_value
from backend.services import feedback
from backend.services.feedback import Correction
from backend.services.finding import read_photo
from backend.services.pictures import encode
from backend.telegram import chats, history, kept, photos, rates
from backend.telegram.chats import Chat
from backend.telegram.inbox import Answer
from backend.telegram.incoming import File, Incoming
from backend.telegram.photos import Fetch, FetchError

NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
DIGIT = re.compile("[0-9]")
LOOKED_AT = 100  # readings whose answers' numbers were lost, the newest ones
YES, NO = "consent:yes", "consent:no"


def corrected(incoming: Incoming) -> TelegramReading | None:
    """The reading that a message replies to: to its answer, or to the photo itself.

    An answer whose number was lost on the way is known by what it says, if it is none of the oldest; from then on its
    number is known, too.
    """
    mine = select(TelegramReading).where(TelegramReading.chat_id == incoming.chat_id)
    number = incoming.reply_to
    named = mine.where(or_(TelegramReading.message_id == number, TelegramReading.photo_message_id == number))
    row = db.session.scalars(named.limit(1)).first()
    if row is None and incoming.replied:
        nameless = mine.where(TelegramReading.message_id.is_(None), TelegramReading.photo_message_id < number)
        rows = db.session.scalars(nameless.order_by(TelegramReading.id.desc()).limit(LOOKED_AT))
        row = next((each for each in rows if kept.is_told(each, incoming.replied)), None)
        if row:
            row.message_id = number
    return row


def correct(incoming: Incoming, chat: Chat, fetch: Fetch) -> Answer:
    """Take a correction."""
    row = corrected(incoming)
    if row is None:
        db.session.commit()
        return Answer(gettext("To correct a reading, reply to the message in which I told it, with the right value."))
    return (
        correct_digit(row, incoming)
        if row.purpose == Purpose.DIGIT.value
        else correct_meter(row, incoming, chat, fetch)
    )


def correct_digit(row: TelegramReading, incoming: Incoming) -> Answer:
    """Take a digit in place of the one that was told."""
    value = incoming.text.strip()
    if is_digit := DIGIT.fullmatch(value) is not None:
        row.corrected = value
    db.session.commit()
    if not is_digit:
        return Answer(gettext("Expected one digit, 0 to 9, in place of the one that I told."))
    told = gettext("Corrected: %(value)s.", value=value)
    return Answer(f"{told} " + gettext("It is kept in this chat only: the networks for digits do not learn from it."))


def correct_meter(row: TelegramReading, incoming: Incoming, chat: Chat, fetch: Fetch) -> Answer:
    """Take a value in place of a reading."""
    try:
        value = checked_value(incoming.text.strip())
    except ReadingError as error:
        db.session.commit()
        return Answer(explanation(error))
    row.corrected = value
    number = row.id
    db.session.flush()
    entry = history.Entry.of(row)
    told = history.use(entry, history.before(chat.id, row.meter, row.id))
    lines = [gettext("Corrected: %(value)s.", value=entry.text), told]
    db.session.commit()
    if chat.consent is None:
        return Answer("\n".join(filter(None, lines)) + "\n\n" + question(), buttons=buttons())
    if chat.consent:
        lines.append(give(number, chat.id, fetch))
    return Answer("\n".join(filter(None, lines)))


def question() -> str:
    """What is asked once."""
    return gettext(
        "May the picture of the display and your value be kept, so that the reader learns from them? Only the display "
        "is kept, and nothing that says who you are. This holds for later corrections too; /privacy changes it."
    )


def buttons() -> tuple[tuple[tuple[str, str], ...], ...]:
    """Yes and no."""
    return (((gettext("Yes, keep them"), YES), (gettext("No"), NO)),)


def consent(chat: Chat, given: bool, fetch: Fetch) -> Answer:
    """Keep what somebody decided; a yes gives what was corrected before."""
    chats.choose(chat.id, consent=given)
    db.session.commit()
    if not given:
        return Answer(gettext("Nothing is kept but your own history here. /privacy changes it."))
    told = give_all(chat.id, fetch)
    return Answer(told or gettext("Thank you. From now on your corrections help the reader to learn."))


def give_all(chat_id: int, fetch: Fetch) -> str:
    """Give every correction of the chat that was not given; what to tell about the last one."""
    mine = history.of_meters(chat_id).where(TelegramReading.corrected.is_not(None), ~TelegramReading.given)
    numbers = [row.id for row in db.session.scalars(mine.order_by(TelegramReading.id))]
    db.session.commit()
    told = ""
    for number in numbers:
        told = give(number, chat_id, fetch)
    return told


def give(number: int, chat_id: int, fetch: Fetch) -> str:
    """Make feedback of a corrected reading; returns what to tell. The correction stays in the history in any case."""
    row = db.session.get_one(TelegramReading, number)
    known = Correction(row.corrected or "", row.version, row.text, row.confidence)
    file = File(row.file_id, None)
    db.session.commit()
    if not rates.allow_feedback(chat_id):
        return gettext("Many corrections have come lately, so this one is only in your history.")
    try:
        picture = encode(read_photo(fetch(file)).display)
        _, is_new = feedback.give(picture, known)
    except FetchError:
        return photos.not_given()
    except photos.REFUSALS as error:
        FEEDBACK.labels("refused").inc()
        return explanation(error)
    FEEDBACK.labels("new" if is_new else "known").inc()
    db.session.get_one(TelegramReading, number).given = True
    db.session.commit()
    return gettext("Thank you: the reader can learn from that.")
