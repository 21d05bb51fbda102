"""Duplicates: planted ones are found, the best one stays, samples with another value always stay."""

import io

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from PIL import Image, ImageEnhance
from sqlalchemy import func, select, update

from backend.database import db
from backend.domain.neighbours import near_pairs, words_of
from backend.models import Kept, PairDecision, Split, State, Training, TrainingElement
from backend.services import duplicates
from backend.services.consistency import check
from backend.services.leftovers import taking_in
from backend.services.pictures import prepare
from backend.storage import get_storage
from training.render import render


def png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def display(seed: int, text: str) -> Image.Image:
    return render(np.random.default_rng(seed), "drums", text).image.convert("RGB").resize((240, 60))


def again(image: Image.Image) -> Image.Image:
    """The same picture as another file: shifted by a pixel, a little brighter, through a JPEG."""
    pixels = np.asarray(image)
    shifted = Image.fromarray(np.concatenate([pixels[:, :1], pixels[:, :-1]], axis=1))
    buffer = io.BytesIO()
    ImageEnhance.Brightness(shifted).enhance(1.08).save(buffer, "JPEG", quality=85)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def add(image: Image.Image, value: str | None, **changes: object) -> int:
    """Add a sample to the session; returns its id."""
    picture = prepare(png(image))
    row = {"type": 0, "state": "labelled" if value else "new", "meter_type_id": 1, "correct_value": value, **changes}
    names = "width height sha256 pixels_sha256 phash original_sha256".split()
    hashes = {name: getattr(picture, name) for name in names}
    sample = Training(image=get_storage().put(picture.data, picture.suffix), **hashes, **row)
    db.session.add(sample)
    db.session.commit()
    return sample.id


def left() -> set[int]:
    return set(db.session.scalars(select(Training.id)))


def removed(**options: bool) -> dict[int, int]:
    return {one.id: one.kept_id for one in duplicates.remove("me", **options)}


def test_planted_duplicates_go_and_readings_that_differ_stay(app: Flask) -> None:
    rng = np.random.default_rng(5)
    with app.app_context():
        copies = {}
        for seed in range(12):
            text = "".join(rng.choice(list("0123456789"), 6))
            other = text[:5] + str((int(text[5]) + 1) % 10)
            first = add(display(seed, text), text)
            add(display(seed, other), other)
            copies[add(again(display(seed, text)), text)] = first
        assert removed(dry_run=True) == copies
        assert len(left()) == 36
        assert removed() == copies
        assert len(left()) == 24
        assert removed() == {}
        assert list(check()) == []  # files went with their rows


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"state": "labelled"}, {"state": "proposed", "type": 2}),
        ({"state": "proposed"}, {"state": "new", "type": 2}),
        ({"state": "new"}, {"state": "unreadable", "type": 2}),
        ({"type": 2}, {"type": 0, "group": "g"}),
        ({"type": 2}, {"type": 1}),
        ({"type": 1}, {"type": 0}),
        ({"box_x": 0, "box_y": 0, "box_width": 240, "box_height": 60}, {"group": "g"}),
        ({"group": "g"}, {}),
    ],
)
def test_the_best_one_stays(app: Flask, better: dict[str, object], worse: dict[str, object]) -> None:
    with app.app_context():
        image = display(1, "123456")
        gone, kept = add(image, "123456", **worse), add(image, "123456", **better)
        assert removed() == {gone: kept}


def test_among_equals_the_older_one_stays_and_so_do_its_fragments(app: Flask) -> None:
    with app.app_context():
        image = display(1, "123456")
        kept, gone, also = (add(image, "123456") for _ in range(3))
        sample = db.session.get_one(Training, gone)
        picture = {key: getattr(sample, key) for key in ("image", "width", "height", "sha256", "pixels_sha256")}
        shared = {"part": 0, "meter_type_id": 1, "correct_value": "1"}
        db.session.add(TrainingElement(training_id=gone, **picture, **shared))
        db.session.commit()
        assert removed() == {gone: kept, also: kept}
        assert db.session.scalar(select(TrainingElement.training_id)) == kept


def test_what_is_not_a_duplicate(app: Flask) -> None:
    with app.app_context():
        image = display(1, "123456")
        add(image, "123456", box_x=0, box_y=0, box_width=110, box_height=60)
        add(image, "123456", box_x=120, box_y=0, box_width=110, box_height=60)  # another display in the same photo
        add(image, None, box_x=0, box_y=0, box_width=110, box_height=60)  # nobody knows what it shows
        add(again(image), None)  # looks the same, but nobody knows whether it is
        add(image, "123456", state="trash")
        assert removed() == {}
        gone = add(image, None)
        assert list(removed()) == [gone]


def test_two_meters_that_show_the_same_are_two(app: Flask) -> None:
    with app.app_context():
        image = display(2, "004711")
        add(image, "004711", group="a")
        far = Image.fromarray(np.roll(np.asarray(image), 3, axis=1))
        other = add(far, "004711", group="b")
        distance = int(bits(image, far))
        assert 12 < distance <= 40, "the planted pair is not what this test is about"
        assert removed() == {}
        db.session.execute(update(Training).where(Training.id == other).values(group=""))
        db.session.commit()
        assert list(removed()) == [other]


def bits(one: Image.Image, other: Image.Image) -> np.ndarray:
    words = words_of([prepare(png(image)).phash for image in (one, other)])
    return np.bitwise_count(words[:, 0] ^ words[:, 1]).sum()


def test_what_a_person_decided_to_keep_stays(app: Flask) -> None:
    with app.app_context():
        image = display(1, "123456")
        first, second, third = (add(image, "123456") for _ in range(3))
        db.session.add(PairDecision(first_id=first, second_id=second, kept=Kept.BOTH.value))
        db.session.commit()
        assert removed() == {third: first}


def test_a_sample_changed_meanwhile_stays(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        image = display(1, "123456")
        _, second = add(image, "123456"), add(image, "123456")

        def interfere() -> object:
            db.session.get_one(Training, second).correct_value = "123457"
            db.session.commit()
            return taking_in()

        monkeypatch.setattr(duplicates, "taking_in", interfere)
        assert removed() == {}
        assert second in left()


def test_leaks_and_pairs(app: Flask) -> None:
    with app.app_context():
        image = display(1, "123456")
        taught = add(image, "123456")
        measured = add(again(image), "123456", type=Split.VALIDATE.value)
        mislabelled = add(image, "999999", type=Split.TEST.value)
        add(image, "123456", type=Split.TEST.value, state=State.PROPOSED.value)  # teaches and measures nothing yet
        add(display(7, "000000"), "000000", type=Split.TEST.value)
        found = duplicates.leaks()
        assert found.complete
        assert {(pair.first_id, pair.second_id) for pair in found.pairs} == {(taught, measured), (taught, mislabelled)}
        pairs = duplicates.pairs()
        assert duplicates.pairs() is pairs  # nothing has changed
        assert [pair.exact for pair in pairs.pairs] == [True, True, True, False, False, False]
        assert {(pair.first_id, pair.second_id) for pair in pairs.pairs if pair.leak} == {(1, 2), (1, 3)}
        of_mislabelled = [pair for pair in pairs.pairs if mislabelled in (pair.first_id, pair.second_id)]
        assert [pair.same_value for pair in of_mislabelled] == [False] * 3
        assert not duplicates.pairs(2).complete
        assert len(duplicates.pairs(2).pairs) == 2
        db.session.execute(update(Training).where(Training.id == taught).values(type=2))
        db.session.get_one(Training, mislabelled).type = 2
        db.session.commit()
        assert duplicates.leaks().pairs == []


def test_an_empty_installation(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["training_duplicate_removal"])
    assert (result.exit_code, result.output) == (0, "comparing\n0 samples removed.\n")
    with app.app_context():
        assert duplicates.pairs() == duplicates.leaks() == duplicates.Pairs([], True)


def test_the_command(app: Flask, runner: FlaskCliRunner) -> None:
    with app.app_context():
        for _ in range(2):
            add(display(1, "123456"), "123456")
    result = runner.invoke(args=["training_duplicate_removal", "--dry-run"])
    expected = "comparing\ntraining 2: the same as 1, 0 of 256 bits apart\n1 samples would be removed.\n"
    assert (result.exit_code, result.output) == (0, expected)
    result = runner.invoke(args=["training_duplicate_removal"])
    assert result.output.endswith("1 samples removed.\n")
    with app.app_context():
        assert db.session.scalar(select(func.count(Training.id))) == 1


def test_near_pairs_are_those_that_comparing_all_finds() -> None:
    rng = np.random.default_rng(2)
    words = rng.integers(0, 2**64, (4, 300), dtype=np.uint64)
    words[:, 150:] = words[:, :150] ^ (np.uint64(1) << rng.integers(0, 64, (4, 150), dtype=np.uint64))
    words[:2, ::7] ^= rng.integers(0, 2**20, (2, 43), dtype=np.uint64)
    distances = np.bitwise_count(words[:, :, None] ^ words[:, None]).sum(axis=0)
    ends = np.repeat([100, 300], [100, 200])
    for limit in (3, 12, 25):
        found = list(near_pairs(words, ends, limit, np.ones(300, bool)))
        first, second, distance = (np.concatenate(part) for part in zip(*found, strict=True))
        expected = np.triu(distances <= limit, 1) & (np.arange(300)[None] < ends[:, None])
        assert np.array_equal(np.argwhere(expected), np.stack([first, second], axis=1)[np.lexsort((second, first))])
        assert np.array_equal(distances[first, second], distance)
