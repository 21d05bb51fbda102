"""Every address as everybody: strangers, viewers, annotators, trainers, admins. An address that is not here fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from backend.models import Role

from .accounts import csrf, login

VIEWER, ANNOTATOR, TRAINER, ADMIN = Role
# Who may use it, by method. None: anybody, logged in or not.
TABLE: dict[str, dict[str, Role | None]] = {
    "accounts.close": {"POST": ADMIN},
    "accounts.index": {"GET": ADMIN},
    "accounts.invite": {"POST": ADMIN},
    "accounts.link": {"POST": ADMIN},
    "accounts.reopen": {"POST": ADMIN},
    "accounts.role": {"POST": ADMIN},
    "accounts.withdraw": {"POST": ADMIN},
    "admin.holes": {"GET": VIEWER},
    "admin.index": {"GET": VIEWER},
    "admin.static": {"GET": None},
    "api.give_feedback": {"POST": None},
    "api.model": {"GET": None},
    "api.openapi": {"GET": None},
    "api.read": {"POST": None},
    "augmentations.delete": {"POST": TRAINER},
    "augmentations.delete_run": {"POST": TRAINER},
    "augmentations.generate": {"POST": TRAINER},
    "augmentations.index": {"GET": VIEWER},
    "augmentations.possible": {"GET": VIEWER},
    "augmentations.progress": {"GET": VIEWER},
    "augmentations.stop": {"POST": TRAINER},
    "curves.index": {"GET": VIEWER},
    "curves.start": {"POST": TRAINER},
    "duplicates.answer": {"POST": ANNOTATOR},
    "duplicates.decide": {"POST": ANNOTATOR},
    "duplicates.index": {"GET": VIEWER},
    "duplicates.labels": {"GET": VIEWER},
    "duplicates.read": {"POST": TRAINER},
    "duplicates.undo": {"POST": ANNOTATOR},
    "duplicates.undo_answer": {"POST": ANNOTATOR},
    "first_guess.guess": {"POST": ANNOTATOR},
    "first_guess.index": {"GET": VIEWER},
    "fragments.cut": {"POST": ANNOTATOR},
    "fragments.cutter": {"GET": VIEWER},
    "fragments.delete": {"POST": TRAINER},
    "fragments.index": {"GET": VIEWER},
    "fragments.undo": {"POST": ANNOTATOR},
    "labelling.answer": {"POST": ANNOTATOR},
    "labelling.back": {"POST": ANNOTATOR},
    "labelling.index": {"GET": ANNOTATOR},
    "labelling.more": {"POST": ANNOTATOR},
    "labelling.skipped": {"POST": ANNOTATOR},
    "labelling.undo": {"POST": ANNOTATOR},
    "login.accept": {"POST": None},
    "login.change_password": {"POST": VIEWER},
    "login.language": {"POST": None},
    "login.log_in": {"POST": None},
    "login.log_out": {"POST": None},
    "login.password": {"GET": VIEWER},
    "login.set_up": {"GET": None},
    "login.show": {"GET": None},
    "meter_types.action_view": {"POST": TRAINER},
    "meter_types.ajax_lookup": {"GET": VIEWER},
    "meter_types.ajax_update": {"POST": TRAINER},
    "meter_types.create_view": {"GET": TRAINER, "POST": TRAINER},
    "meter_types.delete_view": {"POST": ADMIN},
    "meter_types.details_view": {"GET": VIEWER},
    "meter_types.edit_view": {"GET": TRAINER, "POST": TRAINER},
    "meter_types.export": {"GET": TRAINER},
    "meter_types.index_view": {"GET": VIEWER},
    "metrics.metrics": {"GET": None},  # by its own rule: this machine only, or a token
    "pages.current_version": {"GET": None},
    "pages.health": {"GET": None},
    "pictures.show": {"GET": VIEWER},
    "recipes.index": {"GET": VIEWER},
    "recipes.plot": {"GET": VIEWER},
    "recipes.start": {"POST": TRAINER},
    "runs.index": {"GET": VIEWER},
    "runs.live": {"GET": VIEWER},
    "runs.live_list": {"GET": VIEWER},
    "runs.show": {"GET": VIEWER},
    "runs.start": {"POST": TRAINER},
    "runs.stop": {"POST": TRAINER},
    "telegram.receive": {"POST": None},
    "training.change": {"POST": TRAINER},
    "training.delete": {"POST": ADMIN},
    "training.edit": {"GET": VIEWER, "POST": TRAINER},
    "training.export": {"GET": TRAINER},
    "training.index": {"GET": VIEWER},
    "training.take": {"POST": ANNOTATOR},
    "training.undo": {"POST": TRAINER},
    "training.upload": {"GET": ANNOTATOR},
    "versions.compare": {"GET": VIEWER},
    "versions.errors": {"GET": VIEWER},
    "versions.index": {"GET": VIEWER},
    "versions.publish": {"POST": ADMIN},
    "versions.read": {"POST": TRAINER},
    "versions.register": {"POST": TRAINER},
    "versions.rollback": {"POST": ADMIN},
    "versions.show": {"GET": VIEWER},
}
# What nobody has: the answer to who may is then "not found" or "bad", never that it was done.
VALUES = {
    "number": 987654321,
    "index": 0,
    "token": "nobody-has-this-one",
    "sha256": "0" * 64,
    "filename": "admin/js/helpers.js",
    "export_type": "csv",
    "form": "csv",
}
LOGIN = "login.log_in"  # answers 401 to a wrong name by itself
ENDS = "login.log_out"  # would end the session that the rest needs
EXEMPT = ("api.", "telegram.")  # take no cookie, so no other site can borrow it

pytestmark = pytest.mark.one_database("sqlite", reason="roles are looked at before tables are")


def methods(rule: Rule) -> set[str]:
    """The methods of a rule that a view of ours answers."""
    own = (rule.methods or set()) - {"HEAD"}
    return own - {"OPTIONS"} if rule.provide_automatic_options else own


def requests(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every endpoint with each method and an address."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: VALUES[name] for name in rule.arguments}
        if rule.endpoint == "training.edit":
            values["number"] = "987654321"
        for method in sorted(methods(rule)):
            yield rule.endpoint, method, adapter.build(rule.endpoint, values, method=method)


def token(client: FlaskClient) -> dict[str, str]:
    """The header for changes, also of somebody who is not logged in."""
    text = client.get("/admin/login", follow_redirects=True).text
    return {"X-CSRFToken": text.split('name="csrf-token" content="', 1)[1].split('"', 1)[0]}


def test_the_table_knows_every_address(app: Flask) -> None:
    found: dict[str, set[str]] = {}
    for endpoint, method, _ in requests(app):
        found.setdefault(endpoint, set()).add(method)
    known = {endpoint: set(by_method) for endpoint, by_method in TABLE.items()}
    assert found == known


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role.value if role else "stranger")
def test_each_address_as(app: Flask, role: Role | None) -> None:
    client = app.test_client()
    if role:
        login(client, role)
    header = csrf(client) if role else token(client)
    wrong = []
    for endpoint, method, address in requests(app):
        needed = TABLE.get(endpoint, {}).get(method, ADMIN)
        if endpoint == ENDS:
            continue
        status = client.open(address, method=method, headers=header).status_code
        if needed is None:
            fits = status < 500 and status != 403 and (status != 401 or endpoint == LOGIN)
            fits = fits or (endpoint.startswith("api.") and status == 503)  # no version that can read
        elif role is None:
            fits = status == 401
        elif role.covers(needed):
            fits = status < 500 and status not in (401, 403)
        else:
            fits = status == 403
        if not fits:
            wrong.append(f"{method} {address} ({endpoint}): {status}, needs {needed.value if needed else 'nobody'}")
    assert wrong == []


def test_no_change_without_the_token(app: Flask) -> None:
    client = app.test_client()
    login(client, ADMIN)
    for endpoint, method, address in requests(app):
        if method in ("GET", "OPTIONS") or endpoint.startswith(EXEMPT):
            continue
        for header in ({}, {"X-CSRFToken": "made up"}):
            answer = client.open(address, method=method, headers=header)
            assert (answer.status_code, "CSRF" in answer.text) == (400, True), endpoint
    assert client.get("/admin/accounts/").status_code == 200  # nobody was logged out by that


def test_a_token_of_somebody_else_is_worth_nothing(app: Flask) -> None:
    first, second = app.test_client(), app.test_client()
    login(first, ADMIN)
    login(second, ADMIN, "other")
    assert second.post("/admin/accounts/invite", data={"role": "viewer"}, headers=csrf(first)).status_code == 400


def test_no_address_of_the_panel_is_left_to_any_cache(app: Flask) -> None:
    client = app.test_client()
    login(client, ADMIN)
    for endpoint, method, address in requests(app):
        if method == "GET" and address.startswith("/admin/") and endpoint != "admin.static":
            answer = client.get(address, headers={"Accept": "text/html"})
            kept = answer.headers.get("Cache-Control", "")
            assert answer.mimetype != "text/html" or "no-store" in kept or answer.status_code == 302, address
