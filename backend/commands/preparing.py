"""What every command asks for before it begins: a database on which all migrations have been applied."""

from __future__ import annotations

import copy
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask.cli import with_appcontext

from backend.commands.reporting import explained
from backend.database import UnpreparedError, require_prepared

PREPARE = {"serve", "telegram_bot"}  # these bring the database up to date by themselves


def init_app(app: Flask) -> None:
    """Let all commands that are there by now ask first; groups are those of extensions, such as `db`."""
    for name, command in app.cli.commands.items():
        if name not in PREPARE and not isinstance(command, click.Group):
            app.cli.commands[name] = asking_first(command)


def asking_first(command: click.Command) -> click.Command:
    """The same command, for this application: without a prepared database it ends with one line and status 1."""
    work = command.callback
    assert work is not None  # what is no group does something

    @with_appcontext
    @wraps(work)
    def ask_and_work(*args: Any, **given: Any) -> Any:
        with explained(UnpreparedError):
            require_prepared()
        return work(*args, **given)

    asking = copy.copy(command)
    asking.callback = ask_and_work
    return asking
