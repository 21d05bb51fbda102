"""Updates that Telegram sends to the web process; and the command as people start it."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from backend.settings import ROOT, Settings
from backend.telegram import inbox
from backend.telegram.webhook import ADDRESS, SECRET_HEADER, secret
from tests.backend.readable import goldens

from .bot_api import BotApi
from .conftest import Running
from .connections import DROP, HANG, TOKEN


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"telegram_webhook": "https://meter.example"})


def update(number: int) -> dict[str, Any]:
    sender = {"id": 7, "is_bot": False, "first_name": "A", "language_code": "ru"}
    message = {"message_id": 5, "date": 1, "chat": {"id": 7, "type": "private"}, "from": sender, "text": "/history"}
    return {"update_id": number, "message": message}


def test_what_telegram_sends_is_kept_and_answered_once(app: Flask, client: FlaskClient, api: BotApi) -> None:
    running = Running(app, api)
    api.until(lambda: api.webhook)
    assert api.webhook
    assert api.webhook["url"] == f"https://meter.example{ADDRESS}"
    assert api.webhook["allowed_updates"] == ["message", "callback_query"]
    headers = {SECRET_HEADER: api.webhook["secret_token"]}
    for number in (3, 3, 4):
        assert client.post(ADDRESS, json=update(number), headers=headers).status_code == 200
    answers = api.wait(2)
    running.stop()
    assert [answer.text for answer in answers] == ["Показаний пока нет. Пришлите снимок счётчика."] * 2
    assert api.calls["getUpdates"] == 0
    assert TOKEN not in api.webhook["secret_token"]


def test_others_are_refused(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {SECRET_HEADER: secret(app)}
    assert client.post(ADDRESS, json=update(1)).status_code == 403
    assert client.post(ADDRESS, json=update(1), headers={SECRET_HEADER: "ü"}).status_code == 403
    for content in ([], {}, {"update_id": "1"}, {"update_id": -1}):
        assert client.post(ADDRESS, json=content, headers=known).status_code == 400
    assert client.post(ADDRESS, data=b"{", headers=known).status_code == 400
    assert client.post(ADDRESS, data=bytes(2_000_000), headers=known).status_code == 413
    monkeypatch.setattr(inbox, "QUEUE", 0)
    full = client.post(ADDRESS, json=update(1), headers=known)
    assert (full.status_code, full.headers["Retry-After"]) == (503, "30")
    with app.app_context():
        assert inbox.open_updates([], 9) == []
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"telegram_webhook": ""})
    assert client.post(ADDRESS, json=update(1), headers=known).status_code == 404


@pytest.mark.parametrize("token", ["", "secret word"])
def test_the_command_asks_for_a_token_and_does_not_repeat_it(app: Flask, runner: FlaskCliRunner, token: str) -> None:
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"telegram_token": token})
    result = runner.invoke(args=["telegram_bot"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: expected METER_TELEGRAM_TOKEN to be a bot's token")
    assert "secret word" not in result.output


def start(settings: Settings, **more: str) -> subprocess.Popen[str]:
    """The command in a process of its own, at the most talkative level."""
    given = settings.model_copy(update={"telegram_webhook": "", "log_level": "debug", **more})
    command = [sys.executable, "-m", "flask", "--app", "backend", "telegram_bot"]
    environment = {**os.environ, **given.environment()}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_a_killed_process_loses_nothing_and_the_token_is_never_logged(settings: Settings, api: BotApi) -> None:
    """The first is killed while it fetches the photo, which Telegram will not tell of again; the second answers it."""
    api.fail("download", HANG, 500)
    api.fail("sendPhoto", DROP)
    processes = [start(settings)]
    try:
        photo = api.show(next(golden for golden in goldens() if golden.box is None).data)
        api.until(lambda: api.hanging and not api.updates)
        processes[0].kill()
        processes.append(start(settings))
        (answer,) = api.wait(1)
        processes[1].send_signal(signal.SIGTERM)
        outputs = [process.communicate(timeout=180)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert (answer.reply_to, len(api.sent)) == (photo, 1)
    assert processes[1].returncode == 0, outputs[1]
    assert "Telegram does not answer as it should" in outputs[1]
    for output in outputs:
        assert "The bot answers" in output
        assert TOKEN not in output
        assert TOKEN.split(":")[1] not in output


def test_a_refused_token_is_not_shown_either(settings: Settings, api: BotApi) -> None:
    process = start(settings, telegram_token="1:wrong-one")
    output = process.communicate(timeout=180)[0]
    assert process.returncode == 1
    assert "Telegram refuses to work with this bot: The token `<token>` was rejected" in output
    assert "wrong-one" not in output
