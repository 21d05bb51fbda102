"""The application behind a real gunicorn, for measuring and for tests."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask_migrate import upgrade

from backend import metrics
from backend.app import create_app
from backend.cli import gunicorn_command
from backend.database import db
from backend.settings import ROOT, Settings

START = 90  # seconds, on a machine that does other things too
END = 60


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(settings: Settings, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """The application behind a real gunicorn, on an empty database; its lines go to `log`."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    environment = {**os.environ, **settings.environment(), **metrics.prepare(settings)}
    with Path(log or os.devnull).open("wb") as lines:
        process = subprocess.Popen(gunicorn_command(settings), cwd=ROOT, env=environment, stderr=lines)
        try:
            wait(settings.port, process)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(END)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until it answers."""
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise RuntimeError(f"expected the server to start within {START} s, got status {process.poll()}")
