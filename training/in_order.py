"""Batches made ahead by other processes and handed out in the order of their steps.

Making pictures holds Python's lock, so threads would stand in the training step's way.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.canvas import Pixels

Batch = tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]
Made = tuple[Pixels, dict[str, NDArray[np.float32]]]


class Batches(Protocol):
    """Makes the batch of any step, always the same."""

    def __getitem__(self, step: int) -> Made:
        """Pictures uint8 (batch, height, width, 3) and targets."""


AHEAD = 4  # batches that wait, for each process

_batches: Batches | None = None


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _build(make: Callable[[], Batches]) -> None:
    global _batches  # noqa: PLW0603 (one for each worker process: an initializer can leave it nowhere else)
    # A killed run closes no queue: without this its workers would wait for ever.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _batches = make()


def _get(step: int) -> Made:
    assert _batches is not None
    return _batches[step]


def _as_floats(made: Made) -> Batch:
    return np.divide(made[0], np.float32(255), dtype=np.float32), made[1]


def in_order(make: Callable[[], Batches], steps: range, workers: int) -> Iterator[Batch]:
    """Pictures float32 (batch, height, width, 3) in 0..1 and targets, for each step in turn.

    `make` must be picklable; each of the `workers` processes calls it once. With no workers, all is made here.
    """
    if workers == 0:
        batches = make()
        for step in steps:
            yield _as_floats(batches[step])
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_build, initargs=(make,)) as pool:
        waiting: deque[Future[Made]] = deque()
        for step in steps:
            waiting.append(pool.submit(_get, step))
            if len(waiting) > AHEAD * workers:
                yield _as_floats(waiting.popleft().result())
        while waiting:
            yield _as_floats(waiting.popleft().result())
