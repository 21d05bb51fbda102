"""Languages: English in the code, Russian from `backend/translations/ru/*.po`, one file an area, read at start."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale, gettext

from backend.accounts import LANGUAGE
from backend.domain.sentences import Translatable

LANGUAGES = {"en": "English", "ru": "Русский"}
FOLDER = Path(__file__).parent / "translations"


class Areas(Domain):  # type: ignore[misc] # it ships no types
    """The texts of all areas together, kept in memory: no compiled files to make or to forget."""

    def __init__(self) -> None:
        super().__init__()
        self.catalogues: dict[str, NullTranslations] = {name: catalogue(name) for name in LANGUAGES}

    def get_translations(self) -> NullTranslations:
        """Return the texts in the language of this request."""
        return self.catalogues[language()]


def init_app(app: Flask) -> None:
    """Speak the language that somebody chose, or that their browser asks for."""
    babel = Babel()
    babel.init_app(app, locale_selector=chosen)
    app.extensions["babel"].instance.domain_instance = Areas()
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)


@cache
def catalogue(name: str) -> NullTranslations:
    """Return the texts of a language, merged from its areas. Raises ValueError for a file that cannot be read."""
    merged = Translations()
    for path in sorted((FOLDER / name).glob("*.po")):
        with path.open("rb") as file:
            area = read_po(file, locale=name, abort_invalid=True)
        binary = BytesIO()
        write_mo(binary, area)
        binary.seek(0)
        texts = Translations(binary)
        merged.merge(texts)
        merged.plural = texts.plural  # merging forgets how the language counts
    return merged


def chosen() -> str:
    """Return the language of this request."""
    if not has_request_context():
        return "en"
    kept = session.get(LANGUAGE)
    return kept if kept in LANGUAGES else request.accept_languages.best_match(list(LANGUAGES), "en")


def language() -> str:
    """Return the language in use, also outside of a request."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else "en"


def explanation(error: Exception) -> str:
    """What was refused and why, as a sentence in the language of this request."""
    text = said(error, begins=True)
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def said(error: Exception, begins: bool = False) -> str:
    """The error's words in the language of this request, and so those of the errors that stand in them."""
    if not isinstance(error, Translatable):
        return str(error)
    text = str(gettext(error.sentence))
    if begins:
        text = f"{text[:1].upper()}{text[1:]}"  # before the values come in: a name stays as it is
    values = {name: said(value) if isinstance(value, Exception) else value for name, value in error.values.items()}
    return text % values if values else text
