"""What the versions before a new one were taught with: looked through for what the new one is measured by.

It is found in the snapshots that were taken here, by the hashes in the cards. The fingerprints of an old one stay when
its pictures are gone; those of samples that are still here are taken from where samples are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.database import reading_session
from backend.domain import gates as rules
from backend.domain import leaking
from backend.domain.card import Card
from backend.domain.imaging import ImageError, load
from backend.domain.leaking import Leaks, Print
from backend.domain.perceptual import Small, small
from backend.models import NeuralVersion
from backend.services import leaks, snapshots, tables
from backend.services.gate import recorded
from backend.services.gates_leaks import told
from backend.services.snapshots import Snapshot
from backend.services.version_files import card_of
from backend.storage import StorageError, get_storage


class Inherited(NamedTuple):
    """The leaks that were found, and the gate for the card."""

    leaks: Leaks
    gate: rules.Gate


def look_through(snapshot: Snapshot, parent_id: int) -> Inherited:
    """All that a version and those before it were taught with beside what a snapshot measures by.

    The snapshot's own data is not looked at again: its own leaks are known.
    """
    found = Leaks([], 0)
    with reading_session() as session:
        came = list(behind(session.get_one(NeuralVersion, parent_id)))
        unknown = [network for network, sha256 in came if sha256 is None]
        data = list(dict.fromkeys(sha256 for _, sha256 in came if sha256))
        for each in data:
            if each == snapshot.sha256:
                continue
            there = across(session, snapshots.place_of(each), snapshot.folder)
            if there is None:
                unknown += [network for network, sha256 in came if sha256 == each]
            else:
                found += there
    leak = rules.leak(found.counts, found.untraced, found.compared)
    return Inherited(found, rules.inherit(leak, data, list(dict.fromkeys(unknown))))


def behind(version: NeuralVersion | None) -> Iterator[tuple[str, str | None]]:
    """A version and those before it, each with the hash of what it was taught with; None where that is not known."""
    while version is not None:
        card, made = card_of(version), recorded(version, rules.INHERITED)
        taught = card.training.get("dataset_sha256") if isinstance(card, Card) else None
        yield version.path, taught if isinstance(taught, str) else None
        if told(made):
            yield from ((version.path, each) for each in made["data"])
            yield from ((each, None) for each in made["unknown"])
            return
        if version.parent is None:  # an older card does not say what it began with
            yield version.path, None
        version = version.parent


def across(session: Session, before: Path, now: Path) -> Leaks | None:
    """The leaks between what one snapshot teaches and what another measures by; None where the one is not here."""
    try:
        there, here = (leaks.with_meters_of_now(session, leaks.read(folder)) for folder in (before, now))
    except (OSError, ValueError):
        return None
    return leaking.find_across(there, here, first_of(now, before))


def first_of(*folders: Path) -> Callable[[Print], Small | None]:
    """How to get a picture: from these snapshots, or from where samples are kept."""
    ways = [*(leaking.smalls(folder / tables.IMAGES) for folder in folders), kept]
    return lambda each: next((found for way in ways if (found := way(each)) is not None), None)


def kept(each: Print) -> Small | None:
    """The picture of a sample that is still here."""
    for suffix in ("png", "jpg"):
        try:
            return small(load(get_storage().get(f"{each.picture[:2]}/{each.picture}.{suffix}")))
        except (StorageError, ImageError):
            continue
    return None
