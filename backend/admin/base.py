"""What every page of the panel derives from: who may see and change it, and answers that no input turns into a crash.

Every change is a POST, and CSRFProtect (backend/accounts.py) checks the token of every POST.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import abort, flash, g, has_request_context, request
from flask_admin import AdminIndexView, BaseView
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext as _
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.exceptions import HTTPException

from backend.accounts import may, person, require
from backend.i18n import explanation
from backend.models import Role

READING = {"GET", "HEAD", "OPTIONS"}
LARGEST_ID = 2**31 - 1  # PostgreSQL's integer
MOST_IDS = 10_000  # rows that one action takes
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet runs cells that begin like this
Function = TypeVar("Function", bound=Callable[..., Any])


def requires(role: Role) -> Callable[[Function], Function]:
    """Mark one address of a page as needing another role than the page; put it under `@expose`."""

    def mark(function: Function) -> Function:
        function.needed_role = role  # type: ignore[attr-defined]
        return function

    return mark


class SecureView(BaseView):  # type: ignore[misc] # Flask-Admin ships types that do not fit ours
    """A page that nobody sees without the role `needs`, and where nobody changes anything without `edits`."""

    needs: Role = Role.VIEWER
    edits: Role = Role.ADMIN
    legacy_scripts = False  # jQuery and what else Flask-Admin's lists and forms ask for

    def needed(self, name: str) -> Role:
        """Return the role that the method `name` of this page needs for this request."""
        marked = getattr(getattr(self, name, None), "needed_role", None)
        if marked:
            return Role(marked)
        return self.needs if request.method in READING else self.edits

    def render(self, template: str, **kwargs: Any) -> str:
        """Fill in a template; only Flask-Admin's own lists and forms may have handlers in attributes."""
        g.csp_handlers = self.legacy_scripts
        return str(super().render(template, **kwargs))

    def is_accessible(self) -> bool:
        """Tell whether the menu shows this page."""
        return may(self.needs)

    def _handle_view(self, name: str, **_kwargs: Any) -> None:
        require(self.needed(name))
        refuse_odd_text()

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the page; the one of Flask-Admin calls it again, differently, after a TypeError of ours."""
        return fn(self, *args, **kwargs)


class SecureIndexView(SecureView, AdminIndexView):  # type: ignore[misc]
    """The first page of the panel; an index view of ours derives from this one."""


class SecureModelView(SecureView, ModelView):  # type: ignore[misc]
    """A list of rows with its forms. `creates`, `changes` and `deletes` say what there is; roles say for whom."""

    creates = changes = deletes = True
    legacy_scripts = True
    export_types = ("csv",)
    exports: Role = Role.TRAINER
    erases: Role = Role.ADMIN
    can_view_details = False
    column_display_actions = True
    page_size_options = (20, 50, 100)
    can_set_page_size = True
    named = True  # rows say who changed them

    @property
    def can_create(self) -> bool:
        """Tell whether there is a form for new rows, for this person."""
        return self.creates and allowed(self.edits)

    @property
    def can_edit(self) -> bool:
        """Tell whether there is a form for changes, for this person."""
        return self.changes and allowed(self.edits)

    @property
    def can_delete(self) -> bool:
        """Tell whether this person can delete rows."""
        return self.deletes and allowed(self.erases)

    def needed(self, name: str) -> Role:
        """Return the role for one address: forms need the role for changes, even to be looked at."""
        own = {
            "create_view": self.edits,
            "edit_view": self.edits,
            "action_view": self.edits,
            "ajax_update": self.edits,
            "delete_view": self.erases,
            "export": self.exports,
        }
        return own.get(name) or super().needed(name)

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        super()._handle_view(name, **kwargs)
        there = {"create_view": self.creates, "edit_view": self.changes, "delete_view": self.deletes}
        if not there.get(name, True):
            abort(404)

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call the page; numbers that the database cannot hold are no defect of ours."""
        try:
            return super()._run_view(fn, *args, **kwargs)
        except (DataError, OverflowError):
            abort(400, "Expected numbers and texts that the table can hold.")

    def _get_list_extra_args(self) -> Any:
        """Read the address of a list: what is no filter is refused, a page before the first is the first."""
        arguments = super()._get_list_extra_args()
        arguments.page = max(arguments.page, 0)
        given = [name for name in request.args if name.startswith("flt")]
        if len(given) != len(arguments.filters or ()):
            abort(400, f"Expected filters of this list with values that fit, got {', '.join(given)[:200]}.")
        g.list_arguments = arguments
        return arguments

    def get_list(self, page: int, *args: Any, page_size: int | None = None, **kwargs: Any) -> Any:
        """Return the count and the rows of a page; a page behind the last one is the last one."""
        size = page_size or self.page_size
        if page * size > LARGEST_ID:
            page = LARGEST_ID // size
        count, rows = super().get_list(page, *args, page_size=page_size, **kwargs)
        if page > 0 and not rows and count:
            page = (count - 1) // size
            g.list_arguments.page = page
            count, rows = super().get_list(page, *args, page_size=page_size, **kwargs)
        return count, rows

    def get_one(self, id: Any) -> Any:
        """Return one row, or None when there is none with such a number."""
        number = str(id)
        return super().get_one(number) if is_id(number) else None

    def handle_action(self, return_view: str | None = None) -> Any:
        """Do something with the chosen rows; what it does and with which is checked first."""
        action = request.form.get("action", "")
        if action not in self._actions_data or not self.is_action_allowed(action):
            abort(400, f"Expected an action of this list, got {action[:40]!r}.")
        checked_ids(request.form.getlist("rowid"))
        return super().handle_action(return_view)

    def get_export_value(self, model: Any, name: str) -> Any:
        """Return a cell that no spreadsheet takes for a formula."""
        value = super().get_export_value(model, name)
        return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value

    def on_model_change(self, form: Any, model: Any, is_created: bool) -> None:
        """Write down who makes or changes a row."""
        if not self.named:
            return
        model.updated_by = person()
        if is_created:
            model.created_by = person()

    def handle_view_exception(self, exc: Exception) -> bool:
        """Say what went wrong in one sentence, without the database's words."""
        if isinstance(exc, IntegrityError):
            flash(_("Not done: the same row exists already, or something else still uses this one."), "error")
            return True
        if isinstance(exc, HTTPException):
            raise exc
        if isinstance(exc, ValueError):
            flash(explanation(exc), "error")
            return True
        return bool(super().handle_view_exception(exc))


def allowed(role: Role) -> bool:
    """Like `may`; outside of a request, where Flask-Admin looks at its pages, everything is there."""
    return not has_request_context() or may(role)


def refuse_odd_text() -> None:
    """Refuse NUL, which PostgreSQL cannot hold, and halves of characters, which nothing can write."""
    parts = request.args if request.method in READING else request.values
    for name, value in parts.items(multi=True):
        if "\0" in name + value or any("\ud800" <= character <= "\udfff" for character in name + value):
            abort(400, f"Expected plain text in {name[:40]!r}.")


def is_id(text: str) -> bool:
    """Tell whether a text is the number of a row, as addresses and forms carry it."""
    return text.isascii() and text.isdecimal() and len(text) <= 10 and 0 < int(text) <= LARGEST_ID


def checked_ids(texts: Iterable[str]) -> list[int]:
    """Return the numbers of chosen rows; 400 for anything else."""
    found = list(texts)
    if len(found) > MOST_IDS or not all(is_id(text) for text in found):
        abort(400, f"Expected the numbers of at most {MOST_IDS} rows.")
    return [int(text) for text in found]
