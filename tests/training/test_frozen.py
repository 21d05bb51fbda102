"""Teaching on top of a frozen trunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training import frozen
from training.data import TEACH, read_table


@pytest.mark.long
def test_a_frozen_trunk_teaches_what_lies_above(base: Path, drawn_dataset: Path) -> None:
    network = frozen.split(base)
    samples = read_table(drawn_dataset)
    bank = frozen.fill(network, samples, None, None, 0, seed=1, views=2, shared=64)
    taught = [s.image for s in samples if s.type == TEACH]
    assert bank.images == taught and len(bank.features) == 2 * 32 + 64
    assert np.bincount(bank.owner + 1).tolist() == [64] + [2] * 32
    trunk = [w.copy() for w in network.trunk.get_weights()]
    some = bank.features[:5].astype(np.float32)
    uppers = [frozen.taught(network, bank, set(taught[:8]), steps=2, batch=4, seed=1) for _ in range(2)]
    one, again, before = (upper.predict_on_batch(some)["reading"] for upper in (*uppers, network.upper))
    assert one.shape == (5, 11, 10) and np.array_equal(one, again) and not np.array_equal(one, before)
    assert all(np.array_equal(a, b) for a, b in zip(trunk, network.trunk.get_weights(), strict=True))
