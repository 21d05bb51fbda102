"""The first page: what is published and how good it is, what is labelled and what waits, the last runs, the holes."""

from __future__ import annotations

from flask import make_response, render_template
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import lazy_gettext

from backend.accounts import may
from backend.admin import version_figures
from backend.admin.base import SecureIndexView
from backend.admin.runs import WORDS, time_left
from backend.models import Role, Split, State
from backend.services import overview, runs

KEPT = 60  # seconds that a browser shows the holes again without asking
SPLITS = {
    Split.TEACH.value: lazy_gettext("to teach"),
    Split.TEST.value: lazy_gettext("to test"),
    Split.VALIDATE.value: lazy_gettext("to validate"),
}


def views() -> list[SecureIndexView]:
    """The page of this module."""
    return [OverviewView(name=lazy_gettext("Overview"))]


class OverviewView(SecureIndexView):
    """Where the panel begins."""

    extra_css = ("/panel-static/css/runs.css", "/panel-static/css/overview.css")
    extra_js = ("/panel-static/js/overview.js",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the figures, each with a link to what is behind it."""
        runs.reap()
        found = overview.overview()
        figures = {}
        if found.published:
            measured = ("exact",), ("accepted", "coverage"), ("accepted", "error")
            figures = {keys[-1]: version_figures.share(found.published, *keys) for keys in measured}
            figures["test"] = version_figures.share(found.published, "exact", name="test")
        return self.render(
            "admin/overview/index.html",
            found=found,
            figures=figures,
            splits=[(split, SPLITS[split.value]) for split in Split],
            labelled=State.LABELLED.value,
            left={run.id: time_left(run) for run in found.runs},
            may_label=may(Role.ANNOTATOR),
            may_start=may(Role.TRAINER),
            **WORDS,
        )

    @expose("/holes")
    def holes(self) -> ResponseReturnValue:
        """Show where digits are missing; the page fetches this after the rest, because it takes longer."""
        response = make_response(render_template("admin/overview/holes.html", gaps=overview.gaps()))
        response.cache_control.private = True
        response.cache_control.max_age = KEPT
        response.vary.add("Cookie")  # its language
        return response
