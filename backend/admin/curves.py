"""Learning curves: how much better a network reads with more photos, how many a target takes, and which to take."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from flask import abort, request
from flask_babel import lazy_gettext
from sqlalchemy import select

from backend.accounts import may
from backend.admin.base import SecureView, is_id
from backend.admin.runs import STATES, any_active
from backend.admin.starting import StartingView
from backend.database import db
from backend.models import MeterType, Run, RunKind
from backend.services import curves, recipes
from backend.services.augmentations import heading
from backend.services.coverage import Hole
from backend.services.curves import Needed

TARGETS = (50, 99)  # percent
TARGET = 95
LAST = 5  # runs that are named
FORMS = {
    "power3": lazy_gettext("power law, 3 parameters"),
    "power4": lazy_gettext("power law, 4 parameters"),
    "sigmoid4": lazy_gettext("sigmoid, 4 parameters"),
}
WAYS = {
    "tuned": lazy_gettext("from a base (hours)"),
    "train": lazy_gettext("from nothing (many hours)"),
}


def views() -> list[SecureView]:
    """The page of this module."""
    return [CurvesView(name=lazy_gettext("Learning curves"), endpoint="curves", url="learning-curves")]


class CurvesView(StartingView):
    """The curves of one run, the answers for a target, the form that starts another."""

    kind = RunKind.LEARNING_CURVE
    extra_css = ("/panel-static/css/charts.css", "/panel-static/css/runs.css", "/panel-static/css/curves.css")
    extra_js = ("/panel-static/js/charts.js",)

    def page(self, given: dict[str, Any]) -> str:
        """The page with its form, filled with what was given."""
        found = curves.finished()
        run, target = chosen(found), wanted()
        result: dict[str, Any] = dict(run.result or {}) if run else {}
        last = db.session.scalars(last_runs()).all()
        answer: str = self.render(
            "admin/curves/index.html",
            runs=found,
            run=run,
            target=target,
            targets=TARGETS,
            curves=told(result.get("curves", {}), target),
            guesses=guessed(result),
            guess_error=(result.get("guesses") or {}).get("error"),
            last=last,
            active=any_active(list(last)),
            states=STATES,
            forms=FORMS,
            ways=WAYS,
            models=recipes.other_models(),
            defaults={field.name: field.default for field in fields(curves.Options)},
            quick=curves.BASE.is_file(),
            given=given,
            may_start=may(self.edits),
        )
        return answer


def last_runs() -> Any:
    """The last runs of this kind, ended or not."""
    return select(Run).where(Run.kind == RunKind.LEARNING_CURVE.value).order_by(Run.id.desc()).limit(LAST)


def chosen(found: list[Run]) -> Run | None:
    """The run that the address asks for, else the last one; 404 for one without a curve."""
    text = request.args.get("run", "")
    if not text:
        return found[0] if found else None
    run = next((run for run in found if is_id(text) and run.id == int(text)), None)
    if run is None:
        abort(404, "There is no learning curve with this number.")
    return run


def wanted() -> int:
    """The target accuracy in percent that the address asks for."""
    text = request.args.get("target", str(TARGET))
    if not (text.isascii() and text.isdecimal() and len(text) <= 2 and TARGETS[0] <= int(text) <= TARGETS[1]):
        abort(400, f"Expected a target from {TARGETS[0]} to {TARGETS[1]} percent, got {text[:20]!r}.")
    return int(text)


def told(result: dict[str, Any], target: int) -> list[dict[str, Any]]:
    """The curves with their charts' rows and answers; that of all together first, its name empty."""
    both = [("", result.get("together")), *sorted(result.get("types", {}).items())]
    return [shown(name, curve, target) for name, curve in both if curve]


def shown(name: str, curve: dict[str, Any], target: int) -> dict[str, Any]:
    """One curve as the page shows it."""
    answer: Needed | None = curves.needed(curve, target)
    fill = curves.to_fill(name) if name else None
    tested = curve.get("half_to_all") or {}
    return {
        "name": name,
        "rows": rows(curve),
        "form": curve.get("form"),
        "sizes": curve.get("sizes", 0),
        "off": tested.get("chosen"),
        "sigmoid_off": tested.get("sigmoid4"),
        "answer": answer,
        "meter_type": fill[0] if fill else None,
        "holes": places(*fill) if fill else [],
    }


def places(meter_type: MeterType, holes: list[Hole]) -> list[tuple[str, str]]:
    """The places with digits seldom seen, as they are headed in the map, and those digits."""
    found: dict[int, list[int]] = {}
    for hole in holes:
        found.setdefault(hole.place, []).append(hole.digit)
    return [
        (heading(place, meter_type.decimals), ", ".join(str(digit) for digit in sorted(digits)))
        for place, digits in sorted(found.items())
    ]


def rows(curve: dict[str, Any]) -> list[dict[str, Any]]:
    """The chart's rows by size: what was measured (the runs' mean), and the curve with its interval; as accuracies."""
    made = [{"size": size, "measured": 1 - error} for size, error in curves.mean_errors(curve["points"])]
    for row in curve.get("line", ()):
        ends = {"low": 1 - row["high"], "high": 1 - row["low"]}
        made.append({"size": row["size"], "curve": 1 - row["error"]} | ends)
    return sorted(made, key=lambda row: float(row["size"]))


def guessed(result: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The rough first guesses, of the meter types without a curve."""
    types = (result.get("curves") or {}).get("types", {})
    told = (result.get("guesses") or {}).get("types", {})
    return sorted((name, one) for name, one in told.items() if "form" not in types.get(name, {}))
