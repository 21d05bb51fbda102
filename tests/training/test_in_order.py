"""Batches from other processes are those of this one, in the order of their steps."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from training.batches import Batches, load_material
from training.data import read_table
from training.in_order import in_order


def make(folder: Path) -> Batches:
    """Module level, so that a worker process can call it."""
    return Batches(load_material(read_table(folder)), (48, 192), 2, seed=3, aligned=True, heavy=True)


def test_workers_change_nothing(drawn_dataset: Path) -> None:
    here = list(in_order(partial(make, drawn_dataset), range(2, 9), workers=0))
    there = list(in_order(partial(make, drawn_dataset), range(2, 9), workers=1))
    assert len(here) == len(there) == 7
    for (pictures, targets), (others, other_targets) in zip(here, there, strict=True):
        assert pictures.dtype == np.float32 and pictures.min() >= 0 and pictures.max() <= 1
        assert np.array_equal(pictures, others)
        assert all(np.array_equal(targets[name], other_targets[name]) for name in ("reading", "count"))
