"""Accounts: links that work once, passwords, invitations, always an admin left."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import select, update

from backend.commands.accounts import announce_first_link
from backend.database import db
from backend.models import Invite, Role, User
from backend.models.base import now
from backend.services import accounts
from backend.services.accounts import AccountError

from .accounts import HTML, PASSWORD, account, csrf, fields, login, try_to_log_in

pytestmark = pytest.mark.usefixtures("quick_hashes")


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
