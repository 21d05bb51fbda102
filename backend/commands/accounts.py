"""The command that makes an admin, and the link that the first start prints."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from backend.commands.reporting import explained, person
from backend.models import Role
from backend.services import accounts
from backend.services.accounts import AccountError
from backend.settings import get_settings


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(create_admin)


@click.command("create_admin")
@click.argument("name", required=False)
@click.option("--url", default="", help="Where people reach this server, for the link: https://meters.example.org")
@with_appcontext
def create_admin(name: str | None, url: str) -> None:
    """Print a one-time link for setting up an admin; or make NAME an admin with a password that is asked for.

    An account that exists gets the role and the new password.

    Example: flask --app backend create_admin anna
    """
    if name is None:
        with explained(AccountError):
            show_link(accounts.invite(Role.ADMIN, person()), url)
        return
    password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with explained(AccountError):
        user = accounts.create_admin(name, password, person())
    click.echo(f"{user.name} is an admin.")


def announce_first_link() -> None:
    """While there is no admin, print the link for setting up the first one."""
    token = accounts.first_link()
    if token:
        click.echo("  Nobody can log in to the panel yet. Set up the first account:", nl=False)
        show_link(token)


def show_link(token: str, url: str = "") -> None:
    """Print a one-time link."""
    settings = get_settings(current_app)
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 (compared, not bound)
    hours = round(accounts.LINK_LASTS.total_seconds() / 3600)
    base = url.rstrip("/") or f"http://{host}:{settings.port}"
    click.echo(f"\n  {base}/admin/set-up/{token}   (once, within {hours} hours)\n")
