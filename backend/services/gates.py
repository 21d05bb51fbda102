"""The gates of a version as they stand now: passed, failed, unknown, or open, when something has yet to be read.

What its card says was found when it was made. Two things may be known better by now: which version is published, so
that is the one it has to be compared with, and which meter a sample shows, so leaks are looked for once more. Only
what failed or is open stands in the way of publishing; what nobody can know here is said to be unknown.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import gates as rules
from backend.domain.gates import AGREEMENT, COMPARISON, FAILED, KEPT, LEAKS, OPEN, PASSED, UNKNOWN, statistic, whole
from backend.domain.leaking import KINDS, Print, find
from backend.models import READER, NeuralVersion, Split, State, Training
from backend.services import gates_beside, leaks, snapshots, version_judging
from backend.services.gate import Gate, Sentence
from backend.services.lookalikes import state_of

NETWORK = "model.tflite"  # what the server reads with
CACHE = "leaks-of-a-snapshot"


def of(session: Session, version: NeuralVersion, published: NeuralVersion | None) -> list[Gate]:
    """All gates of a version as they stand now, with the version that is published in its slot."""
    if version.slot != READER:
        return gates_beside.of(version, published)
    found = [comparison(session, version, published), agreement(version), leaking(session, version), keeping(version)]
    return [gate for gate in found if gate]


def comparison(session: Session, version: NeuralVersion, published: NeuralVersion | None) -> Gate:
    """Whether it reads worse than the published version, by its card or by what both have read here."""
    if published is None or published.id == version.id:
        return Gate(COMPARISON, PASSED, Sentence("No other version is published that it could be worse than."))
    made = recorded(version, COMPARISON)
    if made.get("card_sha256") == published.card_sha256 and whole(made, "pictures", "lost", "gained"):
        return compared(published, made["pictures"], made["lost"], made["gained"])
    name = {"version": published.path}
    if any(NETWORK not in each.files for each in (version, published)):
        why = Sentence(
            "The server cannot read with it or with %(version)s, so the two cannot be compared here.", **name
        )
        return Gate(COMPARISON, UNKNOWN, why)
    wanted = validation_samples(session, version)
    if not wanted:
        why = Sentence("There are no labelled validation samples here to compare it with %(version)s on.", **name)
        return Gate(COMPARISON, UNKNOWN, why)
    both = version_judging.compare(session, published.id, version.id, Split.VALIDATE)
    chosen = np.isin(both.a.ids, wanted)
    if missing := len(wanted) - int(chosen.sum()):
        why = Sentence(
            "First both it and %(version)s, which is published, have to read the validation samples: missing are"
            " %(missing)s.",
            missing=missing,
            **name,
        )
        return Gate(COMPARISON, OPEN, why)
    return compared(published, len(wanted), int(chosen[both.broken].sum()), int(chosen[both.fixed].sum()))


def compared(published: NeuralVersion, pictures: int, lost: int, gained: int) -> Gate:
    """The gate from the counts."""
    gate = rules.compare(pictures, lost, gained)
    values = {"version": published.path, "pictures": pictures, "lost": lost, "gained": gained, "p": f"{gate['p']:.2g}"}
    why = {
        PASSED: Sentence(
            "Not significantly worse than %(version)s, which is published, on the same %(pictures)s validation"
            " pictures: %(lost)s right readings are lost, %(gained)s are gained (McNemar's exact test, one-sided:"
            " p = %(p)s, above 0.025).",
            **values,
        ),
        FAILED: Sentence(
            "Significantly worse than %(version)s, which is published, on the same %(pictures)s validation"
            " pictures: %(lost)s right readings are lost, %(gained)s are gained (McNemar's exact test, one-sided:"
            " p = %(p)s, not above 0.025).",
            **values,
        ),
        UNKNOWN: Sentence("%(pictures)s validation pictures are too few to compare it with %(version)s.", **values),
    }
    return Gate(COMPARISON, gate["outcome"], why[gate["outcome"]])


def validation_samples(session: Session, version: NeuralVersion) -> list[int]:
    """The labelled validation samples of its snapshot that are still such; where nobody knows that, all there are."""
    kept = (Training.state == State.LABELLED.value) & (Training.type == Split.VALIDATE.value)
    rows = session.execute(select(Training.id, Training.sha256).where(kept)).all()
    prints = prints_of(version)
    if prints is None:
        return [key for key, _ in rows]
    validated = {each.picture for each in prints if each.type == Split.VALIDATE and each.look}
    return [key for key, picture in rows if picture in validated]


def agreement(version: NeuralVersion) -> Gate:
    """Whether Keras, TFLite and TensorFlow.js read alike, as its card says; older exports refused what did not."""
    made, numbers = recorded(version, AGREEMENT), statistic(statistic(version.statistics, "export"), "numbers")
    if made.get("outcome") == FAILED:
        reasons = made["reasons"] if isinstance(made.get("reasons"), list) else []
        values = {"reason": "; ".join(map(str, reasons)) or "?"}
        why = Sentence("Keras, TFLite and TensorFlow.js do not read alike: %(reason)s.", **values)
        return Gate(AGREEMENT, FAILED, why)
    right = [statistic(numbers, name).get("same_reading") for name in ("tflite", "tfjs_wasm")]
    pictures = numbers.get("pictures")
    if not isinstance(pictures, int) or right != [pictures, pictures]:
        why = Sentence("Its card does not say whether Keras, TFLite and TensorFlow.js read alike.")
        return Gate(AGREEMENT, UNKNOWN, why)
    why = Sentence("Keras, TFLite and TensorFlow.js read %(pictures)s pictures alike.", pictures=pictures)
    return Gate(AGREEMENT, PASSED, why)


def leaking(session: Session, version: NeuralVersion) -> Gate:
    """Whether something is both taught and measured by, as its card says and as it looks now."""
    made, now = recorded(version, LEAKS), leaks_now(session, version)
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


def keeping(version: NeuralVersion) -> Gate | None:
    """Whether it has kept what the version read right that it goes on from; None when it goes on from none."""
    beside = statistic(version.statistics, "parent")
    if not whole(beside, "right", "lost"):
        why = Sentence("How it reads beside the version that it goes on from is not known.")
        return Gate(KEPT, UNKNOWN, why) if version.parent_id else None
    values = {"version": str(beside.get("version", "?")), "right": beside["right"], "lost": beside["lost"]}
    outcome = rules.keep(beside["right"], beside["lost"])["outcome"]
    why_so = {
        PASSED: Sentence(
            "Of %(right)s validation pictures that %(version)s reads right it has lost %(lost)s, not more than 1%%.",
            **values,
        ),
        FAILED: Sentence(
            "Of %(right)s validation pictures that %(version)s reads right it has lost %(lost)s, more than 1%%.",
            **values,
        ),
    }
    return Gate(KEPT, outcome, why_so[outcome])


def recorded(version: NeuralVersion, name: str) -> dict[str, Any]:
    """What its card says of a gate; empty where it says nothing."""
    return statistic(statistic(version.statistics, "gates"), name)
