"""A version beside the one that it goes on from: what it has learned and what it has lost, on validation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.figures import mcnemar
from training import metrics
from training.data import Sample
from training.networks import crop_samples, open_version, read_all


def beside(parent: Path, samples: Sequence[Sample], outputs: NDArray[np.float32]) -> dict[str, Any]:
    """The parent's readings against the new version's outputs (n, 11, 10); `p` of the paired test of both.

    Raises CardError when the parent's folder is not whole.
    """
    network = open_version(parent)
    before = metrics.judge(read_all(network, crop_samples(samples, network.spec), "reading (parent)"), samples).exact
    after = metrics.judge(outputs, samples).exact
    lost, gained = int((before & ~after).sum()), int((after & ~before).sum())
    return {
        "version": f"{network.about['name']}/{network.about['version']}",
        "pictures": len(samples),
        "right": int(before.sum()),
        "lost": lost,
        "gained": gained,
        "p": mcnemar(lost, gained),
    }
