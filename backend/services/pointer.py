"""`current.json`: which version browsers get of each network, replaced as a whole or not at all.

What lies at its top is the reader; beside it are the finder and, by their recipes, the classifiers. Each is the
content of a slot (`NeuralVersion.slot`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.domain.card import Card
from backend.domain.classifier_card import ClassifierCard, is_classifier
from backend.domain.files import claimed
from backend.domain.finder_card import FinderCard, is_finder
from backend.domain.sentences import Translatable
from backend.models import FINDER, READER, NeuralModel, NeuralVersion
from backend.settings import get_settings
from backend.storage import write_safely

POINTER = "current.json"
CLASSIFIERS = "classifiers"  # its key for the classifiers by their recipes
PATH = re.compile(r"([a-z0-9][a-z0-9_-]*)/([1-9][0-9]*)")

AnyCard = Card | FinderCard | ClassifierCard


class VersionError(Translatable, ValueError):
    """A version that is missing, changed, or cannot be published."""


def models_folder() -> Path:
    """Where the versions are."""
    return get_settings().static / "model"


def card_in(folder: Path) -> AnyCard:
    """The card of a folder, of whichever kind of version. Raises CardError."""
    if is_finder(folder):
        return FinderCard.load(folder)
    return ClassifierCard.load(folder) if is_classifier(folder) else Card.load(folder)


def slot_of(card: AnyCard) -> str:
    """What a version with this card is published as."""
    if isinstance(card, ClassifierCard):
        return card.recipe
    return FINDER if isinstance(card, FinderCard) else READER


def pointers(file: Path) -> dict[str, Any]:
    """All that `current.json` says; empty without one."""
    try:
        content = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def pointed_at(pointer: Path) -> str | None:
    """The reader's version that a pointer names, e.g. "compact/2"; None without one. Raises VersionError."""
    try:
        content = json.loads(pointer.read_bytes())
        return f"{content['name']}/{content['version']}"
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise VersionError("expected %(file)s to name a version, got something else", file=POINTER) from error


def beside_reader(pointer: Path) -> dict[str, str]:
    """The paths of the other versions that a pointer names, by their slots; what names none is left out."""
    content = pointers(pointer)
    named = content.get(CLASSIFIERS)
    slots = {FINDER: content.get(FINDER)} | (named if isinstance(named, dict) else {})
    paths = {slot: str(one.get("path")).removesuffix("/") for slot, one in slots.items() if isinstance(one, dict)}
    return {slot: path for slot, path in paths.items() if PATH.fullmatch(path) and slot != READER}


def point_at(version: NeuralVersion, published: Iterable[NeuralVersion]) -> None:
    """Name a version in its slot. What the others hold stays; where one is lost, what is `published` is named again."""
    with claimed(models_folder() / POINTER, wait=True):  # the training side publishes, too
        before = pointers(models_folder() / POINTER)
        classifiers = dict(found) if isinstance(found := before.get(CLASSIFIERS), dict) else {}
        slots = {slot: one for slot, one in classifiers.items() if slot not in (READER, FINDER)}
        if isinstance(before.get(FINDER), dict):
            slots[FINDER] = before[FINDER]
        if "path" in before:
            slots[READER] = {key: value for key, value in before.items() if key not in (FINDER, CLASSIFIERS)}
        slots = {each.slot: entry(each) for each in published} | slots | {version.slot: entry(version)}
        content = dict(slots.pop(READER))
        if FINDER in slots:
            content[FINDER] = slots.pop(FINDER)
        if slots:
            content[CLASSIFIERS] = slots
        write_safely(models_folder() / POINTER, (json.dumps(content, indent=1) + "\n").encode())


def entry(version: NeuralVersion) -> dict[str, Any]:
    """What is said of a version."""
    name, number = version.model.name, str(version.number)
    return {"name": name, "version": number, "path": f"{name}/{number}/", "card_sha256": version.card_sha256}


def reader_named(session: Session, path: str) -> NeuralVersion | None:
    """The registered version of this path that reads displays, such as compact/2; None where there is none."""
    name, _, number = path.partition("/")
    if not PATH.fullmatch(path) or len(number) > 9:
        return None
    this = (NeuralModel.name == name, NeuralVersion.number == int(number), NeuralVersion.slot == READER)
    return session.scalars(select(NeuralVersion).join(NeuralModel).where(*this)).first()
