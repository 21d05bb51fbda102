"""What a job says about itself while it works: progress, log, curve. Written at most once a second, and bounded."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from backend.models.base import JsonObject
from backend.services import runs
from backend.services.runs import Told

log = logging.getLogger(__name__)

INTERVAL = 1.0  # seconds between two writings, at least
LINE, LINES = 1000, 400  # characters of a line and lines of a log that are kept
POINTS = 500  # of the curve; when there are more, every other one goes

Progress = Callable[[int, int], None]  # done, of how many


class JobError(RuntimeError):
    """A job that could not be done; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """What a job leaves: a result to show, and the version that it made."""

    result: JsonObject
    version_id: int | None = None


class Reporter:
    """Collects what a job says, and writes it to its run from a thread of its own, which is also the run's heart."""

    def __init__(self, app: Flask, run_id: int, worker: str) -> None:
        self.app, self.run_id, self.worker = app, run_id, worker
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.lines: deque[str] = deque(maxlen=LINES)
        self.left_out = 0
        self.fraction = 0.0
        self.result: JsonObject = {}
        self.curve: list[dict[str, Any]] = []
        self.news = False

    def __call__(self, done: int, total: int) -> None:
        """Say how far the job is."""
        with self.lock:
            self.fraction = min(1.0, max(0.0, done / total)) if total > 0 else 0.0
            self.news = True

    def part(self, low: float, high: float) -> Progress:
        """A progress for a part of the job, between two shares of the whole."""
        return lambda done, total: self(round(1e6 * (low + (high - low) * done / max(total, 1))), 1_000_000)

    def line(self, text: str) -> None:
        """Add to the log; the oldest lines go when there are too many."""
        with self.lock:
            for part in text.splitlines():
                self.left_out += len(self.lines) == LINES
                self.lines.append(part.replace("\0", "")[:LINE])
            self.news = True

    def note(self, **values: object) -> None:
        """Keep something with the run's result."""
        with self.lock:
            self.result |= values
            self.news = True

    def point(self, point: dict[str, Any]) -> None:
        """Add to the curve."""
        with self.lock:
            self.curve.append(point)
            if len(self.curve) > POINTS:
                del self.curve[1:-1:2]
            self.result["curve"] = list(self.curve)
            self.news = True

    def log_text(self) -> str:
        """The log as it is kept."""
        with self.lock:
            head = [f"… {self.left_out} lines left out …"] if self.left_out else []
            return "".join(f"{line}\n" for line in (*head, *self.lines))

    def told(self) -> Told:
        """Everything said so far."""
        text = self.log_text()
        with self.lock:
            self.news = False
            return Told(self.fraction, text, dict(self.result))

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Keep the run alive meanwhile. When it is no longer ours, this process is asked to end (SIGTERM)."""
        thread = threading.Thread(target=self._beat, name=f"heart of run {self.run_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.ended.set()
            thread.join()

    def _beat(self) -> None:
        last = time.monotonic()
        with self.app.app_context():
            while not self.ended.wait(INTERVAL):
                if not self.news and time.monotonic() - last < runs.BEAT:
                    continue
                try:
                    runs.beat(self.run_id, self.worker, self.told())
                    last = time.monotonic()
                except SQLAlchemyError as error:  # busy or away for a moment: the next beat may come through
                    log.warning("run %d: no beat: %s", self.run_id, getattr(error, "orig", error))
                    self.news = True
                except runs.NoLongerOursError as error:
                    log.warning("run %d: %s", self.run_id, error)
                    os.kill(os.getpid(), signal.SIGTERM)
                    return
