"""How good readings are, for whoever has them: proportions with intervals, calibration, confusion, paired comparison.

Methods: Wilson's score interval for proportions (Wilson 1927; recommended by Brown, Cai & DasGupta 2001); exact upper
bound of an error rate (Clopper & Pearson 1934); expected calibration error over 15 equal bins (Naeini et al. 2015; Guo
et al. 2017, arXiv:1706.04599); risk–coverage curve (El-Yaniv & Wiener 2010); McNemar's exact test (McNemar 1947).
Readings and truths are classes (n, 11), as the codec has them: row 0 the decimals, rows 1 to 10 the digits.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.reading import CLASSES, DIGITS, ROWS

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z95 = 1.959963984540054
BINS = 15


def proportion(right: Bools) -> dict[str, Any]:
    """A share with its count and Wilson's 95% interval."""
    n, k = len(right), int(right.sum())
    low, high = wilson(k, n)
    return {"value": k / n if n else None, "low": low, "high": high, "right": k, "n": n}


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Score interval of k successes out of n; (0, 1) when nothing was tried."""
    if n == 0:
        return 0.0, 1.0
    p, spread = k / n, z * z / n
    centre = (p + spread / 2) / (1 + spread)
    half = z * math.sqrt(p * (1 - p) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half) if k else 0.0, min(1.0, centre + half) if k < n else 1.0


def upper_bound(errors: int, n: int, delta: float = 0.05) -> float:
    """The largest true error rate under which `errors` of `n` or fewer still have probability `delta`; 1 for none."""
    if errors >= n:
        return 1.0
    low, high = errors / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _binomial_cdf(errors, n, middle) > delta else (low, middle)
    return high


@lru_cache
def needed(errors: int, most: float, delta: float = 0.05) -> int:
    """The fewest tries in which so many errors still mean a rate of at most `most`, but for a chance of `delta`."""
    low, high = errors, 2 * errors + 2
    while _binomial_cdf(errors, high, most) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _binomial_cdf(errors, middle, most) > delta else (low, middle)
    return high


def _binomial_cdf(k: int, n: int, p: float) -> float:
    """P(X ≤ k) for X of n tries with chance 0 < p < 1 each."""
    ways = [math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in range(k + 1)]
    logs = (way + i * math.log(p) + (n - i) * math.log1p(-p) for i, way in enumerate(ways))
    return min(1.0, math.fsum(map(math.exp, logs)))


def mcnemar(only_a: int, only_b: int) -> float:
    """Two-sided exact p of two readers being equally good, when one alone was right this often and the other that."""
    tries = only_a + only_b
    ways = tail = 1  # whole numbers: they outgrow floats
    for i in range(min(only_a, only_b)):
        ways = ways * (tries - i) // (i + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << tries))


def ece(sure: Floats, right: Bools, weights: Floats | None = None, bins: int = BINS) -> Floats:
    """Expected calibration error: |accuracy − confidence| over equal bins of confidence, weighted by their counts.

    For `weights` (m, n) of the n readings one figure each, (m,); without them one figure, (1,).
    """
    weights = np.ones((1, len(sure))) if weights is None else weights
    error: Floats = np.abs(weights @ gaps(sure, right, bins)).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-12)
    return error


def gaps(sure: Floats, right: Bools, bins: int = BINS) -> Floats:
    """How far right (1 or 0) is from sure, in the column of its bin of confidence and 0 in the others: (n, bins)."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    table = np.zeros((len(sure), bins))
    table[np.arange(len(sure)), place] = right - sure
    return table


def reliability(sure: Floats, right: Bools, bins: int = BINS) -> list[dict[str, Any]]:
    """For each bin that holds anything: its confidence, accuracy and count."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return [
        {"confidence": float(sure[place == b].mean()), "accuracy": proportion(right[place == b])}
        for b in range(bins)
        if (place == b).any()
    ]


def risk_coverage(sure: Floats, right: Bools, points: int = 40) -> list[dict[str, Any]]:
    """At each of `points` coverages: the error of the surest readings and the confidence of the last of them."""
    order = np.argsort(-sure, kind="stable")
    counts = np.unique(np.linspace(min(1, len(order)), len(order), points).round().astype(int))
    return [
        {
            "coverage": int(count) / len(order),
            "threshold": float(sure[order[count - 1]]),
            "error": proportion(~right[order[:count]]),
        }
        for count in counts
        if count
    ]


def confusion(truth: Ints, read: Ints, shown: Bools) -> list[list[int]]:
    """Counts (10, 10) over the digits shown: row = true digit, column = digit read."""
    counts = np.zeros((CLASSES, CLASSES), dtype=int)
    chosen = shown[:, 1:]
    np.add.at(counts, (truth[:, 1:][chosen], read[:, 1:][chosen]), 1)
    return [[int(count) for count in row] for row in counts]


def by_position(truth: Ints, read: Ints, shown: Bools) -> list[dict[str, Any]]:
    """Accuracy and confusion of the digits shown at each position, counted from the end (0 = last)."""
    positions = []
    for position in range(DIGITS):
        row = ROWS - 1 - position
        chosen = shown[:, row]
        if chosen.any():
            true, said = truth[chosen, row], read[chosen, row]
            counts = np.zeros((CLASSES, CLASSES), dtype=int)
            np.add.at(counts, (true, said), 1)
            positions.append({"from_end": position, "accuracy": proportion(true == said), "confusion": counts.tolist()})
    return positions


def mismatches(truth: Ints, read: Ints) -> list[dict[str, Any]]:
    """How many readings have 0, 1, 2, … wrong characters (digits, and the point's place as one), with their share."""
    wrong = (truth != read).sum(axis=1)
    return [
        {"characters": number, "readings": int(count), "share": int(count) / len(wrong)}
        for number, count in enumerate(np.bincount(wrong) if len(wrong) else [])
    ]
