"""The overview and the maps of digits among many samples and as many generated pictures, against a real gunicorn.

The first page, the holes that it fetches after the rest, and the page of augmentations for each meter type, with the
runs that made them, as a person gets them who is logged in. They count all there is, at each request anew.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from backend.app import create_app
from backend.database import db, refresh_statistics
from backend.models import MeterType, Run, RunKind, RunState, Training, TrainingAugmentation
from backend.models.base import now
from backend.settings import Settings
from scripts.bench import Figures, figure
from scripts.bench.list_page import ask, p95, prepared
from scripts.bench.panel import AT_ONCE
from scripts.bench.server import free_port, served

TARGET = 500.0  # milliseconds, p95: what a person takes for "at once" or nearly so
RUNS = 12  # that made the pictures
PAGES = {
    "overview of {samples} samples, p95": ["/admin/"],
    "– its holes, p95": ["/admin/holes"],
    "map of digits, {samples} generated pictures, p95": [
        "/admin/augmentations/",
        "/admin/augmentations/?meter_type=2",
        "/admin/augmentations/?meter_type=5",
    ],
}


def run(samples: int = 100_000, requests: int = 60) -> Figures:
    """Ask for each page so many times among so many samples."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        settings = Settings(instance=Path(folder), port=free_port(), workers=2, embedded_worker=False)
        headers = prepared(settings, samples)
        add_augmentations(settings, samples)
        every = [address for addresses in PAGES.values() for address in addresses]
        with served(settings):
            ask(settings.port, every, headers, 4 * len(every), clients=4)  # each process has seen each
            taken = {name: ask(settings.port, addresses, headers, requests) for name, addresses in PAGES.items()}
    figures: list[dict[str, Any]] = []
    medians: dict[str, float] = {}
    for name, of_page in taken.items():
        slow = p95([one for those in of_page.values() for one in those])
        title = name.format(samples=samples)
        figures.append(figure(title, f"≤ {TARGET:.0f} ms", f"{slow:.0f} ms", slow <= TARGET))
        medians |= {address: round(statistics.median(those), 1) for address, those in of_page.items()}
    return {"figures": figures, "samples": samples, "medians_ms": medians}


def add_augmentations(settings: Settings, count: int, seed: int = 1) -> None:
    """Add rows like those that some runs made, of all meter types; they share one picture."""
    app = create_app(settings)
    with app.app_context():
        kinds = list(db.session.scalars(select(MeterType).order_by(MeterType.id)))
        one = db.session.scalars(select(Training).limit(1)).one()
        names = ("image", "width", "height", "sha256", "pixels_sha256")
        picture = {name: getattr(one, name) for name in names}
        db.session.add_all(finished(kinds[number % len(kinds)], number) for number in range(RUNS))
        chance = random.Random(seed)
        for begin in range(0, count, AT_ONCE):
            rows = [made(number, chance, kinds, picture) for number in range(begin, min(begin + AT_ONCE, count))]
            db.session.execute(insert(TrainingAugmentation), rows)
        db.session.commit()
        refresh_statistics()
        db.session.remove()
        db.engine.dispose()


def finished(kind: MeterType, seed: int) -> Run:
    """A generation that has ended."""
    moment = now()
    parameters: dict[str, object] = {"meter_type": kind.name, "seed": seed, "count": 1}
    times = {"started_at": moment - timedelta(minutes=1), "finished_at": moment + timedelta(minutes=1)}
    return Run(kind=RunKind.GENERATION.value, state=RunState.DONE.value, progress=1.0, parameters=parameters, **times)


def made(number: int, chance: random.Random, kinds: list[MeterType], picture: dict[str, Any]) -> dict[str, Any]:
    """A row that one of the runs made."""
    run = number % RUNS
    return {
        **picture,
        "type": 0,
        "meter_type_id": kinds[run % len(kinds)].id,
        "correct_value": f"{chance.randrange(10**5):05d}.{chance.randrange(10)}",
        "element_ids": f"{number + 1}-{number + 2}-{number + 3}",
        "seed": run,
        "created_at": now(),
    }


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1, ensure_ascii=False))
