"""The queue: huey in a file of the instance folder, or in Redis by one setting, for workers on several machines.

It only wakes workers. Which runs there are, and who does them, stands in the database: an entry that gets lost is made
anew from there (`runs.waiting`), and one that comes twice finds the run taken.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from functools import cached_property

from flask import Flask, current_app
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from redis.exceptions import RedisError

from backend.settings import Settings, get_settings

log = logging.getLogger(__name__)


class Queue:
    """Run numbers on their way to the workers. Opened at first use: most processes never need it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.work: Callable[[int], None] | None = None  # what a worker does with a run

    @cached_property
    def huey(self) -> Huey:
        """The queue itself; one file in the instance folder without a Redis."""
        if self.settings.redis_url:
            huey: Huey = RedisHuey("meter", url=self.settings.redis_url, results=False, read_timeout=1)
        else:
            huey = SqliteHuey("meter", filename=str(self.settings.instance / "queue.db"), results=False)
        self.task = huey.task(name="run")(self._take)
        return huey

    def send(self, run: int) -> bool:
        """Wake a worker for a run; False when the queue does not answer (a worker finds the run all the same)."""
        try:
            self.huey.enqueue(self.task.s(run))
        except (RedisError, sqlite3.Error, OSError) as error:
            log.warning("run %d is not in the queue: %s", run, error)
            return False
        return True

    def close(self) -> None:
        """Close the file; it opens again when it is needed."""
        if "huey" in vars(self) and not self.settings.redis_url:
            self.huey.storage.close()

    def _take(self, run: int) -> None:
        assert self.work, "only workers take from the queue"
        self.work(run)


def init_app(app: Flask) -> None:
    """Give the application its queue."""
    app.extensions["queue"] = Queue(get_settings(app))


def get_queue() -> Queue:
    """Return the queue of the current application."""
    queue = current_app.extensions["queue"]
    assert isinstance(queue, Queue)
    return queue
