"""What is answered to a photo: of a meter its reading and the straightened display, of a digit the digit."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext

from backend.domain.drawn import NoInkError
from backend.domain.imaging import ImageError
from backend.domain.paper import PaperError
from backend.domain.reading import NO_DISPLAY, Reading
from backend.i18n import explanation
from backend.metrics import READINGS
from backend.models import Purpose
from backend.services.finding import NoDisplayError, read_photo
from backend.services.reading import ReaderError
from backend.telegram import digits, history
from backend.telegram.chats import Chat
from backend.telegram.inbox import Answer
from backend.telegram.incoming import File, Incoming
from backend.telegram.kept import keep, percent
from backend.telegram.shown import as_jpeg

MAX_BYTES = 20_000_000  # a bot cannot fetch larger files
DOUBTFUL_DIGIT = 0.9  # a digit less sure than this is named

REFUSALS = (ImageError, NoDisplayError, PaperError, NoInkError, ReaderError)

Fetch = Callable[[File], bytes]


class FetchError(RuntimeError):
    """Telegram did not give a file."""


def answer(incoming: Incoming, chat: Chat, fetch: Fetch) -> Answer:
    """Read a photo for a chat. What is kept is in the session, to be committed with the answer."""
    try:
        data = fetched(incoming, fetch)
        if chat.purpose is Purpose.DIGIT:
            return digits.answer(digits.read(data, chat.network), incoming, chat)
        return read_meter(data, incoming, chat)
    except REFUSALS as error:
        READINGS.labels("refused").inc()
        return Answer(explanation(error))
    except FetchError:
        return Answer(not_given())


def not_given() -> str:
    """What is said when Telegram keeps a picture back."""
    return gettext("Telegram did not give me that picture. Please send it again.")


def fetched(incoming: Incoming, fetch: Fetch) -> bytes:
    """The photo's bytes. Raises ImageError for one that is too large, FetchError when Telegram does not give it."""
    file = incoming.file
    if file is None:
        raise FetchError
    if (file.size or 0) > MAX_BYTES:
        limit, got = MAX_BYTES // 1_000_000, f"{(file.size or 0) / 1e6:.0f}"
        raise ImageError("too_large", "expected a file of at most %(most)s MB, got %(got)s MB", most=limit, got=got)
    return fetch(file)


def read_meter(data: bytes, incoming: Incoming, chat: Chat) -> Answer:
    """The reading of a meter, how sure it is, and what was used since the last time."""
    try:
        found = read_photo(data)
    except NoDisplayError as error:
        READINGS.labels("refused").inc()
        return digits.instead(data, explanation(error), incoming, chat)
    READINGS.labels(found.reading.reason or "accepted").inc()
    if found.reading.reason == NO_DISPLAY:
        told = gettext("I see no display that can be read here. Come closer, with light and without glare.")
        return digits.instead(data, told, incoming, chat)
    reading = found.reading
    row = keep(incoming, chat, Purpose.METER, reading.text, reading.confidence, reading.accepted, found.version)
    entry = history.Entry.of(row)
    lines = [how_sure(reading), history.use(entry, history.before(chat.id, row.meter, row.id))]
    lines.append(gettext("If that is not right, reply to this message with the right value."))
    return Answer("\n".join(filter(None, lines)), as_jpeg(found.display), reading_id=row.id)


def how_sure(reading: Reading) -> str:
    """The reading with its confidence, and which of its digits are in doubt."""
    values = {"value": reading.text, "sure": percent(reading.confidence)}
    if reading.accepted:
        return gettext("%(value)s (%(sure)s%% sure)", **values)
    text = gettext("Not sure: perhaps %(value)s (%(sure)s%% sure).", **values)
    doubtful = [place for place, digit in enumerate(reading.digits, 1) if digit.confidence < DOUBTFUL_DIGIT]
    if not doubtful:
        return text
    return f"{text}\n" + gettext(
        "In doubt, counted from the left: digit %(places)s.", places=", ".join(map(str, doubtful))
    )
