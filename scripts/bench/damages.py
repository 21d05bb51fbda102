"""Kinds of damage, for `scripts.bench.check`: each does one and returns how the line that names it has to start."""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert, select, text

from backend.database import db
from backend.models import NeuralVersion, Run, Training, TrainingAugmentation, TrainingElement
from backend.storage import get_storage
from scripts.bench.planting import Place, make_version

Damage = Callable[[Place], str]
NOWHERE = "ab/ab" + 62 * "0" + ".png"


def sql(name: str, table: type[Any], change: str, says: str = "") -> Damage:
    """A damage that one statement does to a whole row."""

    def plant(place: Place) -> str:
        row = place.next(table)
        statement = f"UPDATE {table.__tablename__} SET {change} WHERE id = :id"  # noqa: S608 (ours, below)
        db.session.execute(text(statement), {"id": row})
        return f"{table.__tablename__} {row}: {says}"

    plant.__name__ = name
    return plant


def on_file(name: str, table: type[Any], damage: Callable[[Path], object]) -> Damage:
    """A damage to the picture of a whole row."""

    def plant(place: Place) -> str:
        row = place.next(table)
        key = db.session.scalar(select(table.image).where(table.id == row))
        damage(Path(get_storage().root) / str(key))
        return f"{table.__tablename__} {row}: expected the file {key}"

    plant.__name__ = name
    return plant


def stray(name: str, where: str) -> Damage:
    """A file that belongs to no row."""
    numbers = count(1)

    def plant(place: Place) -> str:
        file = where.format(hash=f"{next(numbers):064x}")
        path = Path(get_storage().root) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"stray")
        return f"files: expected every file to belong to a row, got {file}"

    plant.__name__ = name
    return plant


def in_version(name: str, damage: Callable[[Path], object]) -> Damage:
    """A damage to the folder of a registered version."""

    def plant(place: Place) -> str:
        row = db.session.get_one(NeuralVersion, place.next(NeuralVersion))
        damage(place.models / row.path)
        return f"version {row.path}: expected"

    plant.__name__ = name
    return plant


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def both_sides(place: Place) -> str:
    """The picture of a sample to teach with, once more to test with."""
    row = dict(db.session.execute(select(Training.__table__).where(Training.id == place.next(Training))).one()._mapping)
    del row["id"]
    db.session.execute(insert(Training), [row | {"type": 1}])
    return f"training: expected the picture '{row['pixels_sha256']}' to have one type"


def meter_on_both_sides(place: Place) -> str:
    """One meter to teach and to test with."""
    first, second = place.next(Training), place.next(Training)
    statement = text('UPDATE training SET "group" = :group, type = id = :second WHERE id IN (:first, :second)')
    db.session.execute(statement, {"group": f"meter {first}", "first": first, "second": second})
    return f"training: expected the meter 'meter {first}' to have one type"


def more_than_pixels(place: Place) -> str:
    """A file with a text in it, as its row and its name say, that `prepare` would have taken out."""
    row = place.next(Training)
    key = str(db.session.scalar(select(Training.image).where(Training.id == row)))
    data = get_storage().get(key)
    added = get_storage().put(data[:-12] + png_text(f"GPS {row}".encode()) + data[-12:], "png")
    db.session.execute(
        text("UPDATE training SET image = :image, sha256 = :hash WHERE id = :id"),
        {"image": added, "hash": added[3:67], "id": row},
    )
    get_storage().delete(key)
    return f"training {row}: expected the file {added} to hold nothing but pixels"


def png_text(content: bytes) -> bytes:
    """A tEXt chunk."""
    body = b"tEXtComment\0" + content
    return (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")


def no_number(place: Place) -> str:
    """Probabilities that are none."""
    row = place.next(Training)
    db.session.execute(
        text("UPDATE training SET proposed_probabilities = :data WHERE id = :id"),
        {"data": np.full((11, 10), np.nan, "<f4").tobytes(), "id": row},
    )
    return f"training {row}: expected probabilities from 0 to 1"


def torn_and_unknown(place: Place) -> str:
    """A version folder that nobody registered, with a file missing."""
    folder = make_version(place.models, place.next(make_version), "torn")  # type: ignore[arg-type]
    (folder / "weights.bin").unlink()
    return f"version torn/{folder.name}: expected the file weights.bin"


def is_wrong(path: Path, content: object) -> None:
    """Put something else where `current.json` is."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def pointing(content: object) -> Damage:
    """A `current.json` with this content."""

    def plant(place: Place) -> str:
        is_wrong(place.models / "current.json", content)
        return "current.json: expected"

    return plant


def statement(command: str, says: str) -> Damage:
    """A change of the rows about publishing."""

    def plant(place: Place) -> str:
        db.session.execute(text(command))
        return says

    return plant


def no_pointer(place: Place) -> str:
    """Browsers are told nothing."""
    (place.models / "current.json").unlink()
    return "current.json: expected it to name planted/1"


def torn_pointer(place: Place) -> str:
    """Half of it is there."""
    path = place.models / "current.json"
    path.write_bytes(path.read_bytes()[:20])
    return "current.json: expected it to name a version"


VALUES = {
    "a value that is no reading": "correct_value = '1x'",
    "a decimal comma": "correct_value = '1,5'",
    "no value": "correct_value = ''",
    "too long a value": "correct_value = '123456789012'",
    "labelled without a value": "correct_value = NULL",
    "a wrong other value": "also_accepted = '1 --'",
    "a proposal that is no reading": "proposed_value = '1.'",
    "a confidence above 1": "proposed_confidence = 1.5",
    "probabilities cut short": "proposed_probabilities = x'00'",
    "an unknown type": "type = 7",
    "an unknown state": "state = 'done'",
    "an unknown meter type": "meter_type_id = 9999",
    "an unknown version": "proposed_version_id = 9999",
    "a box outside": "box_x = 500, box_y = 0, box_width = 1, box_height = 1",
    "half a box": "box_x = 1",
    "no moment": "created_at = 'yesterday'",
    "too long a source": f"source = '{'x' * 81}'",
    "a wrong original hash": "original_sha256 = upper(original_sha256) || '!'",
    "a wrong sha256": "sha256 = pixels_sha256",
    "a wrong pixels_sha256": "pixels_sha256 = sha256",
    "a wrong phash": "phash = sha256",
    "a wrong width": "width = width + 1",
    "a wrong height": "height = height - 1",
    "a name that leads elsewhere": "image = '../meter.db'",
    "a row without a file": f"image = '{NOWHERE}'",
}
FILES: dict[str, Callable[[Path], object]] = {
    "a file removed": Path.unlink,
    "a bit changed": flip,
    "a file cut short": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "a file emptied": lambda path: path.write_bytes(b""),
    "a file made longer": lambda path: path.write_bytes(path.read_bytes() + b"<script>"),
}
IN_VERSIONS: dict[str, Callable[[Path], object]] = {
    "a version's file changed": lambda folder: flip(folder / "weights.bin"),
    "a version's file missing": lambda folder: (folder / "weights.bin").unlink(),
    "a file too many": lambda folder: (folder / "more.bin").write_bytes(b""),
    "a card missing": lambda folder: (folder / "card.json").unlink(),
    "a card cut short": lambda folder: (folder / "card.json").write_bytes(b"{"),
    "another card": lambda folder: is_wrong(folder / "card.json", (folder / "card.json").read_text("utf-8") + "\n"),
    "a version's folder gone": shutil.rmtree,
}
PLANTS: list[Damage] = [
    *(sql(f"training: {name}", Training, change) for name, change in VALUES.items()),
    *(on_file(f"training: {name}", Training, damage) for name, damage in FILES.items()),
    *(on_file(f"fragment: {name}", TrainingElement, damage) for name, damage in FILES.items()),
    *(on_file(f"joined: {name}", TrainingAugmentation, damage) for name, damage in FILES.items()),
    sql("fragment: no digits", TrainingElement, "correct_value = '1x'"),
    sql("fragment: an unknown part", TrainingElement, "part = 5"),
    sql("fragment: of an unknown sample", TrainingElement, "training_id = 99999"),
    sql("fragment: a wrong size", TrainingElement, "width = width + 1"),
    sql("joined: of an unknown fragment", TrainingAugmentation, "element_ids = '1-' || (id + 90000)"),
    sql("joined: of no ids", TrainingAugmentation, "element_ids = id || ',x'"),
    sql("joined: no reading", TrainingAugmentation, "correct_value = '--'"),
    sql("run: an unknown state", Run, "state = 'asleep'"),
    sql("run: more than done", Run, "progress = 3"),
    sql("run: no JSON", Run, "parameters = '{'"),
    *(in_version(name, damage) for name, damage in IN_VERSIONS.items()),
    stray("a picture without a row", "ab/ab{hash:.62}.png"),
    stray("half a picture", "ab/ab{hash:.62}.png.0123456789ab.tmp"),
    stray("something else", "letters/{hash}.txt"),
    both_sides,
    meter_on_both_sides,
    more_than_pixels,
    no_number,
    torn_and_unknown,
]
CURRENT = "current.json: expected"
POINTERS: dict[str, Damage] = {
    "no current.json": no_pointer,
    "a current.json cut short": torn_pointer,
    "a current.json that is a list": pointing([]),
    "a current.json without a name": pointing({"version": "1"}),
    "a current.json to nowhere": pointing({"name": "planted", "version": "999", "path": "planted/999/"}),
    "a current.json out of the folder": pointing({"name": "..", "version": "1", "path": "../1/"}),
    "a current.json to another version": pointing({"name": "planted", "version": "2", "path": "planted/2/"}),
    "a current.json with another path": pointing({"name": "planted", "version": "1", "path": "planted/2/"}),
    "a current.json with a wrong hash": pointing(
        {"name": "planted", "version": "1", "path": "planted/1/", "card_sha256": "0" * 64}
    ),
    "another version marked": statement("UPDATE neural_version SET published = (id = 2)", CURRENT),
    "no version marked": statement("UPDATE neural_version SET published = 0", "publication 1: expected"),
    "an interrupted publication": statement("UPDATE publication SET completed = 0", "publication 1: expected"),
    "another one published last": statement("UPDATE publication SET version_id = 2", "publication 1: expected"),
}
