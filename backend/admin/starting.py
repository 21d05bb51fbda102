"""Pages with a form that starts one kind of run."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from backend.accounts import person
from backend.admin.base import SecureView
from backend.database import db
from backend.i18n import explanation
from backend.models import Role, RunKind
from backend.services import runs


class StartingView(SecureView):
    """Shows `page`, and starts a run of `kind` by its form."""

    kind: ClassVar[RunKind]
    edits = Role.TRAINER

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """Show the page."""
        return self.page({})

    @expose("/start", methods=("POST",))
    def start(self) -> ResponseReturnValue:
        """Start a run; where it cannot be, the form comes back as it was."""
        given: dict[str, Any] = {name: text for name, text in request.form.items() if name != "csrf_token"}
        try:
            run = runs.start(self.kind, given, person())
        except ValueError as error:
            db.session.rollback()
            flash(explanation(error), "error")
            return self.page(given), 400
        return redirect(url_for("runs.show", number=run.id))

    @abstractmethod
    def page(self, given: dict[str, Any]) -> str:
        """The page with its form, filled with what was given."""
