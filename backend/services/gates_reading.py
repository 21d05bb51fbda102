"""The gates of two readers on the same validation pictures: a version beside the published one, and beside its parent.

A card tells how two read when one of them was made. It counts where it tells of no fewer pictures than there are to
validate with here, since a run may have been asked to use only a few of them. Else what both have read here counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain import gates as rules
from backend.domain.gates import COMPARISON, FAILED, KEPT, OPEN, PASSED, UNKNOWN, statistic, whole
from backend.models import NeuralVersion, Split, State, Training
from backend.services import version_judging
from backend.services.gate import Gate, Sentence, recorded
from backend.services.gates_leaks import prints_of
from backend.services.pointer import reader_named

NETWORK = "model.tflite"  # what the server reads with


class Counts(NamedTuple):
    """Of so many pictures another reads this many `right`; a version has `lost` some of those, and `gained` others."""

    pictures: int
    right: int
    lost: int
    gained: int


def comparison(session: Session, version: NeuralVersion, published: NeuralVersion | None, wanted: list[int]) -> Gate:
    """Whether it reads worse than the published version, by one of the two cards or by what both have read here.

    `wanted` are the validation samples. Open where nobody knows: it might be any worse.
    """
    if published is None or published.id == version.id:
        return Gate(COMPARISON, PASSED, Sentence("No other version is published that it could be worse than."))
    for made, other, lost, gained in (
        (recorded(version, COMPARISON), published, "lost", "gained"),
        (recorded(published, COMPARISON), version, "gained", "lost"),  # the published one came after it
    ):
        same = made.get("card_sha256") == other.card_sha256 and whole(made, "pictures", "lost", "gained")
        if same and made["pictures"] >= len(wanted):
            return compared(published, made["pictures"], made[lost], made[gained])
    found = read_here(session, COMPARISON, version, published, wanted)
    return found if isinstance(found, Gate) else compared(published, found.pictures, found.lost, found.gained)


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
        OPEN: Sentence("%(pictures)s validation pictures are too few to compare it with %(version)s.", **values),
    }
    return Gate(COMPARISON, gate["outcome"], why[gate["outcome"]])


def keeping(session: Session, version: NeuralVersion, wanted: list[int]) -> Gate | None:
    """Whether it has kept what the version read right that it goes on from; None when it goes on from none."""
    beside = statistic(version.statistics, "parent")
    if not whole(beside, "right", "lost"):
        why = Sentence("How it reads beside the version that it goes on from is not known.")
        return Gate(KEPT, UNKNOWN, why) if version.parent_id else None
    name, pictures = str(beside.get("version", "?")), beside["pictures"] if whole(beside, "pictures") else 0
    if pictures >= len(wanted):
        return kept(name, beside["right"], beside["lost"])
    parent = version.parent or reader_named(session, name)
    if parent is None:
        why = Sentence(
            "It was seen beside %(version)s on %(pictures)s validation pictures only, and %(wanted)s are here.",
            version=name,
            pictures=pictures,
            wanted=len(wanted),
        )
        return Gate(KEPT, OPEN, why)
    found = read_here(session, KEPT, version, parent, wanted)
    return found if isinstance(found, Gate) else kept(parent.path, found.right, found.lost)


def kept(parent: str, right: int, lost: int) -> Gate:
    """The gate from the counts."""
    values = {"version": parent, "right": right, "lost": lost}
    outcome = rules.keep(right, lost)["outcome"]
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


def read_here(
    session: Session, name: str, version: NeuralVersion, other: NeuralVersion, wanted: list[int]
) -> Counts | Gate:
    """How both have read the `wanted` samples; the open gate of this name where that cannot be known yet."""
    about = {"version": other.path}
    if any(NETWORK not in each.files for each in (version, other)):
        why = Sentence(
            "The server cannot read with it or with %(version)s, so the two cannot be compared here.", **about
        )
        return Gate(name, OPEN, why)
    if not wanted:
        why = Sentence("There are no labelled validation samples here to compare it with %(version)s on.", **about)
        return Gate(name, OPEN, why)
    both = version_judging.compare(session, other.id, version.id, Split.VALIDATE)
    chosen = np.isin(both.a.ids, wanted)
    if missing := len(wanted) - int(chosen.sum()):
        why = Sentence(
            "First both it and %(version)s have to read the validation samples: missing are %(missing)s.",
            missing=missing,
            **about,
        )
        return Gate(name, OPEN, why, (version.id, other.id))
    right, lost, gained = (int(chosen[part].sum()) for part in (both.a.right, both.broken, both.fixed))
    return Counts(len(wanted), right, lost, gained)


def validation_samples(session: Session, version: NeuralVersion) -> list[int]:
    """The labelled validation samples of its snapshot that are still such; where nobody knows that, all there are."""
    kept = (Training.state == State.LABELLED.value) & (Training.type == Split.VALIDATE.value)
    rows = session.execute(select(Training.id, Training.sha256).where(kept)).all()
    prints = prints_of(version)
    if prints is None:
        return [key for key, _ in rows]
    validated = {each.picture for each in prints if each.type == Split.VALIDATE and each.look}
    return [key for key, picture in rows if picture in validated]
