"""The bot against a server that speaks the Bot API: photos in, readings out, history, corrections, both languages."""

import io
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from telegram import Message

from backend.database import db
from backend.domain.reading import Reading
from backend.models import Feedback, TelegramChat, TelegramReading, TelegramUpdate, Training
from backend.services.finding import read_photo
from backend.telegram.incoming import CHAT_EVENTS, OTHERS
from tests.backend.readable import goldens

from .bot_api import BotApi
from .conftest import Running, whole_photo

STRIPS = [golden for golden in goldens() if golden.box is None]
STRIP = STRIPS[0]


def count(table: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def test_a_photo_of_a_meter_is_read(app: Flask, api: BotApi, finder: object, running: Running) -> None:
    with app.app_context():
        found = read_photo(whole_photo())
    number = api.show(whole_photo())
    (answer,) = api.wait(1)
    assert answer.reply_to == number
    assert answer.text.startswith((found.reading.text, f"Not sure: perhaps {found.reading.text} "))
    assert f"({100 * found.reading.confidence:.0f}% sure)" in answer.text
    assert answer.picture
    with Image.open(io.BytesIO(answer.picture)) as shown:
        assert shown.size == found.display.size
        assert shown.width > 2 * shown.height
    api.show(STRIP.data, as_file="image/png", language="ru")  # whatever the finder finds in a display
    assert f"(уверенность {100 * reading(app, STRIP.data).confidence:.0f}%)" in api.wait(2)[1].text
    api.show(plain_wall())
    assert api.wait(3)[2].text == "Expected a photo of a meter, got a picture in which no display was found."
    api.until(lambda: api.calls["sendChatAction"] == 3)


def reading(app: Flask, data: bytes) -> Reading:
    """What the service reads."""
    with app.app_context():
        return read_photo(data).reading


def plain_wall(size: tuple[int, int] = (320, 240)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#c0b0a0").save(buffer, "PNG")
    return buffer.getvalue()


def test_without_a_finder_a_display_is_read_and_a_photo_is_explained(api: BotApi, app: Flask, running: Running) -> None:
    api.show(STRIP.data)
    answers = api.wait(1)
    shown = STRIP.text.lstrip("0") or "0"
    assert reading(app, STRIP.data).text in answers[0].text
    assert shown.lstrip("0.") in answers[0].text
    api.show(whole_photo())
    assert "expected a picture of the display only" in api.wait(2)[1].text.lower()
    api.show(whole_photo(), language="ru-RU")
    assert api.wait(3)[2].text.startswith("Нужен снимок одного табло")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_is_no_photo_gets_a_sentence(api: BotApi, running: Running, language: str) -> None:
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 1}
    sticker = {**voice, "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}
    del sticker["duration"]
    pdf = {"file_id": "d", "file_unique_id": "d", "mime_type": "application/pdf", "file_name": "bill.pdf"}
    gif = {**voice, "width": 9, "height": 9}
    sent = [
        {"text": "hello"},
        {"sticker": sticker},
        {"voice": voice},
        {"document": pdf},
        {"animation": gif, "document": pdf},
        {"video": gif},
        {"location": {"longitude": 1.0, "latitude": 2.0}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {"text": "/nonsense"},
        {"text": "123.4"},
    ]
    for content in sent:
        api.message(7, language=language, **content)
    texts = [answer.text for answer in api.wait(len(sent))]
    starts = {
        "en": "a text/a sticker/a voice message/a file/an animation/a video/a place/something else",
        "ru": "текст/наклейка/голосовое/файл/анимация/видео/место/что-то другое",
    }
    for start, text in zip(starts[language].split("/"), texts, strict=False):
        assert start in text
        assert "JPEG" in text
    assert "/history" in texts[8]
    assert texts[9].startswith({"en": "To correct", "ru": "Чтобы исправить"}[language])


THING: dict[str, Any] = {"file_id": "f", "file_unique_id": "f"}
STICKER = {**THING, "type": "regular", "width": 9, "height": 9, "is_animated": False, "is_video": False}
CHANNEL = {"id": -5, "type": "channel", "title": "A"}
PHOTO = [{**THING, "width": 9, "height": 9}]
QUESTION = {"id": "1", "question": "Hot?", "options": [], "total_voter_count": 0, "type": "regular"}
POLL = {**QUESTION, "is_closed": False, "is_anonymous": True, "allows_multiple_answers": False}
BILL = {"title": "A", "description": "B", "start_parameter": "c", "currency": "EUR", "total_amount": 1}
SENT: list[dict[str, Any]] = [
    {"story": {"chat": CHANNEL, "id": 1}},
    {"game": {"title": "A", "description": "B", "photo": PHOTO}},
    {"poll": POLL},  # less than the library wants of one
    {"checklist": {"title": "A", "tasks": [{"id": 1, "text": "B"}]}},
    {"contact": {"phone_number": "1", "first_name": "A"}},
    {"venue": {"location": {"longitude": 1.0, "latitude": 2.0}, "title": "A", "address": "B"}},
    {"invoice": BILL},
    {"paid_media": {"star_count": 1, "paid_media": [{"type": "preview"}]}},
    {"gift": {"gift": {"id": "1", "sticker": STICKER, "star_count": 1}}},
    {"giveaway": {"chats": [CHANNEL], "winners_selection_date": 1, "winner_count": 1}},
    {"a_kind_of_tomorrow": {"file_id": "x"}},
    {},  # as what is newer than this version of the Bot API comes
]
NAMED = {
    "en": ["a story", "a game", "a poll", "a checklist", "a contact"],
    "ru": ["история", "игра", "опрос", "список дел", "контакт"],
}
ELSE = {"en": "That was something else.", "ru": "Это что-то другое."}
EVENTS: list[dict[str, Any]] = [
    {"new_chat_title": "A"},
    {"new_chat_members": [{"id": 9, "is_bot": False, "first_name": "B"}]},
]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_whatever_a_person_sends_gets_a_sentence(api: BotApi, running: Running, language: str) -> None:
    """All but what Telegram says of the chat itself."""
    for event in EVENTS:
        api.message(7, language=language, **event)
    numbers = [api.message(7, language=language, **content) for content in SENT]
    answers = api.wait(len(SENT))
    assert [answer.reply_to for answer in answers] == numbers
    for word, answer in zip([*NAMED[language], "", *[ELSE[language]] * 6], answers, strict=True):
        assert word in answer.text and "JPEG" in answer.text


def test_events_of_a_chat_are_those_that_the_library_knows() -> None:
    assert set(CHAT_EVENTS) <= set(Message.__slots__)
    assert not set(CHAT_EVENTS) & set(OTHERS)


def test_a_live_photo_is_a_photo(app: Flask, api: BotApi, running: Running) -> None:
    api.show(STRIP.data, live_photo={**THING, "width": 9, "height": 9, "duration": 1})
    assert reading(app, STRIP.data).text in api.wait(1)[0].text


def test_what_is_no_picture_inside_is_refused(api: BotApi, running: Running) -> None:
    api.show(b"<svg/>", as_file="image/svg+xml")
    api.show(STRIP.data[:-30], as_file="image/png")
    file = {"file_id": "huge", "file_unique_id": "h", "mime_type": "image/png", "file_size": 30_000_000}
    api.message(7, document=file)
    api.message(7, document={**file, "file_id": "unknown", "file_size": 9})
    texts = [answer.text for answer in api.wait(4)]
    assert "another kind of file" in texts[0]
    assert "damaged" in texts[1]
    assert texts[2] == "Expected a file of at most 20 MB, got 30 MB."
    assert texts[3].startswith("Telegram did not give me that picture.")
    assert api.calls["getFile"] == 3  # the huge one was not asked for


def test_the_commands_and_the_language(app: Flask, api: BotApi, running: Running) -> None:
    api.say("/start")
    api.say("/help@meter_bot", language="ru")
    english, russian = (answer.text for answer in api.wait(2))
    assert english.startswith("Send me a photo")
    assert russian.startswith("Пришлите снимок")
    assert [each["command"] for each in api.menus[""]] == ["help", "history", "models", "language", "privacy"]
    assert api.menus["ru"][0]["description"] == "что я умею"
    api.say("/language")
    assert list(api.wait(3)[2].buttons) == ["English", "Русский"]
    api.press("Русский")
    assert api.wait(4)[3].text == "Теперь я говорю по-русски."
    api.say("/history", language="en")
    assert api.wait(5)[4].text == "Показаний пока нет. Пришлите снимок счётчика."
    api.say("/models")
    assert "compact/1" in api.wait(6)[5].text
    api.update(callback_query={"id": "q", "from": {"id": 7, "is_bot": False, "first_name": "A"}, "data": "x"})
    api.update(message={"broken": True})
    api.update(message={"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "pinned_message": None})
    api.say("/start")
    api.wait(7)
    with app.app_context():
        assert db.session.get_one(TelegramChat, 7).language == "ru"


def test_the_history_counts_the_use(app: Flask, api: BotApi, running: Running) -> None:
    """Of two meters, by their captions; corrected where it was wrong, and once it is sure."""
    for caption, golden in [("cold", STRIPS[0]), ("hot", STRIPS[1]), ("cold", STRIPS[0])]:
        api.show(golden.data, caption=caption)
    first, other, last = api.wait(3)
    api.say("100.5", reply_to=first.message_id)
    api.say("7", reply_to=other.message_id)
    api.say("130,25", reply_to=last.message_id)
    assert api.wait(6)[5].text.startswith("Corrected: 130.25.\nUsed since ")
    assert api.sent[5].text.splitlines()[1].endswith(": 29.75.")
    api.say("/history")
    lines = api.wait(7)[6].text.splitlines()
    assert [line.partition(" — ")[2] for line in lines if " — " in line] == ["cold: 100.5", "hot: 7", "cold: 130.25"]
    used = Decimal("130.25") - Decimal("100.5")
    assert [line.rpartition(": ")[2] for line in lines if "Used" in line] == [f"{used}."]
    api.say("99", reply_to=last.message_id)
    assert "1.5 less than on" in api.wait(8)[7].text
    api.say("nonsense", reply_to=last.message_id)
    assert "only the digits 0 to 9" in api.wait(9)[8].text


def test_a_correction_becomes_feedback_with_consent(app: Flask, api: BotApi, running: Running) -> None:
    photo = api.show(STRIP.data)
    (answer,) = api.wait(1)
    api.say("12.3", reply_to=answer.message_id)
    asked = api.wait(2)[1]
    assert "May the picture" in asked.text
    with app.app_context():
        assert count(Training) == 0
    api.press("Yes, keep them")
    assert api.wait(3)[2].text == "Thank you: the reader can learn from that."
    api.say("45.6", reply_to=photo)  # the photo itself will do, and nothing is asked again
    assert api.wait(4)[3].text == "Corrected: 45.6.\nThank you: the reader can learn from that."
    with app.app_context():
        rows = db.session.scalars(select(Feedback).order_by(Feedback.id)).all()
        assert [(row.value, row.version) for row in rows] == [("12.3", "compact/1"), ("45.6", "compact/1")]
        assert rows[0].reading == reading(app, STRIP.data).text
        assert rows[0].training.state == "proposed"
        assert (rows[0].training.width, rows[0].training.height) == Image.open(io.BytesIO(STRIP.data)).size
        db.session.rollback()
    api.say("/privacy")
    assert api.wait(5)[4].text.endswith("You agreed that corrections are kept.")
    api.press("Delete all of mine")
    api.wait(6)
    with app.app_context():
        assert [count(table) for table in (TelegramChat, TelegramReading, Feedback)] == [0, 0, 2]


def test_without_consent_nothing_is_kept(app: Flask, api: BotApi, running: Running) -> None:
    api.show(STRIP.data)
    (answer,) = api.wait(1)
    api.say("12.3", reply_to=answer.message_id)
    api.wait(2)
    api.press("No")
    api.wait(3)
    api.say("45.6", reply_to=answer.message_id)
    assert api.wait(4)[3].text == "Corrected: 45.6."
    api.say("1", reply_to=99999)
    assert "reply to the message in which I told it" in api.wait(5)[4].text
    with app.app_context():
        assert count(Training) == count(Feedback) == 0
        left = db.session.scalars(select(TelegramUpdate)).all()
        assert {row.state for row in left} <= {"done", "answered"}
        assert all(row.content is None for row in left)
