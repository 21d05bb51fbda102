"""The command that measures learning curves; the panel starts the same runs."""

from __future__ import annotations

from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.jobs import do_run
from backend.commands.reporting import explained, person
from backend.models import RunKind
from backend.services import curves

DEFAULTS = curves.Options
EPOCHS = "Epochs of each run; {tuned} from a base, {train} from nothing by default.".format(**curves.EPOCHS)


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(learning_curve)


@click.command("learning_curve")
@click.argument("model_name")
@click.option("--how", type=click.Choice(curves.HOW), help="Default: tuned, trainings from a base, where there is one.")
@click.option("--sizes", type=int, default=DEFAULTS.sizes, show_default=True, help="Subsets, each half of the next.")
@click.option("--repeats", type=int, default=DEFAULTS.repeats, show_default=True, help="Runs at each size.")
@click.option("--epochs", type=int, help=EPOCHS)
@click.option("--steps", type=int, default=DEFAULTS.steps, show_default=True, help="Steps an epoch.")
@click.option("--batch", type=int, default=DEFAULTS.batch, show_default=True, help="Pictures a step.")
@click.option("--seed", type=int, default=DEFAULTS.seed, show_default=True, help="The same again by the same.")
@click.option("--target", type=click.IntRange(50, 99), help="Say how many more photos this accuracy takes, in %.")
@with_appcontext
def learning_curve(target: int | None, how: str | None, **given: Any) -> None:
    """Measure how a model's network gets better with more samples, together and by meter type.

    Example: flask --app backend learning_curve compact --how tuned --target 95
    """
    with explained(ValueError):
        run = do_run(RunKind.LEARNING_CURVE, given | {"how": how or ""}, person(), "learning curve")
    result: dict[str, Any] = dict(run.result or {})
    told = {"together": result["curves"]["together"], **result["curves"]["types"]}
    for name, curve in told.items():
        points = curves.mean_errors(curve["points"])
        measured = (
            ", ".join(f"{size}: {1 - error:.1%}" for size, error in points) or "no validation samples to judge by"
        )
        click.echo(f"{name}: {measured}{said(curve, target)}")
    click.echo(f"Run {run.id} keeps the curves; the panel draws them.")


def said(curve: dict[str, Any], target: int | None) -> str:
    """The answer for a target accuracy, in words; empty without a target."""
    if target is None:
        return ""
    found = curves.needed(curve, target)
    if found is None or found.more is None:
        return f"; how many more for {target}% cannot be said from this"
    if found.none:
        return f"; {target}% takes no more"
    if found.high is None:
        return f"; {target}% takes about {found.more} more, at least {found.low}, no upper end can be said"
    return f"; {target}% takes about {found.more} more ({found.low} to {found.high})"
