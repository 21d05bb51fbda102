"""Versions that the server can read with: copies of the published one, in folders of the test's own."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.domain.card import Card
from backend.domain.imaging import Box
from backend.settings import ROOT

MODELS = ROOT / "static" / "model"
STATISTICS = "statistics.json"


@dataclass(frozen=True)
class Golden:
    """A drawn display that comes with the version, and what Keras made of it."""

    data: bytes
    box: Box | None
    text: str
    output: list[list[float]]

    @property
    def fields(self) -> dict[str, str]:
        """The box as the form has it."""
        return {key: str(value) for key, value in vars(self.box).items()} if self.box else {}


def shipped() -> Path:
    """The folder of the version that comes with the code."""
    return MODELS / json.loads((MODELS / "current.json").read_text("utf-8"))["path"]


def goldens() -> list[Golden]:
    """Its golden pictures."""
    entries = json.loads((shipped() / "golden" / "golden.json").read_text("utf-8"))
    return [golden(shipped() / "golden" / entry["image"], entry) for entry in entries]


def golden(file: Path, entry: dict[str, Any]) -> Golden:
    box = Box(**entry["box"]) if entry["box"] else None
    return Golden(file.read_bytes(), box, entry["text"], entry["output"])


def copy_version(models: Path, number: int = 1, **changes: Any) -> Path:
    """Copy the shipped version to `models` under another number, with other limits in its card.

    Without what an export says of its origin: the long figures, the parent and the gates are for a test to add.
    """
    card = json.loads((shipped() / "card.json").read_text("utf-8"))
    for part, name in (("metrics", "parent"), ("metrics", "gates"), ("training", "parent"), ("files", STATISTICS)):
        card[part].pop(name, None)
    card |= {"version": str(number)} | changes
    folder = models / card["name"] / str(number)
    shutil.copytree(shipped(), folder, ignore=shutil.ignore_patterns(STATISTICS))
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    Card.load(folder).verify(folder)
    return folder


def point_at(folder: Path) -> None:
    """Publish a version, as an export does."""
    card_sha256 = hashlib.sha256((folder / "card.json").read_bytes()).hexdigest()
    name, number = folder.parent.name, folder.name
    pointer = {"name": name, "version": number, "path": f"{name}/{number}/", "card_sha256": card_sha256}
    new = folder.parents[1] / "current.new"
    new.write_text(json.dumps(pointer), "utf-8")
    new.replace(folder.parents[1] / "current.json")
