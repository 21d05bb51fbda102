"""The state of runs in the database, whatever becomes of those who do them."""

from datetime import timedelta
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from backend.database import db
from backend.models import Run, RunKind, RunState
from backend.models.base import now
from backend.queue import get_queue
from backend.services import runs
from backend.services.parameters import ParameterError
from backend.services.reporter import LINES, POINTS, Reporter
from backend.services.runs import NoLongerOursError, RunError, Told

PARAMETERS = {"meter_type": "Mercury 201", "count": 5}


@pytest.fixture
def run_id(app: Flask) -> int:
    with app.app_context():
        return runs.start(RunKind.GENERATION, PARAMETERS, "anna").id


def state(run_id: int) -> tuple[str, str | None]:
    run = runs.find(run_id)
    return run.state, run.error


def silence(run_id: int, seconds: float) -> None:
    """Let a run's last beat have been so long ago."""
    db.session.execute(update(Run).where(Run.id == run_id).values(heartbeat_at=now() - timedelta(seconds=seconds)))
    db.session.commit()


def test_a_run_is_done_by_one(app: Flask, run_id: int) -> None:
    with app.app_context():
        run = runs.find(run_id)
        assert (run.kind, run.state, run.created_by) == ("generation", "waiting", "anna")
        assert {**run.parameters, "seed": 1} == {**PARAMETERS, "seed": 1}
        assert runs.waiting() == [run_id]
        assert get_queue().huey.pending_count() == 1
        assert runs.begin(run_id, "first")
        assert not runs.begin(run_id, "second")
        runs.beat(run_id, "first", Told(0.5, "half\n", {"made": 2}))
        with pytest.raises(NoLongerOursError):
            runs.beat(run_id, "second")
        assert not runs.finish(run_id, "second", {}, "")
        assert runs.finish(run_id, "first", {"made": 5}, "all\n")
        run = runs.find(run_id)
        assert (run.state, run.progress, run.result, run.log) == ("done", 1.0, {"made": 5}, "all\n")
        assert run.started_at and run.finished_at and run.started_at <= run.finished_at


def test_of_many_who_want_a_run_one_gets_it(app: Flask, run_id: int) -> None:
    got: list[str] = []

    def take(name: str) -> None:
        with app.app_context():
            if runs.begin(run_id, name):
                got.append(name)

    threads = [Thread(target=take, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert [runs.find(run_id).worker] == got


def test_a_run_without_a_heart_is_failed(app: Flask, run_id: int) -> None:
    with app.app_context():
        runs.begin(run_id, "worker")
        silence(run_id, runs.DEAD_AFTER - 10)
        assert runs.reap() == 0
        silence(run_id, runs.DEAD_AFTER + 1)
        assert runs.reap() == 1
        assert state(run_id) == ("failed", runs.LOST)
        assert runs.find(run_id).finished_at
        with pytest.raises(NoLongerOursError):  # it was only asleep
            runs.beat(run_id, "worker", Told(0.9, "", None))
        assert not runs.finish(run_id, "worker", {}, "")
        assert state(run_id) == ("failed", runs.LOST)


def test_listing_in_a_request_marks_dead_runs(app: Flask, run_id: int) -> None:
    with app.app_context():
        runs.begin(run_id, "worker")
        silence(run_id, 3600)
        with app.test_request_context("/admin/runs/", method="GET"):
            db.session.scalars(select(Run)).all()  # the page has begun to read
            assert runs.reap() == 1
        assert state(run_id)[0] == "failed"


@pytest.mark.one_database("sqlite", reason="it is about its one lock")
def test_who_has_only_read_is_not_in_the_way(app: Flask) -> None:
    with app.test_request_context("/admin/runs/", method="POST"):
        db.session.scalars(select(Run)).all()  # who is logged in, say
        run_id = runs.start(RunKind.GENERATION, PARAMETERS, "anna").id
        db.session.scalars(select(Run)).all()
        assert runs.stop(run_id, "anna").state == "stopped"


def test_a_dead_run_that_was_asked_to_stop_is_stopped(app: Flask, run_id: int) -> None:
    with app.app_context():
        runs.begin(run_id, "worker")
        runs.stop(run_id, "boris")
        silence(run_id, 3600)
        assert runs.reap() == 1
        assert state(run_id) == ("stopped", "stopped by boris")


def test_stop(app: Flask) -> None:
    with app.app_context():
        waiting, running = (runs.start(RunKind.GENERATION, PARAMETERS, "anna").id for _ in range(2))
        assert runs.stop(waiting, "boris").state == "stopped"
        assert state(waiting) == ("stopped", "stopped by boris")
        assert not runs.begin(waiting, "worker")
        runs.begin(running, "worker")
        assert not runs.stop_requested(running)
        assert runs.stop(running, "boris").state == "running"
        assert runs.stop_requested(running)
        assert runs.fail(running, "worker", "ended")
        assert state(running) == ("stopped", "stopped by boris")
        for ended in (waiting, running):
            with pytest.raises(RunError, match="waiting or running, got one that has ended"):
                runs.stop(ended, "boris")
        with pytest.raises(RunError, match="none with the number 99"):
            runs.stop(99, "boris")


@pytest.mark.one_database("sqlite", reason="no SQL of its own")
@pytest.mark.parametrize(
    ("kind", "parameters", "message"),
    [
        ("generation", {"meter_type": "x", "count": 0}, "expected count to be a whole number from 1"),
        ("generation", {"meter_type": " ", "count": 1}, "expected meter_type to be a text"),
        ("generation", {"meter_type": "x", "count": "1e3"}, "expected count to be a whole number"),
        ("generation", {"meter_type": "x", "count": 1, "more": 1}, "expected parameters among count"),
        ("import", {}, "expected an uploaded archive or a folder, got both or neither"),
        ("import", {"folder": "../../etc"}, "expected a folder with training.csv among those for imports"),
        ("import", {"archive": "../a.zip"}, "expected an uploaded archive, got"),
        ("training", {"model_name": "A/b", "epochs": 1}, "expected a name of small letters"),
        ("training", {"model_name": "new", "epochs": 1, "architecture": "os"}, "expected an architecture among"),
        ("training", {"model_name": "new", "epochs": 1, "learning_rate": "nan"}, "expected learning_rate to be a"),
        ("training", {"model_name": "drawn", "epochs": 1}, "expected a new name, got drawn"),
        ("fine_tuning", {"model_name": "no", "epochs": 1, "changes": "a"}, "expected a model with a version"),
        ("fine_tuning", {"model_name": "no", "epochs": 1}, "expected changes to be a text"),
    ],
)
def test_what_cannot_be_done_is_not_begun(app: Flask, kind: str, parameters: dict[str, object], message: str) -> None:
    with app.app_context():
        with pytest.raises(ValueError, match=message):
            runs.start(kind, parameters, "anna")
        assert runs.waiting() == []


@pytest.mark.one_database("sqlite", reason="no SQL of its own")
def test_a_name_is_trained_once_at_a_time(app: Flask) -> None:
    with app.app_context():
        runs.start("training", {"model_name": "new", "epochs": "3"}, "anna")
        with pytest.raises(ParameterError, match="expected no training of new to be under way, got run 1"):
            runs.start("training", {"model_name": "new", "epochs": 1}, "anna")
        runs.stop(1, "anna")
        assert runs.start("training", {"model_name": "new", "epochs": 1}, "anna").parameters["epochs"] == 1


@pytest.mark.one_database("sqlite", reason="no SQL of its own")
def test_the_reporter_writes_seldom_and_little(app: Flask, run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.services.reporter.INTERVAL", 0.05)
    with app.app_context():
        runs.begin(run_id, "worker")
        report, beats = Reporter(app, run_id, "worker"), []
        told = runs.beat
        monkeypatch.setattr(runs, "beat", lambda *given: beats.append(given) or told(*given))
        with report.beating():
            for number in range(5000):
                report(number, 5000)
                report.line(f"line {number}" + "x" * 5000)
                report.point({"epoch": number})
            while not beats:
                report.ended.wait(0.01)
        assert len(beats) < 500
        kept = report.told()
        lines = kept.log.splitlines()
        assert lines[0] == f"… {5000 - LINES} lines left out …" and lines[-1].startswith("line 4999")
        assert len(kept.log) < 1001 * (LINES + 1)
        curve = (kept.result or {})["curve"]
        assert len(curve) <= POINTS and (curve[0], curve[-1]) == ({"epoch": 0}, {"epoch": 4999})
        assert runs.find(run_id).log.startswith("…")


@pytest.mark.one_database("sqlite", reason="no SQL of its own")
def test_seconds_left(app: Flask, run_id: int) -> None:
    with app.app_context():
        assert runs.seconds_left(runs.find(run_id)) is None
        runs.begin(run_id, "worker")
        runs.beat(run_id, "worker", Told(0.25, "", None))
        run = runs.find(run_id)
        assert run.heartbeat_at
        run.started_at = run.heartbeat_at - timedelta(seconds=30)
        assert runs.seconds_left(run) == pytest.approx(90)
        assert run.state == RunState.RUNNING.value
