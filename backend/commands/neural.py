"""Commands that train networks; the panel starts the same runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.jobs import do_run
from backend.commands.reporting import explained, person
from backend.models import Run, RunKind
from backend.services import neural

Function = TypeVar("Function", bound=Callable[..., Any])
DEFAULTS = neural.Options


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in (neural_training, neural_pre_training):
        app.cli.add_command(command)


def training_options(function: Function) -> Function:
    """The options that both commands have."""
    for option in (
        click.option("--epochs", "epochs_option", metavar="EPOCHS", help="The same as the argument, instead of it."),
        click.option("--learning-rate", type=float, help="Default: the architecture's, or a quarter of the parent's."),
        click.option("--limit", type=int, help="Use only the first so many samples of each type."),
        click.option("--seed", type=int, default=DEFAULTS.seed, show_default=True, help="The same again by the same."),
        click.option("--batch", type=int, default=DEFAULTS.batch, show_default=True, help="Pictures a step."),
        click.option("--steps", type=int, help=f"Steps an epoch (default: {neural.STEPS}; fewer with a small limit)."),
    ):
        function = option(function)
    return function


@click.command("neural_training")
@click.argument("model_name")
@click.argument("epochs", required=False)
@click.option("--architecture", type=click.Choice(neural.architectures()), default=DEFAULTS.architecture)
@training_options
@with_appcontext
def neural_training(**given: Any) -> None:
    """Train a new model on the labelled samples and augmentations, and register its version 1.

    Example: flask --app backend neural_training mercury 20 --architecture compact
    """
    tell(train(RunKind.TRAINING, given))


@click.command("neural_pre_training")
@click.argument("model_name")
@click.argument("epochs", required=False)
@click.argument("changes", required=False)
@training_options
@with_appcontext
def neural_pre_training(**given: Any) -> None:
    """Go on from a model's last version with all data there is now, and register the next version.

    CHANGES says what is new. Example: flask --app backend neural_pre_training mercury 5 "200 photos at night"
    """
    if word := neural.word_before(given["model_name"]):
        click.echo(word)
    tell(train(RunKind.FINE_TUNING, given))


def train(kind: RunKind, given: dict[str, Any]) -> Run:
    """Do the run; a failure that explains itself ends the command with one line."""
    with explained(ValueError):
        return do_run(kind, in_place(given), person(), "training")


def in_place(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments, where the epochs may have been given as an option: then the text of changes stands in theirs."""
    option = given.pop("epochs_option")
    if option is None:
        return given
    return given | {"epochs": option} | ({"changes": given["changes"] or given["epochs"]} if "changes" in given else {})


def tell(run: Run) -> None:
    """Say what became of it: the version, and how many readings have how many wrong characters."""
    result: dict[str, Any] = dict(run.result or {})
    figures = result.get("validate") or {}
    click.echo(f"{result['version']} is made; run {run.id} keeps its curve and log.")
    if blocking := result.get("gates_not_passed"):
        click.echo(f"Gates not passed: {blocking}. The log says why; to publish it takes an override.")
    if exact := figures.get("exact"):
        click.echo(f"Exact on validation: {exact['right']} of {exact['n']} ({exact['value']:.1%}).")
    for row in figures.get("mismatches", ()):
        click.echo(f"{row['characters']:>3} mismatched: {row['readings']:>5} ({row['share']:.1%})")
