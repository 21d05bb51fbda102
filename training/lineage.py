"""A version beside others on the same validation pictures: the one that it goes on from, the one that is published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import gates
from backend.domain.card import NAME, CardError
from backend.domain.figures import mcnemar
from training import metrics
from training.data import Sample
from training.networks import crop_samples, open_network, read_all
from training.publishing import card_hash
from training.spending import folder_of, options_of, start_of, teachers_of

TEACHERS = ("teachers", "teachers_sha256", "teachers_share")


def began_with(run: Path, given: Path | None) -> Path | None:
    """The folder of the version or run that a run went on from: the one that is `given`, else as its options say."""
    start = start_of(run)
    return given or (folder_of(start) if start else None)


def parent_of(run: Path, given: Path | None) -> Path | None:
    """The same, of what was published or could have been: a version, what is `given`, or what is gone by now.

    A run that is there is an earlier stage of the same training: nobody has relied on what it read.
    """
    found = began_with(run, given)
    return None if found and not given and found.is_dir() and not (found / NAME).is_file() else found


def beside_parent(parent: Path, given: bool, samples: Sequence[Sample], outputs: NDArray[np.float32]) -> dict[str, Any]:
    """How the new version's outputs (n, 11, 10) are beside its parent's, or why nobody knows.

    Raises CardError for a parent that was `given` and cannot be read; what a run began with may be gone by now.
    """
    try:
        return beside(parent, samples, outputs)
    except (CardError, OSError, ValueError) as error:
        if given:
            raise
        return {"version": named(parent), "reason": str(error)[:200]}


def described(run: Path, given: Path | None) -> dict[str, Any]:
    """The options that a run was made with as a card says them: where things lay is nobody's business.

    Their hashes are kept, and the names of what it began with and of the networks that taught it.
    """
    options = {name: value for name, value in options_of(run).items() if name not in ("dataset", "start", *TEACHERS)}
    if teachers := teachers_of(run):
        options |= {name: options_of(run)[name] for name in TEACHERS}
        options["teachers"] = [named(folder_of(file) or file) for file in teachers]
    if began := began_with(run, given):
        options["parent"] = named(began)
    return options


def named(folder: Path) -> str:
    """A version, or a run, by its name."""
    return f"{folder.parent.name}/{folder.name}" if (folder / NAME).is_file() else f"{folder.name}/run"


def beside(other: Path, samples: Sequence[Sample], outputs: NDArray[np.float32]) -> dict[str, Any]:
    """Another's readings against the new version's outputs (n, 11, 10); `p` of the two-sided paired test of both.

    Raises CardError when the other's folder, of a version or a run, is not whole.
    """
    network = open_network(other)
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
    """The gate of the comparison: open, with a reason, where the published version cannot be read with here."""
    name = {"version": f"{published.parent.name}/{published.name}"}
    try:
        found = beside(published, samples, outputs)
    except (CardError, OSError, ValueError) as error:  # the last is TFLite's, for a file that is no network
        return name | {"outcome": gates.OPEN, "reason": str(error)[:200]}
    about = name | {"card_sha256": card_hash(published)}
    return about | gates.compare(found["pictures"], found["lost"], found["gained"])
