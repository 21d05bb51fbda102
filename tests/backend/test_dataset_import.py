"""`import_training_data`: all rows or none, every bad row named, twice adds nothing."""

from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from PIL import Image
from sqlalchemy import func, select

from backend.database import db
from backend.domain.imaging import load
from backend.models import MeterType, Run, Training
from backend.services.changes import change_samples
from backend.services.dataset_import import import_dataset
from backend.services.tables import DatasetError
from backend.storage import get_storage

from .folders import draw, some_rows, write_folder

ALL = "image,type,correct_value,meter_type,group,source,x,y,w,h,also_accepted"


def samples() -> int:
    return db.session.scalar(select(func.count(Training.id))) or 0


def test_a_full_row_and_a_short_one(app: Flask, runner: FlaskCliRunner, tmp_path: Path) -> None:
    full = {"image": "a.jpg", "type": 2, "correct_value": "012,5", "meter_type": "Mercury 201", "group": "g1"}
    full |= {"source": "s1", "x": 1.5, "y": 2, "w": 60, "h": 20, "also_accepted": "012.6 012,7"}
    rows = [full, {"image": "b.jpg", "type": 0, "correct_value": "7"}]
    result = runner.invoke(args=["import_training_data", str(write_folder(tmp_path / "in", rows, ALL))])
    assert result.exit_code == 0, result.output
    assert "2 samples imported, 0 were there already." in result.output
    with app.app_context():
        first, second = db.session.scalars(select(Training).order_by(Training.id))
        assert (first.type, first.correct_value, first.also_accepted) == (2, "012.5", "012.6 012.7")
        assert (first.meter_type.name, first.group, first.source, first.state) == (
            "Mercury 201",
            "g1",
            "s1",
            "labelled",
        )
        assert (first.box_x, first.box_y, first.box_width, first.box_height) == (1.5, 2, 60, 20)
        assert first.labelled_by
        assert first.labelled_at
        assert (second.correct_value, second.meter_type.name, second.box_x) == ("7", "unknown", None)
        run = db.session.scalars(select(Run)).one()
        assert (run.kind, run.state, run.progress, run.created_by) == ("import", "done", 1.0, first.created_by)
        assert run.parameters == {"folder": str(tmp_path / "in"), "base": False}
        assert run.result == {"samples": 2, "elements": 0, "known": 0}
        given = load(tmp_path / "in" / "images" / "a.jpg")
        assert np.array_equal(np.asarray(load(get_storage().get(first.image))), np.asarray(given))


def test_twice_adds_nothing_and_other_formats_are_known(app: Flask, tmp_path: Path) -> None:
    folder = write_folder(tmp_path, some_rows())
    with app.app_context():
        assert import_dataset(folder, "me").samples == 6
        assert import_dataset(folder, "me").known == 6
        for path in (folder / "images").iterdir():
            with Image.open(path) as image:
                image.load()
            image.save(path, "PNG")
        assert import_dataset(folder, "me").samples == 0
        assert samples() == 6
        more = write_folder(tmp_path, [*some_rows(), {"image": "new.jpg", "type": 0, "correct_value": "9"}])
        assert import_dataset(more, "me").samples == 1


def test_a_row_that_is_there_twice_comes_twice_and_once(app: Flask, tmp_path: Path) -> None:
    row = {"image": "a.jpg", "type": 0, "correct_value": "1"}
    with app.app_context():
        assert import_dataset(write_folder(tmp_path, [row, row]), "me").samples == 2
        assert import_dataset(write_folder(tmp_path, [row, row]), "me").known == 2
        added = import_dataset(write_folder(tmp_path, [row, row, row, {**row, "correct_value": "2"}]), "me")
        assert (added.samples, added.known) == (2, 2)  # the same picture with another value is another sample


def test_a_meter_keeps_its_side(app: Flask, tmp_path: Path) -> None:
    rows = [{"image": f"{n}.jpg", "type": 0, "correct_value": f"{n}", "group": "one"} for n in range(2)]
    columns = "image,type,correct_value,group"
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", rows, columns), "me")
        ids = list(db.session.scalars(select(Training.id)))
        change_samples(ids, {"type": 2}, "me")
        assert import_dataset(tmp_path / "in", "me").known == 2, "what is there already is not added again"
        other = {"image": "other.jpg", "type": 0, "correct_value": "9", "group": "two"}
        rows += [{"image": "new.jpg", "type": 0, "correct_value": "8", "group": "one"}, other]
        with pytest.raises(DatasetError, match="another one for 'one'; nothing was imported"):
            import_dataset(write_folder(tmp_path / "in", rows, columns), "me")
        assert samples() == len(list(get_storage().names())) == 2
        rows[2]["type"] = 2
        assert import_dataset(write_folder(tmp_path / "in", rows[2:], columns), "me").samples == 2


def bad(**changes: object) -> dict[str, object]:
    return {"image": "a.jpg", "type": 0, "correct_value": "1", **changes}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (bad(image="../training.csv"), "expected the name of a picture in images/"),
        (bad(image="/etc/passwd"), "expected the name of a picture in images/"),
        (bad(image="none.jpg"), "expected a picture images/none.jpg, got none"),
        (bad(image="link.jpg"), "expected a picture images/link.jpg, got none"),
        (bad(image="text.jpg"), "expected a JPEG, PNG or WebP picture"),
        (bad(image="cut.jpg"), "expected a whole picture"),
        (bad(type=3), "expected type to be a number from 0 to 2, got '3'"),
        (bad(type=""), "expected type to be a number from 0 to 2, got ''"),
        (bad(type="١"), "expected type to be a number from 0 to 2"),
        (bad(correct_value=""), "expected"),
        (bad(correct_value="12345678901"), "expected"),
        (bad(also_accepted="1 x"), "expected"),
        (bad(group="=1+1"), "expected group to be plain text"),
        (bad(source="s" * 81), "expected source to have at most 80 characters, got 81"),
        (bad(x=1, y=2, w=3), "expected x,y,w,h to be four numbers or none"),
        (bad(x=1, y=2, w="nan", h=4), "expected a box with a width and a height"),
        (bad(x=500, y=2, w=3, h=4), "expected a box inside the picture"),
        (bad(group="first"), "expected type 1 as for the meter 'first' above, got 0"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_imported(
    app: Flask, runner: FlaskCliRunner, tmp_path: Path, row: dict[str, object], reason: str
) -> None:
    folder, images = tmp_path / "in", tmp_path / "in" / "images"
    good = {"image": "good.jpg", "type": 1, "correct_value": "5", "group": "first"}
    images.mkdir(parents=True)
    for name in ("a.jpg", "cut.jpg", "none.jpg"):
        draw("1").save(images / name)
    (images / "cut.jpg").write_bytes((images / "a.jpg").read_bytes()[:-60])
    (images / "text.jpg").write_text("no picture", "utf-8")
    (tmp_path / "secret.jpg").write_bytes((images / "a.jpg").read_bytes())
    (images / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    rows = [good, row, good, {**row, "group": row.get("group", "")}]
    if row["image"] in ("../training.csv", "/etc/passwd"):
        write_folder(folder, [good], ALL)
        table = (folder / "training.csv").read_text("utf-8").splitlines()
        lines = [*table, f"{row['image']},0,1,,,,,,,,", table[1], f"{row['image']},0,1,,,,,,,,"]
        (folder / "training.csv").write_text("\n".join(lines), "utf-8")
    else:
        write_folder(folder, rows, ALL)
    (images / "none.jpg").unlink()
    result = runner.invoke(args=["import_training_data", str(folder)])
    assert result.exit_code == 1
    assert f"line 3: {reason}" in result.output
    assert f"line 5: {reason}" in result.output
    assert result.output.endswith("Error: 2 bad rows; nothing was imported\n")
    with app.app_context():
        assert samples() == 0
        run = db.session.scalars(select(Run)).one()
        assert (run.state, run.error) == ("failed", "2 bad rows; nothing was imported")
        assert f"line 3: {reason}" in run.log
        assert list(get_storage().names()) == []
        assert [each.name for each in db.session.scalars(select(MeterType))] == ["Mercury 201"]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (None, "expected a folder with training.csv and images/"),
        (b"image,correct_value\na,1\n", "expected training.csv to have the column type"),
        (b"image,type,correct_value\n", "expected at least one row"),
        (b"image,type,correct_value\n\xff,0,1\n", "expected training.csv to be a table as UTF-8 text"),
        (b'image,type,correct_value\n"a,0,1\n', "expected training.csv to be a table"),
    ],
)
def test_what_is_no_table(runner: FlaskCliRunner, tmp_path: Path, table: bytes | None, reason: str) -> None:
    if table is not None:
        (tmp_path / "training.csv").write_bytes(table)
    result = runner.invoke(args=["import_training_data", str(tmp_path)])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(f"Error: {reason}")
    assert "Traceback" not in result.output


def test_a_decimal_comma_without_quotes_is_not_half_a_value(runner: FlaskCliRunner, tmp_path: Path) -> None:
    folder = write_folder(tmp_path, [{"image": "a.jpg", "type": 0, "correct_value": "12"}])
    (folder / "training.csv").write_text("image,type,correct_value\na.jpg,0,012,5\n", "utf-8")
    result = runner.invoke(args=["import_training_data", str(folder)])
    assert result.exit_code == 1
    assert "line 2: expected no more cells than columns" in result.output


def test_a_failure_while_adding_takes_everything_back(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        storage = get_storage()
        monkeypatch.setattr(storage, "exists", lambda key: False)
        with pytest.raises(DatasetError, match="import once more"):
            import_dataset(write_folder(tmp_path, some_rows()), "me")
        assert samples() == 0
        assert list(storage.names()) == []
