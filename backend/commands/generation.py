"""Commands that make pictures out of fragments, and remove what is there twice."""

from __future__ import annotations

import secrets

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.noting import noted
from backend.commands.reporting import explained, person, reported
from backend.models import RunKind
from backend.models.base import JsonObject
from backend.services import duplicates, generation


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in (generate_images, training_duplicate_removal):
        app.cli.add_command(command)


@click.command("generate_images")
@click.argument("training_element_type")
@click.argument("number_images", type=click.IntRange(min=1))
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), help="The same seed on the same data gives the same pictures."
)
@with_appcontext
def generate_images(training_element_type: str, number_images: int, seed: int | None) -> None:
    """Join fragments of a meter type (its name or number) to NUMBER_IMAGES new pictures to teach with.

    Each is one start, one to three middles and one end, in an order that no other picture has. Digits that were seldom
    seen at a place come more often.

    Example: flask --app backend generate_images "Mercury 201" 500 --seed 7
    """
    seed = secrets.randbelow(2**31) if seed is None else seed
    asked: JsonObject = {"meter_type": training_element_type, "count": number_images, "seed": seed}
    with explained(generation.GenerationError), noted(RunKind.GENERATION, asked, "generating") as work:
        made = generation.generate(training_element_type, number_images, seed, person(), work.progress)
        work.result = {"made": made}
    click.echo(f"{made} pictures generated with seed {seed}.")


@click.command("training_duplicate_removal")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@with_appcontext
def training_duplicate_removal(dry_run: bool) -> None:
    """Remove samples with the same picture and the same value as another one; the best labelled one stays.

    Pictures count as the same when their pixels are, or when one is plainly the other saved again, a little brighter or
    shifted. What people decided to keep beside each other stays.

    Example: flask --app backend training_duplicate_removal --dry-run
    """
    with reported("comparing") as progress:
        found = duplicates.remove(person(), dry_run, progress)
    for one in found:
        click.echo(f"training {one.id}: the same as {one.kept_id}, {one.distance} of 256 bits apart")
    click.echo(f"{len(found)} samples {'would be removed' if dry_run else 'removed'}.")
