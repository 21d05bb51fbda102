"""Commands of `flask --app backend`."""

from __future__ import annotations

import os
import socket
import sys

import click
from flask import Flask
from flask.cli import with_appcontext
from flask_migrate import upgrade

from backend import jobs, metrics, processes, static
from backend.commands.accounts import announce_first_link
from backend.database import db, refresh_statistics
from backend.services import leftovers, versions
from backend.settings import ROOT, Settings, get_settings


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(serve)


@click.command()
@with_appcontext
def serve() -> None:
    """Prepare the database, then serve until stopped.

    Example: METER_PORT=8000 flask --app backend serve
    """
    settings = get_settings()
    require_free_port(settings)
    upgrade()
    refresh_statistics()
    finish_interrupted()
    static.compress_all(settings)
    click.echo(f"\n  Meter reader: http://{settings.host}:{settings.port}   (Ctrl+C stops it)\n")
    announce_first_link()
    sys.stdout.flush()
    command = gunicorn_command(settings)
    environment = {**os.environ, **metrics.prepare(settings)}
    if settings.embedded_worker:
        sys.exit(processes.run_together(command, jobs.worker_command(settings.jobs), environment))
    os.execve(command[0], command, environment)  # noqa: S606 (no shell: this process becomes the server)


def finish_interrupted() -> None:
    """Finish or take back what killed processes left; a version that is not whole is told, not fatal."""
    try:
        versions.settle()
    except versions.VersionError as error:
        click.echo(f"Warning: {error}", err=True)
    db.session.remove()
    leftovers.recover()


def require_free_port(settings: Settings) -> None:
    """Stop with one sentence when something else listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            address = f"{settings.host}:{settings.port}"
            raise click.ClickException(
                f"cannot listen on {address} ({error.strerror}); choose another: METER_PORT=8000 make run"
            ) from None


def gunicorn_command(settings: Settings) -> list[str]:
    """Return the command line of the web server, run by the Python that runs this."""
    options = {
        "--bind": f"{settings.host}:{settings.port}",
        "--worker-class": "gthread",
        "--workers": settings.workers,
        "--threads": settings.threads,
        "--keep-alive": 30,
        "--graceful-timeout": 30,
        "--config": "python:backend.serving",
        "--log-level": "warning",
        "--chdir": ROOT,
    }
    flat = [str(part) for pair in options.items() for part in pair]
    return [sys.executable, "-m", "gunicorn", *flat, "--no-control-socket", "backend:create_app()"]
