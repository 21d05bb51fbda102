"""What is answered to a photo: of a meter its reading and the straightened display, of a digit the digit."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask_babel import gettext
from PIL import Image

from backend.database import db
from backend.domain.drawn import NoInkError, centred
from backend.domain.imaging import ImageError, load
from backend.domain.paper import PaperError, ink_of
from backend.domain.reading import NO_DISPLAY, Reading
from backend.i18n import explanation
from backend.metrics import READINGS
from backend.models import Purpose, TelegramReading
from backend.models.telegram import METER_LENGTH
from backend.services.classifying import classify
from backend.services.finding import NoDisplayError, PhotoReading, read_photo
from backend.services.pictures import check_cost
from backend.services.reading import ReaderError, get_readers
from backend.telegram import chats, history, networks
from backend.telegram.chats import Chat
from backend.telegram.inbox import Answer
from backend.telegram.incoming import File, Incoming

MAX_BYTES = 20_000_000  # a bot cannot fetch larger files
DOUBTFUL_DIGIT = 0.9  # a digit less sure than this is named
ENLARGED = 8  # times is a digit's picture shown

REFUSALS = (ImageError, NoDisplayError, PaperError, NoInkError, ReaderError)

Fetch = Callable[[File], bytes]


class FetchError(RuntimeError):
    """Telegram did not give a file."""


def answer(incoming: Incoming, chat: Chat, fetch: Fetch) -> Answer:
    """Read a photo for a chat. What is kept is in the session, to be committed with the answer."""
    try:
        data = fetched(incoming, fetch)
        found = read_digit(data, chat) if chat.purpose is Purpose.DIGIT else read_meter(data, incoming, chat)
    except REFUSALS as error:
        READINGS.labels("refused").inc()
        return Answer(explanation(error))
    except FetchError:
        return Answer(not_given())
    return found


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
    found = read_photo(data)
    READINGS.labels(found.reading.reason or "accepted").inc()
    if found.reading.reason == NO_DISPLAY:
        return Answer(gettext("I see no display that can be read here. Come closer, with light and without glare."))
    row = keep(found, incoming, chat)
    entry = history.Entry.of(row)
    lines = [how_sure(found.reading), history.use(entry, history.before(chat.id, row.meter, row.id))]
    lines.append(gettext("If that is not right, reply to this message with the right value."))
    return Answer("\n".join(filter(None, lines)), as_jpeg(found.display), reading_id=row.id)


def keep(found: PhotoReading, incoming: Incoming, chat: Chat) -> TelegramReading:
    """Keep a reading for the history."""
    assert incoming.file
    row = TelegramReading(
        chat_id=chats.known(chat.id).id,
        photo_message_id=incoming.message_id,
        file_id=incoming.file.id,
        meter=" ".join(incoming.text.split())[:METER_LENGTH],
        text=found.reading.text,
        confidence=found.reading.confidence,
        accepted=found.reading.accepted,
        version=found.version,
    )
    db.session.add(row)
    db.session.flush()
    return row


def how_sure(reading: Reading) -> str:
    """The reading with its confidence, and which of its digits are in doubt."""
    values = {"value": reading.text, "sure": f"{100 * reading.confidence:.0f}"}
    if reading.accepted:
        return gettext("%(value)s (%(sure)s%% sure)", **values)
    text = gettext("Not sure: perhaps %(value)s (%(sure)s%% sure).", **values)
    doubtful = [place for place, digit in enumerate(reading.digits, 1) if digit.confidence < DOUBTFUL_DIGIT]
    if not doubtful:
        return text
    return f"{text}\n" + gettext(
        "In doubt, counted from the left: digit %(places)s.", places=", ".join(map(str, doubtful))
    )


def read_digit(data: bytes, chat: Chat) -> Answer:
    """The digit on a sheet of paper, and what the network saw of it."""
    with get_readers().slot():
        check_cost(data)
        seen = centred(ink_of(load(data)))
    (best, sure), (second, chance), *_ = classify(networks.chosen(chat.network), seen)
    values = {"digit": best, "sure": f"{100 * sure:.0f}", "second": second, "chance": f"{100 * chance:.0f}"}
    text = gettext("%(digit)s (%(sure)s%% sure; next %(second)s, %(chance)s%%)", **values)
    side = ENLARGED * seen.shape[0]
    shown = Image.fromarray((255 * (1 - seen[..., 0])).round().astype("uint8"))
    return Answer(text, as_jpeg(shown.resize((side, side), Image.Resampling.NEAREST)))


def as_jpeg(picture: Image.Image) -> bytes:
    """A picture as Telegram takes it."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue()
