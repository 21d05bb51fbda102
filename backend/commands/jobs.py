"""The command that does jobs, and how commands watch a run of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import with_appcontext

from backend import jobs
from backend.models import Run, RunKind, RunState
from backend.models.base import JsonObject
from backend.settings import ROOT, get_settings
from backend.supervision import Watch

STEPS = 1000  # of a bar


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(worker)


@click.command("worker")
@click.option("--jobs", "count", type=click.IntRange(1, 64), help="Jobs at once (default: METER_JOBS).")
@with_appcontext
def worker(count: int | None) -> None:
    """Do jobs from the queue until stopped: trainings, imports, generation. Any number of workers may run.

    On several machines they share METER_REDIS_URL, METER_DATABASE_URL, METER_FILES, METER_STATIC and METER_IMPORTS.

    Example: flask --app backend worker --jobs 4
    """
    settings = get_settings()
    command = jobs.worker_command(count or settings.jobs)
    os.chdir(ROOT)
    os.execve(command[0], command, {**os.environ, **settings.environment()})  # noqa: S606 (no shell)


def do_run(kind: RunKind, parameters: JsonObject, person: str, label: str) -> Run:
    """Do a run now with a bar and its log; ends the command with one line and status 1 unless it is done."""
    jobs.KINDS[kind].check(dict(parameters))  # what is refused has no bar
    with watched(label) as watch:
        run = jobs.do_here(kind, parameters, person, watch)
        watch(run)
    if run.state != RunState.DONE.value:
        raise click.ClickException(run.error or f"the run is {run.state}")
    return run


@contextmanager
def watched(label: str) -> Iterator[Watch]:
    """Show a bar for a run."""
    with click.progressbar(length=STEPS, label=label) as bar:

        def watch(run: Run) -> None:
            done = STEPS if run.state == RunState.DONE.value else round(STEPS * run.progress)
            bar.update(max(0, done - bar.pos))

        yield watch
