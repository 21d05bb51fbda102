"""Generating displays from fragments: readings that fit, never the same twice, all of a batch or nothing."""

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, update

from backend.database import db
from backend.domain.imaging import load
from backend.models import MeterType, Part, Split, State, Training, TrainingElement
from backend.services import generation, joining
from backend.services.combinations import Ids
from backend.services.consistency import check
from backend.services.fragments import delete
from backend.services.generation import GenerationError, generate, possible
from backend.services.joining import png
from backend.services.pictures import is_own_form
from backend.storage import get_storage

from .stock import fragment, made, plant


def test_pictures_are_the_fragments_side_by_side(app: Flask) -> None:
    with app.app_context():
        plant()
        assert possible("Mercury 201") == possible(1) == 4 * 12 * 4
        assert generate("Mercury 201", 20, 7, "ann") == 20
        elements = {row.id: row for row in db.session.scalars(select(TrainingElement))}
        for row in made():
            used = [elements[int(key)] for key in row.element_ids.split("-")]
            assert row.correct_value == "".join(element.correct_value for element in used)
            assert [element.part for element in used] == [0, 1, 1, 2]
            assert (row.type, row.meter_type_id, row.seed, row.created_by) == (0, 1, 7, "ann")
            data = get_storage().get(row.image)
            assert is_own_form(data)
            pixels = np.asarray(load(data))
            assert pixels.shape == (31, sum(round(one.width * 31 / one.height) for one in used), 3)
            start = load(get_storage().get(used[0].image)).resize((round(24 * 31 / used[0].height), 31), 3)
            assert np.array_equal(pixels[:, : start.width], np.asarray(start))
        assert list(check()) == []
        assert possible(1) == 4 * 12 * 4 - 20


def test_all_that_is_possible_and_no_more(app: Flask) -> None:
    with app.app_context():
        plant()
        generate("Mercury 201", 150, 1, "me")
        message = "expected at most 42 pictures, which is what the fragments of Mercury 201 can still give, got 43"
        with pytest.raises(GenerationError, match=message):
            generate("Mercury 201", 43, 1, "me")
        generate("Mercury 201", 42, 1, "me")
        assert possible(1) == 0
        assert len({row.element_ids for row in made()}) == 192


def test_the_same_seed_gives_the_same(app: Flask) -> None:
    with app.app_context():
        plant()
        results = []
        for seed in (5, 5, 6):
            generate("Mercury 201", 30, seed, "me")
            results.append([(row.element_ids, row.sha256) for row in made()])
            for row in made():
                db.session.delete(row)
            db.session.commit()
        assert results[0] == results[1] != results[2]


def sample(**changes: object) -> int:
    row = fragment(Part.START, "1", (60, 20))
    picture = {name: row[name] for name in ("image", "width", "height", "sha256", "pixels_sha256")}
    hashes = {"phash": "c" * 64, "original_sha256": "d" * 64}
    values = {"type": 0, "state": "labelled", "correct_value": "013.5", "meter_type_id": 1, **changes}
    added = Training(**picture, **hashes, **values)
    db.session.add(added)
    db.session.commit()
    return added.id


def test_only_fragments_of_the_same_side_and_right_ones_are_joined(app: Flask) -> None:
    with app.app_context():
        plant(
            fragment(Part.START, "01", (30, 30), training_id=sample()),  # the one that may be used
            fragment(Part.START, "01", (31, 30), training_id=sample(type=Split.VALIDATE.value)),
            fragment(Part.START, "01", (32, 30), training_id=sample(type=Split.TEST.value)),
            fragment(Part.START, "01", (33, 30), training_id=sample(state=State.UNREADABLE.value)),
            fragment(Part.START, "01", (34, 30), training_id=sample(correct_value="019.5")),
            fragment(Part.START, "02", (35, 30), training_id=sample()),  # the sample was corrected since
            fragment(Part.START, "01", (30, 30), training_id=sample()),  # the same picture once more
        )
        assert possible(1) == (4 + 2) * 12 * 4
        assert possible(1, Split.VALIDATE) == 0
        db.session.execute(update(TrainingElement).values(training_id=sample(type=2, correct_value="0010203.5")))
        db.session.commit()
        assert possible(1) == 0
        assert possible(1, Split.VALIDATE) > 0
        assert generate(1, 3, 1, "me", split=Split.VALIDATE) == 3
        assert {row.type for row in made()} == {2}


@pytest.mark.parametrize(
    ("wanted", "count", "reason"),
    [
        ("gas", 5, "expected a meter type such as Mercury 201, other, three, got 'gas'"),
        ("99", 5, "expected a meter type such as"),
        ("2", 5, "expected start, middle and end fragments of other, got 0, 0 and 1"),
        ("Mercury 201", 0, "expected from 1 to 1,000,000 pictures, got 0"),
        ("Mercury 201", 10_000_000, "expected from 1 to 1,000,000 pictures"),
        ("3", 5, "expected fragments of three that can be joined to a reading of 3 digits, got none"),
    ],
)
def test_what_cannot_be_generated(app: Flask, wanted: str, count: int, reason: str) -> None:
    with app.app_context():
        db.session.add(MeterType(name="other"))
        db.session.add(MeterType(name="three", digits=3))
        db.session.commit()
        others = [fragment(part, "12", (20, 30), meter_type_id=3) for part in Part]
        plant(fragment(Part.END, "1", (9, 30), meter_type_id=2), *others)
        with pytest.raises(GenerationError) as error:
            generate(wanted, count, 1, "me")
        assert str(error.value).startswith(reason)
        assert made() == []


def test_a_batch_is_all_or_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        plant()
        monkeypatch.setattr(generation, "BATCH", 16)
        before = set(get_storage().names())
        told: list[tuple[int, int]] = []

        def stop(done: int, total: int) -> None:
            told.append((done, total))
            if done == 32:
                raise InterruptedError

        with pytest.raises(InterruptedError):
            generate(1, 60, 1, "me", stop)
        assert told == [(16, 60), (32, 60)]
        assert len(made()) == 32
        count = len(set(get_storage().names()) - before)
        monkeypatch.setattr(joining, "png", broken_after(20))
        monkeypatch.setattr(joining, "THREADS", 1)  # so that the pictures are joined in order
        with pytest.raises(OSError, match="disk full"):
            generate(1, 32, 1, "me")
        assert len(made()) == 48
        assert len(set(get_storage().names()) - before) == count + 16
        assert list(check()) == []


def broken_after(count: int):  # type: ignore[no-untyped-def]  # a PNG encoder
    calls = iter(range(count))

    def encode_some(pixels: joining.Pixels) -> bytes:
        if next(calls, None) is None:
            raise OSError("disk full")
        return png(pixels)

    return encode_some


def test_others_may_change_things_meanwhile(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        plant()
        real = generation.commit_rows

        def remove_first(batch: list[Ids], rows: list[dict[str, object]]) -> None:
            delete([batch[0][0]])
            real(batch, rows)

        def make_the_same_first(batch: list[Ids], rows: list[dict[str, object]]) -> None:
            real(batch[:1], rows[:1])
            real(batch, rows)

        for interfere, reason in (
            (remove_first, "expected fragments to stay"),
            (make_the_same_first, "expected nobody else to generate the same"),
        ):
            monkeypatch.setattr(generation, "commit_rows", interfere)
            with pytest.raises(GenerationError, match=reason):
                generate(1, 5, 1, "me")
            assert list(check()) == []
        assert len(made()) == 1


def test_the_command(app: Flask, runner: FlaskCliRunner) -> None:
    with app.app_context():
        plant()
    result = runner.invoke(args=["generate_images", "Mercury 201", "12", "--seed", "3"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "12 pictures generated with seed 3.")
    result = runner.invoke(args=["generate_images", "1", "1000"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith("Error: expected at most 180 pictures")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 33, 3), (64, 190, 3)])
def test_the_png_holds_the_pixels(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (max(8, shape[0]), max(8, shape[1]), 3), dtype=np.uint8)
    data = png(pixels)
    assert np.array_equal(np.asarray(load(data)), pixels)
    assert is_own_form(data)
