"""The demonstration: something on every page, a run that was really done, nothing half done."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from backend.database import db
from backend.models import MeterType, Run, RunKind, RunState, Training, TrainingAugmentation, TrainingElement
from backend.services import demo, duplicates, fragments
from backend.services.consistency import check
from backend.services.demo import DemoError

pytestmark = pytest.mark.one_database("sqlite", reason="the services are tested on both")


def count(table: type[Training | TrainingElement | TrainingAugmentation | Run]) -> int:
    return db.session.scalar(select(func.count(table.id))) or 0


def test_everything_is_there_to_try(app: Flask, runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["demo"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        states = dict(db.session.execute(select(Training.state, func.count()).group_by(Training.state)).all())
        assert states["labelled"] == 51 and states["new"] == 12
        assert set(db.session.scalars(select(Training.type))) == {0, 1, 2}
        assert count(TrainingElement) == 115
        pairs = duplicates.pairs().pairs
        assert {pair.exact for pair in pairs} == {True, False} and len(duplicates.leaks().pairs) == 1
        run = db.session.scalars(select(Run)).one()
        assert (run.kind, run.state) == (RunKind.GENERATION.value, RunState.DONE.value)
        assert run.result and run.result["made"] == count(TrainingAugmentation) == demo.GENERATED[1]
        kind = db.session.scalars(select(MeterType).where(MeterType.name == "drawn drums")).one()
        assert (kind.digits, kind.decimals) == (8, 3)
        lengths = {len(value) for value in db.session.scalars(select(TrainingAugmentation.correct_value))}
        assert lengths == {9}  # eight digits and the point
        assert list(check()) == []
    again = runner.invoke(args=["demo"])
    assert again.exit_code == 1 and "expected an empty installation, got one with samples" in again.output


def test_the_last_step_can_be_done_again(app: Flask, runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    right = demo.GENERATED
    monkeypatch.setattr(demo, "GENERATED", (right[0], 10**6))
    failed = runner.invoke(args=["demo"])
    assert (
        failed.exit_code == 1 and "pictures, which is what the fragments of drawn drums can still give" in failed.output
    )
    monkeypatch.setattr(demo, "GENERATED", right)
    again = runner.invoke(args=["demo"])
    assert again.exit_code == 0 and "going on with these" in again.output, again.output
    with app.app_context():
        assert count(TrainingAugmentation) == right[1] and count(TrainingElement) == 115
        assert [run.state for run in db.session.scalars(select(Run).order_by(Run.id))] == ["failed", "done"]


def test_a_failure_leaves_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    real = fragments.cut

    def fail_later(*given: object, **named: object) -> object:
        if count(TrainingElement) > 10:
            raise OSError("the disk is full")
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(fragments, "cut", fail_later)
    with app.app_context():
        kinds = db.session.scalar(select(func.count(MeterType.id)))
        with pytest.raises(OSError, match="the disk is full"):
            demo.fill("me")
        assert (count(Training), count(TrainingElement)) == (0, 0)
        assert db.session.scalar(select(func.count(MeterType.id))) == kinds
        assert [path for path in Path(app.instance_path, "files").rglob("*") if path.is_file()] == []


def test_drawing_that_fails_is_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "COUNT", 0)
    with app.app_context(), pytest.raises(DemoError, match="expected a count of at least 1, got 0"):
        demo.fill("me")
