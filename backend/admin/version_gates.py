"""The gates of a version as its page shows them, and what publishing asks for when they are not all passed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from backend.admin import version_figures
from backend.database import db
from backend.domain.gates import (
    AGREEMENT,
    COMPARISON,
    FAILED,
    IN_THE_WAY,
    INHERITED,
    KEPT,
    LEAKS,
    OPEN,
    PASSED,
    UNKNOWN,
)
from backend.i18n import explanation
from backend.models import NeuralVersion, Publication
from backend.services import gates, versions
from backend.services.gate import LONGEST, Gate

NAMES = {
    COMPARISON: lazy_gettext("Not worse than the published version"),
    AGREEMENT: lazy_gettext("Reads alike everywhere"),
    LEAKS: lazy_gettext("Taught and measured by different pictures"),
    INHERITED: lazy_gettext("Measured by pictures that no network before it was taught with"),
    KEPT: lazy_gettext("Keeps what the version before read right"),
}
OUTCOMES = {
    PASSED: ("good", lazy_gettext("passed")),
    FAILED: ("bad", lazy_gettext("not passed")),
    UNKNOWN: ("", lazy_gettext("unknown")),
    OPEN: ("warn", lazy_gettext("not measured yet")),
}


@dataclass(frozen=True)
class Shown:
    """A gate in words of this request's language."""

    name: str
    badge: str
    outcome: str
    why: str
    in_the_way: bool


def shown(version: NeuralVersion) -> list[Shown]:
    """The gates of a version as they stand now."""
    published = versions.published(db.session(), version.slot)
    return [in_words(gate) for gate in gates.of(db.session(), version, published)]


def in_words(gate: Gate) -> Shown:
    """One of them."""
    badge, outcome = OUTCOMES[gate.outcome]
    return Shown(str(NAMES[gate.name]), badge, str(outcome), explanation(gate.why), gate.in_the_way)


def last_override(version: NeuralVersion) -> Publication | None:
    """The publication in which a version was published at last, if that was in spite of its gates."""
    found = version_figures.last_publication(version)
    return found if found and found.override else None


def names(outcomes: dict[str, Any]) -> list[str]:
    """The names of the gates that stood in the way of a publication."""
    return [str(NAMES[name]) for name, outcome in outcomes.items() if outcome in IN_THE_WAY and name in NAMES]


def override() -> str:
    """Why somebody publishes although gates are not passed; empty without a word. Raises ValueError for too many."""
    text = " ".join(request.form.get("override", "").split())
    if len(text) > LONGEST:
        raise ValueError(
            _("Not done: say in %(most)s characters at most why the gates need not be passed.", most=LONGEST)
        )
    return text
