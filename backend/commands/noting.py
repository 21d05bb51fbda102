"""What a command does in its own process, noted as a run: the panel shows it with those that workers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from backend.commands.reporting import Progress, person, reported
from backend.domain.sentences import Translatable
from backend.models import RunKind
from backend.models.base import JsonObject
from backend.services import runs
from backend.services.reporter import Reporter


class Work:
    """What is being done: `progress` is to be told how far it is, `result` is what it leaves."""

    def __init__(self, bar: Progress, report: Reporter) -> None:
        self.bar, self.report = bar, report
        self.result: JsonObject = {}

    def progress(self, done: int, total: int) -> None:
        """Move the bar, and the run in the panel."""
        self.bar(done, total)
        self.report(done, total)


@contextmanager
def noted(kind: RunKind, parameters: JsonObject, label: str) -> Iterator[Work]:
    """Do something under a bar, as `reported` does, and note it as a run, whatever becomes of it."""
    name = runs.claim()
    run = runs.add(kind, parameters, person(), name)
    report = Reporter(current_app._get_current_object(), run.id, name)  # type: ignore[attr-defined]
    with reported(label) as bar:
        work = Work(bar, report)
        try:
            with report.beating():
                yield work
        except BaseException as error:
            fail(run.id, name, report, error)
            raise
        runs.finish(run.id, name, work.result, report.told().log)


def fail(run_id: int, name: str, report: Reporter, error: BaseException) -> None:
    """Note why it was not done."""
    for problem in getattr(error, "problems", ()):
        report.line(problem)
    told = report.told()
    reason = error if isinstance(error, Translatable) else f"{type(error).__name__}: {error}"
    runs.fail(run_id, name, reason, progress=told.progress, log=told.log)
