"""Recipes: systems that this project descends from, what their published versions reach, and starting them again."""

from __future__ import annotations

from typing import Any

from flask import Response, abort
from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import and_, select

from backend.accounts import may
from backend.admin.base import LARGEST_ID, SecureView
from backend.admin.runs import STATES
from backend.admin.starting import StartingView
from backend.database import db
from backend.models import Run, RunKind, RunState
from backend.services import backbones, recipe_data, recipes
from backend.services.classifying import available

LAST = 10  # runs that are named
PERCENTS = (80, 90, 95, 99)  # targets that a measured curve answers
PLOT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # a picture: it may have colours, nothing else


def views() -> list[SecureView]:
    """The page of this module."""
    return [RecipesView(name=lazy_gettext("Recipes"), endpoint="recipes", url="recipes")]


class RecipesView(StartingView):
    """The recipes with their figures, the form that starts one, the last runs."""

    kind = RunKind.RECIPE
    extra_css = ("/panel-static/css/runs.css", "/panel-static/css/curves.css")

    def page(self, given: dict[str, Any]) -> str:
        """The page with its form, filled with what was given."""
        cards = available()
        rows = [
            {"name": name, "about": recipes.about(name), "card": cards.get(name), "right": right(cards.get(name))}
            for name in recipes.names()
        ]
        last = select(Run).where(Run.kind == RunKind.RECIPE.value).order_by(Run.id.desc()).limit(LAST)
        answer: str = self.render(
            "admin/recipes/index.html",
            recipes=rows,
            last=db.session.scalars(last).all(),
            states=STATES,
            given=given,
            measured=recipes.MEASURED,
            data=recipe_data.offered(),
            backbones=backbones,
            shown=shown(),
            percents=PERCENTS,
            may_start=may(self.edits),
        )
        return answer

    @expose("/plots/<int:number>/<int:index>.svg")
    def plot(self, number: int, index: int) -> Response:
        """A plot of a run, by its place among them; it says itself how it looks in the dark."""
        run = db.session.get(Run, number) if number <= LARGEST_ID else None
        result: dict[str, Any] = dict(run.result or {}) if run else {}
        plots = list(result.get("plots", {}).values())
        if index >= len(plots):
            abort(404)
        response = Response(plots[index], mimetype="image/svg+xml")
        response.headers["Content-Security-Policy"] = PLOT_POLICY
        return response


def shown() -> dict[str, Any] | None:
    """The last run that measured: its number, and of each plot its name and what its curve answers."""
    runs = db.session.scalars(select(Run).where(done_recipe()).order_by(Run.id.desc()).limit(LAST))
    run = next((run for run in runs if (run.result or {}).get("plots")), None)
    if run is None:
        return None
    result: dict[str, Any] = dict(run.result or {})
    told = {"together": result["curves"]["together"], **result["curves"]["types"]}
    plots = [
        {"name": name, "smape": result["smape"][name], "answers": [sizes(told[name], percent) for percent in PERCENTS]}
        for name in result["plots"]
    ]
    return {"run": run, "plots": plots}


def done_recipe() -> Any:
    """Which runs are of a recipe that has ended well."""
    return and_(Run.kind == RunKind.RECIPE.value, Run.state == RunState.DONE.value)


def sizes(curve: dict[str, Any], percent: int) -> dict[str, Any]:
    """How many samples in all a target takes, as the curve tells; without a size where that cannot be said."""
    return next(row for row in curve["answers"] if round(100 * row["accuracy"]) == percent)


def right(card: Any) -> float | None:
    """The share of the test pictures that a published version tells rightly."""
    return recipes.accuracy(card.metrics) if card else None
