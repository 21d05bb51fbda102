"""Parameters of runs, as forms, commands and programs give them: checked one by one, each refusal one sentence."""

from __future__ import annotations

import math
from typing import Any

from backend.domain.sentences import Translatable

MOST = 2000  # characters of a text


class ParameterError(Translatable, ValueError):
    """Parameters that are missing, unknown or out of range."""


def known(given: dict[str, Any], names: set[str]) -> None:
    """Refuse parameters that do nothing."""
    if unknown := sorted(given.keys() - names):
        raise ParameterError(
            "expected parameters among %(names)s, got %(got)s",
            names=", ".join(sorted(names)),
            got=repr(unknown[0][:40]),
        )


def text(given: dict[str, Any], name: str, default: str | None = None) -> str:
    """A text; without a default it must not be empty."""
    value, least = given.get(name, default), 1 if default is None else 0
    if not isinstance(value, str):
        raise ParameterError("expected %(name)s to be a text, got %(got)s", name=name, got=repr(str(value)[:40]))
    value = value.strip()
    if not least <= len(value) <= MOST:
        raise ParameterError(
            "expected %(name)s to be a text of %(least)s to %(most)s characters, got %(got)s",
            name=name,
            least=least,
            most=MOST,
            got=len(value),
        )
    return value


def whole(given: dict[str, Any], name: str, least: int, most: int, default: int | None = None) -> int:
    """A whole number between limits, also as plain text, as forms send it."""
    value = given.get(name)
    value = default if value is None or value == "" else value
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ParameterError(
            "expected %(name)s to be a whole number from %(least)s to %(most)s, got %(got)s",
            name=name,
            least=least,
            most=most,
            got=repr(str(value)[:40]),
        )
    return value


def optional_whole(given: dict[str, Any], name: str, least: int, most: int) -> int | None:
    """The same, or None where nothing is given."""
    return None if given.get(name) in (None, "") else whole(given, name, least, most)


def optional_number(given: dict[str, Any], name: str, above: float, most: float) -> float | None:
    """A number above one limit and up to another, also as text, or None where nothing is given."""
    value = given.get(name)
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not above < number <= most:
        raise ParameterError(
            "expected %(name)s to be a number above %(above)s up to %(most)s, got %(got)s",
            name=name,
            above=f"{above:g}",
            most=f"{most:g}",
            got=repr(str(value)[:40]),
        )
    return number
