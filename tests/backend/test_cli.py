"""`flask --app backend serve` as a person starts it: a real process on a free port."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from backend.settings import ROOT, Settings

COMMAND = [sys.executable, "-m", "flask", "--app", "backend", "serve"]


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folders = {
        "METER_INSTANCE": settings.instance,
        "METER_FRONTEND": settings.frontend,
        "METER_STATIC": settings.static,
    }
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}, "METER_PORT": str(port)}


@pytest.fixture
def served(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        COMMAND, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    yield process, f"http://127.0.0.1:{environment['METER_PORT']}"
    process.kill()
    process.communicate()


def wait_for(url: str) -> bytes:
    deadline = time.monotonic() + 180  # a busy machine takes its time
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bytes(answer.read())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer within 3 minutes")


def test_serve_prepares_the_database_and_stops_cleanly(served, settings: Settings) -> None:
    process, address = served
    assert json.loads(wait_for(f"{address}/healthz"))["status"] == "ok"
    assert b"<title>page</title>" in wait_for(f"{address}/")
    assert (settings.instance / "meter.db").exists()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert f"Meter reader: {address}" in output
    assert "Traceback" not in output


def the_worker(process: subprocess.Popen[str], but: int = 0) -> psutil.Process:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for child in psutil.Process(process.pid).children():
            if child.pid != but and child.status() != psutil.STATUS_ZOMBIE and "backend.jobs" in child.cmdline():
                return child
        time.sleep(0.1)
    raise AssertionError("no embedded worker within 2 minutes")


def test_serve_has_a_worker_that_starts_again_and_ends_with_it(served) -> None:
    process, address = served
    wait_for(f"{address}/healthz")
    first = the_worker(process)
    first.kill()
    second = the_worker(process, but=first.pid)
    started = psutil.Process(process.pid).children(recursive=True)
    assert second in started and len(started) >= 3  # the web server's own processes too
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "The worker ended with status -9; it is started again." in output
    assert psutil.wait_procs(started, timeout=60)[1] == []


def test_nothing_is_left_when_serve_is_killed(served) -> None:
    process, address = served
    wait_for(f"{address}/healthz")
    started = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    assert psutil.wait_procs(started, timeout=60)[1] == []


def test_serve_says_when_the_port_is_taken(environment: dict[str, str]) -> None:
    with closing(socket.create_server(("127.0.0.1", int(environment["METER_PORT"])))):
        result = subprocess.run(COMMAND, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.startswith(f"Error: cannot listen on 127.0.0.1:{environment['METER_PORT']}")
    assert "METER_PORT=8000 make run" in result.stderr


def test_serve_help_shows_an_example() -> None:
    result = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "Example: METER_PORT=8000 flask --app backend serve" in result.stdout
