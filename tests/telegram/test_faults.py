"""A network that fails, a process that dies, people who send too much: nothing lost, nothing answered twice."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from telegram.error import InvalidToken

from backend import create_app
from backend.database import db
from backend.models import TelegramReading, TelegramUpdate
from backend.settings import Settings, get_settings
from backend.telegram import bot, calls, handling, inbox, work

from .bot_api import BotApi
from .conftest import Running
from .connections import CUT, DRIP, DROP, OK, POUR
from .test_bot import STRIP


def test_every_call_may_fail_and_each_photo_is_answered_once(app: Flask, api: BotApi) -> None:
    for method in ("getMe", "setMyCommands", "deleteWebhook"):
        api.fail(method, 500, CUT, DROP)
    api.fail("getUpdates", OK, CUT, 502, DROP)
    api.fail("getFile", 429, DROP)
    api.fail("download", 500, CUT)
    api.fail("sendPhoto", 429, 500, DROP)
    running = Running(app, api)
    first, second = api.show(STRIP.data, chat=1), api.show(STRIP.data, chat=2)
    api.wait(2)
    done(app, api, 2)
    running.stop()
    assert sorted(answer.reply_to or 0 for answer in api.sent) == [first, second]
    assert all(answer.picture for answer in api.sent)


def done(app: Flask, api: BotApi, updates: int) -> None:
    """Wait until so many updates are done with."""

    def all_done() -> bool:
        with app.app_context():
            rows = db.session.execute(select(TelegramUpdate.state)).scalars().all()
            return len(rows) >= updates and set(rows) == {"done"}

    with api.changed:
        while not all_done():
            assert not api.failure
            api.changed.wait(0.05)


def test_a_picture_that_drips_is_not_waited_for(api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte comes in time, the picture does not."""
    monkeypatch.setattr(calls, "DOWNLOAD_SECONDS", 3.0)
    api.fail("download", DRIP)
    api.show(STRIP.data)
    assert api.wait(1)[0].text == "Telegram did not give me that picture. Please send it again."
    api.until(lambda: api.hung_up == 1)
    monkeypatch.setattr(calls, "DOWNLOAD_SECONDS", 60.0)
    api.show(STRIP.data)
    assert api.wait(2)[1].picture


def test_no_more_is_taken_than_a_picture_may_have(api: BotApi, running: Running) -> None:
    """Whatever its size was said to be."""
    api.fail("download", POUR)
    api.show(STRIP.data)
    assert api.wait(1)[0].text == "Expected a file of at most 20 MB, got > 20 MB."
    api.until(lambda: api.calls["download"] == 1)
    assert api.hung_up == 1


def test_an_answer_that_was_taken_but_cut_is_not_sent_again(app: Flask, api: BotApi, running: Running) -> None:
    """Its number is not known then, but a reply to it still corrects it."""
    api.fail("sendPhoto", CUT)
    api.fail("sendMessage", CUT, OK)
    api.show(STRIP.data)
    (answer,) = api.wait(1)
    done(app, api, 1)
    api.say("12.5", reply_to=answer.message_id)
    api.wait(2)
    done(app, api, 2)
    api.say("/start")
    api.wait(3)
    assert [answer.text[:9] for answer in api.sent[1:]] == ["Corrected", "Send me a"]
    with app.app_context():
        assert db.session.scalars(select(TelegramReading.corrected)).all() == ["12.5"]


def test_while_telegram_cannot_be_reached_nothing_is_lost(app: Flask, api: BotApi) -> None:
    running = Running(app, api)
    api.say("/start")
    api.wait(1)
    api.close()  # connections are refused from here on
    api.say("/history")
    running.stop()
    late = Running(app, api)
    api.start()
    api.wait(2)
    late.stop()
    assert len(api.sent) == 2


def test_a_database_that_is_away_is_waited_for(app: Flask, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"is_full": 2, "receive": 2, "open_updates": 3}

    def failing(name: str) -> Any:
        whole = getattr(inbox, name)

        def call(*given: Any) -> Any:
            if away[name]:
                away[name] -= 1
                raise OperationalError("SELECT 1", {}, ConnectionError("the server went away"))
            return whole(*given)

        return call

    monkeypatch.setattr(bot, "PAUSE_SECONDS", 0.02)
    alive = get_settings(app).instance / bot.ALIVE
    seen = []
    whole_look = inbox.open_updates

    def look(*given: Any) -> Any:
        seen.append(alive.exists())
        return whole_look(*given)

    monkeypatch.setattr(inbox, "open_updates", look)
    for name in away:
        monkeypatch.setattr(inbox, name, failing(name))
    running = Running(app, api)
    api.say("/start")
    api.wait(1)
    done(app, api, 1)
    running.stop()
    assert len(api.sent) == 1 and set(away.values()) == {0}
    assert not seen[0] and alive.exists(), "a sign of life only once the database answers"


def test_updates_that_come_again_are_answered_once(app: Flask, api: BotApi) -> None:
    api.forgetful = True
    for name in ("/start", "/history", "/language"):
        api.say(name)
    for _ in range(2):  # a restart too
        running = Running(app, api)
        api.wait(3)
        done(app, api, 3)
        asked = api.calls["getUpdates"]
        api.until(lambda asked=asked: api.calls["getUpdates"] >= asked + 2)
        running.stop()
    assert len(api.sent) == 3


def test_a_process_that_dies_goes_on_where_it_was(app: Flask, api: BotApi) -> None:
    """Before an update was understood, and between an answer that is kept and its sending."""
    with app.app_context():
        message = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "/history"}
        assert inbox.receive([{"update_id": number, "message": message} for number in (1, 2)]) == 2
        inbox.begin(2)
        inbox.answered(2, inbox.Answer("kept", b"\xff\xd8", ((("A", "a"),),), 5))
    api.fail("sendPhoto", 400)  # and what Telegram does not take as a picture goes without
    running = Running(app, api)
    api.wait(2)
    done(app, api, 2)
    running.stop()
    assert [answer.text for answer in api.sent][1] == "kept"
    assert api.sent[1].buttons == {"A": "a"}


def test_a_defect_is_said_and_what_kills_is_given_up(app: Flask, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    message = {"message_id": 5, "date": 1, "chat": {"id": 8, "type": "private"}, "text": "/start"}
    with app.app_context():
        inbox.receive([{"update_id": 1, "message": message}])
        for _ in range(work.ANSWER_TRIES):  # so often a process began with it and died
            inbox.begin(1)
    running = Running(app, api)
    api.wait(1)
    monkeypatch.setattr(handling, "said", fail)
    api.say("/start")
    api.wait(2)
    running.stop()
    assert [answer.text for answer in api.sent] == ["Something went wrong here. It has been noted."] * 2


def test_too_many_messages_are_told_once(settings: Settings, api: BotApi) -> None:
    app = create_app(settings.model_copy(update={"telegram_limit": "2 per hour"}))
    running = Running(app, api)
    for _ in range(5):
        api.say("/start", chat=3)
    api.say("/start", chat=4)
    done(app, api, 6)
    running.stop()
    with app.app_context():
        db.engine.dispose()
    assert sorted(answer.text[:13] for answer in api.sent if answer.chat_id == 3) == ["Send me a pho"] * 2 + [
        "You send more"
    ]
    assert sum(answer.chat_id == 4 for answer in api.sent) == 1


def test_the_queue_is_bounded(app: Flask, api: BotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "CHAT_QUEUE", 3)
    monkeypatch.setattr(inbox, "QUEUE", 4)

    def update(number: int, chat: int) -> dict[str, Any]:
        return {"update_id": number, "message": {"message_id": number, "date": 1, "chat": {"id": chat, "type": "x"}}}

    with app.app_context():
        assert inbox.receive(update(number, 1) for number in range(1, 6)) == 5
        states = db.session.scalars(select(TelegramUpdate.state).order_by(TelegramUpdate.id)).all()
        db.session.rollback()
        assert states == ["waiting"] * 3 + ["done"] * 2
        assert not inbox.is_full()
        inbox.receive([update(9, 2), {"update_id": "x"}, {"update_id": True}, {"update_id": 2**70}])
        assert inbox.is_full()
        assert inbox.open_updates([], 9) == [(1, 1), (9, 2)]
        assert inbox.open_updates([1], 9) == [(9, 2)]


def test_a_token_that_telegram_does_not_know_ends_the_bot(app: Flask, api: BotApi) -> None:
    api.fail("getMe", 401)
    running = Running(app, api)
    running.thread.join()
    assert isinstance(api.failure, InvalidToken)
    api.failure = None


def test_another_process_with_the_same_bot_is_waited_for(
    app: Flask, api: BotApi, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "LONGEST_PAUSE", 0.02)
    api.fail("getUpdates", 409, 409)
    api.say("/start")
    api.wait(1)
