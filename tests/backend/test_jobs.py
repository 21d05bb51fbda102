"""Workers as real processes: they do jobs once, end when told to, and leave nothing that runs for ever."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select, update

from backend.database import db
from backend.jobs import Worker, worker_command
from backend.models import Run, Training
from backend.models.base import now
from backend.services import leftovers, runs, work
from backend.services.archives import imports_folder
from backend.settings import ROOT, Settings, get_settings
from backend.supervision import interrupted

from .folders import some_rows, write_folder
from .redis_server import redis_server

pytestmark = pytest.mark.one_database("sqlite", reason="what is tested is processes and the queue")
on_redis = pytest.mark.parametrize("settings", ["redis"], indirect=True)
on_both = pytest.mark.parametrize("settings", ["file", "redis"], indirect=True)

Start = Callable[..., subprocess.Popen[str]]
LONG = 30_000  # rows: minutes of work


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings with the queue in a file, or with a real Redis."""
    if getattr(request, "param", "file") == "file":
        yield settings
        return
    with redis_server(tmp_path) as url:
        yield settings.model_copy(update={"redis_url": url})


@pytest.fixture
def start_worker(settings: Settings) -> Iterator[Start]:
    """Starts workers; those that still run at the end are killed with their jobs."""
    started: list[subprocess.Popen[str]] = []

    def start(count: int = 2, command: list[str] | None = None) -> subprocess.Popen[str]:
        command = command or worker_command(count)
        environment = {**os.environ, **settings.environment()}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes))
        return started[-1]

    yield start
    for worker in started:
        for process in [*children(worker), worker]:
            process.kill()
        worker.communicate()


def wait_until_it_listens(worker: subprocess.Popen[str]) -> None:
    """Wait until a worker handles SIGTERM: before that it ends as any process does."""
    deadline = time.monotonic() + 60
    while worker.poll() is None and time.monotonic() < deadline:
        caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{worker.pid}/status").read_text("ascii"), re.MULTILINE)
        if caught and int(caught[1], 16) >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.05)


def children(worker: subprocess.Popen[str]) -> list[psutil.Process]:
    """The jobs of a worker."""
    return psutil.Process(worker.pid).children(recursive=True) if worker.poll() is None else []


def the_job(worker: subprocess.Popen[str], run_id: int) -> psutil.Process:
    """The process that does a run."""
    return next(child for child in children(worker) if child.cmdline()[2:4] == ["backend.jobs", str(run_id)])


def folder_of(app: Flask, name: str, count: int = 3) -> str:
    """A folder that can be imported; all its rows but a few have the same picture."""
    with app.app_context():
        rows = [{**row, "image": "a.jpg", "type": 0, "correct_value": "1"} for row in some_rows(1) * count]
        write_folder(imports_folder() / name, rows)
    return name


def ask(app: Flask, name: str) -> int:
    with app.app_context():
        return runs.start("import", {"folder": name}, "anna").id


def wait_until(app: Flask, run_id: int, condition: Callable[[Run], bool], seconds: float = 240) -> Run:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with app.app_context():
            run = runs.find(run_id)
        if condition(run):
            return run
        time.sleep(0.1)
    raise AssertionError(f"after {seconds} s run {run_id} is {run.state}: {run.error} {run.log}")


def ended(run: Run) -> bool:
    return run.finished_at is not None


def at_work(run: Run) -> bool:
    return run.state == "running" and run.progress > 0


@on_both
def test_jobs_are_done_once_by_several_workers(app: Flask, start_worker: Start) -> None:
    ids = [ask(app, folder_of(app, f"folder{number}", 2)) for number in range(3)]
    workers = [start_worker(), start_worker(1, [sys.executable, "-m", "flask", "--app", "backend", "worker"])]
    done = [wait_until(app, run_id, ended) for run_id in ids]
    assert [(run.state, run.error) for run in done] == [("done", None)] * 3
    assert all(run.result and run.result["samples"] + run.result["known"] == 2 for run in done)
    for worker in workers:
        wait_until_it_listens(worker)  # one may have done it all while the other was still starting
        worker.send_signal(signal.SIGTERM)
        assert "Traceback" not in worker.communicate(timeout=60)[0]
        assert worker.returncode == 0


def test_a_worker_listens_before_it_begins(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop while it clears up after others, it ends as at any other time."""
    worker = Worker(app, 1)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    monkeypatch.setattr(leftovers, "recover", lambda: heard.append(signal.getsignal(signal.SIGTERM)))
    heard: list[object] = []
    worker.stopping.set()
    try:
        worker.run()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert heard and heard[0] is not before[signal.SIGTERM]


def test_a_worker_outlives_its_jobs(app: Flask, start_worker: Start) -> None:
    broken = folder_of(app, "broken")
    with app.app_context():
        (imports_folder() / broken / "images" / "a.jpg").write_bytes(b"no picture")
    worker = start_worker()
    run = wait_until(app, ask(app, broken), ended)
    assert (run.state, run.error, run.log.count("line ")) == ("failed", "3 bad rows; nothing was imported", 3)

    long = folder_of(app, "long", LONG)
    killed, stopped = ask(app, long), ask(app, long)
    for run_id in (killed, stopped):
        wait_until(app, run_id, at_work)
    the_job(worker, killed).kill()
    run = wait_until(app, killed, ended)
    assert (run.state, run.error) == ("failed", "its process was ended by SIGKILL (out of memory?)")

    job = the_job(worker, stopped)
    with app.app_context():
        runs.stop(stopped, "boris")
    run = wait_until(app, stopped, ended)
    assert (run.state, run.error) == ("stopped", "stopped by boris")
    assert 0 < run.progress < 1
    assert psutil.wait_procs([job], timeout=60)[1] == []
    assert wait_until(app, ask(app, folder_of(app, "quick")), ended).state == "done"


@on_redis
def test_a_killed_worker_takes_its_jobs_with_it(app: Flask, start_worker: Start) -> None:
    run_id = ask(app, folder_of(app, "long", LONG))
    worker = start_worker()
    wait_until(app, run_id, at_work)
    jobs = children(worker)
    worker.kill()
    run = wait_until(app, run_id, ended)
    assert (run.state, run.error) == ("failed", str(interrupted()))
    assert psutil.wait_procs(jobs, timeout=60)[1] == []
    with app.app_context():
        assert db.session.scalar(select(func.count(Training.id))) == 0


def test_the_next_worker_finds_what_dead_ones_left(app: Flask, start_worker: Start) -> None:
    run_id = ask(app, folder_of(app, "long", LONG))
    worker = start_worker()
    wait_until(app, run_id, at_work)
    for process in [worker, *children(worker)]:
        process.kill()
    worker.wait()
    with app.app_context():
        assert runs.find(run_id).state == "running"
        limit = now() - timedelta(seconds=runs.DEAD_AFTER)  # instead of waiting so long
        db.session.execute(update(Run).values(heartbeat_at=limit))
        db.session.commit()
    waiting = ask(app, folder_of(app, "quick"))
    app.extensions["queue"].huey.flush()  # its entry is lost, too
    start_worker()
    assert wait_until(app, run_id, ended).error == runs.LOST
    assert wait_until(app, waiting, ended).state == "done"
    with app.app_context():
        assert not (get_settings().instance / work.FOLDER / str(run_id)).exists()


@on_redis
def test_shutting_down_loses_nothing(app: Flask, start_worker: Start) -> None:
    long = ask(app, folder_of(app, "long", LONG))
    worker = start_worker(1)
    wait_until(app, long, at_work)
    waiting = ask(app, folder_of(app, "quick"))
    worker.send_signal(signal.SIGTERM)
    output = worker.communicate(timeout=60)[0]
    assert (worker.returncode, "Traceback" in output) == (0, False)
    with app.app_context():
        assert runs.find(long).error == str(interrupted())
        assert runs.find(waiting).state == "waiting"
    start_worker()
    assert wait_until(app, waiting, ended).state == "done"


def test_help_shows_an_example(runner: FlaskCliRunner) -> None:
    assert "Example: flask --app backend worker --jobs 4" in runner.invoke(args=["worker", "--help"]).output
