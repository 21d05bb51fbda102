"""What is done to finished version folders: weigh them, bring them onto the disk, point `current.json` to one."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import brotli

from backend.domain.card import NAME, Card
from backend.domain.classifier_card import ClassifierCard, is_classifier
from backend.domain.files import claimed, sync_folder
from backend.domain.finder_card import FinderCard, is_finder

# Keys of `current.json` for the finder and, by their recipes, the classifiers; what lies beside them is the reader's.
FINDER, CLASSIFIERS = "finder", "classifiers"


def publish(folder: Path) -> None:
    """Point `current.json`, two folders up, to a version. Raises CardError when its files are not those of its card."""
    if is_finder(folder):
        FinderCard.load(folder).verify(folder)
    elif is_classifier(folder):
        ClassifierCard.load(folder).verify(folder)
    else:
        Card.load(folder).verify(folder)
    point_at(folder.parent.parent, folder)


def point_at(models: Path, folder: Path) -> None:
    """Write `current.json` in `models` for the version that lies there as `folder`, complete or not at all.

    A reader's version leaves the other pointers as they are, and so do a finder's and a classifier's.
    """
    name, version = folder.parent.name, folder.name
    own = {"name": name, "version": version, "path": f"{name}/{version}/", "card_sha256": card_hash(folder)}
    with claimed(models / "current.json", wait=True):  # the panel publishes, too
        before = _pointer(models)
        if is_finder(folder):
            pointer: dict[str, Any] = before | {FINDER: own}
        elif is_classifier(folder):
            pointer = before | {CLASSIFIERS: before.get(CLASSIFIERS, {}) | {ClassifierCard.load(folder).recipe: own}}
        else:
            pointer = own | {key: value for key, value in before.items() if key in (FINDER, CLASSIFIERS)}
        temporary = models / "current.json.tmp"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(pointer, file, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(models / "current.json")
        sync_folder(models)


def reader_in(models: Path) -> str | None:
    """The published reader, such as "compact/2"; None where there is none."""
    path = _pointer(models).get("path")
    return path.rstrip("/") if isinstance(path, str) else None


def beside_in(models: Path, recipe: str | None = None) -> Path | None:
    """The folder of the published finder, or of a recipe's classifier; None where there is none."""
    pointer = _pointer(models)
    own = pointer.get(FINDER) if recipe is None else pointer.get(CLASSIFIERS, {}).get(recipe)
    return models / str(own["path"]) if isinstance(own, dict) and "path" in own else None


def _pointer(models: Path) -> dict[str, Any]:
    """What `current.json` says; nothing where it cannot be read."""
    try:
        content = json.loads((models / "current.json").read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def card_hash(folder: Path) -> str:
    """Sha256 of a version's card, which in turn holds those of all other files."""
    return hashlib.sha256((folder / NAME).read_bytes()).hexdigest()


def wire(folder: Path) -> dict[str, int]:
    """Bytes of the model (graph and weights) as they travel: plain, by gzip and by brotli."""
    contents = [file.read_bytes() for file in (folder / "model.json", *sorted(folder.glob("*.bin")))]
    return {
        "plain": sum(map(len, contents)),
        "gzip": sum(len(gzip.compress(content, 9)) for content in contents),
        "brotli": sum(len(brotli.compress(content)) for content in contents),
    }


def sync(folder: Path) -> None:
    """Bring a folder and everything in it onto the disk."""
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())


def rounded(value: Any) -> Any:
    """The same JSON value with 4 significant digits a float: every visitor downloads the card."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value
