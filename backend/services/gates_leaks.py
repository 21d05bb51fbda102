"""The gates of leaks, of a version's own data and of what those before it were taught with, as they stand now.

Its card says what was found when it was made; which meter a sample shows may be known better by now, so it is asked
once more in the fingerprints of snapshots, which stay when their pictures are gone.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from backend.domain import gates as rules
from backend.domain.card import Card
from backend.domain.gates import FAILED, INHERITED, LEAKS, OPEN, PASSED, UNKNOWN, whole
from backend.domain.leaking import KINDS, Leaks, Print, across, find
from backend.models import NeuralVersion
from backend.services import leaks, snapshots
from backend.services.gate import Gate, Sentence, recorded
from backend.services.lookalikes import state_of
from backend.services.version_files import card_of

CACHE, CACHE_BEFORE = "leaks-of-a-snapshot", "leaks-of-snapshots-before"


def leaking(session: Session, version: NeuralVersion) -> Gate:
    """Whether something is both taught and measured by, as its card says and as it looks now."""
    made, now = recorded(version, LEAKS), leaks_now(session, version)
    if made.get("outcome") == OPEN and (now is None or taught_with_other(version)):
        return Gate(LEAKS, OPEN, Sentence("Nobody has looked for leaks in it: %(reason)s.", reason=reason_of(made)))
    gate = made if now is None or (made.get("outcome") == FAILED and now["outcome"] != FAILED) else now
    if not whole(gate, *KINDS, "untraced"):
        why = Sentence("What it was taught with is not known here, so nobody can look for leaks in it.")
        return Gate(LEAKS, UNKNOWN, why)
    values = {name: gate[name] for name in (*KINDS, "untraced")}
    compared = gate.get("compared", True) is True
    outcome = str(rules.leak({name: values[name] for name in KINDS}, values["untraced"], compared)["outcome"])
    if outcome == UNKNOWN and not compared:
        why = Sentence("No leak was found, but too many pictures are near to each other to compare them all.")
        return Gate(LEAKS, UNKNOWN, why)
    why_so = {
        PASSED: Sentence("Nothing that it was taught with is among what it was measured by."),
        FAILED: Sentence(
            "Some of what it was taught with is also what it was measured by: the same picture %(picture)s times, the"
            " same to look at %(look)s times, the same meter %(meter)s times, fragments of such a sample in an"
            " augmentation %(fragment)s times.",
            **values,
        ),
        UNKNOWN: Sentence(
            "No leak was found, but nobody knows which samples the fragments in %(untraced)s augmentations are from.",
            **values,
        ),
    }
    return Gate(LEAKS, outcome, why_so[outcome])


def leaks_now(session: Session, version: NeuralVersion) -> rules.Gate | None:
    """The leaks of its snapshot with what is known now about meters; None for one that was not taken here, or that
    cannot be read any more.
    """
    prints = prints_of(version)
    if prints is None:
        return None
    cache: dict[object, rules.Gate] = current_app.extensions.setdefault(CACHE, {})
    key = (version.data_sha256, moment_of(version), state_of(session))
    if key not in cache:
        try:
            alike = leaks.alike(place_of(version)) or []
        except (OSError, ValueError):
            return None
        found = find(leaks.with_meters_of_now(session, prints), alike)
        cache.clear()  # whoever looks at a version looks at it more than once
        cache[key] = rules.leak(found.counts, found.untraced, found.compared)
    return cache[key]


def inheriting(session: Session, version: NeuralVersion) -> Gate:
    """Whether what those before it were taught with is among what it is measured by: by its card, and as of now."""
    made = recorded(version, INHERITED)
    if made.get("outcome") == OPEN:
        why = Sentence(
            "Nobody has looked through what the networks before it were taught with: %(reason)s.",
            reason=reason_of(made),
        )
        return Gate(INHERITED, OPEN, why)
    if not told(made):
        why = Sentence("Its card does not say what the networks before it were taught with.")
        return Gate(INHERITED, UNKNOWN, why)
    if not made["data"] and not made["unknown"] and not any(made[name] for name in (*KINDS, "untraced")):
        return Gate(INHERITED, PASSED, Sentence("No network was taught before it whose weights or answers it has."))
    now = inherited_now(session, version, made["data"])
    counts = now if now and not any(made[name] for name in KINDS) else made
    values = {name: counts[name] for name in (*KINDS, "untraced")} | {"networks": ", ".join(made["unknown"])}
    compared = made.get("compared", True) is True
    leaked = rules.leak({name: values[name] for name in KINDS}, values["untraced"], compared)
    outcome = str(rules.inherit(leaked, made["data"], made["unknown"])["outcome"])
    return Gate(INHERITED, outcome, inherited_why(outcome, values, compared))


def inherited_why(outcome: str, values: dict[str, Any], compared: bool) -> Sentence:
    """The outcome in words; of what is not known the most first."""
    if outcome == PASSED:
        return Sentence("Nothing that the networks before it were taught with is among what it was measured by.")
    if outcome == FAILED:
        return Sentence(
            "Some of what the networks before it were taught with is also what it was measured by: the same picture"
            " %(picture)s times, the same to look at %(look)s times, the same meter %(meter)s times, fragments of such"
            " a sample in an augmentation %(fragment)s times.",
            **values,
        )
    if values["networks"]:
        return Sentence("Not all that was taught to %(networks)s could be looked through for leaks.", **values)
    if not compared:
        return Sentence("No leak was found, but some pictures are gone, or too many are near to each other.")
    return Sentence(
        "No leak was found, but nobody knows which samples the fragments in %(untraced)s augmentations are from.",
        **values,
    )


def taught_with_other(version: NeuralVersion) -> bool:
    """Whether its card says that it was taught with other data than it is measured by: of those no snapshot tells."""
    card = card_of(version)
    taught = card.training.get("dataset_sha256") if isinstance(card, Card) else None
    return isinstance(taught, str) and taught != version.data_sha256


def reason_of(made: dict[str, Any]) -> str:
    """Why a gate was not asked when the version was made, as its card says it."""
    return str(made.get("reason") or "?")[:200]


def told(made: dict[str, Any]) -> bool:
    """Whether a card says all that has to be known of what those before its version were taught with."""
    lists = [made.get(name) for name in ("data", "unknown")]
    texts = all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in lists)
    return texts and whole(made, *KINDS, "untraced")


def inherited_now(session: Session, version: NeuralVersion, data: list[str]) -> rules.Gate | None:
    """The leaks by the fingerprints of all these snapshots and what is known now; None where one of them is not here.

    The pictures themselves were compared when it was made.
    """
    prints, others = prints_of(version), [each for each in data if each != version.data_sha256]
    if prints is None or not others:
        return None
    cache: dict[object, rules.Gate] = current_app.extensions.setdefault(CACHE_BEFORE, {})
    key = (version.data_sha256, moment_of(version), *others, state_of(session))
    if key not in cache:
        here, found = leaks.with_meters_of_now(session, prints), Leaks([], 0)
        for each in others:
            try:
                there = leaks.with_meters_of_now(session, leaks.read(snapshots.place_of(each)))
            except (OSError, ValueError):  # not all can be told anew: its card counts
                return None
            found += find(across(there, here))
        cache.clear()
        cache[key] = rules.leak(found.counts, found.untraced)
    return cache[key]


def prints_of(version: NeuralVersion) -> list[Print] | None:
    """The fingerprints of what it was trained on; None where there are none, or none that can be read."""
    try:
        return kept_prints(place_of(version), moment_of(version))
    except (OSError, ValueError):
        return None


def place_of(version: NeuralVersion) -> Path:
    """The folder of the snapshot that it was trained on, which may be gone."""
    return snapshots.place_of(version.data_sha256 or "unknown")


def moment_of(version: NeuralVersion) -> int:
    """When the fingerprints of its snapshot were written. Raises OSError when there are none."""
    return (place_of(version) / leaks.FILE).stat().st_mtime_ns


@lru_cache(maxsize=2)
def kept_prints(folder: Path, moment: int) -> list[Print]:
    """The fingerprints of a snapshot as they were at this moment; with 100,000 reading them takes a while."""
    return leaks.read(folder)
