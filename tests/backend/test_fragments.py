"""Fragments cut out of samples: the pieces, their values, what is refused, removing and undoing."""

from collections.abc import Sequence

import numpy as np
import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, insert, select

from backend.database import db
from backend.domain.imaging import load
from backend.models import Part, Training, TrainingAugmentation, TrainingElement
from backend.services import fragments
from backend.services.consistency import check
from backend.services.cutting import FragmentError, pieces, proposed_lines, split_value
from backend.services.pictures import describe, encode
from backend.storage import get_storage

START, MIDDLE, END = Part.START, Part.MIDDLE, Part.END


def sample(value: str | None = "012.5", **changes: object) -> Training:
    """A sample of 120 × 40 pixels, each column of its own colour; the display takes 80 × 20 of them."""
    box = {"box_x": 20.0, "box_y": 10.0, "box_width": 80.0, "box_height": 20.0}
    columns = np.arange(120)[None, :, None] * np.array([1, 2, 0])
    image = Image.fromarray(np.broadcast_to(columns, (40, 120, 3)).astype(np.uint8))
    picture = describe(image, encode(image), b"")
    names = "width height sha256 pixels_sha256 phash original_sha256".split()
    row = {"type": 0, "state": "labelled" if value else "new", "correct_value": value, "meter_type_id": 1}
    image_key = f"{picture.sha256[:2]}/{picture.sha256}.png"
    return Training(image=image_key, **{name: getattr(picture, name) for name in names}, **{**row, **box, **changes})


def added(**changes: object) -> Training:
    row = sample(**changes)  # type: ignore[arg-type]
    columns = np.arange(120)[None, :, None] * np.array([1, 2, 0])
    get_storage().put(encode(Image.fromarray(np.broadcast_to(columns, (40, 120, 3)).astype(np.uint8))), "png")
    db.session.add(row)
    db.session.commit()
    return row


def cut_like(
    lines: Sequence[float], digits: Sequence[int] | None = None, value: str = "012.5"
) -> list[tuple[object, ...]]:
    return [(piece.left, piece.right, piece.part, piece.value) for piece in pieces(sample(value), lines, digits)]


def test_equal_widths_are_proposed() -> None:
    assert proposed_lines(sample()) == [40, 60, 80]
    assert proposed_lines(sample(box_x=None, box_y=None, box_width=None, box_height=None)) == [30, 60, 90]
    assert proposed_lines(sample("7")) == proposed_lines(sample(None)) == []


def test_one_digit_in_each_piece_wherever_the_lines_are() -> None:
    parts = [(20, 41, START, "0"), (41, 55, MIDDLE, "1"), (55, 88, MIDDLE, "2."), (88, 100, END, "5")]
    assert cut_like([41, 55, 88]) == cut_like([88, 41.4, 54.9]) == parts
    piece = pieces(sample(), [60])[0]
    assert (piece.top, piece.bottom) == (10, 30)


def test_several_digits_by_width_or_as_said() -> None:
    assert cut_like([60]) == [(20, 60, START, "01"), (60, 100, END, "2.5")]
    assert cut_like([38, 79]) == [(20, 38, START, "0"), (38, 79, MIDDLE, "12."), (79, 100, END, "5")]
    assert cut_like([51], [1, 3]) == [(20, 51, START, "0"), (51, 100, END, "12.5")]
    assert cut_like([60], value="12345678")[1] == (60, 100, END, "5678")


def test_the_point_stays_with_the_digit_before_it() -> None:
    for sizes in ([1, 1, 1, 1], [2, 2], [3, 1], [4]):
        assert "".join(split_value("012.5", sizes)) == "012.5"
    assert split_value("012.5", [3, 1]) == ["012.", "5"]
    assert split_value("012.5", [1, 2, 1]) == ["0", "12.", "5"]


@pytest.mark.parametrize(
    ("row", "lines", "digits", "reason"),
    [
        ({"value": None}, [60], None, "expected a labelled sample, got another one"),
        ({"state": "trash"}, [60], None, "expected a labelled sample, got another one"),
        ({}, [], None, "expected at least one line between two digits, got none"),
        ({}, [10], None, "expected every line inside the display, from 20 to 100 pixels, got one outside"),
        ({}, [float("nan")], None, "expected every line inside the display"),
        ({}, [24], None, "expected pieces of at least 8 × 8 pixels, got one of 4"),
        ({}, [60, 60], None, "expected pieces of at least 8 × 8 pixels, got one of 0"),
        ({"box_height": 5.0}, [60], None, "expected pieces of at least 8 × 8 pixels, got one of 5"),
        ({}, [50], None, "expected each line between two digits, got one through a digit at 50 pixels"),
        ({}, [36, 52, 68, 84], None, "expected at most 4 pieces, one for each digit, got 5"),
        ({"value": "12345"}, [46, 55, 78], None, "expected each line between two digits"),
        ({"value": "0123"}, [56, 64], None, "expected a digit in each piece, got one without"),
        ({}, [60], [1, 1], "expected 2 numbers of digits from 1 that make 4 in all, got 1, 1"),
        ({}, [60], [0, 4], "expected 2 numbers of digits"),
        ({}, [60], [2, 1, 1], "expected 2 numbers of digits"),
    ],
)
def test_what_does_not_fit_is_refused(
    row: dict[str, object], lines: list[float], digits: list[int] | None, reason: str
) -> None:
    with pytest.raises(FragmentError) as error:
        pieces(sample(**row), lines, digits)  # type: ignore[arg-type]
    assert str(error.value).startswith(reason)


def test_cutting_keeps_the_pixels(app: Flask) -> None:
    with app.app_context():
        key = added().id
        rows = fragments.cut(key, [41, 60, 80], "ann")
        assert [row.correct_value for row in rows] == ["0", "1", "2.", "5"]
        assert {(row.training_id, row.meter_type_id, row.created_by) for row in rows} == {(key, 1, "ann")}
        assert [row.part for row in fragments.fragments_of(key)] == [0, 1, 1, 2]
        pixels = np.asarray(load(get_storage().get(rows[1].image)))
        assert pixels.shape == (20, 19, 3)
        assert pixels[0, :, 0].tolist() == list(range(41, 60))
        assert list(check()) == []


def test_only_chosen_pieces_and_none_twice(app: Flask) -> None:
    with app.app_context():
        key = added().id
        assert [row.correct_value for row in fragments.cut(key, [40, 60, 80], "ann", take=[0, 2])] == ["0", "2."]
        assert [row.correct_value for row in fragments.cut(key, [40, 60, 80], "ann")] == ["1", "5"]
        for take, reason in (
            (None, "expected new pieces"),
            ([4], "expected pieces from 0 to 3 to keep, got"),
            ([], "expected pieces from 0 to 3"),
        ):
            with pytest.raises(FragmentError, match=reason):
                fragments.cut(key, [40, 60, 80], "ann", take=take)
        with pytest.raises(FragmentError, match="expected a sample, got none with the number 99"):
            fragments.cut(99, [40], "ann")
        assert list(check()) == []


def test_undo_takes_back_ones_own_last_cut(app: Flask) -> None:
    with app.app_context():
        key = added().id
        fragments.cut(key, [40, 60, 80], "ann")
        fragments.cut(key, [60], "bob")
        fragments.cut(key, [41, 60, 80], "ann")  # two pieces more
        assert fragments.undo(key, "ann") == 2
        assert [row.correct_value for row in fragments.fragments_of(key)] == ["0", "1", "2.", "5", "01", "2.5"]
        assert fragments.undo(key, "ann") == 4
        with pytest.raises(FragmentError, match="expected a cut of yours to undo, got none"):
            fragments.undo(key, "ann")
        assert len(fragments.fragments_of(key)) == 2
        assert list(check()) == []


def test_fragments_in_use_go_only_with_what_uses_them(app: Flask) -> None:
    with app.app_context():
        key = added().id
        first, second = fragments.cut(key, [60], "ann")
        picture = {name: getattr(first, name) for name in ("image", "width", "height", "sha256", "pixels_sha256")}
        made = {**picture, "type": 0, "meter_type_id": 1, "correct_value": "1", "seed": 1}
        rows = [{**made, "element_ids": ids} for ids in (f"{first.id}-{second.id}", "11-12")]
        db.session.execute(insert(TrainingAugmentation), rows)
        db.session.commit()
        with pytest.raises(FragmentError, match="that no generated picture uses, got 1 such pictures"):
            fragments.delete([first.id])
        assert fragments.delete([first.id, 999], with_augmentations=True) == 1
        assert db.session.scalars(select(TrainingAugmentation.element_ids)).all() == ["11-12"]
        assert db.session.scalar(select(func.count(TrainingElement.id))) == 1


def test_a_failure_takes_the_pictures_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        key = added().id
        before = set(get_storage().names())
        monkeypatch.setattr(fragments, "row_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fragments.cut(key, [60], "ann")
        assert set(get_storage().names()) == before
        assert fragments.fragments_of(key) == []
