"""Another program as a part of a job: its output goes to the log, its progress comes as JSON lines on a pipe."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any

from backend.services.reporter import JobError, Reporter
from backend.settings import ROOT

ENDING = 10.0  # seconds that it has to end by itself
Said = Callable[[dict[str, Any]], None]


def run_tool(command: Sequence[str], said: Said, report: Reporter) -> None:
    """Run a program to its end; `said` gets each line of its progress. Raises JobError when it fails.

    It is given `--progress-file`, and ends when this process is interrupted.
    """
    reading, writing = os.pipe()
    whole = [*command, "--progress-file", f"/dev/fd/{writing}"]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ}
    pipes: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
    }
    with os.fdopen(reading, encoding="utf-8", errors="replace") as progress:
        try:
            tool = subprocess.Popen(
                whole, cwd=ROOT, env=quiet, text=True, encoding="utf-8", errors="replace", pass_fds=(writing,), **pipes
            )
        finally:
            os.close(writing)
        try:
            last = follow(tool, command[2], progress, said, report)
        except BaseException:
            end(tool)
            raise
    if tool.returncode:
        raise JobError(last or f"{command[2]} ended with status {tool.returncode}")


def follow(tool: subprocess.Popen[str], name: str, progress: IO[str], said: Said, report: Reporter) -> str:
    """Pass on what it says until it has ended; returns its last words.

    Those are the last that begin with its name, if any do: libraries may complain after them that nobody waited.
    """
    words = [""]

    def listen() -> None:
        assert tool.stdout
        with tool.stdout as output:
            for line in output:
                if line.strip():
                    report.line(line.strip())
                    if line.startswith(f"{name}:") or not words[0].startswith(f"{name}:"):
                        words[0] = line.strip()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    for line in progress:
        said(json.loads(line))
    tool.wait()
    listener.join(ENDING)  # a grandchild may hold the pipe
    return words[0]


def end(tool: subprocess.Popen[str]) -> None:
    """End a program that is still running."""
    tool.terminate()
    try:
        tool.wait(ENDING)
    except subprocess.TimeoutExpired:
        tool.kill()
        tool.wait()
