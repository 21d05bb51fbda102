"""The tables: what the database itself refuses, and that the list's filters use an index."""

from datetime import datetime, timezone
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from backend.database import db
from backend.models import MeterType, NeuralModel, NeuralVersion, Training, TrainingAugmentation, TrainingElement

pytestmark = pytest.mark.both_databases

PICTURE = {"image": "aa/x.png", "width": 30, "height": 10, "sha256": "a" * 64, "pixels_sha256": "b" * 64}
SAMPLE = {**PICTURE, "type": 0, "phash": "c" * 64, "original_sha256": "d" * 64, "meter_type_id": 1}
ELEMENT = {**PICTURE, "part": 0, "meter_type_id": 1, "correct_value": "12"}
AUGMENTATION = {**PICTURE, "type": 0, "meter_type_id": 1, "correct_value": "12", "element_ids": "1-2", "seed": 0}


def test_mercury_comes_with_the_tables(app: Flask) -> None:
    with app.app_context():
        mercury = db.session.scalars(select(MeterType)).one()
        assert (mercury.name, mercury.digits, mercury.decimals, mercury.display) == ("Mercury 201", 6, 1, "drums")
        assert mercury.created_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (Training, SAMPLE | {"type": 3}),
        (Training, SAMPLE | {"state": "done"}),
        (Training, SAMPLE | {"state": "labelled"}),
        (Training, SAMPLE | {"correct_value": ""}),
        (Training, SAMPLE | {"meter_type_id": 9}),
        (Training, SAMPLE | {"meter_type_id": None}),
        (Training, SAMPLE | {"sha256": "a"}),
        (Training, SAMPLE | {"width": 0}),
        (Training, SAMPLE | {"box_x": 1.0}),
        (Training, SAMPLE | {"box_x": 1.0, "box_y": 1.0, "box_width": 0.0, "box_height": 2.0}),
        (Training, SAMPLE | {"proposed_confidence": 1.5}),
        (Training, SAMPLE | {"proposed_version_id": 9}),
        (TrainingElement, ELEMENT | {"part": 3}),
        (TrainingElement, ELEMENT | {"training_id": 9}),
        (TrainingAugmentation, AUGMENTATION | {"type": -1}),
        (MeterType, {"name": ""}),
        (MeterType, {"name": "Mercury 201"}),
        (MeterType, {"name": "other", "digits": 11}),
        (MeterType, {"name": "other", "digits": 4, "decimals": 4}),
        (MeterType, {"name": "other", "display": "wheels"}),
    ],
)
def test_the_database_refuses(app: Flask, table: Any, row: dict[str, object]) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError):
            db.session.execute(insert(table), [row])
        db.session.rollback()


def test_the_database_takes_what_is_right(app: Flask) -> None:
    with app.app_context():
        box = {"box_x": 0.0, "box_y": 0.0, "box_width": 1.5, "box_height": 2.0}
        db.session.execute(insert(Training), [SAMPLE | box | {"state": "labelled", "correct_value": "00.1"}])
        db.session.execute(insert(TrainingElement), [ELEMENT | {"training_id": 1}])
        db.session.execute(insert(TrainingAugmentation), [AUGMENTATION])
        with pytest.raises(IntegrityError):
            db.session.execute(insert(TrainingAugmentation), [AUGMENTATION])
        db.session.rollback()


@pytest.mark.parametrize("value", ["", "12.", "-1", "12345678901", "1_0"])
def test_what_is_no_reading_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        Training(correct_value=value)
    assert Training(correct_value="0,5").correct_value == "0.5"


@pytest.mark.parametrize("ids", ["", "1,2", "1-", "01-2", "1-a"])
def test_what_are_no_ids_is_refused(ids: str) -> None:
    with pytest.raises(ValueError, match="expected ids"):
        TrainingAugmentation(element_ids=ids)


def test_a_version_stays_as_it_was_made(app: Flask) -> None:
    with app.app_context():
        model = NeuralModel(name="compact", structure="compact")
        made = {"model": model, "card_sha256": "a" * 64, "files": {}, "statistics": {}}
        first, second = NeuralVersion(number=1, published=True, **made), NeuralVersion(number=2, **made)
        db.session.add_all([first, second])
        db.session.commit()
        first.changes = "better"
        with pytest.raises(ValueError, match="stay as it was made, got a change of changes"):
            db.session.commit()
        db.session.rollback()
        second.published = True
        with pytest.raises(IntegrityError):  # only one is published
            db.session.commit()
        db.session.rollback()


def test_a_moment_needs_its_zone(app: Flask) -> None:
    with app.app_context():
        naive = datetime(2026, 1, 1)
        db.session.add(MeterType(name="other", created_at=naive))
        with pytest.raises(Exception, match="time zone"):
            db.session.commit()
        db.session.rollback()
        db.session.add(MeterType(name="other", created_at=naive.replace(tzinfo=timezone.utc)))
        db.session.commit()


@pytest.mark.parametrize("column", ["type", "meter_type_id", "state", "source", "group"])
def test_each_filter_of_the_list_uses_an_index(app: Flask, column: str) -> None:
    with app.app_context():
        plan = plan_of(f'SELECT * FROM training WHERE "{column}" = :value ORDER BY id DESC LIMIT 50', column)
        assert f"ix_training_{column}_id" in plan
        assert "TEMP B-TREE" not in plan
        assert "Sort" not in plan


def plan_of(query: str, column: str) -> str:
    """How the database would go about a query."""
    explain = "EXPLAIN QUERY PLAN "
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL enable_seqscan = off"))  # an empty table is read whole otherwise
        db.session.execute(text("SET LOCAL enable_bitmapscan = off"))
        explain = "EXPLAIN "
    value = 0 if column in ("type", "meter_type_id") else "0"
    return " ".join(str(row[-1]) for row in db.session.execute(text(explain + query), {"value": value}))
