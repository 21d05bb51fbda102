"""Versions of networks: their folders against their cards, their rows, and `current.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.card import NAME, CardError
from backend.domain.classifier_card import is_classifier
from backend.domain.finder_card import is_finder
from backend.models import FINDER, READER, NeuralVersion, Publication
from backend.services.pointer import CLASSIFIERS, PATH, POINTER, beside_reader, card_in, models_folder, slot_of


def check_versions(session: Session) -> Iterator[str]:
    """Everything about versions that does not fit."""
    try:
        yield from version_problems(session)
    except (ValueError, TypeError) as error:  # a moment or JSON that SQLite holds and nobody can read
        yield f"versions: expected rows that can be read, got: {error}"


def version_problems(session: Session) -> Iterator[str]:
    """Folders, rows, the pointer and the publications, in this order."""
    folder = models_folder()
    rows = {version.path: version for version in session.scalars(select(NeuralVersion))}
    for path in sorted(rows.keys() | version_folders(folder)):
        for problem in folder_problems(folder / path, path, rows.get(path)):
            yield f"version {path}: {problem}"
    published = {version.slot: version for version in rows.values() if version.published}
    for problem in pointer_problems(folder, published.get(READER)):
        yield f"{POINTER}: {problem}"
    for problem in slot_problems(folder, published):
        yield f"{POINTER}: {problem}"
    yield from publication_problems(session, published)


def version_folders(folder: Path) -> set[str]:
    """The versions that there are folders of, e.g. {"compact/2"}."""
    there = (path.relative_to(folder).as_posix() for path in folder.glob("*/*") if path.is_dir())
    return {path for path in there if PATH.fullmatch(path)}


def folder_problems(folder: Path, path: str, row: NeuralVersion | None) -> Iterator[str]:
    """What does not fit between a version's files, its card and its row."""
    try:
        card = card_in(folder)
        card.verify(folder)
    except CardError as error:
        yield str(error)
        return
    if f"{card.name}/{card.version}" != path:
        yield f"expected its own card, got that of {card.name}/{card.version}"
    if row is None:
        return
    if slot_of(card) != row.slot:
        yield f"expected the row to be for {slot_of(card)}, as its card is, got {row.slot}"
    if (digest := digest_of(folder)) != row.card_sha256:
        yield f"expected a card with sha256 {row.card_sha256}, as it was registered, got {digest}"
    files = {name: {"sha256": entry.sha256, "bytes": entry.bytes} for name, entry in card.files.items()}
    if files != row.files:
        yield "expected the row to name the files of the card, got others"
    if card.metrics != row.statistics:
        yield "expected the row to have the statistics of the card, got others"
    if row.data_sha256 not in (None, card.data.get("sha256")):
        yield "expected the row to have the data hash of the card, got another"
    if row.parent_id == row.id:
        yield "expected a version before this one as its parent, got itself"


def pointer_problems(folder: Path, current: NeuralVersion | None) -> Iterator[str]:
    """What is wrong with what browsers are told. A version that is whole and yet unknown is adopted at the start."""
    try:
        pointer: dict[str, Any] = json.loads((folder / POINTER).read_bytes())
        path = f"{pointer['name']}/{pointer['version']}"
    except FileNotFoundError:
        if current:
            yield f"expected it to name {current.path}, which is published, got no such file"
        return
    except (ValueError, KeyError, TypeError):
        yield "expected it to name a version, got something else"
        return
    if current and path != current.path:
        yield f"expected it to name {current.path}, which is published, got {path[:80]}"
    if not PATH.fullmatch(path) or not (folder / path / NAME).is_file():
        yield f"expected it to name a version with a card, got {path[:80]}"
    elif pointer.get("path") != f"{path}/":
        yield f"expected the path {path}/, got {str(pointer.get('path'))[:80]}"
    elif pointer.get("card_sha256", digest := digest_of(folder / path)) != digest:
        yield f"expected the card's sha256 {digest}, got another"
    yield from finder_problems(folder, pointer)
    yield from classifier_problems(folder, pointer)


def finder_problems(folder: Path, pointer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the finder that browsers are told of; there need not be any."""
    finder = pointer.get(FINDER)
    if finder is None:
        return
    path = str(finder.get("path")) if isinstance(finder, dict) else ""
    if not PATH.fullmatch(path.removesuffix("/")) or not is_finder(folder / path):
        yield f"expected its finder to be a version with a finder's card, got {path[:80]}"
    elif finder.get("card_sha256") != (digest := digest_of(folder / path)):
        yield f"expected the finder's card with sha256 {digest}, got another"


def classifier_problems(folder: Path, pointer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the classifiers that browsers are told of, by their recipes; there need not be any."""
    named = pointer.get(CLASSIFIERS, {})
    if not isinstance(named, dict):
        yield "expected its classifiers by their recipes, got something else"
        return
    for recipe, each in named.items():
        path = str(each.get("path")) if isinstance(each, dict) else ""
        if not PATH.fullmatch(path.removesuffix("/")) or not is_classifier(folder / path):
            yield f"expected its {recipe[:40]} to be a version with a classifier's card, got {path[:80]}"
        elif each.get("card_sha256") != (digest := digest_of(folder / path)):
            yield f"expected the card of {recipe[:40]} with sha256 {digest}, got another"


def slot_problems(folder: Path, published: dict[str, NeuralVersion]) -> Iterator[str]:
    """Where browsers are told of another finder or classifier than is published."""
    named = beside_reader(folder / POINTER)
    for slot, version in published.items():
        if slot != READER and named.get(slot) != version.path:
            yield f"expected it to name {version.path} as {slot}, which is published, got {named.get(slot)}"


def publication_problems(session: Session, published: dict[str, NeuralVersion]) -> Iterator[str]:
    """What does not fit between what is published and how it came to be."""
    pending = select(Publication.id).where(~Publication.completed).order_by(Publication.id)
    for key in session.scalars(pending):
        yield f"publication {key}: expected it to be completed, got one that was interrupted; start once"
    done = select(Publication.id, NeuralVersion.slot, NeuralVersion.id).join(Publication.version)
    last = {
        slot: (key, version)
        for key, slot, version in session.execute(done.where(Publication.completed).order_by(Publication.id))
    }
    for slot, (key, version) in last.items():
        if slot not in published or published[slot].id != version:
            yield f"publication {key}: expected the version published last to be the published one, got another"


def digest_of(folder: Path) -> str:
    """The sha256 of a version's card."""
    return hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
