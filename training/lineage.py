"""A version beside others on the same validation pictures: the one that it goes on from, the one that is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import gates
from backend.domain.card import CardError
from backend.domain.figures import mcnemar
from training import metrics
from training.data import Sample
from training.networks import crop_samples, open_version, read_all
from training.publishing import card_hash


def beside(other: Path, samples: Sequence[Sample], outputs: NDArray[np.float32]) -> dict[str, Any]:
    """Another version's readings against the new one's outputs (n, 11, 10); `p` of the two-sided paired test of both.

    Raises CardError when the other's folder is not whole.
    """
    network = open_version(other)
    before = metrics.judge(read_all(network, crop_samples(samples, network.spec), "reading (the other)"), samples).exact
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


def against(published: Path, samples: Sequence[Sample], outputs: NDArray[np.float32]) -> gates.Gate:
    """The gate of the comparison: unknown, with a reason, where the published version cannot be read with here."""
    name = {"version": f"{published.parent.name}/{published.name}"}
    try:
        found = beside(published, samples, outputs)
    except (CardError, OSError, ValueError) as error:  # the last is TFLite's, for a file that is no network
        return name | {"outcome": gates.UNKNOWN, "reason": str(error)[:200]}
    about = name | {"card_sha256": card_hash(published)}
    return about | gates.compare(found["pictures"], found["lost"], found["gained"])
