"""kill -9 at random moments of upload, import, generation and publishing.

A child process does one of them again and again and says when it begins and when it has acknowledged each; of uploads
it is a real server, and its clients say so. It is killed at a random moment. What was acknowledged then has to be
there, what was not has to be there as a whole or not at all, and after a restart `check` has to be clean.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from backend.cli import finish_interrupted
from backend.database import db
from backend.services.consistency import check
from scripts.bench import Figures, figure, installation
from scripts.bench.killed import OPERATIONS, Installed

LIVES = 10  # of one installation: many rows make `check` slow, few repeat the same moments
LATEST = 2.0  # of a kill, in times that one operation takes


@dataclass
class Result:
    """What the kills did to one operation."""

    kills: int = 0
    interrupted: int = 0  # kills that came while an operation was under way
    acknowledged: int = 0
    problems: list[str] = field(default_factory=list)


def run(moments: int = 200, seed: int = 1, database: Callable[[], str] = str) -> Figures:
    """Kill at `moments` moments, as many of each operation; `database` gives the address of a new empty database."""
    rng = random.Random(seed)
    results = {name: Result() for name in OPERATIONS}
    for position, (name, result) in enumerate(results.items()):
        kills = moments // len(results) + (position < moments % len(results))
        while result.kills < kills:
            lives(name, min(LIVES, kills - result.kills), rng, result, database())
    problems = [problem for result in results.values() for problem in result.problems]
    interrupted = sum(result.interrupted for result in results.values())
    acknowledged = sum(result.acknowledged for result in results.values())
    text = f"{len(problems)} problems; {interrupted} kills in the middle, {acknowledged:,} acknowledged, none lost"
    return {
        "figures": [
            figure(
                f"kill -9 at {moments} random moments of upload, import, generate, publish",
                "nothing acknowledged lost, nothing torn, `check` clean",
                text if not problems else f"{len(problems)} problems: {problems[0]}",
                not problems,
            )
        ],
        "operations": {name: vars(result) for name, result in results.items()},
    }


def lives(name: str, kills: int, rng: random.Random, result: Result, database_url: str) -> None:
    """Kill an operation a few times in one installation, which lives on in between."""
    operation = OPERATIONS[name]
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        settings = {"static": Path(folder) / "static"}
        with installation(database_url, **settings) as app:
            place = Installed(Path(app.instance_path), settings["static"], database_url, Path(folder))
            operation.prepare(place)
            db.session.commit()
            numbers, acknowledged = count(), set[int]()
            patience = None
            for _ in range(kills):
                begun, done, patience = one_life(name, place, next(numbers) * 1000, rng, patience)
                acknowledged |= done
                result.kills += 1
                result.interrupted += bool(begun - done)
                result.problems += [f"{name}: {problem}" for problem in operation.torn(place)]
                finish_interrupted()
                problems = [*operation.lost(acknowledged, begun - done), *check()]
                result.problems += [f"{name}: {problem}" for problem in problems]
                db.session.rollback()
            result.acknowledged += len(acknowledged)


def one_life(
    name: str, place: Installed, first: int, rng: random.Random, patience: float | None
) -> tuple[set[int], set[int], float]:
    """Let a child work and kill it; returns what it began, what it acknowledged, and how long one operation took.

    The moment is chosen after the first operation of the first life, whose duration says how long to wait at most.
    """
    db.session.remove()
    db.engine.dispose()
    life = OPERATIONS[name].begin(place, first)
    begun, done = set[int](), set[int]()
    try:
        listen(life.pipe, begun, done, until=lambda: bool(begun))
        start = time.monotonic()
        if patience is None:
            listen(life.pipe, begun, done, until=lambda: bool(done))
            patience = time.monotonic() - start
        moment = time.monotonic() + rng.uniform(0, LATEST * patience)
        while (left := moment - time.monotonic()) > 0:
            time.sleep(left)
    finally:
        life.kill()
    listen(life.pipe, begun, done, until=lambda: False)
    life.pipe.close()
    return begun, done, patience


def listen(pipe: Connection, begun: set[int], done: set[int], until: Callable[[], bool]) -> None:
    """Take in what a child says, until a condition holds or it is dead."""
    try:
        while not until():
            what, number = pipe.recv()
            if what == "failed":
                raise RuntimeError(f"expected the work to go on, got {number}")
            (begun if what == "begun" else done).add(number)
    except (EOFError, OSError):
        if not begun:
            raise RuntimeError("expected the work to begin, got a process that died before") from None


def report(result: dict[str, Any]) -> str:
    """The operations in words, for a failing test."""
    return "\n".join(problem for operation in result["operations"].values() for problem in operation["problems"])
