"""`check` finds every planted inconsistency, and nothing in what is whole."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import insert, text

from backend.database import db
from backend.models import Training, TrainingAugmentation, TrainingElement
from backend.services.consistency import check
from backend.services.dataset_import import import_dataset
from backend.storage import get_storage

from .folders import some_rows, write_folder

pytestmark = pytest.mark.both_databases

COUNT = 12


@pytest.fixture
def filled(app: Flask, tmp_path: Path) -> Flask:
    """An installation with samples, one fragment and one augmentation, all as it should be."""
    rows = [{**row, "group": f"g{n}"} for n, row in enumerate(some_rows(COUNT))]
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", rows, "image,type,correct_value,group"), "me")
        sample = db.session.get(Training, 1)
        picture = {key: getattr(sample, key) for key in ("image", "width", "height", "sha256", "pixels_sha256")}
        shared = {**picture, "meter_type_id": 1, "correct_value": "1"}
        db.session.execute(insert(TrainingElement), [{**shared, "part": 0}])
        db.session.execute(insert(TrainingAugmentation), [{**shared, "type": 0, "seed": 1, "element_ids": "1"}])
        db.session.commit()
    return app


def file_of(row: int) -> Path:
    sample = db.session.get(Training, row)
    assert sample
    return Path(get_storage().root) / sample.image


def sql(statement: str) -> Callable[[int], str]:
    def plant(row: int) -> str:
        db.session.execute(text(statement), {"id": row})
        return f"training {row}: expected"

    return plant


def remove_file(row: int) -> str:
    file_of(row).unlink()
    return f"training {row}: expected the file"


def change_file(row: int) -> str:
    path = file_of(row)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return f"training {row}: expected the file"


def cut_file(row: int) -> str:
    path = file_of(row)
    path.write_bytes(path.read_bytes()[:-1])
    return f"training {row}: expected the file"


def add_file(row: int) -> str:
    path = file_of(row).with_name(f"{row}.png")
    path.write_bytes(b"stray")
    return f"files: expected every file to belong to a row, got {path.parent.name}/{row}.png"


def change_side(row: int) -> str:
    pair = {"group": f"pair {row}", "id": row, "next": row + 1}  # neighbours differ in type
    db.session.execute(text('UPDATE training SET "group" = :group WHERE id IN (:id, :next)'), pair)
    return f"training: expected the meter 'pair {row}' to have one type"


def dangle(row: int) -> str:
    db.session.execute(text("UPDATE training_augmentation SET element_ids = :ids"), {"ids": f"1-{row + 90}"})
    return f"training_augmentation 1: expected the fragment {row + 90}"


PLANTS: list[Callable[[int], str]] = [
    remove_file,
    change_file,
    cut_file,
    add_file,
    change_side,
    dangle,
    sql("UPDATE training SET correct_value = '1x' WHERE id = :id"),
    sql("UPDATE training SET correct_value = '1,5' WHERE id = :id"),
    sql("UPDATE training SET also_accepted = '1 --' WHERE id = :id"),
    sql("UPDATE training SET proposed_value = '1.' WHERE id = :id"),
    sql("UPDATE training SET sha256 = pixels_sha256 WHERE id = :id"),
    sql("UPDATE training SET pixels_sha256 = sha256 WHERE id = :id"),
    sql("UPDATE training SET phash = sha256 WHERE id = :id"),
    sql("UPDATE training SET width = width + 1 WHERE id = :id"),
    sql("UPDATE training SET image = '../meter.db' WHERE id = :id"),
    sql("UPDATE training SET box_x = 500, box_y = 0, box_width = 1, box_height = 1 WHERE id = :id"),
]


def test_what_is_whole_fits(filled: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["check"])
    assert (result.exit_code, "Everything fits." in result.output) == (0, True), result.output


@pytest.mark.parametrize("plant", PLANTS, ids=range(len(PLANTS)))
def test_each_planted_inconsistency_is_found(filled: Flask, plant: Callable[[int], str]) -> None:
    with filled.app_context():
        for row in random.Random(1).sample(range(1, COUNT), 4):
            expected = plant(row)
            db.session.commit()
            assert [line for line in check() if line.startswith(expected)], f"{expected} not in {list(check())}"


def test_the_command_fails_and_removes_orphans_when_asked(filled: Flask, runner: FlaskCliRunner) -> None:
    with filled.app_context():
        key = get_storage().put(b"left by a process that was killed", "png")
    result = runner.invoke(args=["check"])
    assert result.exit_code == 1
    assert result.output.endswith(f"got {key}\nError: 1 things do not fit\n")
    assert runner.invoke(args=["check", "--remove-orphans"]).exit_code == 0
    with filled.app_context():
        assert not get_storage().exists(key)
        assert list(check()) == []
