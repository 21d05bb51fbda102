"""The web server and an embedded worker beside each other, ended together.

The web server decides: when it ends, everything ends. A worker that dies is started again. Both live in sessions of
their own, so Ctrl+C reaches them through here only; if this process is killed, Linux tells them to end.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from backend.settings import ROOT

LOOK = 0.2  # seconds between two looks
AGAIN = 5.0  # seconds before a dead worker is started again
PATIENCE = 45.0  # seconds to end: more than the web server's and a worker's own grace
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Process = subprocess.Popen[bytes]


def run_together(server: list[str], worker: list[str], environment: dict[str, str]) -> int:
    """Run both until the server ends or somebody asks to stop; returns the server's exit status."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.append(number))
    first, second = start(server, environment), start(worker, environment)
    since = time.monotonic()
    while not asked and first.poll() is None:
        time.sleep(LOOK)
        if second.poll() is not None and time.monotonic() - since > AGAIN:
            print(f"The worker ended with status {second.returncode}; it is started again.", file=sys.stderr)
            second, since = start(worker, environment), time.monotonic()
    quick = bool(asked) and asked[0] == signal.SIGINT
    end(second, signal.SIGTERM)
    end(first, signal.SIGINT if quick else signal.SIGTERM)
    for process in (first, second):
        process.wait()
    return max(0, first.returncode)


def start(command: list[str], environment: dict[str, str]) -> Process:
    """Start a process that ends when this one does, however."""
    # No thread runs in this process, so what happens between fork and exec is safe.
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=end_with_parent)  # noqa: PLW1509


def end_with_parent() -> None:
    """Let the system send this process SIGTERM when its parent is gone (on Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process: Process, number: signal.Signals) -> None:
    """Ask a process to end, and kill it when it does not."""
    if process.poll() is None:
        process.send_signal(number)
        timer(PATIENCE, process.kill)


def timer(seconds: float, function: Callable[[], None]) -> None:
    """Call a function later, if this process still lives then."""
    later = threading.Timer(seconds, function)
    later.daemon = True
    later.start()
