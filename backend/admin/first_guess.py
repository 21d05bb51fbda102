"""How many photos? A learning curve guessed from four of them, for a meter type of which there are no samples yet."""

from __future__ import annotations

import base64
from typing import Any

from flask import flash, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from backend.admin.base import SecureView
from backend.domain.curve_plot import Line, plot
from backend.domain.first_guess import FOUR
from backend.i18n import explanation
from backend.models import Role
from backend.services import first_guess
from backend.services.pictures import MAX_BYTES
from backend.services.reading import ReaderError


def views() -> list[SecureView]:
    """The page of this module."""
    return [FirstGuessView(name=lazy_gettext("How many photos?"), endpoint="first_guess", url="first-guess")]


class FirstGuessView(SecureView):
    """A form for four photos, and what is guessed from them. Nothing of them is kept."""

    edits = Role.ANNOTATOR
    extra_css = ("/panel-static/css/charts.css", "/panel-static/css/runs.css", "/panel-static/css/curves.css")

    @expose("/")
    def index(self) -> str:
        """Show the form."""
        return self.page(None, None)

    @expose("/", methods=("POST",))
    def guess(self) -> ResponseReturnValue:
        """Guess, or say why that cannot be."""
        target = wanted(request.form.get("target", ""))
        pictures = [file.read(MAX_BYTES + 1) for file in request.files.getlist("pictures") if file.filename]
        try:
            found = first_guess.foretell(pictures[: FOUR + 1], target)
            return self.page(found, found["target"])
        except (ReaderError, ValueError) as error:
            flash(explanation(error), "error")
            return self.page(None, target), 400

    def page(self, found: dict[str, Any] | None, target: int | None) -> str:
        """The page with what was found, if anything."""
        picture = drawn(found) if found else ""
        available = first_guess.available()
        return self.render(
            "admin/first_guess/index.html",
            found=found,
            picture=picture,
            target=target,
            targets=first_guess.targets() if available else None,
            four=FOUR,
            available=available,
        )


def wanted(text: str) -> int | None:
    """A target in percent; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else None


def drawn(found: dict[str, Any]) -> str:
    """The curve with its interval, as the address of a picture."""
    lines = [
        Line(_("guessed, with 80 of 100 curves that may be true"), found["shares"], found["low"], found["high"]),
        Line(_("the middle of all families that were measured"), found["usual"]),
    ]
    svg = plot(_("Displays with all digits right"), found["sizes"], lines, [], _("photos of the type (logarithmic)"))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
