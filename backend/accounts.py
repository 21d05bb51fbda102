"""Logging in: Flask-Login over sessions that live in the database, CSRF protection of every change.

The cookie is signed, HttpOnly and SameSite=Lax, and Secure when the request came over HTTPS. It carries a token that
counts only while the server has its session, so a cookie that was copied before logging out is worth nothing.
"""

from __future__ import annotations

from flask import Flask, Response, abort, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import CSRFProtect

from backend.models import Role, User
from backend.services import accounts

ROLES = {
    Role.VIEWER: lazy_gettext("viewer"),
    Role.ANNOTATOR: lazy_gettext("annotator"),
    Role.TRAINER: lazy_gettext("trainer"),
    Role.ADMIN: lazy_gettext("admin"),
}
LANGUAGE = "language"  # what the session keeps of somebody who logs in or out
csrf = CSRFProtect()
login_manager = LoginManager()


class Person:
    """Who makes this request."""

    is_active = is_authenticated = True
    is_anonymous = False

    def __init__(self, user: User, token: str) -> None:
        self.number, self.name, self.role, self.token = user.id, user.name, Role(user.role), token

    def get_id(self) -> str:
        """What the cookie carries."""
        return self.token


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, Secure whenever it can be."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the browser may send it over HTTPS only."""
        return request.is_secure or super().get_cookie_secure(app)


def init_app(app: Flask) -> None:
    """Know who asks, and take no change that another site made somebody's browser ask for."""
    # A token lasts as long as the session: somebody labels for hours. Its cookie is SameSite, so Referer says no more.
    app.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)
    # Sent when it changes only: a slow answer from before logging in must not bring the old cookie back.
    app.config.update(PERMANENT_SESSION_LIFETIME=accounts.SESSION_LASTS, SESSION_REFRESH_EACH_REQUEST=False)
    app.session_interface = CookieSessions()
    login_manager.session_protection = None  # addresses change on the way; the server's session is what counts
    login_manager.user_loader(person_of)
    login_manager.unauthorized_handler(send_to_login)
    login_manager.init_app(app)
    csrf.init_app(app)


def person_of(token: str) -> Person | None:
    """Return whose session a token is."""
    user = accounts.whose(token)
    return Person(user, token) if user else None


def enter(token: str) -> None:
    """Make the browser the holder of a session; nothing of the one before stays in its cookie but the language."""
    user = person_of(token)
    assert user is not None
    language = session.get(LANGUAGE)
    session.clear()
    if language:
        session[LANGUAGE] = language
    login_user(user)
    session.permanent = True


def leave() -> None:
    """End the session, here and on the server."""
    if current_user.is_authenticated:
        accounts.log_out(current_user.token)
    logout_user()
    language = session.get(LANGUAGE)
    session.clear()
    if language:
        session[LANGUAGE] = language


def person() -> str:
    """The name of who makes this request, as rows keep it."""
    return str(current_user.name)


def may(needed: Role) -> bool:
    """Tell whether who makes this request has a role that covers `needed`."""
    return bool(current_user.is_authenticated and current_user.role.covers(needed))


def require(needed: Role) -> None:
    """Go on only for who may: 401 (or the login page, for people) for strangers, 403 for the others."""
    if not current_user.is_authenticated:
        abort(send_to_login())
    if not may(needed):
        words = {"needed": ROLES[needed], "own": ROLES[current_user.role]}
        abort(403, _("This needs the role “%(needed)s”; yours is “%(own)s”.", **words))


def send_to_login() -> Response:
    """Answer somebody unknown: people who look at a page get the login page, all else 401."""
    looks = request.method in ("GET", "HEAD") and request.accept_mimetypes.accept_html
    if not looks or request.headers.get("X-Requested-With") == "XMLHttpRequest":
        abort(401, "Log in first.")
    answer = redirect(url_for("login.show", next=request.full_path.rstrip("?")))
    assert isinstance(answer, Response)
    return answer
