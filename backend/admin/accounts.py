"""Accounts: who may do what; one-time links for new accounts and new passwords."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from backend.accounts import ROLES, person
from backend.admin.base import SecureView
from backend.database import db
from backend.i18n import explanation
from backend.models import Invite, Role, User
from backend.models.base import now
from backend.services import accounts
from backend.services.accounts import AccountError


class AccountsView(SecureView):
    """The list of accounts with what can be changed about each, and the links that are open."""

    needs = Role.ADMIN
    edits = Role.ADMIN
    extra_css = ("/panel-static/css/accounts.css",)

    @expose("/")
    def index(self) -> ResponseReturnValue:
        """List accounts and open links."""
        return self.page()

    @expose("/invite", methods=("POST",))
    def invite(self) -> ResponseReturnValue:
        """Show a one-time link: for a new account with a role."""
        return self.page(token=accounts.invite(chosen_role(), person()))

    @expose("/<int:number>/link", methods=("POST",))
    def link(self, number: int) -> ResponseReturnValue:
        """Show a one-time link: for a new password."""
        user = db.get_or_404(User, number)
        return self.page(token=accounts.invite(Role(user.role), person(), number), user=user)

    @expose("/<int:number>/role", methods=("POST",))
    def role(self, number: int) -> ResponseReturnValue:
        """Give an account another role."""
        return self.changed(number, role=chosen_role())

    @expose("/<int:number>/close", methods=("POST",))
    def close(self, number: int) -> ResponseReturnValue:
        """Close an account: it is logged out everywhere at once."""
        return self.changed(number, active=False)

    @expose("/<int:number>/reopen", methods=("POST",))
    def reopen(self, number: int) -> ResponseReturnValue:
        """Let somebody in again."""
        return self.changed(number, active=True)

    @expose("/links/<int:number>/withdraw", methods=("POST",))
    def withdraw(self, number: int) -> ResponseReturnValue:
        """Make a link that nobody used worthless."""
        accounts.withdraw(number)
        return redirect(url_for(".index"))

    def changed(self, number: int, role: Role | None = None, active: bool | None = None) -> ResponseReturnValue:
        """Change an account and say so, or why not."""
        try:
            user = accounts.change(number, person(), role, active)
            flash(_("%(name)s is changed.", name=user.name), "success")
        except AccountError as error:
            flash(explanation(error), "error")
        return redirect(url_for(".index"))

    def page(self, token: str | None = None, user: User | None = None) -> str:
        """Fill in the page; a token is shown this once."""
        address = token and url_for("login.set_up", token=token, _external=True)
        everyone = db.session.scalars(select(User).order_by(User.active.desc(), User.key)).all()
        links = db.session.scalars(
            select(Invite).where(Invite.used_at.is_(None), Invite.expires_at > now()).order_by(Invite.id)
        ).all()
        return self.render(
            "admin/accounts/index.html", everyone=everyone, links=links, roles=ROLES, address=address, user=user
        )


def chosen_role() -> Role:
    """The role that the form names. 400 for anything else."""
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        abort(400, f"Expected one of the roles {', '.join(role.value for role in Role)}.")


def views() -> list[SecureView]:
    """The page of this module."""
    return [AccountsView(name=lazy_gettext("Accounts"), endpoint="accounts", url="accounts")]
