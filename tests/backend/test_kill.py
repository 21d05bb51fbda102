"""An import killed at any moment: all of it or none of it is there, and clearing up leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import delete, func, select

from backend.database import db
from backend.models import Training
from backend.services.consistency import check
from backend.services.leftovers import BusyError, recover, remove_orphans, taking_in
from backend.settings import ROOT, Settings
from backend.storage import get_storage

from .folders import some_rows, write_folder

COUNT = 150
KILLS, TRIES = 3, 12


def test_a_killed_import_leaves_all_or_nothing(app: Flask, settings: Settings, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", [{**row, "correct_value": n} for n, row in enumerate(some_rows(COUNT))])
    command = [sys.executable, "-m", "flask", "--app", "backend", "import_training_data", str(folder)]
    environment = {
        **os.environ,
        "METER_INSTANCE": str(settings.instance),
        "METER_DATABASE_URL": settings.database_url,
    }
    rng, interrupted, longest = random.Random(1), 0, 0.4
    for _ in range(TRIES):
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
            wait_for_pictures(settings.instance / "files", process)
            time.sleep(rng.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            output = process.communicate()[0]
        with app.app_context():
            count = db.session.scalar(select(func.count(Training.id)))
            db.session.remove()
            assert count in (0, COUNT)
            assert count == COUNT or "samples imported" not in output  # what was acknowledged is there
            recover()
            assert list(check()) == []
            if count:  # too late
                longest /= 2
                db.session.execute(delete(Training))
                db.session.commit()
                db.session.remove()
                remove_orphans()
        interrupted += count == 0
        if interrupted == KILLS:
            return
    raise AssertionError(f"expected {KILLS} kills in the middle of an import, got {interrupted} in {TRIES} tries")


def wait_for_pictures(files: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the import has begun to store."""
    for _ in range(12_000):
        if process.poll() is not None or any(files.glob("*/*")):
            return
        time.sleep(0.01)
    raise AssertionError("the import stored nothing within 2 minutes")


def test_clearing_up_waits_for_an_import_and_takes_half_written_files(app: Flask, runner: FlaskCliRunner) -> None:
    with app.app_context():
        storage = get_storage()
        key = storage.put(b"x", "png")
        half = Path(storage.root) / f"{key}.0123456789ab.tmp"
        half.write_bytes(b"ha")
        foreign = half.with_name("letter.txt")
        foreign.write_bytes(b"dear")
        with taking_in(), pytest.raises(BusyError, match="expected no import to be under way"):
            remove_orphans()
        assert recover() == 0  # nobody noted these files
        assert storage.exists(key)
        with taking_in():
            result = runner.invoke(args=["check", "--remove-orphans"])
        assert (result.exit_code, result.output.count("\n")) == (1, 1)
        assert remove_orphans() == 2
        assert list(storage.names()) == [f"{key[:2]}/letter.txt"]
