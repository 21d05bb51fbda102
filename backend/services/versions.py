"""Versions of networks: registered from `static/model/<name>/<number>/`, published by replacing `current.json`.

Publishing is first written down, then done, then marked as completed, so that a process killed at any moment leaves
either the old version or a publication that `settle` completes. Where somebody else replaced `current.json`, as the
training's export does, `settle` adopts what it finds: what browsers get is the truth.

Of each slot one version is published: the reader, the finder, and each recipe's classifier. A version that does not
pass its gates (see `gates`) is published only with a written override, which is kept with the publication. Rolling
back asks no gates: what was published before can be had back at once.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.card import NAME, CardError
from backend.models import FINDER, READER, Action, NeuralModel, NeuralVersion, Publication
from backend.models.base import HASH_LENGTH, SYSTEM
from backend.services import gates
from backend.services.gate import Gate, overridden
from backend.services.pointer import (
    CLASSIFIERS,
    PATH,
    POINTER,
    AnyCard,
    VersionError,
    beside_reader,
    card_in,
    models_folder,
    point_at,
    pointed_at,
    pointers,
    slot_of,
)

__all__ = (
    "CLASSIFIERS",
    "FINDER",
    "PATH",
    "POINTER",
    "READER",
    "VersionError",
    "models_folder",
    "pointed_at",
    "pointers",
)


class GateError(VersionError):
    """A version that does not pass `gates` and has no override."""

    def __init__(self, path: str, slot: str, blocking: list[Gate]) -> None:
        why = " ".join(f"{gate.name} {gate.outcome}: {gate.why}" for gate in blocking)
        super().__init__(f"expected {path} to pass its gates, or an override that says why it need not, got {why}")
        self.slot, self.gates = slot, blocking


def publish(path: str, who: str, reason: str = "", override: str = "") -> NeuralVersion:
    """Make `path`, e.g. "compact/2", the version that browsers get in its slot. Raises VersionError.

    `override` says why although a gate was not passed; without it that is a GateError.
    """
    settle()
    session = db.session()
    key = register(session, path, who).id
    session.commit()
    with reading_session() as looking:  # it may take seconds, and is remembered; writers should not wait for it
        looked = looking.get_one(NeuralVersion, key)
        gates.of(looking, looked, published(looking, looked.slot))
    version = session.get_one(NeuralVersion, key)
    current = published(session, version.slot)
    refuse_alone(session, version)
    found = gates.of(session, version, current)
    blocking = [gate for gate in found if gate.in_the_way]
    if blocking and not override.strip():
        raise GateError(version.path, version.slot, blocking)
    outcomes: dict[str, object] = {gate.name: gate.outcome for gate in found}
    about = {"gates": outcomes, "override": override.strip() if blocking else ""}
    return change(session, version, current, Action.PUBLISH, who, reason, **about)


def refuse_alone(session: Session, version: NeuralVersion) -> None:
    """Refuse to publish beside no reader: there is nothing that the page could begin with. Raises VersionError."""
    if version.slot != READER and published(session) is None:
        raise VersionError(
            "expected a published reader, beside which %(version)s can be, got none", version=version.path
        )


def rollback(who: str, reason: str = "", slot: str = READER) -> NeuralVersion:
    """Publish again what was published in a slot before its current version was. Raises VersionError."""
    settle()
    session = db.session()
    current = published(session, slot)
    earlier = before(session, current)
    if earlier is None:
        raise VersionError("expected a version that was published before the current one, got none")
    version = register(session, earlier.path, who)
    return change(session, version, current, Action.ROLLBACK, who, reason)


def before(session: Session, current: NeuralVersion | None) -> NeuralVersion | None:
    """What rolling back a published version would publish."""
    if current is None:
        return None
    came = select(Publication).where(Publication.version_id == current.id, Publication.action != Action.ROLLBACK.value)
    another = came.where(Publication.previous_id != current.id)  # it may have been published twice in a row
    last = session.scalars(another.order_by(Publication.id.desc()).limit(1)).first()
    return last.previous if last else None


def settle() -> None:
    """Complete what was interrupted, and adopt the versions that `current.json` names. Raises VersionError."""
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
    if version is not None and version.card_sha256 != digest:
        raise VersionError(
            "expected %(version)s as it was registered, got a changed card; give it a new number", version=path
        )
    if version is None:
        version = made(card, digest, model, who, changes)
        version.parent_id = parent_id
        session.add(version)
        session.flush()
    return version


def made(card: AnyCard, digest: str, model: NeuralModel, who: str, changes: str) -> NeuralVersion:
    """The row of a version."""
    data = card.data.get("sha256")
    return NeuralVersion(
        model=model,
        number=int(card.version),
        slot=slot_of(card),
        changes=changes,
        card_sha256=digest,
        files={name: {"sha256": entry.sha256, "bytes": entry.bytes} for name, entry in card.files.items()},
        statistics=card.metrics,
        data_sha256=data if isinstance(data, str) and len(data) == HASH_LENGTH else None,
        created_by=who,
    )


def verified(name: str, number: str) -> tuple[AnyCard, str]:
    """The card of a version folder whose files are all as the card says, and the card's sha256."""
    folder = models_folder() / name / number
    try:
        card = card_in(folder)
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


def published(session: Session, slot: str = READER) -> NeuralVersion | None:
    """The version that is published in a slot."""
    found = select(NeuralVersion).where(NeuralVersion.published, NeuralVersion.slot == slot)
    return session.scalars(found).first()


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
        point_at(version, session.scalars(select(NeuralVersion).where(NeuralVersion.published)))
        mark(session, version)
        publication.completed = True
    session.commit()


def mark(session: Session, version: NeuralVersion) -> None:
    """Note which version of its slot is published; the database allows only one."""
    before = (NeuralVersion.published, NeuralVersion.slot == version.slot)
    session.execute(update(NeuralVersion).where(*before).values(published=False))
    session.execute(update(NeuralVersion).where(NeuralVersion.id == version.id).values(published=True))


def adopt(session: Session) -> None:
    """Take over what `current.json` names, where it is another version than the database knows.

    Raises VersionError for a reader that is not whole. Others are left out then: the page does without them, too.
    """
    file = models_folder() / POINTER
    if (path := pointed_at(file)) is not None:
        adopt_one(session, READER, path)
    for slot, path in beside_reader(file).items():
        try:
            adopt_one(session, slot, path)
        except VersionError:
            continue


def adopt_one(session: Session, slot: str, path: str) -> None:
    """Take over the version of a slot. Raises VersionError when it is none of this slot."""
    current = published(session, slot)
    if current and current.path == path:
        return
    match = PATH.fullmatch(path)
    if match and slot_of(verified(match[1], match[2])[0]) != slot:
        raise VersionError("expected a version for %(slot)s, got %(version)s", slot=slot, version=path)
    version = register(session, path, SYSTEM)
    previous = current.id if current else None
    row = {"action": Action.ADOPT.value, "version_id": version.id, "previous_id": previous, "completed": True}
    session.add(Publication(**row, **overridden(version.statistics), reason="found in current.json"))
    mark(session, version)
