"""What a training says about gates: leaks before it begins, what the export has to know, outcomes at the end."""

from __future__ import annotations

import json
from pathlib import Path

from backend.database import reading_session
from backend.domain import gates as rules
from backend.domain.leaking import Leaks
from backend.models import NeuralVersion
from backend.services import gates, leaks, snapshots, versions
from backend.services.reporter import Reporter
from backend.services.snapshots import Snapshot

TOLD = 20  # leaks that the log names


def tell_leaks(snapshot: Snapshot, report: Reporter) -> None:
    """Say now, rather than after hours, that the version will not be published without an override."""
    found = snapshot.leaks.found
    if found:
        report.line(f"{len(found)} leaks: the version will be made, but takes a written override to be published.")
    for leak in found[:TOLD]:
        report.line(f"Leak ({leak.kind}): {leak.taught} is taught, {leak.measured} is measured by.")


def tell_inherited(found: Leaks, report: Reporter) -> None:
    """The same of leaks of what earlier versions were taught with."""
    if found.found:
        report.line(
            f"{len(found.found)} leaks of what earlier versions were taught with: the version will be made, but takes a"
            " written override to be published."
        )
    for leak in found.found[:TOLD]:
        report.line(
            f"Leak ({leak.kind}): {leak.taught} was taught to an earlier version, {leak.measured} is measured by."
        )


def foreign(parent: NeuralVersion) -> str | None:
    """A sentence where what the parent was taught with is not among what its next version is taught with."""
    if parent.data_sha256 and (snapshots.place_of(parent.data_sha256) / leaks.FILE).is_file():
        return None
    return (
        f"{parent.path} was taught with data that is not here: what it learned from that is kept only as far as the"
        " labelled samples here show it."
    )


def flags(snapshot: Snapshot, inherited: rules.Gate | None, work: Path, models: Path) -> list[str]:
    """What the export has to know: the leaks, in a file in `work`, and the version that is published."""
    known = work / "gates.json"
    found = snapshot.leaks
    outcomes = {rules.LEAKS: rules.leak(found.counts, found.untraced, found.compared)}
    outcomes |= {rules.INHERITED: inherited} if inherited else {}
    known.write_text(json.dumps(outcomes), "utf-8")
    with reading_session() as session:
        published = versions.published(session)
        against = ["--against", str(models / published.path)] if published else []
    return ["--gates", str(known), *against]


def tell_outcomes(version_id: int, report: Reporter) -> dict[str, object]:
    """Write the outcomes into the log; what stands in the way of publishing belongs into the run's result."""
    with reading_session() as session:  # it may take seconds: nobody who writes should wait for it
        found = gates.of(session, session.get_one(NeuralVersion, version_id), versions.published(session))
    for gate in found:
        report.line(f"Gate {gate.name}: {gate.outcome}. {gate.why}")
    blocking = ", ".join(gate.name for gate in found if gate.in_the_way)
    return {"gates_not_passed": blocking} if blocking else {}
