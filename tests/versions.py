"""Version folders for tests: whole, with a card, and a network that nothing can run."""

import json
from datetime import datetime, timezone
from pathlib import Path

from backend.domain.card import Card, file_entries
from backend.domain.classifier_card import ClassifierCard, ClassifierInput
from backend.domain.finder_card import FinderCard
from backend.domain.imaging import InputSpec


def make_version(models: Path, number: int, name: str = "tiny") -> Path:
    """Write `name/number/` into the folder of versions, card included."""
    folder = models / name / str(number)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"number": number, "weights": list(range(500))}), "utf-8")
    (folder / "group1-shard1of1.bin").write_bytes(bytes(2000))
    created = datetime.now(timezone.utc).isoformat()
    limits = {"temperature": 1.0, "threshold": 0.9, "unreadable": 0.1}
    about = {"metrics": {"exact": 0.5 + number / 10}, "data": {"sha256": "a" * 64}}
    parts = {"files": file_entries(folder), "input": InputSpec(), "architecture": "compact", "parameters": 1}
    card = Card(name=name, version=str(number), created=created, **limits, **about, **parts)
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    return folder


def make_finder(models: Path, number: int, name: str = "finder") -> Path:
    """The same for a finder."""
    folder = models / name / str(number)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"number": number}), "utf-8")
    created = datetime.now(timezone.utc).isoformat()
    about = {"architecture": "finder", "parameters": 1, "presence": 0.5, "files": file_entries(folder)}
    card = FinderCard(name=name, version=str(number), created=created, **about)
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    return folder


def make_classifier(models: Path, number: int, name: str = "digits") -> Path:
    """The same for a classifier of drawn digits."""
    folder = models / name / str(number)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"number": number}), "utf-8")
    created = datetime.now(timezone.utc).isoformat()
    about = {"recipe": name, "architecture": name, "parameters": 1, "files": file_entries(folder)}
    shape = {"input": ClassifierInput(28, 28, 1), "classes": tuple("0123456789")}
    card = ClassifierCard(name=name, version=str(number), created=created, **about, **shape)
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    return folder
