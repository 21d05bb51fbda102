"""How commands say what they do: a bar, one clear line on failure, who ran them."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from backend.services.tables import DatasetError
from backend.storage import StorageError

Progress = Callable[[int, int], None]


@contextmanager
def explained(*expected: type[Exception]) -> Iterator[None]:
    """End the command with one line and status 1 for a failure that explains itself."""
    try:
        yield
    except expected as error:
        raise click.ClickException(str(error)) from None


@contextmanager
def reported(label: str) -> Iterator[Progress]:
    """Show a bar while a service works; a failure it explains ends the command with one line and status 1.

    Bad rows are named before that line, each with its own.
    """
    failure: ValueError | None = None
    with click.progressbar(length=1, label=label, update_min_steps=20) as bar:
        shown = 0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            bar.length = total
            bar.update(done - shown)
            shown = done

        try:
            yield progress
        except (DatasetError, StorageError) as error:
            failure = error
    if failure:
        for problem in getattr(failure, "problems", ()):
            click.echo(problem, err=True)
        raise click.ClickException(str(failure))


def person() -> str:
    """Who runs the command, as rows keep it."""
    try:
        return f"{getpass.getuser()} (command)"
    except (KeyError, OSError):  # a container may have a user without a name
        return "command"
