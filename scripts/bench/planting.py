"""An installation to damage: samples, fragments, joined pictures, runs, versions, all as they should be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import insert, text

from backend.database import db
from backend.domain.card import Card, file_entries
from backend.domain.imaging import InputSpec
from backend.models import Run, Training, TrainingAugmentation, TrainingElement
from backend.services.pictures import encode, prepare
from backend.services.versions import publish, register
from backend.settings import get_settings
from backend.storage import get_storage

VERSIONS_PER_PLANT, OTHERS_PER_PLANT = 0.3, 0.2


@dataclass
class Place:
    """A filled installation, and which of its rows are still whole."""

    models: Path
    numbers: dict[type[Any], Iterator[int]] = field(default_factory=dict)

    def next(self, table: type[Any]) -> int:
        """The id of a row that nothing was done to."""
        return next(self.numbers.setdefault(table, count(2)))  # the first version is the published one

    def restore(self) -> None:
        """Bring the rows about publishing back to where they were after `fill`."""
        db.session.execute(text("DELETE FROM publication WHERE id > 1"))
        db.session.execute(text("UPDATE publication SET completed = 1, version_id = 1"))
        db.session.execute(text("UPDATE neural_version SET published = 0"))
        db.session.execute(text("UPDATE neural_version SET published = 1 WHERE id = 1"))
        db.session.commit()
        db.session.expire_all()


def fill(app: Flask, plants: int) -> Place:
    """Samples, fragments, augmentations, runs and versions, enough of each for so many damages; one is published."""
    others, versions = 3 + int(OTHERS_PER_PLANT * plants), 3 + int(VERSIONS_PER_PLANT * plants)
    number = count(1)
    samples = [stored(next(number), full=True) for _ in range(3 + 2 * plants)]
    kinds = {"type": 0, "meter_type_id": 1, "state": "labelled"}
    db.session.execute(insert(Training), [row | kinds | {"correct_value": f"{n}.5"} for n, row in enumerate(samples)])
    fragments = [
        stored(next(number)) | {"part": n % 3, "meter_type_id": 1, "correct_value": "1"} for n in range(others)
    ]
    db.session.execute(insert(TrainingElement), fragments)
    joined = [stored(next(number)) | {"type": 0, "meter_type_id": 1, "correct_value": "11"} for _ in range(others)]
    rows = [row | {"seed": 0, "element_ids": f"1-{n + 1}"} for n, row in enumerate(joined)]
    db.session.execute(insert(TrainingAugmentation), rows)
    db.session.execute(insert(Run), [{"kind": "import", "state": "done"}] * others)
    db.session.commit()
    models = get_settings(app).static / "model"
    for each in range(versions):
        make_version(models, each + 1)
        register(db.session(), f"planted/{each + 1}", "bench")
    publish("planted/1", "bench")
    return Place(models)


def stored(number: int, full: bool = False) -> dict[str, Any]:
    """Keep a small picture that shows a number; the columns that describe it."""
    image = Image.new("RGB", (60, 20), "white")
    ImageDraw.Draw(image).text((2, 2), str(number), fill="black", font_size=14)
    picture = prepare(encode(image))
    names = ["width", "height", "sha256", "pixels_sha256", *(["phash", "original_sha256"] if full else [])]
    key = get_storage().put(picture.data, picture.suffix)
    return {"image": key} | {name: getattr(picture, name) for name in names}


def make_version(models: Path, number: int, name: str = "planted") -> Path:
    """A whole version folder with a network that nothing can run."""
    folder = models / name / str(number)
    folder.mkdir(parents=True)
    (folder / "model.json").write_text(json.dumps({"number": number}), "utf-8")
    (folder / "weights.bin").write_bytes(bytes([number % 256]) * 100)
    limits: dict[str, Any] = {"temperature": 1.0, "threshold": 0.9, "unreadable": 0.1}
    about: dict[str, Any] = {"metrics": {"exact": 0.5}, "data": {"sha256": "a" * 64}}
    parts: dict[str, Any] = {"files": file_entries(folder), "input": InputSpec(), "architecture": "compact"}
    created = datetime.now(timezone.utc).isoformat()
    card = Card(name=name, version=str(number), parameters=1, created=created, **limits, **about, **parts)
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    return folder
