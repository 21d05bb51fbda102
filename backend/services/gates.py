"""The gates of a version as they stand now: passed, failed, unknown, or open, when something has yet to be read.

What its card says was found when it was made. Two things may be known better by now: which version is published, so
that is the one it has to be compared with, and which meter a sample shows, so leaks are looked for once more. Only
what failed or is open stands in the way of publishing; what nobody can know here is said to be unknown.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import gates as rules
from backend.domain.gates import AGREEMENT, COMPARISON, FAILED, KEPT, OPEN, PASSED, UNKNOWN, statistic, whole
from backend.models import READER, NeuralVersion, Split, State, Training
from backend.services import gates_beside, version_judging
from backend.services.gate import Gate, Sentence, recorded
from backend.services.gates_leaks import inheriting, leaking, prints_of

NETWORK = "model.tflite"  # what the server reads with


def of(session: Session, version: NeuralVersion, published: NeuralVersion | None) -> list[Gate]:
    """All gates of a version as they stand now, with the version that is published in its slot."""
    if version.slot != READER:
        return gates_beside.of(version, published)
    leaks = [leaking(session, version), inheriting(session, version)]
    found = [comparison(session, version, published), agreement(version), *leaks, keeping(version)]
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
