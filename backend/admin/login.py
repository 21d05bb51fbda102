"""Logging in and out, setting up an account by a one-time link, one's own password, the language."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug.wrappers import Response

from backend.accounts import LANGUAGE, ROLES, enter, leave, require
from backend.i18n import LANGUAGES, explanation
from backend.limits import limiter
from backend.models import Role
from backend.services import accounts
from backend.services.accounts import AccountError

PREFIX = "/admin/"
FAILED = 401
blueprint = Blueprint("login", __name__, url_prefix="/admin")


def init_app(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["role_name"] = role_name


def role_name(role: str) -> str:
    """The name of a role in the language of the page."""
    return str(ROLES[Role(role)])


def account() -> str:
    """The account that somebody tries to enter."""
    return f"account {accounts.key_of(request.form.get('name', '')[:200])}"


def failed(response: Response) -> bool:
    """Tell whether an attempt to log in failed."""
    return response.status_code == FAILED


def refused(response: Response) -> bool:
    """Tell whether a form was not taken."""
    return response.status_code >= 400


@blueprint.get("/login")
def show() -> ResponseReturnValue:
    """Ask for name and password."""
    if current_user.is_authenticated:
        return redirect(target())
    return render_template("admin/login.html", next=target())


@blueprint.post("/login")
@limiter.limit("20 per 5 minutes", key_func=get_remote_address, deduct_when=failed)
@limiter.limit("5 per 5 minutes", key_func=lambda: f"{get_remote_address()} {account()}", deduct_when=failed)
@limiter.limit("60 per hour", key_func=account, deduct_when=failed)
def log_in() -> ResponseReturnValue:
    """Log in; what was wrong, the name or the password, is not told.

    Only attempts that failed count. One address is shut out of an account long before everybody is.
    """
    token = accounts.log_in(request.form.get("name", ""), request.form.get("password", ""))
    if token is None:
        message = _("This name and password do not belong together.")
        return render_template("admin/login.html", next=target(), error=message), FAILED
    leave()
    enter(token)
    return redirect(target())


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """Log out, on the server too."""
    leave()
    return redirect(url_for("login.show"))


@blueprint.get("/password")
def password() -> ResponseReturnValue:
    """Ask for a new password of one's own."""
    require(Role.VIEWER)
    return render_template("admin/password.html")


@blueprint.post("/password")
@limiter.limit("10 per 5 minutes", deduct_when=refused)
def change_password() -> ResponseReturnValue:
    """Change one's own password; other browsers are logged out."""
    require(Role.VIEWER)
    try:
        accounts.change_password(current_user.token, request.form.get("old", ""), twice())
    except AccountError as error:
        return render_template("admin/password.html", error=explanation(error)), 400
    flash(_("The password is changed."), "success")
    return redirect(url_for("admin.index"))


@blueprint.get("/set-up/<token>")
def set_up(token: str) -> ResponseReturnValue:
    """Ask for what an account needs, when the link is good."""
    link = accounts.invitation(token)
    if link is None:
        return render_template("admin/link_over.html"), 410
    return render_template("admin/set_up.html", link=link, token=token)


@blueprint.post("/set-up/<token>")
@limiter.limit("30 per 5 minutes")
def accept(token: str) -> ResponseReturnValue:
    """Use a one-time link."""
    try:
        began = accounts.accept(token, request.form.get("name", ""), twice())
    except AccountError as error:
        link = accounts.invitation(token)
        if link is None:
            return render_template("admin/link_over.html"), 410
        return render_template("admin/set_up.html", link=link, token=token, error=explanation(error)), 400
    leave()
    enter(began)
    flash(_("The account is ready."), "success")
    return redirect(url_for("admin.index"))


@blueprint.post("/language")
def language() -> ResponseReturnValue:
    """Change the language of the panel, for this browser."""
    wanted = request.form.get("language", "")
    if wanted not in LANGUAGES:
        abort(400, f"Expected one of the languages {', '.join(LANGUAGES)}, got {wanted[:20]!r}.")
    session[LANGUAGE] = wanted
    session.permanent = True
    return redirect(target())


def twice() -> str:
    """Return the new password, typed twice alike. Raises AccountError."""
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        raise AccountError("expected the same password twice, got two different ones")
    return password


def target() -> str:
    """Where to go on: an address inside the panel, nothing else."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith(PREFIX)
    return wanted if inside and wanted.isprintable() and "\\" not in wanted else PREFIX
