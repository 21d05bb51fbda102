"""Versions of networks: registered from `static/model/<name>/<number>/`, published by replacing `current.json`.

Publishing is first written down, then done, then marked as completed, so that a process killed at any moment leaves
either the old version or a publication that `settle` completes. Where somebody else replaced `current.json`, as the
training's export does, `settle` adopts what it finds: what browsers get is the truth.

A version that does not pass its gates (see `gates`) is published only with a written override, which is kept with the
publication. Rolling back asks no gates: what was published before can be had back at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.card import NAME, Card, CardError
from backend.domain.classifier_card import ClassifierCard, is_classifier
from backend.domain.sentences import Translatable
from backend.models import Action, NeuralModel, NeuralVersion, Publication
from backend.models.base import HASH_LENGTH, SYSTEM
from backend.services import gates
from backend.services.gates import Gate
from backend.settings import get_settings
from backend.storage import write_safely

POINTER = "current.json"
FINDER = "finder"  # its key for the version that finds displays in photos
CLASSIFIERS = "classifiers"  # its key for the classifiers by their recipes
PATH = re.compile(r"([a-z0-9][a-z0-9_-]*)/([1-9][0-9]*)")


class VersionError(Translatable, ValueError):
    """A version that is missing, changed, or cannot be published."""


class GateError(VersionError):
    """A version that does not pass `gates` and has no override."""

    def __init__(self, path: str, blocking: list[Gate]) -> None:
        why = " ".join(f"{gate.name} {gate.outcome}: {gate.why}" for gate in blocking)
        super().__init__(f"expected {path} to pass its gates, or an override that says why it need not, got {why}")
        self.gates = blocking


def publish(path: str, who: str, reason: str = "", override: str = "") -> NeuralVersion:
    """Make `path`, e.g. "compact/2", the version that browsers get. Raises VersionError.

    `override` says why although a gate was not passed; without it that is a GateError.
    """
    settle()
    session = db.session()
    key = register(session, path, who).id
    session.commit()
    with reading_session() as looking:  # it may take seconds, and is remembered; writers should not wait for it
        gates.of(looking, looking.get_one(NeuralVersion, key), published(looking))
    version, current = session.get_one(NeuralVersion, key), published(session)
    found = gates.of(session, version, current)
    blocking = [gate for gate in found if gate.in_the_way]
    if blocking and not override.strip():
        raise GateError(version.path, blocking)
    outcomes: dict[str, object] = {gate.name: gate.outcome for gate in found}
    about = {"gates": outcomes, "override": override.strip() if blocking else ""}
    return change(session, version, current, Action.PUBLISH, who, reason, **about)


def rollback(who: str, reason: str = "") -> NeuralVersion:
    """Publish again what was published before the current version was. Raises VersionError."""
    settle()
    session = db.session()
    current = published(session)
    came = select(Publication).where(Publication.action != Action.ROLLBACK.value).order_by(Publication.id.desc())
    last = session.scalars(came.where(Publication.version_id == current.id).limit(1)).first() if current else None
    if last is None or last.previous is None:
        raise VersionError("expected a version that was published before the current one, got none")
    version = register(session, last.previous.path, who)
    return change(session, version, current, Action.ROLLBACK, who, reason)


def settle() -> None:
    """Complete what was interrupted, and adopt the version that `current.json` names. Raises VersionError."""
    db.session.commit()
    complete_pending(db.session())
    adopt(db.session())
    db.session.commit()


def register(session: Session, path: str, who: str, changes: str = "", parent_id: int | None = None) -> NeuralVersion:
    """Find the version of a folder, adding it when it is new; its files must be those of its card.

    Raises VersionError for a folder that is missing or not whole, or is another one than was registered.
    """
    match = PATH.fullmatch(path)
    if not match:
        raise VersionError("expected a version such as compact/2, got %(got)s", got=repr(path[:80]))
    card, digest = verified(match[1], match[2])
    model = session.scalars(select(NeuralModel).where(NeuralModel.name == card.name)).first()
    if model is None:
        model = NeuralModel(name=card.name, structure=card.architecture, created_by=who)
        session.add(model)
        session.flush()
    same = select(NeuralVersion).where(NeuralVersion.model_id == model.id, NeuralVersion.number == int(card.version))
    version = session.scalars(same).first()
    if version is None:
        version = made(card, digest, model, who, changes)
        version.parent_id = parent_id
        session.add(version)
        session.flush()
    if version.card_sha256 != digest:
        raise VersionError(
            "expected %(version)s as it was registered, got a changed card; give it a new number", version=path
        )
    return version


def made(card: Card | ClassifierCard, digest: str, model: NeuralModel, who: str, changes: str) -> NeuralVersion:
    """The row of a version."""
    data = card.data.get("sha256")
    return NeuralVersion(
        model=model,
        number=int(card.version),
        changes=changes,
        card_sha256=digest,
        files={name: {"sha256": entry.sha256, "bytes": entry.bytes} for name, entry in card.files.items()},
        statistics=card.metrics,
        data_sha256=data if isinstance(data, str) and len(data) == HASH_LENGTH else None,
        created_by=who,
    )


def verified(name: str, number: str) -> tuple[Card, str]:
    """The card of a version folder whose files are all as the card says, and the card's sha256."""
    folder = models_folder() / name / number
    if is_classifier(folder):
        raise VersionError(
            "expected a version that reads displays, got %(version)s, which a recipe made", version=f"{name}/{number}"
        )
    try:
        card = Card.load(folder)
        card.verify(folder)
    except CardError as error:
        raise VersionError(
            "%(version)s is not as its card says: %(error)s", version=f"{name}/{number}", error=error
        ) from error
    if (card.name, card.version) != (name, number):
        raise VersionError(
            "expected the card of %(version)s, got that of %(other)s",
            version=f"{name}/{number}",
            other=f"{card.name}/{card.version}",
        )
    return card, hashlib.sha256((folder / NAME).read_bytes()).hexdigest()


def published(session: Session) -> NeuralVersion | None:
    """The version that is published."""
    return session.scalars(select(NeuralVersion).where(NeuralVersion.published)).first()


def change(
    session: Session,
    version: NeuralVersion,
    current: NeuralVersion | None,
    action: Action,
    who: str,
    reason: str,
    **about: Any,
) -> NeuralVersion:
    """Write a publication down, then complete it."""
    previous = current.id if current else None
    row = {"action": action.value, "version_id": version.id, "previous_id": previous, "reason": reason}
    session.add(Publication(**row, **about, created_by=who))
    session.commit()
    complete_pending(session)
    return version


def complete_pending(session: Session) -> None:
    """Do what was written down, in its order. The lock lets nobody else do the same meanwhile."""
    pending = select(Publication).where(~Publication.completed).order_by(Publication.id).with_for_update()
    for publication in session.scalars(pending).all():
        version = publication.version
        point_at(version)
        mark(session, version)
        publication.completed = True
    session.commit()


def point_at(version: NeuralVersion) -> None:
    """Replace `current.json`, complete or not at all; the finder and the classifiers that it names stay."""
    name, number = version.model.name, str(version.number)
    pointer: dict[str, Any] = {
        "name": name,
        "version": number,
        "path": f"{name}/{number}/",
        "card_sha256": version.card_sha256,
    }
    before = pointers(models_folder() / POINTER)
    pointer |= {key: value for key in (FINDER, CLASSIFIERS) if isinstance(value := before.get(key), dict)}
    write_safely(models_folder() / POINTER, (json.dumps(pointer, indent=1) + "\n").encode())


def pointers(file: Path) -> dict[str, Any]:
    """All that `current.json` says: of finder and classifiers, too, which are published apart; empty without one."""
    try:
        content = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def mark(session: Session, version: NeuralVersion) -> None:
    """Note which version is published; the database allows only one."""
    session.execute(update(NeuralVersion).where(NeuralVersion.published).values(published=False))
    session.execute(update(NeuralVersion).where(NeuralVersion.id == version.id).values(published=True))


def adopt(session: Session) -> None:
    """Take over the version that `current.json` names, if it is another one than the database knows."""
    path = pointed_at(models_folder() / POINTER)
    current = published(session)
    if path is None or (current and current.path == path):
        return
    version = register(session, path, SYSTEM)
    previous = current.id if current else None
    row = {"action": Action.ADOPT.value, "version_id": version.id, "previous_id": previous, "completed": True}
    session.add(Publication(**row, reason="found in current.json"))
    mark(session, version)


def pointed_at(pointer: Path) -> str | None:
    """The version that a pointer names, e.g. "compact/2"; None without one. Raises VersionError."""
    try:
        content = json.loads(pointer.read_bytes())
        return f"{content['name']}/{content['version']}"
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise VersionError("expected %(file)s to name a version, got something else", file=POINTER) from error


def models_folder() -> Path:
    """Where the versions are."""
    return get_settings().static / "model"
