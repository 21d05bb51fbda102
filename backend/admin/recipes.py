"""Recipes: systems that this project descends from, what their published versions reach, and starting them again."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext
from sqlalchemy import select

from backend.accounts import may, person
from backend.admin.base import SecureView
from backend.admin.runs import STATES
from backend.database import db
from backend.i18n import explanation
from backend.models import Role, Run, RunKind
from backend.services import recipes, runs
from backend.services.classifying import available

LAST = 10  # runs that are named


def views() -> list[SecureView]:
    """The page of this module."""
    return [RecipesView(name=lazy_gettext("Recipes"), endpoint="recipes", url="recipes")]


class RecipesView(SecureView):
    """The recipes with their figures, the form that starts one, the last runs."""

    edits = Role.TRAINER
    extra_css = ("/panel-static/css/runs.css", "/panel-static/css/curves.css")

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show all recipes."""
        return self.page({})

    @expose("/start", methods=("POST",))
    def start(self) -> ResponseReturnValue:
        """Start a run; where it cannot be, the form comes back as it was."""
        given: dict[str, Any] = {name: text for name, text in request.form.items() if name != "csrf_token"}
        try:
            run = runs.start(RunKind.RECIPE, given, person())
        except ValueError as error:
            db.session.rollback()
            flash(explanation(error), "error")
            return self.page(given), 400
        return redirect(url_for("runs.show", number=run.id))

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
            may_start=may(self.edits),
        )
        return answer


def right(card: Any) -> float | None:
    """The share of the test pictures that a published version tells rightly."""
    return recipes.accuracy(card.metrics) if card else None
