"""The command that trains recipes; the panel starts the same runs."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.jobs import do_run
from backend.commands.reporting import explained, person
from backend.models import RunKind
from backend.services import backbones, recipes

NAMED = ", ".join((*backbones.OWN, *backbones.FROM_FILE))
BACKBONE = f"{', '.join(backbones.RECIPES)}: begin with {NAMED}, or any of keras.applications, as VGG16."


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(recipe)


def list_without(context: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """Without a name, list all recipes and end; that takes no database."""
    if name is None and not context.resilient_parsing:
        for each in recipes.names():
            click.echo(f"{each}: {recipes.about(each)}")
        context.exit()
    return name


@click.command("recipe")
@click.argument("recipe", metavar="[NAME]", required=False, callback=list_without)
@click.argument("data", metavar="[DATA]", default="")
@click.option("--full", is_flag=True, help="All of it, which may take hours, instead of a quick try.")
@click.option("--epochs", type=int, help="Stop each training after so many.")
@click.option("--limit", type=int, help="Use only so many examples of each part of the data.")
@click.option("--data", "named", default="", metavar="DATA", help="The same as the argument.")
@click.option("--backbone", default="", metavar="NAME", help=BACKBONE)
@click.option("--weights", default="", metavar="FILE", help="Its weights: a file of METER_IMPORTS; else a download.")
@with_appcontext
def recipe(named: str, **given: Any) -> None:
    """Train one of the systems that this project descends from again, and register the version that comes of it.

    Without NAME all are listed. DATA is a folder of METER_IMPORTS: for clocks_or_crocs one with a folder of pictures
    for each class, for sample_size a dataset folder (without it the labelled samples), for meter_or_not one with
    displays/, photos/ and not_meters/.

    Example: flask --app backend recipe lenet --full
    """
    if named and given["data"] not in ("", named):
        raise click.UsageError("expected DATA once, got two")
    given["data"] = given["data"] or named
    with explained(ValueError):
        run = do_run(RunKind.RECIPE, given, person(), "recipe")
    result: dict[str, Any] = dict(run.result or {})
    if "version" not in result:
        for figure in result["figures"]:
            click.echo(f"{figure['what']}: {figure['measured']['value']:.1%} read exactly")
        click.echo(f"Run {run.id} keeps the curves; the panel shows their plots.")
        return
    right = "" if result["accuracy"] is None else f" It tells {result['accuracy']:.2%} of the test pictures rightly."
    click.echo(f"{result['version']} is made; run {run.id} keeps its log.{right}")
    if not result["published"]:
        click.echo(f"{result['version']} is {recipes.UNPUBLISHED}.")
