"""Gates: what a version has to pass to be published without a written override. The export and the panel share them.

Each rule gives an object for the version's card: its `outcome`, and the figures that the outcome follows from.

- comparison: McNemar's exact test (1947) on the same pictures, one-sided: it fails when the new version is worse than
  the published one at the level of 2.5%, which is where the two-sided test of the comparison page says so at 5%.
- kept: a version that goes on from another loses at most 1% of what that one read right.
- agreement: Keras, TFLite and TensorFlow.js read alike.
- leaks: nothing that it was taught with is among what it was measured by.
- inherited: nor is anything that the networks it goes on from, or that taught it, were taught with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

COMPARISON, KEPT, AGREEMENT, LEAKS, INHERITED = NAMES = ("comparison", "kept", "agreement", "leaks", "inherited")
PASSED, FAILED, UNKNOWN = OUTCOMES = ("passed", "failed", "unknown")
OPEN = "open"  # of a gate that has not been asked yet, or of a comparison that nobody could make
IN_THE_WAY = (FAILED, OPEN)  # what takes a written override
LEVEL = 0.025
KEEP = 0.01  # of what the parent read right may get lost
FEWEST = 6  # pictures; with fewer not even a version that reads nothing could be told from one that reads all

Gate = dict[str, Any]


def compare(pictures: int, lost: int, gained: int) -> Gate:
    """The published version alone read `lost` of the pictures right, the new one alone `gained` of them.

    Open when these are too few: then nobody has compared the two.
    """
    p = p_worse(lost, gained)
    outcome = OPEN if pictures < FEWEST else FAILED if p <= LEVEL else PASSED
    return {"outcome": outcome, "pictures": pictures, "lost": lost, "gained": gained, "p": p}


def p_worse(lost: int, gained: int) -> float:
    """How likely two equally good readers differ by so much or more to the disadvantage of the one that lost these."""
    tries = lost + gained
    tail = sum(math.comb(tries, i) for i in range(gained + 1))  # whole numbers: they outgrow floats
    return tail / (1 << tries)


def keep(right: int, lost: int) -> Gate:
    """Of the validation pictures that its parent read `right`, so many were `lost`."""
    return {"outcome": FAILED if lost > KEEP * right else PASSED, "right": right, "lost": lost}


def agree(reasons: Sequence[str]) -> Gate:
    """The `reasons` say what reads otherwise than Keras does; none when all read alike."""
    return {"outcome": FAILED, "reasons": list(reasons)} if reasons else {"outcome": PASSED}


def leak(counts: Mapping[str, int], untraced: int, compared: bool = True) -> Gate:
    """How many leaks of each kind were found, and of how many augmentations nobody knows what they were made of.

    `compared`: all pictures that are near to each other, as far as that is a matter of their number.
    """
    outcome = FAILED if any(counts.values()) else UNKNOWN if untraced or not compared else PASSED
    return {"outcome": outcome, **counts, "untraced": untraced} | ({} if compared else {"compared": False})


def inherit(found: Gate, data: Sequence[str], unknown: Sequence[str]) -> Gate:
    """The leaks `found` (see `leak`) between what earlier networks were taught with and what this one is measured by.

    `data` has the hashes of all that they were taught with, as far as these are known; `unknown` names the networks of
    which not all of that could be looked through.
    """
    outcome = UNKNOWN if unknown and found["outcome"] == PASSED else found["outcome"]
    return found | {"outcome": outcome, "data": list(data), "unknown": list(unknown)}


def failed(gates: Mapping[str, Gate]) -> list[str]:
    """The names of the gates that were not passed, in the order above."""
    return [name for name in NAMES if gates.get(name, {}).get("outcome") == FAILED]


def in_the_way(gates: Mapping[str, Gate]) -> dict[str, str]:
    """The outcomes of the gates that a publication takes a written override for, by their names."""
    outcomes = {name: gates.get(name, {}).get("outcome") for name in NAMES}
    return {name: outcome for name, outcome in outcomes.items() if outcome in IN_THE_WAY}


def statistic(statistics: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within statistics, which may come from anywhere; empty where there is none."""
    found = statistics.get(name)
    return found if isinstance(found, dict) else {}


def whole(found: Mapping[str, Any], *names: str) -> bool:
    """Whether all of these are counts."""
    return all(type(found.get(name)) is int and found[name] >= 0 for name in names)
