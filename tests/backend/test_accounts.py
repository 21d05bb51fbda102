"""Accounts: links that work once, sessions that end on the server, passwords, throttling, always an admin left."""

from __future__ import annotations

import re
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from sqlalchemy import select, update

from backend import create_app
from backend.commands.accounts import announce_first_link
from backend.database import db
from backend.models import Invite, LoginSession, Role, User
from backend.models.base import now
from backend.services import accounts
from backend.services.accounts import AccountError
from backend.settings import Settings

from .accounts import account, csrf, login
from .redis_server import redis_server

PASSWORD = "correct horse battery"
HTML = {"Accept": "text/html"}


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash quickly: how long argon2 takes is not what these tests are about."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "hasher", quick)
    monkeypatch.setattr(accounts, "NOBODY", quick.hash("nobody"))


def fields(client: FlaskClient, address: str = "/admin/login") -> dict[str, str]:
    """The hidden field that a form of ours carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found
    return {"csrf_token": found[1]}


def try_to_log_in(client: FlaskClient, name: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    data = {"name": name, "password": password, **more.pop("data", {}), **fields(client)}
    return client.post("/admin/login", data=data, **more)


@pytest.fixture
def anna(app: Flask) -> None:
    with app.app_context():
        accounts.create_admin("Anna", PASSWORD, "test")
        db.session.remove()


def test_a_fresh_installation_has_no_account(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []
    assert try_to_log_in(client, "admin", "admin").status_code == 401


def test_the_first_link_makes_the_first_admin_once(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        old, token = accounts.first_link(), accounts.first_link()
        assert old and token
        kept = db.session.scalars(select(Invite)).all()
        assert [token in str(vars(invite)) for invite in kept] == [False]  # only its hash
        db.session.remove()
    assert client.get(f"/admin/set-up/{old}").status_code == 410  # a new start ends the link of the one before
    address = f"/admin/set-up/{token}"
    data = {"name": "Anna", "password": PASSWORD, "again": PASSWORD, **fields(client, address)}
    assert client.post(address, data=data | {"again": "another one"}).status_code == 400
    assert client.post(address, data=data | {"password": "short", "again": "short"}).status_code == 400
    assert client.post(address, data=data).status_code == 302
    assert client.get("/admin/accounts/").status_code == 200
    other = client.application.test_client()
    assert other.get(address).status_code == 410
    assert other.post(address, data=data | fields(other)).status_code == 410
    with app.app_context():
        assert accounts.first_link() is None
        assert [(user.name, user.role) for user in db.session.scalars(select(User))] == [("Anna", "admin")]


@pytest.mark.one_database("sqlite", reason="what is printed")
def test_a_start_prints_the_first_link_while_there_is_no_admin(
    app: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    with app.app_context():
        announce_first_link()
        found = re.search(r"http://127\.0\.0\.1:5000(/admin/set-up/\S+)", capsys.readouterr().out)
        assert found
        db.session.remove()
    assert client.get(found[1]).status_code == 200
    with app.app_context():
        accounts.create_admin("Anna", PASSWORD, "test")
        announce_first_link()
        assert capsys.readouterr().out == ""
        db.session.remove()
    assert client.get(found[1]).status_code == 410  # an admin came by another way meanwhile


def test_a_link_ends_after_a_day(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        token = accounts.invite(Role.VIEWER, "test")
        db.session.execute(update(Invite).values(expires_at=now() - timedelta(seconds=1)))
        db.session.commit()
        with pytest.raises(AccountError, match="too old"):
            accounts.accept(token, "Anna", PASSWORD)
        assert db.session.scalars(select(User)).all() == []
        db.session.remove()
    assert client.get(f"/admin/set-up/{token}").status_code == 410


def test_a_link_used_by_many_at_once_makes_one_account(app: Flask) -> None:
    with app.app_context():
        token = accounts.invite(Role.VIEWER, "test")
    done: list[str] = []

    def use(number: int) -> None:
        with app.app_context():
            try:
                done.append(accounts.accept(token, f"person {number}", PASSWORD))
            except AccountError:
                pass
            finally:
                db.session.remove()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(done) == len(db.session.scalars(select(User)).all()) == 1


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


def test_closing_an_account_logs_it_out(app: Flask, client: FlaskClient) -> None:
    login(client, "viewer")
    number, _ = account(app, "viewer"), account(app, "admin")
    with app.app_context():
        accounts.change(number, "test", active=False)
    assert client.get("/admin/password").status_code == 401


@pytest.mark.usefixtures("anna")
def test_there_is_always_an_admin(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        number = db.session.scalars(select(User.id)).one()
        for change in ({"role": Role.TRAINER}, {"active": False}):
            with pytest.raises(AccountError, match="at least one admin"):
                accounts.change(number, "test", **change)  # type: ignore[arg-type]
        assert db.session.get_one(User, number).active
        db.session.remove()
    try_to_log_in(client)
    answer = client.post(f"/admin/accounts/{number}/close", headers=csrf(client) | HTML, follow_redirects=True)
    assert "Expected at least one admin to be left" in answer.text
    assert client.get("/admin/accounts/").status_code == 200


def test_changing_the_password_logs_out_elsewhere(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        accounts.create_admin("Anna", PASSWORD, "test")
        db.session.remove()
    other = app.test_client()
    for browser in (client, other):
        assert try_to_log_in(browser).status_code == 302
    data = {"old": PASSWORD, "password": "another good one", "again": "another good one"}
    assert client.post("/admin/password", data=data | {"old": "wrong"}, headers=csrf(client)).status_code == 400
    assert client.post("/admin/password", data=data, headers=csrf(client)).status_code == 302
    assert client.get("/admin/accounts/").status_code == 200
    assert other.get("/admin/accounts/").status_code == 401
    assert try_to_log_in(other).status_code == 401
    assert try_to_log_in(other, password="another good one").status_code == 302


def test_invitations_from_the_panel(app: Flask, client: FlaskClient) -> None:
    login(client, "admin")
    page = client.post("/admin/accounts/invite", data={"role": "annotator"}, headers=csrf(client)).text
    address = re.search(r'value="http://localhost(/admin/set-up/[^"]+)"', page)
    assert address
    assert address[1] not in client.get("/admin/accounts/").text  # shown once
    guest = app.test_client()
    data = {"name": "Борис", "password": PASSWORD, "again": PASSWORD, **fields(guest, address[1])}
    assert guest.post(address[1], data=data).status_code == 302
    assert "Борис" in guest.get("/admin/", follow_redirects=True).text
    assert guest.get("/admin/accounts/", headers=HTML).status_code == 403
    assert client.post("/admin/accounts/invite", data={"role": "owner"}, headers=csrf(client)).status_code == 400


def test_a_link_can_be_withdrawn(app: Flask, client: FlaskClient) -> None:
    login(client, "admin")
    with app.app_context():
        token = accounts.invite(Role.VIEWER, "test")
        number = db.session.scalars(select(Invite.id)).one()
        db.session.remove()
    assert client.post(f"/admin/accounts/links/{number}/withdraw", headers=csrf(client)).status_code == 302
    assert app.test_client().get(f"/admin/set-up/{token}").status_code == 410


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb"])
@pytest.mark.one_database("sqlite", reason="refused before the database is asked")
def test_names_that_are_refused(app: Flask, name: str) -> None:
    with app.app_context(), pytest.raises(AccountError, match="expected a name"):
        accounts.create_admin(name, PASSWORD, "test")


@pytest.mark.parametrize("password", ["", "short", "x" * 201, "aaaaaaaaaaaa", "Anna Maria 7"])
@pytest.mark.one_database("sqlite", reason="refused before the database is asked")
def test_passwords_that_are_refused(app: Flask, password: str) -> None:
    with app.app_context(), pytest.raises(AccountError, match="expected a password"):
        accounts.create_admin("anna maria 7", password, "test")


@pytest.mark.one_database("sqlite", reason="what is printed")
def test_the_command_makes_an_admin_or_a_link(app: Flask, runner: FlaskCliRunner, client: FlaskClient) -> None:
    done = runner.invoke(args=["create_admin", "Anna"], input=f"{PASSWORD}\n{PASSWORD}\n")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "Anna is an admin.")
    assert try_to_log_in(client).status_code == 302
    refused = runner.invoke(args=["create_admin", "Boris"], input="short\nshort\n")
    assert refused.exit_code == 1
    assert "Error: expected a password of 10 to 200 characters" in refused.output
    link = runner.invoke(args=["create_admin", "--url", "https://meters.example.org/"]).output
    address = re.search(r"https://meters\.example\.org(/admin/set-up/\S+)", link)
    assert address
    assert app.test_client().get(address[1]).status_code == 200


@pytest.mark.one_database("sqlite", reason="nothing but the hash matters")
def test_the_real_hash_is_argon2id(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr(accounts, "hasher", PasswordHasher())
    with app.app_context():
        user = accounts.create_admin("Anna", PASSWORD, "test")
        assert user.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
        assert accounts.matches(user.password_hash, PASSWORD)
        assert not accounts.matches(user.password_hash, PASSWORD + " ")
        db.session.remove()


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
