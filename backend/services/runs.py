"""Runs: trainings, fine-tunings, generations, imports. Their state lives in the database, whatever becomes of workers.

Who does a run takes it by name (`begin`), and from then on only this name may write to it; it beats every few seconds.
A run whose heart has stopped is marked failed by whoever notices (`reap`), and a worker that was only asleep learns
with its next beat that the run is no longer its own. Moments are the database's, so machines need no common clock.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.database import db, reading_session
from backend.domain.sentences import Translatable
from backend.models import Run, RunKind, RunState
from backend.models.base import JsonObject, now
from backend.queue import get_queue

BEAT = 5.0  # seconds between two beats, at most
DEAD_AFTER = 40.0  # seconds without a beat; with the workers' rounds a dead run is noticed within a minute
LOST = "its worker has ended without a word: killed, out of memory, or the machine went down"
STOPPED_BY = "stopped by "
REASON = "reason"  # where a result keeps why the run failed, so that pages can translate it; `error` is in English
ACTIVE = (RunState.WAITING.value, RunState.RUNNING.value)


class RunError(Translatable, ValueError):
    """A run that is not there, or cannot be started or stopped."""


class NoLongerOursError(RuntimeError):
    """The run was given up while we were silent: nothing more may be written to it."""


@dataclass(frozen=True)
class Told:
    """What is written about a run's progress; `log` and `result` replace what stood there."""

    progress: float
    log: str
    result: JsonObject | None


def start(kind: RunKind | str, parameters: Mapping[str, Any], person: str, worker: str | None = None) -> Run:
    """Add a waiting run and wake a worker; or one that `worker`, who calls this, does at once.

    Raises a ValueError for parameters with which it could not be done.
    """
    kind = RunKind(kind)
    check = current_app.extensions["jobs"][kind].check
    return add(kind, check(dict(parameters)), person, worker)


def add(kind: RunKind, parameters: JsonObject, person: str, worker: str | None = None) -> Run:
    """Like `start`, with parameters that need no check: what a command does itself may lie outside a worker's reach."""
    run = Run(kind=kind.value, parameters=parameters, created_by=person)
    with writing() as session:
        if worker:
            run.state, run.worker = RunState.RUNNING.value, worker
            run.started_at = run.heartbeat_at = moment_of(session)
        session.add(run)
        session.flush()
        run_id = run.id
    if not worker:
        get_queue().send(run_id)
    return find(run_id)


def claim() -> str:
    """A new name for one who does a run: machine, process, and something that never comes again."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(4)}"


def begin(run_id: int, worker: str) -> bool:
    """Take a waiting run; False when it is not waiting (any more). Of several who try, one gets it."""
    with writing() as session:
        moment = moment_of(session)
        values = {"state": RunState.RUNNING.value, "worker": worker, "started_at": moment, "heartbeat_at": moment}
        waits = update(Run).where(Run.id == run_id, Run.state == RunState.WAITING.value)
        return changed(session, waits.values(**values)) == 1


def beat(run_id: int, worker: str, told: Told | None = None) -> None:
    """Say that the run goes on, and how far it is. Raises NoLongerOursError."""
    values: dict[str, Any] = vars(told) if told else {}
    with writing() as session:
        mine = update(Run).where(Run.id == run_id, Run.worker == worker, Run.state == RunState.RUNNING.value)
        if not changed(session, mine.values(heartbeat_at=moment_of(session), **values)):
            raise NoLongerOursError(f"expected run {run_id} to be ours, got one that was given up or taken over")


def finish(run_id: int, worker: str, result: JsonObject, log: str, version_id: int | None = None) -> bool:
    """Mark a run as done; False when it was no longer ours."""
    values = {"progress": 1.0, "result": result, "log": log, "version_id": version_id, "error": None}
    return end(run_id, worker, RunState.DONE, **values)


def fail(run_id: int, worker: str, reason: str | Translatable, **told: Any) -> bool:
    """Mark a run as failed with its reason, or as stopped when somebody had asked for that; False when not ours."""
    run = find(run_id)
    if run.stopping:
        return end(run_id, worker, RunState.STOPPED, error=run.error, **told)
    if isinstance(reason, Translatable):
        told["result"] = (told.get("result") or run.result or {}) | {REASON: reason.plain()}
    return end(run_id, worker, RunState.FAILED, error=str(reason), **told)


def end(run_id: int, worker: str, state: RunState, **values: Any) -> bool:
    """Write the last state of a run that is ours."""
    with writing() as session:
        mine = update(Run).where(Run.id == run_id, Run.worker == worker, Run.state == RunState.RUNNING.value)
        return changed(session, mine.values(state=state.value, finished_at=moment_of(session), **values)) == 1


def stop(run_id: int, person: str) -> Run:
    """Stop a waiting run at once; ask a running one's worker to. Raises RunError for one that has ended."""
    asked = {"stopping": True, "error": f"{STOPPED_BY}{person}"}
    with writing() as session:
        this = update(Run).where(Run.id == run_id)
        ended = asked | {"state": RunState.STOPPED.value, "finished_at": moment_of(session)}
        stopped = changed(session, this.where(Run.state == RunState.WAITING.value).values(**ended))
        asked_to = stopped or changed(session, this.where(Run.state == RunState.RUNNING.value).values(**asked))
    run = find(run_id)
    if not asked_to:
        raise RunError("expected a run that is waiting or running, got one that has ended")
    return run


def stop_requested(run_id: int) -> bool:
    """Tell whether somebody asked a run to stop."""
    with reading_session() as session:
        return bool(session.scalar(select(Run.stopping).where(Run.id == run_id)))


def reap(limit: float = DEAD_AFTER) -> int:
    """Mark runs as failed whose heart has stopped for over `limit` seconds; returns how many.

    Workers call this in their rounds, and so does who lists runs: nobody ever sees one "running" for ever.
    """
    with reading_session() as session:
        silent = Run.heartbeat_at < moment_of(session) - timedelta(seconds=limit)
        dead = (Run.state == RunState.RUNNING.value) & (Run.heartbeat_at.is_(None) | silent)
        if session.scalar(select(Run.id).where(dead).limit(1)) is None:
            return 0
    with writing() as session:
        moment = moment_of(session)
        stopped = update(Run).where(dead, Run.stopping).values(state=RunState.STOPPED.value, finished_at=moment)
        failed = update(Run).where(dead).values(state=RunState.FAILED.value, finished_at=moment, error=LOST)
        return changed(session, stopped) + changed(session, failed)


def waiting() -> list[int]:
    """The runs that wait, the first first."""
    with reading_session() as session:
        return list(session.scalars(select(Run.id).where(Run.state == RunState.WAITING.value).order_by(Run.id)))


def find(run_id: int) -> Run:
    """A run as it is now, apart from any session. Raises RunError."""
    with reading_session() as session:
        run = session.get(Run, run_id)
        if run is None:
            raise RunError("expected a run, got none with the number %(number)s", number=run_id)
        session.expunge(run)
        return run


def seconds_left(run: Run) -> float | None:
    """How long a running run still takes if it goes on as it did; None when nothing can be said yet."""
    if run.state != RunState.RUNNING.value or run.started_at is None or run.progress < 0.02:
        return None
    spent = ((run.heartbeat_at or now()) - run.started_at).total_seconds()
    return max(0.0, spent * (1 / run.progress - 1))


@contextmanager
def writing() -> Iterator[Session]:
    """A short transaction of its own, after the caller's: what that has only read would keep SQLite locked."""
    db.session.commit()
    with Session(db.engine) as session, session.begin():
        yield session


def changed(session: Session, statement: Any) -> int:
    """How many rows a statement changed."""
    result: Any = session.execute(statement.execution_options(synchronize_session=False))
    return int(result.rowcount)


def moment_of(session: Session) -> datetime:
    """This moment by the database's clock; SQLite is on this machine."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    moment: datetime | None = session.scalar(select(func.clock_timestamp()))
    assert moment
    return moment
