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

TARGETS = (50, 99)  # percent
TARGET = 80  # what is guessed is a simple classifier: few displays are read better by it


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
        return self.page(None, TARGET)

    @expose("/", methods=("POST",))
    def guess(self) -> ResponseReturnValue:
        """Guess, or say why that cannot be."""
        target = wanted(request.form.get("target", ""))
        pictures = [file.read(MAX_BYTES + 1) for file in request.files.getlist("pictures") if file.filename]
        try:
            return self.page(first_guess.foretell(pictures[: FOUR + 1], target or TARGET), target or TARGET)
        except (ReaderError, ValueError) as error:
            flash(explanation(error), "error")
            return self.page(None, target or TARGET), 400

    def page(self, found: dict[str, Any] | None, target: int) -> str:
        """The page with what was found, if anything."""
        picture = drawn(found) if found else ""
        return self.render(
            "admin/first_guess/index.html",
            found=found,
            picture=picture,
            target=target,
            targets=TARGETS,
            four=FOUR,
            available=first_guess.available(),
        )


def wanted(text: str) -> int | None:
    """A target in percent; None for what is none."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 0
    return number if TARGETS[0] <= number <= TARGETS[1] else None


def drawn(found: dict[str, Any]) -> str:
    """The curve with its interval, as the address of a picture."""
    line = Line(
        _("guessed, with the middle 80 of 100 curves that may be true"), found["shares"], found["low"], found["high"]
    )
    svg = plot(_("Displays with all digits right"), found["sizes"], [line], [], _("samples of the type (logarithmic)"))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
