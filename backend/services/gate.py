"""One gate that a version has to pass before it is published, and what its card is asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.domain import gates
from backend.domain.sentences import Translatable
from backend.models import NeuralVersion

LONGEST = 500  # characters of an override


class Sentence(Translatable):
    """Why a gate has its outcome. It is not raised: what a page can do with an error's sentence it can do with it."""


@dataclass(frozen=True)
class Gate:
    """One gate: its name, its outcome, and why; more is known when these versions have read the validation samples."""

    name: str
    outcome: str
    why: Sentence
    to_read: tuple[int, ...] = ()

    @property
    def in_the_way(self) -> bool:
        """Whether publishing needs a written override because of it."""
        return self.outcome in gates.IN_THE_WAY


def recorded(version: NeuralVersion, name: str) -> dict[str, Any]:
    """What a version's card says of a gate; empty where it says nothing."""
    return gates.statistic(gates.statistic(version.statistics, "gates"), name)


def overridden(statistics: dict[str, Any]) -> dict[str, Any]:
    """Why a version was published where it was made, in spite of which gates, as its card says it.

    In the form that a `Publication` has; empty where the card does not say it.
    """
    made = gates.statistic(statistics, "override")
    reason, outcomes = made.get("reason"), gates.statistic(made, "gates")
    known = gates.in_the_way({name: {"outcome": outcome} for name, outcome in outcomes.items()})
    return {"gates": known, "override": reason.strip()[:LONGEST]} if isinstance(reason, str) and known else {}
