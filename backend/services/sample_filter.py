"""What the list of samples is asked for: a filter, and the place where a page begins, both out of addresses."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, UnaryExpression, and_, or_

from backend.domain.sentences import Translatable
from backend.models import Split, State, Training

LARGEST_ID = 2**31 - 1  # PostgreSQL's integer
LONGEST = 120
Value = TypeVar("Value")


class FilterError(Translatable, ValueError):
    """A filter or a place that there is not, in one sentence."""


@dataclass(frozen=True)
class Filter:
    """Which samples; what is None, empty or False does not matter.

    `search` is how a value, group, source or sha256 begins. Doubtful ones are proposals that would not be accepted.
    """

    type: int | None = None
    state: str | None = None
    meter_type: int | None = None
    source: str = ""
    group: str = ""
    search: str = ""
    doubtful: bool = False
    disagrees: bool = False

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Filter:
        """Read a filter from an address. Raises FilterError for a value that there is not."""
        return cls(
            type=one_of(given, "type", {str(split.value): split.value for split in Split}),
            state=one_of(given, "state", {state.value: state.value for state in State}),
            meter_type=id_in(given, "meter_type"),
            source=text_in(given, "source"),
            group=text_in(given, "group"),
            search=text_in(given, "search"),
            doubtful=one_of(given, "doubtful", {"1": True}) or False,
            disagrees=one_of(given, "disagrees", {"1": True}) or False,
        )

    def arguments(self) -> dict[str, str]:
        """The filter as an address carries it: only what matters."""
        numbers = {"type": self.type, "state": self.state, "meter_type": self.meter_type}
        chosen = {name: str(value) for name, value in numbers.items() if value is not None}
        texts = {"source": self.source, "group": self.group, "search": self.search}
        flags = {"doubtful": "1" if self.doubtful else "", "disagrees": "1" if self.disagrees else ""}
        return chosen | {name: value for name, value in (texts | flags).items() if value}


@dataclass(frozen=True)
class Cursor:
    """The place of a row in the list: its id, and before it its confidence when the doubtful come first."""

    id: int
    confidence: float | None = None

    @classmethod
    def parse(cls, given: str | None, doubtful: bool) -> Cursor | None:
        """Read a place from an address. Raises FilterError."""
        if not given:
            return None
        confidence, _, number = given.rpartition("_") if doubtful else ("", "", given)
        try:
            place = cls(checked_id(number), float(confidence) if doubtful else None)
        except ValueError:
            place = None
        if place is None or not math.isfinite(place.confidence or 0):
            raise FilterError("expected a place in the list, got %(got)s", got=repr(given[:40]))
        return place

    @classmethod
    def of(cls, row: Row[Any], doubtful: bool) -> Cursor:
        """The place of a row."""
        return cls(row.id, row.proposed_confidence if doubtful else None)

    def text(self) -> str:
        """The place as an address carries it."""
        return str(self.id) if self.confidence is None else f"{self.confidence!r}_{self.id}"

    def behind(self, backwards: bool) -> ColumnElement[bool]:
        """The condition for rows behind this place, or before it."""
        if self.confidence is None:
            return Training.id > self.id if backwards else Training.id < self.id
        alike = Training.proposed_confidence == self.confidence
        if backwards:
            return or_(Training.proposed_confidence < self.confidence, and_(alike, Training.id < self.id))
        return or_(Training.proposed_confidence > self.confidence, and_(alike, Training.id > self.id))

    @staticmethod
    def order(doubtful: bool, backwards: bool = False) -> tuple[UnaryExpression[Any], ...]:
        """The list's order."""
        if not doubtful:
            return (Training.id.asc() if backwards else Training.id.desc(),)
        columns = (Training.proposed_confidence, Training.id)
        return tuple(column.desc() if backwards else column.asc() for column in columns)


def one_of(given: Mapping[str, str], name: str, allowed: Mapping[str, Value]) -> Value | None:
    """The value that a word stands for; None without a word."""
    word = given.get(name, "")
    if word and word not in allowed:
        wanted = " / ".join(allowed)
        raise FilterError(
            "expected %(name)s to be %(wanted)s, got %(got)s", name=name, wanted=wanted, got=repr(word[:40])
        )
    return allowed[word] if word else None


def id_in(given: Mapping[str, str], name: str) -> int | None:
    """The number of a row; None without one."""
    word = given.get(name, "")
    return checked_id(word, name) if word else None


def checked_id(word: str, name: str = "id") -> int:
    """The number of a row, written plainly. Raises FilterError."""
    if not (word.isascii() and word.isdecimal() and len(word) <= 10 and 0 < int(word) <= LARGEST_ID):
        raise FilterError("expected %(name)s to be the number of a row, got %(got)s", name=name, got=repr(word[:40]))
    return int(word)


def text_in(given: Mapping[str, str], name: str) -> str:
    """A text of limited length."""
    value = given.get(name, "").strip()
    if len(value) > LONGEST or not value.isprintable():
        raise FilterError(
            "expected %(name)s to be a text of at most %(most)s characters, got %(got)s",
            name=name,
            most=LONGEST,
            got=repr(value[:20]),
        )
    return value
