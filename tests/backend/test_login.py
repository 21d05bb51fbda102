"""Logging in and out: sessions that end on the server, cookies out of reach, guessing throttled."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import select, update

from backend import create_app
from backend.database import db
from backend.models import LoginSession
from backend.models.base import now
from backend.settings import Settings

from .accounts import HTML, PASSWORD, csrf, fields, login, try_to_log_in
from .redis_server import redis_server

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.mark.usefixtures("anna")
def test_logging_out_ends_a_copied_cookie(app: Flask, client: FlaskClient) -> None:
    answer = try_to_log_in(client, "ANNA ")  # names are compared without case
    assert (answer.status_code, answer.location) == (302, "/admin/")
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    assert thief.get("/admin/accounts/").status_code == 200
    with app.app_context():
        held = db.session.scalars(select(LoginSession)).one()
        assert held.token_sha256 not in cookie.value
        db.session.remove()
    assert client.post("/admin/logout", headers=csrf(client)).status_code == 302
    assert client.get("/admin/accounts/").status_code == 401
    assert thief.get("/admin/accounts/").status_code == 401


@pytest.mark.usefixtures("anna")
@pytest.mark.one_database("sqlite", reason="the cookie only")
def test_logging_in_begins_a_session_of_its_own(client: FlaskClient) -> None:
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = fields(client)["csrf_token"]
    assert try_to_log_in(client).status_code == 302
    with client.session_transaction() as session:
        assert "planted" not in session
    assert client.post("/admin/logout", data={"csrf_token": before}).status_code == 400


@pytest.mark.usefixtures("anna")
@pytest.mark.one_database("sqlite", reason="headers only")
def test_the_cookie_is_out_of_reach(client: FlaskClient) -> None:
    plain = try_to_log_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    secure = client.get("/admin/password", base_url="https://localhost")
    assert secure.status_code in (200, 302, 401)
    other = client.application.test_client()
    assert "Secure" in other.get("/admin/login", base_url="https://localhost").headers["Set-Cookie"]


@pytest.mark.usefixtures("anna")
@pytest.mark.one_database("sqlite", reason="what is said")
def test_what_was_wrong_is_not_told(client: FlaskClient) -> None:
    wrong = [try_to_log_in(client, "anna", "wrong password"), try_to_log_in(client, "nobody", PASSWORD)]
    assert [answer.status_code for answer in wrong] == [401, 401]
    texts = [re.search(r'id="error">([^<]+)', answer.text) for answer in wrong]
    assert texts[0] and texts[1] and texts[0][1] == texts[1][1]


@pytest.mark.usefixtures("anna")
@pytest.mark.one_database("sqlite", reason="counted elsewhere")
def test_guessing_is_throttled_for_the_account_and_the_address(client: FlaskClient) -> None:
    codes = [try_to_log_in(client, "anna", f"guess number {n}").status_code for n in range(7)]
    assert codes == [401] * 5 + [429] * 2
    assert try_to_log_in(client, "anna", PASSWORD).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert try_to_log_in(client, "anna", PASSWORD, environ_base=elsewhere).status_code == 302
    other = client.application.test_client()
    codes = [try_to_log_in(other, f"name {n}", "guess", environ_base=elsewhere).status_code for n in range(21)]
    assert codes == [401] * 20 + [429]


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/admin/meter-types/?page=1", "/admin/meter-types/?page=1"),
        ("https://evil.example/admin/", "/admin/"),
        ("//evil.example/admin/", "/admin/"),
        ("/\\evil.example/admin/", "/admin/"),
        ("/admin/\\evil", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        ("/elsewhere", "/admin/"),
    ],
)
@pytest.mark.one_database("sqlite", reason="only the address matters")
def test_logging_in_leads_nowhere_else(client: FlaskClient, wanted: str, got: str) -> None:
    assert try_to_log_in(client, data={"next": wanted}).location == got


@pytest.mark.one_database("sqlite", reason="no table is asked")
def test_strangers_are_sent_to_the_login_page(client: FlaskClient) -> None:
    answer = client.get("/admin/meter-types/?page=2", headers=HTML)
    assert (answer.status_code, answer.location) == (302, "/admin/login?next=/admin/meter-types/?page%3D2")
    assert client.get("/admin/meter-types/").status_code == 401  # programs are told
    assert client.get("/admin/meter-types/", headers=HTML | {"X-Requested-With": "XMLHttpRequest"}).status_code == 401


def test_a_session_lasts_a_week_and_no_longer(app: Flask, client: FlaskClient) -> None:
    login(client, "viewer")
    assert client.get("/admin/password").status_code == 200
    with app.app_context():
        db.session.execute(update(LoginSession).values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()
    assert client.get("/admin/password").status_code == 401


@pytest.mark.one_database("sqlite", reason="counted elsewhere")
def test_attempts_are_counted_in_redis_and_without_it(settings: Settings, tmp_path: Path) -> None:
    with redis_server(tmp_path) as address:
        app = create_app(settings.model_copy(update={"redis_url": address}))
        with app.app_context():
            upgrade()
        with closing(redis.Redis.from_url(address)) as counts:
            codes = [try_to_log_in(app.test_client(), "anna", "a guess").status_code for _ in range(6)]
            assert codes == [401] * 5 + [429]
            assert any(b"account anna" in key for key in counts.keys("*"))
    # Redis is gone now: still no error, and guessing is still slow.
    codes = [try_to_log_in(app.test_client(), "boris", "a guess").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
