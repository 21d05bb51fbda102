"""Watching over the process of one job: it is ended when it is to end, and its run is marked however it ended.

A job lives in a process group of its own, so that all that it has started ends with it. Its standard input is a pipe
whose other end is here: when this process dies, the job knows.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from backend.models import Run
from backend.services import runs
from backend.services.runs import RunError
from backend.settings import ROOT, get_settings

COMMAND = [sys.executable, "-m", "backend.jobs"]
LOOK = 0.5  # seconds between two looks at a job
GRACE = 10.0  # seconds that a job has to end by itself
Watch = Callable[[Run], None]


def supervise(run_id: int, name: str, stopping: Callable[[], bool], watch: Watch | None = None) -> None:
    """Start the process of a run that is ours, watch it, and see to it that the run is marked when it has ended."""
    command = [*COMMAND, str(run_id), name]
    environment = {**os.environ, **get_settings().environment()}
    job = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, start_new_session=True)
    try:
        beaten = 0.0
        while job.poll() is None and not stopping():
            if time.monotonic() - beaten >= runs.BEAT:  # a job may be slow to begin, and to beat itself
                beaten = time.monotonic()
                beat(run_id, name)
            if not goes_on(run_id):
                break
            if watch:
                watch(runs.find(run_id))
            wait(job, LOOK)
    finally:
        killed = end_group(job)
        runs.fail(run_id, name, interrupted() if stopping() else how_it_ended(job.returncode, killed))


def beat(run_id: int, name: str) -> None:
    """Beat for a job that is alive; a database that is away for a moment is no reason to end it."""
    with suppress(SQLAlchemyError, runs.NoLongerOursError):
        runs.beat(run_id, name)


def goes_on(run_id: int) -> bool:
    """Tell whether a job may go on; one that is ending by itself does."""
    try:
        run = runs.find(run_id)
    except SQLAlchemyError:
        return True
    return not run.stopping or run.finished_at is not None


def wait(job: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a process; tells whether it has ended."""
    try:
        job.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def end_group(job: subprocess.Popen[bytes]) -> bool:
    """End a job with everything that it has started; tells whether it had to be killed."""
    killed = False
    if job.poll() is None:
        signal_group(job.pid, signal.SIGTERM)
        killed = not wait(job, GRACE)
    signal_group(job.pid, signal.SIGKILL)  # what it has left behind, too
    job.wait()
    if job.stdin:
        job.stdin.close()
    return killed


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to a process group, if it still exists."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def interrupted() -> RunError:
    """The reason of a run whose worker was shut down."""
    return RunError("interrupted: its worker was stopped; start it again")


def how_it_ended(code: int, killed: bool = False) -> RunError:
    """The reason of a process that ended without marking its run; `killed` when it had to be."""
    if killed:
        return RunError("it did not end when asked to and was killed")
    if code >= 0:
        return RunError(
            "its process ended by itself with status %(status)s; the worker's output says more", status=code
        )
    if code == -signal.SIGKILL:
        return RunError("its process was ended by SIGKILL (out of memory?)")
    return RunError("its process was ended by %(signal)s", signal=signal.Signals(-code).name)
