"""What the published version reads on samples: filled in batches, beside labels and corrections, never over them."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select, update

from backend.database import db
from backend.domain.reading import decode
from backend.models import Feedback, MeterType, State, Training
from backend.services import proposals, versions
from backend.services.proposals import Filled, disagrees, fill, padded
from backend.services.reading import ReaderError, get_readers
from backend.services.reporter import Reporter
from backend.services.surprise import chances, unpack
from backend.services.work import do_reading
from backend.settings import Settings
from backend.storage import get_storage

from .readable import Golden, copy_version, goldens, point_at


@pytest.fixture
def readable(app: Flask, settings: Settings) -> Flask:
    """The application with a version published that it can read with, and no sample."""
    point_at(copy_version(settings.static / "model"))
    return app


def add(golden: Golden, state: State = State.NEW, value: str | None = None, digits: int | None = None) -> int:
    """Add a golden picture as a sample."""
    key = get_storage().put(golden.data, "png")
    number = db.session.query(Training).count()
    meter_type = MeterType(name=f"type {number}", digits=digits)
    box = {f"box_{name}": size for name, size in vars(golden.box).items()} if golden.box else {}
    hashes = dict.fromkeys(("sha256", "pixels_sha256", "phash", "original_sha256"), key[3:67])
    sample = Training(
        image=key, width=100, height=40, type=0, state=state.value, correct_value=value, meter_type=meter_type,
        **box, **hashes,
    )  # fmt: skip
    db.session.add(sample)
    db.session.commit()
    return sample.id


def sample(number: int) -> Training:
    db.session.expire_all()
    found = db.session.get(Training, number)
    assert found
    return found


def test_new_samples_become_proposed(readable: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "BATCH", 3)
    told: list[tuple[int, int]] = []
    with readable.app_context():
        pictures = goldens()[:7]
        numbers = [add(golden) for golden in pictures]
        assert fill(progress=lambda done, total: told.append((done, total))) == Filled(7, 0)
        card = get_readers().version().card
        for number, golden in zip(numbers, pictures, strict=True):
            row, expected = sample(number), card.read(golden.output)
            assert (row.state, row.proposed_value) == ("proposed", expected.text)
            assert row.proposed_confidence == pytest.approx(expected.confidence, abs=0.01)
            assert row.proposed_version
            assert row.proposed_version.path == f"{card.name}/{card.version}"
            assert row.proposed_probabilities
            kept = unpack([row.proposed_probabilities])
            assert decode(kept[0]).confidence == pytest.approx(row.proposed_confidence, abs=1e-5)
            assert chances(kept, [expected.text]).prod(axis=1) == pytest.approx([row.proposed_confidence], abs=1e-5)
        assert told == [(3, 7), (6, 7), (7, 7)]
        assert fill() == Filled(0, 0)


def test_after_publishing_all_are_read_anew_on_demand(readable: Flask, settings: Settings) -> None:
    with readable.app_context():
        numbers = [add(golden) for golden in goldens()[:3]]
        fill()
        before = sample(numbers[0]).updated_at
        point_at(copy_version(settings.static / "model", 2))
        assert fill() == Filled(0, 0)
        assert fill(everything=True) == Filled(3, 0)
        assert fill(everything=True) == Filled(0, 0)
        version = sample(numbers[0]).proposed_version
        assert version
        assert version.number == 2
        assert sample(numbers[0]).updated_at == before  # nobody changed it
        assert fill(numbers[:2]) == Filled(2, 0)  # those asked for are always read


def test_labels_and_verdicts_stay(readable: Flask) -> None:
    with readable.app_context():
        golden = goldens()[0]
        states = [State.LABELLED, State.UNREADABLE, State.TRASH]
        labelled, unreadable, trash = (add(golden, state, "1" if state is State.LABELLED else None) for state in states)
        assert fill() == Filled(1, 0)
        assert (sample(labelled).state, sample(labelled).correct_value) == ("labelled", "1")
        assert sample(labelled).proposed_value
        assert [sample(number).proposed_value for number in (unreadable, trash)] == [None, None]


def test_a_label_given_meanwhile_stays(readable: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with readable.app_context():
        number = add(goldens()[0])
        keep = proposals.keep

        def label_first(*arguments: object) -> None:
            db.session.execute(update(Training).values(state="labelled", correct_value="42"))
            db.session.commit()
            keep(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(proposals, "keep", label_first)
        fill()
        assert (sample(number).state, sample(number).correct_value) == ("labelled", "42")
        assert sample(number).proposed_value


def test_a_correction_stays_the_proposal_until_it_is_labelled(readable: Flask) -> None:
    with readable.app_context():
        number = add(goldens()[0], State.PROPOSED)
        db.session.add(Feedback(training_id=number, value="77.7", version="compact/1", content_sha256="a" * 64))
        db.session.commit()
        fill()
        row = sample(number)
        assert (row.state, row.proposed_value) == ("proposed", "77.7")
        assert row.proposed_confidence == pytest.approx(0, abs=1e-3)  # the version says something else
        row.state, row.correct_value = "labelled", "77.7"
        db.session.commit()
        fill([number])
        assert sample(number).proposed_value != "77.7"


def test_pictures_that_are_gone_are_counted(readable: Flask) -> None:
    with readable.app_context():
        gone, there = (add(golden) for golden in goldens()[:2])
        get_storage().delete(sample(gone).image)
        assert fill() == Filled(1, 1)
        assert (sample(gone).state, sample(there).state) == ("new", "proposed")


def test_it_stops_between_batches(readable: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposals, "BATCH", 1)
    asked = iter([False, False, True])
    with readable.app_context():
        for golden in goldens()[:4]:
            add(golden)
        assert fill(stop=lambda: next(asked)) == Filled(2, 0)
        assert fill() == Filled(2, 0)


def test_the_command(readable: Flask, runner: FlaskCliRunner, settings: Settings) -> None:
    with readable.app_context():
        numbers = [add(golden) for golden in goldens()[:2]]
        get_storage().delete(sample(numbers[0]).image)
        db.session.rollback()
    result = runner.invoke(args=["propose"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "1 samples have a proposal now, 1 pictures could not be read.",
    )
    (settings.static / "model" / "current.json").unlink()
    result = runner.invoke(args=["propose", "--all"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "Error: no version is published")


def test_a_run_in_which_the_published_version_reads_proposes_too(readable: Flask, settings: Settings) -> None:
    second = copy_version(settings.static / "model", 2)
    first = second.parent / "1"
    with readable.app_context():
        numbers = [add(golden) for golden in goldens()[:2]]
        for folder, proposed in [(second, 0), (first, 2)]:
            versions.register(db.session(), f"{folder.parent.name}/{folder.name}", "me")
            db.session.commit()
            report = Reporter(readable, 1, "me")
            outcome = do_reading({"version": f"{folder.parent.name}/{folder.name}"}, "me", report)
            assert (outcome.result["proposed"], report.fraction) == (proposed, 1 if proposed else 0)
        assert [sample(number).state for number in numbers] == ["proposed"] * 2


def test_without_a_version_it_says_so(app: Flask, settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()
    with app.app_context(), pytest.raises(ReaderError, match="no version is published"):
        fill()


@pytest.mark.parametrize(
    ("text", "digits", "expected"),
    [("123.4", 6, "00123.4"), ("123.4", None, "123.4"), ("1234567", 5, "1234567"), ("0", 5, "00000")],
)
def test_zeros_that_the_meter_shows(text: str, digits: int | None, expected: str) -> None:
    assert padded(text, digits) == expected


DISAGREEMENTS = [
    ("00123.4", "", "123.4", False),
    ("123.4", "", "00123.4", False),
    ("00123.4", "", "123.5", True),
    ("00123.4", "00123.5", "123.5", False),
    ("00123.4", "9 0123.5 8", "123.5", False),
    ("00123.4", "10123.5", "123.5", True),
    ("00123.4", "", "0", True),
    ("0", "", "000", False),
    ("0.5", "", "00.5", False),
    ("0.5", "", "0.50", True),
    ("00123.4", "", None, False),
]


def test_whether_the_version_disagrees(readable: Flask) -> None:
    with readable.app_context():
        expected = set()
        for value, also, proposed, differs in DISAGREEMENTS:
            row = sample(add(goldens()[0], State.LABELLED, value))
            row.also_accepted, row.proposed_value = also, proposed
            expected |= {row.id} if differs else set()
        db.session.commit()
        assert set(db.session.scalars(select(Training.id).where(disagrees()))) == expected
        db.session.execute(update(Training).values(state="proposed"))
        assert not db.session.scalars(select(Training.id).where(disagrees())).all()
