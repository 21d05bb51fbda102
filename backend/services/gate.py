"""One gate that a version has to pass before it is published, and what its card is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.domain.gates import FAILED
from backend.domain.sentences import Translatable

OPEN = "open"
IN_THE_WAY = (FAILED, OPEN)


class Sentence(Translatable):
    """Why a gate has its outcome. It is not raised: what a page can do with an error's sentence it can do with it."""


@dataclass(frozen=True)
class Gate:
    """One gate: its name, its outcome, and why."""

    name: str
    outcome: str
    why: Sentence

    @property
    def in_the_way(self) -> bool:
        """Whether publishing needs a written override because of it."""
        return self.outcome in IN_THE_WAY


def statistic(statistics: dict[str, Any], name: str) -> dict[str, Any]:
    """An object within statistics, which may come from anywhere; empty where there is none."""
    found = statistics.get(name)
    return found if isinstance(found, dict) else {}


def whole(found: dict[str, Any], *names: str) -> bool:
    """Whether all of these are counts."""
    return all(type(found.get(name)) is int and found[name] >= 0 for name in names)
