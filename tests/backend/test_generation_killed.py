"""A generation killed at any moment: whole batches are there, and clearing up leaves nothing behind."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from flask import Flask
from sqlalchemy import func, select

from backend.database import db
from backend.models import TrainingAugmentation
from backend.services.consistency import check
from backend.services.leftovers import recover
from backend.settings import ROOT, Settings
from backend.storage import get_storage

from .stock import made, plant

KILLS = 5


@pytest.mark.long
@pytest.mark.one_database("sqlite", reason="what is killed is a process of its own with an instance folder")
def test_a_killed_generation_leaves_whole_batches(app: Flask, settings: Settings) -> None:
    with app.app_context():
        plant()
        own = set(get_storage().names())
    script = "from backend.services import generation; generation.BATCH = 12"
    call = "generation.generate(1, 180, 1, 'me', lambda done, total: print(done, flush=True))"
    program = f"{script}\nfrom backend.app import create_app\nwith create_app().app_context(): {call}"
    environment = {**os.environ, "METER_INSTANCE": str(settings.instance)}
    rng, interrupted = random.Random(2), 0
    for _ in range(KILLS):
        with subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            lines = [process.stdout.readline()]  # the first batch is there
            time.sleep(rng.uniform(0, 0.15))
            process.send_signal(signal.SIGKILL)
            lines += process.communicate()[0].splitlines()
        acknowledged = max(int(line) for line in lines if line.strip())
        with app.app_context():
            count = db.session.scalar(select(func.count(TrainingAugmentation.id))) or 0
            assert acknowledged <= count
            assert count % 12 == 0
            interrupted += count < 180
            db.session.remove()
            recover()
            assert list(check()) == []
            for row in made():
                db.session.delete(row)
            db.session.commit()
            assert set(get_storage().names()) == own
            db.session.remove()
    assert interrupted, "every kill came too late to interrupt anything"
