"""How many planted inconsistencies `check` finds: all at once in one installation, `current.json` state by state.

An installation that is whole is filled first, and must give no complaint. Then each kind of damage is done again and
again, each time to a row, a file or a version of its own, and each has to be named by a line of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import text

from backend.database import db
from backend.services.consistency import check
from scripts.bench import Figures, figure, installation
from scripts.bench.damages import PLANTS, POINTERS
from scripts.bench.planting import fill

POINTERS_EACH = 3  # of the states of `current.json`, which is one file, so that each needs a check of its own


def run(planted: int = 1000) -> Figures:
    """Plant `planted` inconsistencies, of every kind about as many; count those that are named."""
    states = list(islice(cycle(POINTERS), min(POINTERS_EACH * len(POINTERS), max(len(POINTERS), planted // 10))))
    missed = [name for name, found in damaged_at_once(planted - len(states)) + damaged_in_turn(states) if not found]
    kinds = len(PLANTS) + len(POINTERS)
    found = planted - len(missed)
    return {
        "figures": [
            figure(
                f"`check`: planted inconsistencies found, {kinds} kinds",
                f"{planted:,} of {planted:,}",
                f"{found:,} of {planted:,}",
                not missed,
            )
        ],
        "planted": planted,
        "missed": sorted(set(missed)),
    }


def damaged_at_once(count: int) -> list[tuple[str, bool]]:
    """Do `count` damages to one installation; for each its kind and whether `check` named it."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        static = Path(folder) / "static"
        with installation(static=static) as app:
            place = fill(app, count)
            require_whole()
            unlock()
            expected = []
            for plant in islice(cycle(PLANTS), count):
                expected.append((plant.__name__, plant(place)))
                db.session.commit()
            lines = list(check())
    return [(name, any(line.startswith(start) for line in lines)) for name, start in expected]


def damaged_in_turn(names: list[str]) -> list[tuple[str, bool]]:
    """Bring `current.json` and what is known of it into each of these states; for each whether `check` named it."""
    results = []
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        static = Path(folder) / "static"
        with installation(static=static) as app:
            place = fill(app, 3)
            require_whole()
            whole = Path(folder) / "whole"
            shutil.copytree(static, whole)
            for name in names:
                start = POINTERS[name](place)
                db.session.commit()
                results.append((name, any(line.startswith(start) for line in check())))
                shutil.rmtree(static)
                shutil.copytree(whole, static)
                place.restore()
            require_whole()
    return results


def require_whole() -> None:
    """Nothing is damaged yet: whatever `check` says now would be a false alarm."""
    db.session.commit()
    alarms = list(check())
    assert not alarms, f"expected no complaint about an installation that is whole, got {alarms[:3]}"


def unlock() -> None:
    """Let SQLite take what its constraints refuse, as another program could."""
    connection = db.session.connection().connection.driver_connection
    db.session.commit()
    assert connection is not None
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    assert db.session.execute(text("PRAGMA foreign_keys")).scalar() == 0
