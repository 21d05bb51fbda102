"""Runs: what trains, imports and generates, live; starting and stopping it."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import format_timedelta, lazy_gettext
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import defer, joinedload

from backend.accounts import may, person
from backend.admin.base import LARGEST_ID, SecureView
from backend.database import db
from backend.i18n import explanation
from backend.models import NeuralVersion, Role, Run, RunKind, RunState
from backend.services import archives, neural, recipes, runs
from backend.services.gallery import page_number, page_of
from backend.services.runs import ACTIVE

SIZE = 30  # runs on a page
KINDS = {
    RunKind.TRAINING.value: lazy_gettext("Training"),
    RunKind.FINE_TUNING.value: lazy_gettext("Fine-tuning"),
    RunKind.GENERATION.value: lazy_gettext("Generation"),
    RunKind.IMPORT.value: lazy_gettext("Import"),
    RunKind.READING.value: lazy_gettext("Reading the samples"),
    RunKind.LEARNING_CURVE.value: lazy_gettext("Learning curve"),
    RunKind.RECIPE.value: lazy_gettext("Recipe"),
}
STATES = {
    RunState.WAITING.value: lazy_gettext("waiting"),
    RunState.RUNNING.value: lazy_gettext("running"),
    RunState.DONE.value: lazy_gettext("done"),
    RunState.FAILED.value: lazy_gettext("failed"),
    RunState.STOPPED.value: lazy_gettext("stopped"),
}
BADGES = {"done": "good", "failed": "bad", "stopped": "warn", "running": "info", "waiting": "info"}
# Options and results, as they are called in commands.
NAMES = {
    "model_name": lazy_gettext("Model"),
    "epochs": lazy_gettext("Epochs"),
    "architecture": lazy_gettext("Architecture"),
    "changes": lazy_gettext("What is new"),
    "steps": lazy_gettext("Steps an epoch"),
    "batch": lazy_gettext("Pictures a step"),
    "seed": lazy_gettext("Seed"),
    "limit": lazy_gettext("Only so many samples of each type"),
    "learning_rate": lazy_gettext("Learning rate"),
    "recipe": lazy_gettext("Recipe"),
    "full": lazy_gettext("All of it"),
    "data": lazy_gettext("Dataset folder"),
    "backbone": lazy_gettext("Network to begin with"),
    "weights": lazy_gettext("Its weights"),
    "accuracy": lazy_gettext("Told rightly of the test pictures"),
    "published": lazy_gettext("Published"),
    "how": lazy_gettext("How"),
    "sizes": lazy_gettext("Sizes"),
    "repeats": lazy_gettext("Runs at each size"),
    "archive": lazy_gettext("ZIP archive"),
    "folder": lazy_gettext("Folder on the server"),
    "base": lazy_gettext("Base dataset"),
    "meter_type": lazy_gettext("Meter type"),
    "count": lazy_gettext("How many"),
    "version": lazy_gettext("Version"),
    "data_sha256": lazy_gettext("Data"),
    "samples": lazy_gettext("Samples"),
    "elements": lazy_gettext("Fragments"),
    "augmentations": lazy_gettext("Augmentations"),
    "known": lazy_gettext("Were there already"),
    "made": lazy_gettext("Made"),
    "read": lazy_gettext("Read"),
    "failed": lazy_gettext("Could not be read"),
    "gates_not_passed": lazy_gettext("Gates not passed"),
}
STARTED_HERE = (RunKind.TRAINING.value, RunKind.FINE_TUNING.value, RunKind.IMPORT.value)
FORM_WORDS = {"csrf_token", "kind"}


def views() -> list[SecureView]:
    """The page of this module."""
    return [RunsView(name=lazy_gettext("Runs"), endpoint="runs", url="runs")]


class RunsView(SecureView):
    """The list with the forms that start runs, and the page of one run."""

    edits = Role.TRAINER
    extra_css = ("/panel-static/css/charts.css", "/panel-static/css/runs.css")
    extra_js = ("/panel-static/js/charts.js", "/panel-static/js/runs.js")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the runs, the newest first, and what can be started."""
        return self.page(again())

    @expose("/live")
    def live_list(self) -> ResponseReturnValue:
        """What changes on the list, for a page that looks every other second."""
        return fresh(render_template("admin/runs/rows.html", **listed(), **WORDS))

    @expose("/<int:number>/")
    def show(self, number: int) -> ResponseReturnValue:
        """Show one run: how far it is, its curve, its log."""
        runs.reap()
        run = find(number)
        return self.render("admin/runs/run.html", run=run, **told(run), **WORDS, may_start=may(self.edits))

    @expose("/<int:number>/live")
    def live(self, number: int) -> ResponseReturnValue:
        """What changes on the page of a run."""
        runs.reap()
        run = find(number)
        return fresh(render_template("admin/runs/parts.html", run=run, **told(run), **WORDS))

    @expose("/start", methods=("POST",))
    def start(self) -> ResponseReturnValue:
        """Start a run with the options of the form; where they cannot be, the form comes back as it was."""
        kind = request.form.get("kind", "")
        if kind not in STARTED_HERE:
            abort(400, f"Expected one of {', '.join(STARTED_HERE)}, got {kind[:40]!r}.")
        given: dict[str, Any] = {name: text for name, text in request.form.items() if name not in FORM_WORDS}
        try:
            run = start_import(given) if kind == RunKind.IMPORT.value else runs.start(kind, given, person())
        except ValueError as error:
            db.session.rollback()
            flash(explanation(error), "error")
            return self.page({"kind": kind} | given), 400
        return redirect(url_for(".show", number=run.id))

    @expose("/<int:number>/stop", methods=("POST",))
    def stop(self, number: int) -> ResponseReturnValue:
        """Stop a run."""
        try:
            runs.stop(find(number).id, person())
        except runs.RunError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".show", number=number))

    def page(self, given: dict[str, Any]) -> str:
        """The list with its forms, filled with what was given."""
        answer: str = self.render(
            "admin/runs/index.html",
            **listed(),
            **WORDS,
            given=given,
            defaults={field.name: field.default for field in fields(neural.Options)},
            architectures=neural.architectures(),
            models=recipes.other_models(),
            folders=archives.folders() if may(self.edits) else [],
            may_start=may(self.edits),
        )
        return answer


def start_import(given: dict[str, Any]) -> Run:
    """Keep an uploaded archive and import it, or a folder on the server. Raises a ValueError."""
    upload = request.files.get("upload")
    parameters = {"folder": given.get("folder", ""), "base": given.get("base") == "1"}
    if upload is None or not upload.filename:
        return runs.start(RunKind.IMPORT, parameters, person())
    if parameters["folder"]:
        raise ValueError(_("Not done: choose an archive or a folder, not both."))
    name = archives.keep(upload.stream)
    try:
        return runs.start(RunKind.IMPORT, parameters | {"archive": name}, person())
    except BaseException:
        archives.archive_named(name).unlink(missing_ok=True)
        raise


def listed() -> dict[str, Any]:
    """The page of the list that the address asks for."""
    runs.reap()
    query = select(Run).options(defer(Run.log), joinedload(Run.version).joinedload(NeuralVersion.model))
    found = page_of(query.order_by(Run.id.desc()), page_number(request.args.get("page", "1")), SIZE)
    return {"found": found, "left": {run.id: time_left(run) for run in found.rows}, "active": any_active(found.rows)}


def told(run: Run) -> dict[str, Any]:
    """What the page of a run shows of it."""
    result = dict(run.result or {})
    curve = result.pop("curve", [])
    points = [point for point in curve if isinstance(point, dict)] if isinstance(curve, list) else []
    validate = result.pop("validate", None)
    exact = validate.get("exact") if isinstance(validate, dict) else None
    plain = {name: str(value)[:40] for name, value in result.items() if isinstance(value, int | float | str)}
    return {
        "points": points,
        "result": plain,
        "exact": exact,
        "left": time_left(run),
        "active": run.state in ACTIVE,
        "parameters": {name: value for name, value in run.parameters.items() if value not in (None, "", False)},
    }


def time_left(run: Run) -> str:
    """How long a run still takes, in words; empty when nothing can be said."""
    seconds = runs.seconds_left(run)
    return "" if seconds is None else str(format_timedelta(timedelta(seconds=max(seconds, 1)), threshold=1.5))


def any_active(rows: list[Run]) -> bool:
    """Tell whether something on the list still changes."""
    return any(run.state in ACTIVE for run in rows)


def fresh(text: str) -> Response:
    """An answer for a page that looks again and again: 304 as long as nothing has changed."""
    response = Response(text, mimetype="text/html")
    response.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.make_conditional(request)
    return response


def find(number: int) -> Run:
    """A run by its number; 404 when there is none."""
    run = db.session.get(Run, number) if number <= LARGEST_ID else None
    if run is None:
        abort(404, "There is no run with this number.")
    return run


def again() -> dict[str, Any]:
    """The options of an earlier run, to start it once more."""
    text = request.args.get("again", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return {}
    run = find(int(text))
    return {"kind": run.kind, **run.parameters}


WORDS = {"names": NAMES, "kinds": KINDS, "states": STATES, "badges": BADGES}
