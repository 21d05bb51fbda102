"""Languages: every text has a Russian one with the same placeholders; pages come in the language that was chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale, gettext

from backend.i18n import FOLDER, LANGUAGES, catalogue
from backend.settings import ROOT

from .accounts import csrf, login
from .sentences import sentence_places

METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    **{name: (place,) for name, place in sentence_places().items()},  # translated by the page that shows them
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


def texts() -> dict[str | tuple[str, ...], str]:
    """Every text in the code of the panel, with the place of one use of it."""
    found: dict[str | tuple[str, ...], str] = {}
    for name, line, message, _, _ in extract_from_dir(ROOT / "backend", METHODS, keywords=KEYWORDS):
        found.setdefault(message, f"backend/{name}:{line}")
    return found


def areas() -> Iterator[tuple[Path, Catalog]]:
    for path in sorted((FOLDER / "ru").glob("*.po")):
        with path.open("rb") as file:
            yield path, read_po(file, locale="ru", abort_invalid=True)


def test_every_text_is_translated() -> None:
    ids = {message.id for _, area in areas() for message in area if message.id and message.string}
    known = {id[0] if isinstance(id, tuple | list) else id for id in ids}
    missing = {
        place: message
        for message, place in texts().items()
        if (message[0] if isinstance(message, tuple | list) else message) not in known
    }
    assert missing == {}


def test_translations_are_whole_and_used() -> None:
    used = {message if isinstance(message, str) else message[0] for message in texts()}
    for path, area in areas():
        for message in area:
            if not message.id:
                continue
            forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
            first = message.id if isinstance(message.id, str) else message.id[0]
            wanted = set(PLACEHOLDER.findall(first if isinstance(message.id, str) else message.id[1]))
            where = f"{path.name}: {first!r}"
            assert first in used, f"{where} is used nowhere"
            assert not message.fuzzy, where
            assert all(forms), where
            assert len(forms) == (1 if isinstance(message.id, str) else 3), where
            assert all(set(PLACEHOLDER.findall(form)) == wanted for form in forms), where


def test_one_text_has_one_translation() -> None:
    merged: dict[str, object] = {}
    for path, area in areas():
        for message in area:
            if message.id:
                first = message.id if isinstance(message.id, str) else message.id[0]
                assert merged.setdefault(first, message.string) == message.string, f"{path.name}: {first!r}"


def test_all_areas_are_read_together() -> None:
    russian = catalogue("ru")
    assert russian.gettext("Log in") == "Войти"
    assert catalogue("en").gettext("Log in") == "Log in"


@pytest.mark.one_database("sqlite", reason="no table is asked")
def test_the_language_is_chosen_and_kept(client: FlaskClient) -> None:
    assert '<html lang="en">' in client.get("/admin/login").text
    asked = client.get("/admin/login", headers={"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}).text
    assert '<html lang="ru">' in asked
    assert "Войти" in asked
    assert '<html lang="en">' in client.get("/admin/login", headers={"Accept-Language": "de"}).text
    login(client, "viewer")
    header = csrf(client)
    answer = client.post("/admin/language", data={"language": "ru", "next": "/admin/meter-types/"}, headers=header)
    assert (answer.status_code, answer.location) == (302, "/admin/meter-types/")
    assert '<html lang="ru">' in client.get("/admin/password").text
    assert client.post("/admin/language", data={"language": "xx"}, headers=header).status_code == 400
    client.post("/admin/logout", headers=header)
    assert '<html lang="ru">' in client.get("/admin/login").text


@pytest.mark.one_database("sqlite", reason="no table is asked")
def test_outside_of_requests_it_is_english(app: Flask) -> None:
    with app.app_context():
        assert gettext("Log in") == "Log in"
        with force_locale("ru"):
            assert gettext("Log in") == "Войти"
    assert list(LANGUAGES) == ["en", "ru"]
