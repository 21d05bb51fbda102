"""The command that fills an empty installation, so that everything can be tried."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.jobs import do_run
from backend.commands.reporting import explained, person, reported
from backend.models import RunKind
from backend.models.base import JsonObject
from backend.services import demo as service


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(demo)


@click.command("demo")
@with_appcontext
def demo() -> None:
    """Fill an empty installation with drawn displays, fragments, generated pictures and the run that made them.

    Some displays are labelled, some wait for a label; a few are there twice, one of them to teach and to validate, and
    one has a wrong label, so that every page has something to show.

    Example: flask --app backend demo
    """
    if service.unfinished():
        click.echo("All is there but the generated pictures; going on with these.")
    else:
        fill()
    meter_type, count = service.GENERATED
    parameters: JsonObject = {"meter_type": meter_type, "count": count, "seed": service.SEED}
    do_run(RunKind.GENERATION, parameters, person(), "generating")
    click.echo(f"{count} pictures generated. Look at them: make run, then /admin/.")


def fill() -> None:
    """Add the displays and their fragments, and say what there is."""
    with explained(service.DemoError), reported("drawing") as progress:
        shown = service.fill(person(), progress)
    click.echo(
        f"{shown.samples} drawn displays, {shown.unlabelled} of them without a label; {shown.fragments} fragments."
    )
    if shown.read is None:
        click.echo("No version is published, so nothing is proposed; publish one to see proposals and doubtful labels.")
    else:
        click.echo(f"The published version has read {shown.read} of them.")
