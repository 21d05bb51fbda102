"""Dataset folders out of the database: what training reads, and the base dataset to the byte and back."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, update

from backend import create_app
from backend.database import db
from backend.models import MeterType, Training, TrainingElement
from backend.services.dataset_export import create_base, export_dataset
from backend.services.dataset_import import import_base, import_dataset
from backend.services.pictures import encode, prepare
from backend.services.tables import DatasetError
from backend.settings import Settings
from backend.storage import get_storage
from training.data import read_table

from .folders import contents, draw, some_rows, write_folder

COLUMNS = "image,type,correct_value,meter_type,group,source,x,y,w,h,also_accepted"


@pytest.fixture
def filled(app: Flask, tmp_path: Path) -> Flask:
    """An installation with samples of every type, fragments, and one sample twice."""
    extra = {"meter_type": "Mercury 201", "source": "s", "x": 0.1, "y": 2, "w": 60.25, "h": 20, "also_accepted": "9"}
    rows = [{**row, **extra, "group": f"g{n}"} for n, row in enumerate(some_rows())] + some_rows(3)
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", [*rows, rows[1]], COLUMNS), "me")
        storage = get_storage()
        for n in range(4):
            fragment = prepare(encode(draw(f"{n}.", (20 + n, 30))))
            key = storage.put(fragment.data, "png")
            digest = {"sha256": fragment.sha256, "pixels_sha256": fragment.pixels_sha256}
            element = TrainingElement(image=key, width=20 + n, height=30, part=n % 3, correct_value=f"{n}.", **digest)
            element.meter_type_id, element.training_id = 1, n + 1
            db.session.add(element)
        db.session.commit()
    return app


@pytest.fixture
def empty(tmp_path: Path, migrated_file: Path) -> Iterator[Flask]:
    """Another installation, with nothing in it, on SQLite: what one database gave, the other takes."""
    (tmp_path / "other").mkdir()
    shutil.copy(migrated_file, tmp_path / "other" / "meter.db")
    app = create_app(Settings(instance=tmp_path / "other"))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_training_reads_what_is_exported(filled: Flask, runner: FlaskCliRunner, tmp_path: Path) -> None:
    with filled.app_context():
        db.session.execute(update(Training).where(Training.id == 1).values(state="trash"))
        db.session.commit()
    result = runner.invoke(args=["export_dataset", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert "9 samples written" in result.output
    given, written = read_table(tmp_path / "in")[1:], read_table(tmp_path / "out")

    def said(samples: list) -> list:
        grouped = [(s.type, s.correct_value, str(s.box), s.also_accepted) for s in samples]
        return sorted(grouped)

    assert said(written) == said(given)


def test_the_base_dataset_goes_to_the_byte_and_back(filled: Flask, empty: Flask, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    with filled.app_context():
        done = create_base(first)
        assert (done.samples, done.elements) == (7, 4)
        db.session.remove()
    with empty.app_context():
        added = import_base(first, "you")
        assert (added.samples, added.elements, added.known) == (7, 4, 0)
        again = import_base(first, "you")
        assert (again.samples, again.elements, again.known) == (0, 0, 11)
        create_base(second)
        assert db.session.scalar(select(func.count(TrainingElement.training_id))) == 2  # two are of teach samples
        db.session.remove()
    assert contents(first) == contents(second)
    assert {"training.csv", "training_element.csv", "meter_type.csv"} < contents(first).keys()
    with filled.app_context():
        assert import_base(first, "me").known == 11
        create_base(third)
        db.session.remove()
    assert contents(first) == contents(third)


def test_meter_types_come_along(app: Flask, empty: Flask, tmp_path: Path) -> None:
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", some_rows()), "me")
        db.session.add(MeterType(name="Счётчик", unit="m³", digits=8, decimals=3, display="lcd"))
        db.session.commit()
        create_base(tmp_path / "out")
        db.session.remove()
    with empty.app_context():
        import_base(tmp_path / "out", "you")
        there = db.session.scalars(select(MeterType).where(MeterType.name == "Счётчик")).one()
        assert (there.unit, there.digits, there.decimals, there.display) == ("m³", 8, 3, "lcd")


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("training_element.csv", "none.png,0,1,,", "training_element.csv line 6: expected a picture"),
        ("training_element.csv", "../a,0,1,,", "training_element.csv line 6: expected the name of a picture"),
        ("meter_type.csv", "x,,4,4,", "expected fewer decimals than digits, got 4 of 4"),
        ("meter_type.csv", "x,,4,1,wheels", "expected a display of drums, lcd or led"),
    ],
)
def test_a_bad_base_dataset_adds_nothing(
    filled: Flask, empty: Flask, tmp_path: Path, table: str, row: str, reason: str
) -> None:
    with filled.app_context():
        create_base(tmp_path / "out")
        db.session.remove()
    with (tmp_path / "out" / table).open("a", encoding="utf-8") as file:
        file.write(row + "\n")
    result = empty.test_cli_runner().invoke(args=["import_base_data", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert reason in result.output
    with empty.app_context():
        assert db.session.scalar(select(func.count(Training.id))) == 0
        assert list(get_storage().names()) == []


def test_a_folder_of_others_is_not_written_over(filled: Flask, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear", "utf-8")
    with filled.app_context():
        with pytest.raises(DatasetError, match="expected a new, an empty or a dataset folder"):
            export_dataset(tmp_path / "mine")
        export_dataset(tmp_path / "out")
        export_dataset(tmp_path / "out")
    assert contents(tmp_path / "mine").keys() == {"letter.txt"}
    assert not list(tmp_path.glob("*.tmp"))


def test_a_meter_on_two_sides_is_not_exported(filled: Flask, tmp_path: Path) -> None:
    with filled.app_context():
        db.session.execute(update(Training).where(Training.id.in_([1, 2])).values(group="g"))
        db.session.commit()
        with pytest.raises(DatasetError, match="got several for 'g'"):
            export_dataset(tmp_path / "out")
    assert not (tmp_path / "out").exists()
