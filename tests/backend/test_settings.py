"""Settings: the environment is read and checked; secrets are made, kept and private."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from flask import request
from pydantic import ValidationError

from backend import create_app
from backend.settings import ROOT, Settings, kept_secret


def test_options_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METER_PORT", "8123")
    monkeypatch.setenv("METER_HOST", "0.0.0.0")
    assert (Settings().host, Settings().port) == ("0.0.0.0", 8123)


@pytest.mark.parametrize(("name", "value"), [("METER_PORT", "70000"), ("METER_PORT", "http"), ("METER_WORKERS", "0")])
def test_bad_options_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.removeprefix("METER_").lower()):
        Settings()


def test_every_option_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_secret_is_made_once_and_private(settings: Settings) -> None:
    first, second = create_app(settings), create_app(settings)
    secret = settings.instance / "secret_key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(first.config["SECRET_KEY"]) == 64
    assert first.config["SECRET_KEY"] == second.config["SECRET_KEY"]
    assert list(settings.instance.glob("*.tmp")) == []


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "a") != kept_secret(tmp_path / "b")


def test_a_given_secret_is_used_and_not_shown(settings: Settings) -> None:
    given = settings.model_copy(update={"secret_key": "k" * 40})
    assert create_app(given).config["SECRET_KEY"] == "k" * 40
    assert "k" * 40 not in repr(given)
    assert not (settings.instance / "secret_key").exists()


def test_an_emptied_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("", encoding="ascii")
    with pytest.raises(ValueError, match="expected a secret of at least 32 characters"):
        kept_secret(tmp_path / "secret_key")


def test_processes_that_start_together_agree(tmp_path: Path) -> None:
    code = "from pathlib import Path; from backend.settings import kept_secret; print(kept_secret(Path('secret_key')))"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tmp_path) for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


@pytest.mark.parametrize("name", ["read_limit", "feedback_limit", "feedback_total"])
@pytest.mark.parametrize("value", ["many", "10 per fortnight", "-1 per day", "10;"])
def test_a_limit_that_is_none_is_refused_at_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Settings(instance=tmp_path, **{name: value})  # type: ignore[arg-type]
    assert Settings(instance=tmp_path, **{name: ""})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", ["example.org", "https://example.org/", "https://Example.org", "https://a.b, c", "null"]
)
def test_an_origin_that_is_none_is_refused_at_start(tmp_path: Path, value: str) -> None:
    with pytest.raises(ValidationError, match=r"expected origins such as https://example\.org"):
        Settings(instance=tmp_path, api_origins=value)


@pytest.mark.parametrize(("count", "expected"), [(0, "192.0.2.1"), (1, "198.51.100.7"), (2, "203.0.113.9")])
def test_as_many_proxies_are_believed_as_there_are(settings: Settings, count: int, expected: str) -> None:
    app = create_app(settings.model_copy(update={"proxies": count}))
    app.add_url_rule("/who", view_func=lambda: str(request.remote_addr))
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    answer = app.test_client().get("/who", headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert answer.text == expected
