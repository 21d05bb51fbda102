"""Digits on paper: told by the network that was chosen, offered where no display is, corrected by a reply."""

import hashlib
import json
import shutil

import pytest
from flask import Flask
from sqlalchemy import select

from backend.database import db
from backend.domain.drawn import centred
from backend.domain.imaging import load
from backend.domain.paper import ink_of
from backend.models import Feedback, Purpose, TelegramReading
from backend.services.classifying import classify
from backend.settings import Settings
from backend.telegram import chats
from backend.telegram import corrections as corrections_by_reply
from backend.telegram.digits import read, surely
from backend.telegram.incoming import File, Incoming
from backend.telegram.kept import is_told, keep
from tests.backend.readable import MODELS
from tests.paper import as_jpeg, digits, sheet

from .bot_api import BotApi
from .conftest import Running
from .connections import CUT
from .test_bot import STRIP, plain_wall
from .test_faults import done

DENSE = {"drawn_dense": "1"}
BOTH = {"lenet": "2", "lenet_better": "1"}
LABELS = {"lenet": "Digit, LeNet (1998)", "lenet_better": "Digit, a newer network"}
SHEETS = [(name, as_jpeg(sheet(digit, number))) for number, (name, digit) in enumerate(digits())]


def test_a_digit_on_paper_is_read_by_the_network_that_was_chosen(
    app: Flask, settings: Settings, api: BotApi, running: Running
) -> None:
    api.say("/models")
    (before,) = api.wait(1)
    assert list(before.buttons) == ["Meter"]
    assert "Chosen now: Meter." in before.text
    publish_classifiers(settings, DENSE)
    api.say("/models")
    told = api.wait(2)[1]
    assert "Digit, a dense network — drawn_dense/1: 97.7% of pictures" in told.text
    api.press("Digit, a dense network")
    assert "one digit" in api.wait(3)[2].text
    for number, (_, digit) in enumerate(digits()[:4]):
        api.show(as_jpeg(sheet(digit, number)), as_file="image/jpeg")
    answers = api.wait(7)[3:]
    assert [answer.text[0] for answer in answers] == [name for name, _ in digits()[:4]]
    assert all("% sure; next " in answer.text and answer.picture for answer in answers)
    api.show(plain_wall())
    assert api.wait(8)[7].text.startswith("Expected a photo of one digit")
    api.press("Meter")
    api.show(STRIP.data)
    assert "% sure" in api.wait(10)[9].text


def publish_classifiers(settings: Settings, versions: dict[str, str]) -> None:
    """Publish shipped networks for digits beside the reader."""
    models = settings.static / "model"
    named = {}
    for name, number in versions.items():
        folder = models / name / number
        shutil.copytree(MODELS / name / number, folder)
        digest = hashlib.sha256((folder / "card.json").read_bytes()).hexdigest()
        named[name] = {"name": name, "version": number, "path": f"{name}/{number}/", "card_sha256": digest}
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    (models / "current.json").write_text(json.dumps(pointer | {"classifiers": named}), "utf-8")


def told_by(app: Flask, recipe: str, data: bytes) -> str:
    """The first line of what is said when a network looks at a photo."""
    with app.app_context():
        (best, sure), (second, chance), *_ = classify(recipe, centred(ink_of(load(data))))
    return f"{best} ({100 * sure:.0f}% sure; next {second}, {100 * chance:.0f}%)"


def test_the_choice_decides_whether_lenet_or_the_better_network_answers(
    app: Flask, settings: Settings, api: BotApi, running: Running
) -> None:
    publish_classifiers(settings, BOTH)
    told = {recipe: [told_by(app, recipe, data) for _, data in SHEETS] for recipe in BOTH}
    apart = next(place for place in range(len(SHEETS)) if told["lenet"][place] != told["lenet_better"][place])
    name, data = SHEETS[apart]
    count = 0
    for recipe, label in LABELS.items():
        api.say("/models")
        count += 1
        assert f"{label} — {recipe}/{BOTH[recipe]}: 99." in api.wait(count)[-1].text
        api.press(label)
        api.show(data)
        count += 2
        assert api.wait(count)[-1].text.splitlines()[0] == told[recipe][apart]
        assert told[recipe][apart].startswith(f"{name} (")
    with app.app_context():
        rows = db.session.scalars(select(TelegramReading).order_by(TelegramReading.id)).all()
        assert [(row.purpose, row.text, row.version) for row in rows] == [
            ("digit", name, "lenet/2"),
            ("digit", name, "lenet_better/1"),
        ]
        db.session.rollback()


def test_a_reply_corrects_a_digit_and_never_a_meter(app: Flask, settings: Settings, api: BotApi) -> None:
    """Where the numbers of both answers were lost, and the meter's photo came before the digit's answer was sent."""
    publish_classifiers(settings, DENSE)
    with app.app_context():
        chats.choose(7, purpose="digit", network="drawn_dense")
        db.session.commit()
    photo = api.show(SHEETS[3][1])
    sender = {"id": 7, "is_bot": False, "first_name": "A"}
    button = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "x"}
    pressed = {"id": "q", "from": sender, "message": button, "chat_instance": "c", "data": "purpose:meter"}
    api.update(callback_query=pressed)
    api.show(STRIP.data)
    api.fail("sendPhoto", CUT, CUT)
    running = Running(app, api)
    digit, chosen, meter = api.wait(3)
    done(app, api, 3)
    assert "reply to this message with the right digit" in digit.text
    for number, (answer, value) in enumerate([(digit.message_id, "7"), (photo, "8"), (digit.message_id, "12")]):
        api.say(value, reply_to=answer)
        api.wait(4 + number)
    assert [answer.text.partition(".")[0] for answer in api.sent[3:5]] == ["Corrected: 7", "Corrected: 8"]
    assert api.sent[5].text == "Expected one digit, 0 to 9, in place of the one that I told."
    api.say("9", reply_to=chosen.message_id)  # no answer to a photo
    assert api.wait(7)[6].text.startswith("To correct a reading, reply to the message in which I told it")
    assert corrections(app) == [("digit", "8"), ("meter", None)]
    api.say("55.5", reply_to=meter.message_id)
    assert api.wait(8)[7].text.startswith("Corrected: 55.5.")
    assert corrections(app) == [("digit", "8"), ("meter", "55.5")]
    api.press("Yes, keep them")
    api.say("/history")
    api.wait(10)
    running.stop()
    assert " — 55.5" in api.sent[9].text and " — 8" not in api.sent[9].text
    with app.app_context():
        assert db.session.scalars(select(Feedback.value)).all() == ["55.5"], "feedback is of displays"


def corrections(app: Flask) -> list[tuple[str, str | None]]:
    with app.app_context():
        rows = db.session.scalars(select(TelegramReading).order_by(TelegramReading.id)).all()
        found = [(row.purpose, row.corrected) for row in rows]
        db.session.rollback()
        return found


@pytest.mark.parametrize(
    ("purpose", "text", "answer", "told"),
    [
        ("meter", "00123.4", "00123.4 (98% sure)\nUsed …", True),
        ("meter", "00123.4", "Не уверен: возможно, 00123.4 (уверенность 98%).", True),
        ("meter", "123.4", "00123.4 (98% sure)", False),
        ("meter", "00123.4", "00123.4 (97% sure)", False),
        ("meter", "7", "7 (98% sure; next 1, 1%)", False),
        ("digit", "7", "7 (98% sure; next 1, 1%)", True),
        ("digit", "7", "I see no display: 7 (уверенность 98%; затем 1, 1%)", True),
        ("digit", "7", "7 (98% sure)", False),
    ],
)
def test_an_answer_is_known_by_what_it_says(purpose: str, text: str, answer: str, told: bool) -> None:
    assert is_told(TelegramReading(purpose=purpose, text=text, confidence=0.981), answer) is told


def test_where_no_display_is_a_digit_is_offered_or_the_way_to_it_told(
    app: Flask, settings: Settings, api: BotApi, finder: object, running: Running
) -> None:
    publish_classifiers(settings, BOTH)
    name, data = SHEETS[4]
    api.show(data)
    offered = api.wait(1)[0]
    lines = offered.text.splitlines()
    assert lines[0].startswith("I see no display of a meter here, but perhaps a digit on paper (/models")
    assert lines[1] == told_by(app, "lenet_better", data) and lines[1].startswith(name) and offered.picture
    api.say("5", reply_to=offered.message_id)
    assert api.wait(2)[1].text.startswith("Corrected: 5.")
    api.show(plain_wall(), language="ru")
    assert api.wait(3)[2].text.splitlines()[1] == (
        "Если это цифра на бумаге, выберите её командой /models и пришлите снимок ещё раз."
    )
    assert corrections(app) == [("digit", "5")]


def test_a_digit_that_nobody_asked_for_is_told_when_all_networks_agree(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_classifiers(settings, BOTH)
    answers = {"lenet": ("4", 0.96), "lenet_better": ("4", 0.99)}
    monkeypatch.setattr("backend.telegram.digits.classify", lambda recipe, ink: [answers[recipe], ("9", 0.01)])
    with app.app_context():
        seen = surely(SHEETS[4][1])
        assert seen and (seen.digit, seen.version) == ("4", "lenet_better/1")
        for other in (("5", 0.96), ("4", 0.94)):
            answers["lenet"] = other
            assert surely(SHEETS[4][1]) is None
        assert surely(plain_wall()) is None


def test_a_network_that_goes_while_it_looks_has_told_what_it_told(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_classifiers(settings, DENSE)

    def go(recipe: str, ink: object) -> list[tuple[str, float]]:
        (settings.static / "model" / "current.json").unlink()
        return [("4", 0.96), ("9", 0.01)]

    monkeypatch.setattr("backend.telegram.digits.classify", go)
    with app.app_context():
        assert read(SHEETS[4][1], "drawn_dense").version == "drawn_dense/1"


def test_of_answers_whose_numbers_were_lost_the_newest_are_looked_at(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections_by_reply, "LOOKED_AT", 3)
    with app.app_context():
        chats.choose(7, purpose="digit", network="drawn_dense")
        for number, digit in enumerate("12334"):
            photo = Incoming(7, 10 + number, "picture", file=File("f", None))
            keep(photo, chats.of(7, "en"), Purpose.DIGIT, digit, 0.98, True, "drawn_dense/1")
        db.session.commit()
        replies = [Incoming(7, 50, "text", "8", reply_to=40, replied=f"{n} (98% sure; next 0, 1%)") for n in "23"]
        found = [corrections_by_reply.corrected(reply) for reply in replies]
        assert [row and row.photo_message_id for row in found] == [None, 13]
        db.session.rollback()
