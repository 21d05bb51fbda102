"""Jobs: what is done for each kind of run, in a process group of its own that a worker watches over.

A worker takes run numbers from the queue. For each it starts `python -m backend.jobs RUN WORKER`, which does the job
and tells the database how it goes, and watches over it (`backend.supervision`): the whole group is ended when somebody
asks for that, when the worker is shut down itself, or when the job's process is gone. The job in turn ends when its
worker does. Commands do their runs the same way (`do_here`), so there is one road for all.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app
from huey.consumer import Consumer

from backend import logs
from backend.domain.sentences import Translatable
from backend.models import Run, RunKind
from backend.models.base import JsonObject
from backend.queue import get_queue
from backend.services import curves, leftovers, recipes, runs, work
from backend.services.reporter import JobError, Outcome, Reporter
from backend.settings import get_settings
from backend.supervision import COMMAND, GRACE, Watch, interrupted, supervise

log = logging.getLogger(__name__)

ROUND = 5.0  # seconds between two rounds of a worker
ALIVE = "worker.alive"  # file of the instance folder, touched after each: scripts/healthy.py looks at it


class Interrupted(BaseException):
    """This process was asked to end."""


@dataclass(frozen=True)
class Kind:
    """A kind of run: `check` completes its parameters or raises a ValueError, `do` does it and returns a result.

    A heavy one takes a whole machine for long: a worker does one of them at a time, others beside it.
    """

    check: Callable[[dict[str, Any]], JsonObject]
    do: Callable[[JsonObject, str, Reporter], Outcome]
    heavy: bool = False


KINDS = {
    RunKind.IMPORT: Kind(work.check_import, work.do_import),
    RunKind.GENERATION: Kind(work.check_generation, work.do_generation),
    RunKind.TRAINING: Kind(work.check_training, work.do_training, heavy=True),
    RunKind.FINE_TUNING: Kind(work.check_fine_tuning, work.do_fine_tuning, heavy=True),
    RunKind.READING: Kind(work.check_reading, work.do_reading),
    RunKind.LEARNING_CURVE: Kind(curves.check, curves.do, heavy=True),
    RunKind.RECIPE: Kind(recipes.check, recipes.do, heavy=True),
}


def init_app(app: Flask) -> None:
    """Let services know the kinds of runs there are."""
    app.extensions["jobs"] = KINDS


class Worker:
    """Takes runs from the queue until it is told to stop."""

    def __init__(self, app: Flask, jobs: int) -> None:
        self.app, self.jobs = app, jobs
        self.stopping = threading.Event()
        self.heavy = threading.Lock()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; running jobs are then ended and marked, waiting ones stay in the queue."""
        self.listen()
        with self.app.app_context():
            leftovers.recover()
            work.clear_folders()
        queue = self.app.extensions["queue"]
        queue.work = self.take
        consumer = Consumer(queue.huey, workers=self.jobs, periodic=False, max_delay=1.0, backoff=1.3)
        consumer.start()
        self.listen()  # the consumer has put its own ears in place
        while not self.stopping.wait(ROUND if self.look_round() else 1.0):
            consumer.check_worker_health()
        consumer.stop(graceful=True)

    def listen(self) -> None:
        """Let signals stop it."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: self.stopping.set())

    def take(self, run_id: int) -> None:
        """Do one run, if it is still waiting and this worker may."""
        with self.app.app_context():
            heavy = KINDS[RunKind(runs.find(run_id).kind)].heavy
            if self.stopping.is_set() or (heavy and not self.heavy.acquire(blocking=False)):
                return  # it goes on waiting, and a later round finds it
            try:
                name = runs.claim()
                if runs.begin(run_id, name):
                    supervise(run_id, name, self.stopping.is_set)
            finally:
                if heavy:
                    self.heavy.release()

    def look_round(self) -> bool:
        """Mark dead runs, and wake workers for runs whose entry in the queue was lost; tells whether it could."""
        try:
            with self.app.app_context():
                if dead := runs.reap():
                    log.warning("%d runs were marked as failed: their workers are gone", dead)
                queue = get_queue()
                if queue.huey.pending_count() == 0:
                    for run_id in runs.waiting():
                        queue.send(run_id)
                (get_settings().instance / ALIVE).touch()
        except Exception:
            log.exception("a worker's round failed")
            return False
        return True


def do_here(kind: RunKind, parameters: dict[str, Any], person: str, watch: Watch) -> Run:
    """Do a run now, for a command: in its own process, watched from this one; returns how it ended.

    Ctrl+C and SIGTERM stop it, as the panel does.
    """
    name = runs.claim()
    run = runs.start(kind, parameters, person, name)
    asked = threading.Event()

    def stopping() -> bool:
        if asked.is_set():
            with suppress(runs.RunError):  # it ended by itself meanwhile
                runs.stop(run.id, person)
        return False

    before = {number: signal.signal(number, lambda *_: asked.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        supervise(run.id, name, stopping, watch)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return runs.find(run.id)


def perform(run_id: int, name: str) -> None:
    """Do the job of a run that `name` has taken, and mark how it ended. This process has nothing else to do."""
    run, reporter = runs.find(run_id), Reporter(current_app._get_current_object(), run_id, name)  # type: ignore[attr-defined]
    reason: str | Translatable = ""
    outcome = None
    with reporter.beating():
        try:
            outcome = KINDS[RunKind(run.kind)].do(run.parameters, run.created_by, reporter)
        except (ValueError, OSError, JobError) as error:
            for problem in getattr(error, "problems", ()):
                reporter.line(problem)
            reason = error if isinstance(error, Translatable) else str(error)
        except Interrupted:
            reason = interrupted()
        except Exception as error:
            reporter.line(traceback.format_exc())
            reason = f"unexpected {type(error).__name__}: {error}"
    told = reporter.told()
    if outcome:
        runs.finish(run_id, name, (told.result or {}) | outcome.result, told.log, outcome.version_id)
    else:
        runs.fail(run_id, name, reason, progress=told.progress, log=told.log, result=told.result)


def end_with_worker() -> None:
    """Wait until the worker is gone, which closes our standard input; then end, with all that we have started."""
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


def interrupt(*_: object) -> None:
    """Handle SIGTERM: once, so that nothing interrupts the clearing up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Interrupted


def worker_command(jobs: int) -> list[str]:
    """The command line of a worker, in a process without any pages."""
    return [*COMMAND, str(jobs)]


def main(arguments: list[str]) -> None:
    """`python -m backend.jobs JOBS` is a worker; `python -m backend.jobs RUN WORKER` a job, as that starts it."""
    from backend.core import create_core

    app = create_core()
    logs.configure(get_settings(app).log_level)
    init_app(app)
    if len(arguments) == 1:
        Worker(app, int(arguments[0])).run()
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the worker's
    signal.signal(signal.SIGTERM, interrupt)
    threading.Thread(target=end_with_worker, daemon=True).start()
    with app.app_context():
        perform(int(arguments[0]), arguments[1])


if __name__ == "__main__":
    main(sys.argv[1:])
