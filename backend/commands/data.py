"""Commands that bring data in and out; each is one service call."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.noting import noted
from backend.commands.reporting import explained, person, reported
from backend.models import READER, RunKind
from backend.services import (
    consistency,
    dataset_export,
    dataset_import,
    leftovers,
    version_readings,
    versions,
)
from backend.services.reading import ReaderError

FOLDER = click.Path(file_okay=False, path_type=Path)


def init_app(app: Flask) -> None:
    """Add the commands."""
    for command in (import_training_data, create_base_data, import_base_data, export_dataset, check, publish, rollback):
        app.cli.add_command(command)


@click.command("import_training_data")
@click.argument("folder", type=FOLDER, default=Path("import_training"))
@with_appcontext
def import_training_data(folder: Path) -> None:
    """Import FOLDER/training.csv with the pictures in FOLDER/images/: all rows or none.

    Columns: image, type (0 teach, 1 test, 2 validate), correct_value; optional meter_type, group, source,
    also_accepted, and x,y,w,h, the display's box. What is there already is not added again.

    Example: flask --app backend import_training_data import_training
    """
    with noted(RunKind.IMPORT, {"folder": str(folder), "base": False}, "importing") as work:
        done = dataset_import.import_dataset(folder, person(), work.progress)
        work.result = asdict(done)
    click.echo(f"{done.samples} samples imported, {done.known} were there already.")


@click.command("create_base_data")
@click.argument("folder", type=FOLDER, default=Path("base_dataset"))
@with_appcontext
def create_base_data(folder: Path) -> None:
    """Write the labelled test and validation samples, all fragments and the meter types to FOLDER.

    Example: flask --app backend create_base_data base_dataset
    """
    with reported("writing") as progress:
        done = dataset_export.create_base(folder, progress)
    click.echo(f"{done.samples} samples and {done.elements} fragments written to {folder}.")


@click.command("import_base_data")
@click.argument("folder", type=FOLDER, default=Path("base_dataset"))
@with_appcontext
def import_base_data(folder: Path) -> None:
    """Import what create_base_data wrote, pictures to the byte; what is there already is not added again.

    Example: flask --app backend import_base_data base_dataset
    """
    with noted(RunKind.IMPORT, {"folder": str(folder), "base": True}, "importing") as work:
        done = dataset_import.import_base(folder, person(), work.progress)
        work.result = asdict(done)
    click.echo(f"{done.samples} samples and {done.elements} fragments imported, {done.known} were there already.")


@click.command("export_dataset")
@click.argument("folder", type=FOLDER)
@click.option("--augmentations", is_flag=True, help="The augmentations too, to train on them elsewhere.")
@with_appcontext
def export_dataset(folder: Path, augmentations: bool) -> None:
    """Write every labelled sample to FOLDER, as training reads it.

    Example: flask --app backend export_dataset dataset --augmentations
    """
    with reported("writing") as progress:
        done = dataset_export.export_dataset(folder, progress, augmentations)
    click.echo(f"{done.samples} samples written to {folder}.")


@click.command("check")
@click.option("--remove-orphans", is_flag=True, help="First remove files that belong to no row.")
@with_appcontext
def check(remove_orphans: bool) -> None:
    """Check files against rows against hashes; status 1 and a line for each thing that does not fit.

    Example: flask --app backend check
    """
    if remove_orphans:
        with explained(leftovers.BusyError):
            click.echo(f"{leftovers.remove_orphans()} files removed.")
    with reported("checking") as progress:
        problems = list(consistency.check(progress))
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException(f"{len(problems)} things do not fit")
    click.echo("Everything fits.")


@click.command("publish")
@click.argument("version")
@click.option("--reason", default="", help="Why; kept with who and when.")
@click.option("--override", default="", help="Why although it does not pass its gates; kept with who, when and which.")
@with_appcontext
def publish(version: str, reason: str, override: str) -> None:
    """Make VERSION, a folder of static/model/, the one that browsers get, when it passes its gates.

    A finder, or the classifier of a recipe, takes the place of the one before and leaves the reader as it is.

    Gates of a reader: not significantly worse than what is published; the same readings in Keras, TFLite and
    TensorFlow.js; nothing taught that it is measured by; what its parent read right is kept. Of the others: as many of
    the same pictures right; the same answers in Keras, TFLite and TensorFlow.js.

    Example: flask --app backend publish compact/2 --reason "reads LCD better"
    """
    with explained(versions.VersionError, ReaderError):
        try:
            done = versions.publish(version, person(), reason, override)
        except versions.GateError as error:
            unread = dict.fromkeys(number for gate in error.gates for number in gate.to_read)
            if not unread:
                raise
            for number in unread:
                with reported("reading samples") as progress:
                    version_readings.read_samples(number, progress)
            done = versions.publish(version, person(), reason, override)
    click.echo(f"{done.path} is published.")


@click.command("rollback")
@click.option("--reason", default="", help="Why; kept with who and when.")
@click.option("--of", "slot", default=READER, show_default=True, help="Of what: reader, finder, or a recipe.")
@with_appcontext
def rollback(reason: str, slot: str) -> None:
    """Publish again what was published before.

    Example: flask --app backend rollback --reason "misreads red drums"
    """
    with explained(versions.VersionError):
        done = versions.rollback(person(), reason, slot)
    click.echo(f"{done.path} is published.")
