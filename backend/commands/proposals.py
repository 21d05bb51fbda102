"""The command that lets the published version propose values."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.reporting import explained, reported
from backend.services import proposals
from backend.services.reading import ReaderError


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(propose)


@click.command("propose")
@click.option("--all", "everything", is_flag=True, help="Also what another version has proposed, as after publishing.")
@with_appcontext
def propose(everything: bool) -> None:
    """Let the published version read the samples without a proposal, and keep what it reads with each of them.

    Labels stay as they are; the panel then shows which of them the version contradicts.

    Example: flask --app backend propose --all
    """
    with explained(ReaderError), reported("reading") as progress:
        done = proposals.fill(everything=everything, progress=progress)
    unread = f", {done.failed} pictures could not be read" if done.failed else ""
    click.echo(f"{done.filled} samples have a proposal now{unread}.")
