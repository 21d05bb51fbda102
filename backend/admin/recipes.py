"""Recipes: systems that this project descends from, what their published versions reach, and starting them again."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select

from backend.accounts import may
from backend.admin.base import SecureView
from backend.admin.runs import STATES
from backend.admin.starting import StartingView
from backend.database import db
from backend.models import Run, RunKind
from backend.services import recipes
from backend.services.classifying import available

LAST = 10  # runs that are named


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
            may_start=may(self.edits),
        )
        return answer


def right(card: Any) -> float | None:
    """The share of the test pictures that a published version tells rightly."""
    return recipes.accuracy(card.metrics) if card else None
