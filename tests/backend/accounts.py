"""Logging in: without a password, which takes its time on purpose, or as a person does."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from backend.database import db
from backend.models import Role, User
from backend.services import accounts

PASSWORD = "correct horse battery"
HTML = {"Accept": "text/html"}


def account(app: Flask, role: Role | str, name: str | None = None) -> int:
    """The id of an account with a role, made when there is none."""
    role = Role(role)
    name = name or role.value
    with app.app_context():
        user = db.session.query(User).filter_by(key=accounts.key_of(name)).first()
        if user is None:
            user = User(name=name, key=accounts.key_of(name), role=role.value, password_hash="none", active=True)
            db.session.add(user)
            db.session.commit()
        number: int = user.id
        db.session.remove()
    return number


def token_for(app: Flask, role: Role | str, name: str | None = None) -> str:
    """The token of a new session of such an account."""
    number = account(app, role, name)
    with app.app_context():
        token = accounts.begin_session(db.session(), db.session.get_one(User, number))
        db.session.commit()
        db.session.remove()
    return token


def login(client: FlaskClient, role: Role | str, name: str | None = None) -> None:
    """Log a client in with a role, under the role's name unless another is given."""
    token = token_for(client.application, role, name)
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = token
        session["_fresh"] = True


def csrf(client: FlaskClient) -> dict[str, str]:
    """The header that a change needs: `client.post(address, headers=csrf(client))`."""
    page = client.get("/admin/password")
    token = page.text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]
    return {"X-CSRFToken": token}


def fields(client: FlaskClient, address: str = "/admin/login") -> dict[str, str]:
    """The hidden field that a form of ours carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert found
    return {"csrf_token": found[1]}


def try_to_log_in(client: FlaskClient, name: str = "anna", password: str = PASSWORD, **more: Any) -> Any:
    """Send the form of the login page."""
    data = {"name": name, "password": password, **more.pop("data", {}), **fields(client)}
    return client.post("/admin/login", data=data, **more)
