"""How often each digit was seen at each place."""

import numpy as np
import pytest
from flask import Flask
from sqlalchemy import event, insert

from backend.database import db
from backend.models import MeterType, Split, Training, TrainingAugmentation
from backend.services.coverage import count_digits, coverage, holes, missing, shown_places

PICTURE = {"image": "aa", "width": 30, "height": 10, "sha256": "a" * 64, "pixels_sha256": "b" * 64}


def test_places_count_from_the_last_digit() -> None:
    counts = count_digits("01.5 7 01.5 1234567890 7 01.5")
    expected = np.zeros((10, 10), int)
    for place, digit in enumerate("1234567890"):
        expected[place, int(digit)] += 1
    for place, digit, number in ((7, 0, 3), (8, 1, 3), (9, 5, 3), (9, 7, 2)):
        expected[place, digit] += number
    assert np.array_equal(counts, expected)
    assert not count_digits("").any()


def test_samples_and_augmentations_of_one_side_and_type_count(app: Flask) -> None:
    sample = {**PICTURE, "phash": "c" * 64, "original_sha256": "d" * 64, "meter_type_id": 1, "state": "labelled"}
    made = {**PICTURE, "meter_type_id": 1, "seed": 1}
    with app.app_context():
        db.session.add(MeterType(name="other"))
        db.session.flush()
        db.session.execute(
            insert(Training),
            [
                {**sample, "type": 0, "correct_value": "1.2"},
                {**sample, "type": 2, "correct_value": "3.4"},
                {**sample, "type": 0, "correct_value": "5.6", "state": "proposed"},
                {**sample, "type": 0, "correct_value": "7.8", "meter_type_id": 2},
            ],
        )
        rows = [{**made, "type": 0, "correct_value": "1.9"}, {**made, "type": 2, "correct_value": "0.0"}]
        db.session.execute(
            insert(TrainingAugmentation), [{**row, "element_ids": f"{n}-{n}"} for n, row in enumerate(rows)]
        )
        db.session.commit()
        assert np.array_equal(coverage(1), count_digits("1.2 1.9"))
        assert np.array_equal(coverage(1, Split.VALIDATE), count_digits("3.4 0.0"))
        assert np.array_equal(coverage(2), count_digits("7.8"))


@pytest.mark.one_database("sqlite", reason="it asks SQLite for its plans")
def test_the_map_comes_out_of_indexes_alone(app: Flask) -> None:
    asked: list[tuple[str, object]] = []
    with app.app_context():
        event.listen(
            db.engine, "before_cursor_execute", lambda _c, _k, query, values, *_: asked.append((query, values))
        )
        coverage(1)
        selects = [each for each in asked if each[0].startswith("SELECT")]
        assert len(selects) == 2
        for query, values in selects:
            plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()  # type: ignore[arg-type]
            assert all("USING COVERING INDEX" in step.detail for step in plan), (query, plan)


def test_holes_come_worst_first() -> None:
    counts = np.full((10, 10), 20)
    counts[9, 3], counts[8, 7], counts[0, 0] = 1, 0, 0
    found = [(hole.place, hole.digit, hole.count) for hole in holes(counts, 6)]
    assert found == [(1, 7, 0), (0, 3, 1)]  # the place of the first of ten digits is none of these six
    assert len(holes(np.zeros((10, 10), int), 2)) == 20


def test_places_worth_showing() -> None:
    counts = count_digits("123.4")
    assert shown_places(counts) == 4
    assert shown_places(counts, MeterType(name="a", digits=6)) == 6
    assert shown_places(counts, MeterType(name="a")) == 4
    assert shown_places(count_digits("")) == 0


@pytest.mark.parametrize(
    ("seen", "count", "expected"),
    [
        ([0, 0], 10, [5, 5]),
        ([10, 0], 4, [0, 4]),
        ([10, 0], 20, [5, 15]),
        ([1, 5, 3], 6, [4, 0, 2]),
        ([5, 5, 5], 0, [0, 0, 0]),
    ],
)
def test_what_is_missing_is_filled_like_water(seen: list[int], count: int, expected: list[int]) -> None:
    assert missing(np.array(seen), count).tolist() == expected
