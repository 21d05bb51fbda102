"""A learning curve guessed from the looks of four pictures: the part that needs no network and no measuring.

`training.first_guess` has the idea, and measures what is guessed from: a table of families of displays, each with its
embedding (k,) and the parameters A, B, ln C and D of its curve, (A − D) / (1 + (x / C)^B) + D. The table also holds by
how much each family was missed when it was left out: those misses, added to a guess, are the curves that may be true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Guesser = Callable[[Floats, Floats, Floats], Floats]  # embeddings (f, k), parameters (f, 4), one (k,) → (4,)

FOUR = 4  # pictures that a guess is made from
NEAREST = 3
RIDGE = 10.0  # on standardised features: there are far more of them than families
NAMES = ("A", "B", "C", "D")
SHOWN = (4, 8, 16, 32, 64, 128, 256, 512)  # samples at which a guessed curve is told, as far as families were measured
LOWEST, HIGHEST = np.array([0.0, 0.1, -np.inf, 0.0]), np.array([1.0, 8.0, np.inf, 1.0])  # of the parameters
FEWEST, MOST = 2.0, 1024.0  # samples between which an answer is sought: families were measured up to 256
MIDDLE = 0.8  # share of the curves that an interval holds
HALF = 0.5  # of the curves have to reach a target, or there is no answer
STEPS = 400
LEAST_ASKED = 5  # percent


def kept(parameters: Floats, lowest: Floats = LOWEST, highest: Floats = HIGHEST) -> Floats:
    """Parameters (…, 4) within bounds (4,), with D at most A: outside of them they are no curve of learning."""
    inside = np.clip(parameters, lowest, highest)
    inside[..., 3] = np.minimum(inside[..., 3], inside[..., 0])
    return np.asarray(inside)


def curve_of(parameters: Floats, sizes: Sequence[float] | Floats) -> Floats:
    """The errors (n,) that parameters (4,) mean at sizes (n,); (m, n) for several (m, 4). Kept within their bounds."""
    a, b, c, d = (part[..., None] for part in np.moveaxis(kept(parameters), -1, 0))
    power = np.clip(b * (np.log(np.asarray(sizes, np.float64)) - c), -700, 700)
    return np.asarray((a - d) / (1 + np.exp(power)) + d)


def by_mean(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """The mean of all families: the yardstick."""
    return np.asarray(parameters.mean(axis=0))


def by_nearest(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """The families whose embeddings are nearest, the nearer the more."""
    distances = np.linalg.norm(standard(embeddings, embeddings) - standard(embeddings, one), axis=1)
    nearest = np.argsort(distances)[:NEAREST]
    return np.asarray(np.average(parameters[nearest], axis=0, weights=1 / (distances[nearest] + 1e-9)))


def by_ridge(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """Ridge regression in its dual form, from standardised embeddings."""
    x, y = standard(embeddings, embeddings), parameters - parameters.mean(axis=0)
    scale = x.shape[1]  # so that the ridge means the same for every length of embedding
    alpha = np.linalg.solve(x @ x.T / scale + RIDGE / len(x) * np.eye(len(x)), y)
    return np.asarray(parameters.mean(axis=0) + (standard(embeddings, one) @ x.T / scale) @ alpha)


GUESSERS: dict[str, Guesser] = {"ridge": by_ridge, "nearest": by_nearest, "mean": by_mean}


def standard(embeddings: Floats, these: Floats) -> Floats:
    """`these` (k,) or (n, k) in deviations from the mean of all embeddings (f, k)."""
    return np.asarray((these - embeddings.mean(axis=0)) / (embeddings.std(axis=0) + 1e-6))


@dataclass(frozen=True)
class Needed:
    """Samples for a target with the interval of the middle 80%; `size` None where it cannot be said.

    `reached` is the share of the curves that may be true and reach the target; `high` is None where too few of them do
    for an upper end.
    """

    size: float | None
    low: float | None
    high: float | None
    reached: float


@dataclass(frozen=True)
class Targets:
    """Percent of displays with all digits right that can be asked for, and what to ask for without another wish."""

    lowest: int
    highest: int
    usual: int


def told_by(method: str, embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """The parameters (4,) that a way to guess suggests for an embedding (k,), from families' (f, k) and theirs (f, 4).

    No further out than those of the families go: nothing was measured there, and some of it is no curve of learning.
    """
    return kept(GUESSERS[method](embeddings, parameters, one), parameters.min(axis=0), parameters.max(axis=0))


def told(table: dict[str, Any], embedding: Floats) -> Floats:
    """The parameters (4,) that an embedding (k,) of four pictures suggests."""
    return told_by(table["method"], _column(table, "embedding"), _column(table, "parameters"), embedding)


def _column(table: dict[str, Any], name: str) -> Floats:
    return np.array([one[name] for one in table["families"]])


def farthest(table: dict[str, Any]) -> int:
    """With how many samples a family was measured at most."""
    return max(int(point["size"]) for one in table["families"] for point in one["points"])


def targets(table: dict[str, Any]) -> Targets:
    """What the families reached: no more than the best of them can be asked for; the middle one is what is usual."""
    reached = [100 * (1 - min(float(point["error"]) for point in one["points"])) for one in table["families"]]
    highest = max(1, min(99, int(max(reached))))
    lowest = min(LEAST_ASKED, highest)
    return Targets(lowest, highest, int(np.clip(np.median(reached), lowest, highest)))


def middle_family(table: dict[str, Any], sizes: Floats) -> Floats:
    """The errors (n,) in the middle of all families' curves at sizes (n,): what a guess is compared with."""
    return np.asarray(np.median(curve_of(_column(table, "parameters"), sizes), axis=0))


def perhaps(table: dict[str, Any], parameters: Floats) -> Floats:
    """The parameters (m, 4) of the curves that may be true: a guess with the misses of all families left out."""
    return np.asarray(parameters + np.array(table["misses"]))


def guess(table: dict[str, Any], embedding: Floats) -> dict[str, Any]:
    """The curve that an embedding (k,) of four pictures suggests, as text for people; its error is the table's."""
    embeddings, parameters = _column(table, "embedding"), told(table, embedding)
    sizes = [size for size in SHOWN if size <= farthest(table)]
    errors, ends = curve_of(parameters, sizes), interval(table, parameters, np.array(sizes))
    distances = np.linalg.norm(standard(embeddings, embeddings) - standard(embeddings, embedding), axis=1)
    values = (*parameters[:2], np.exp(parameters[2]), parameters[3])
    rows = zip(sizes, errors, *ends, strict=True)
    return {
        "parameters": {name: round(float(value), 4) for name, value in zip(NAMES, values, strict=True)},
        "line": [
            {"size": size, **{name: round(float(v), 4) for name, v in zip(("error", "low", "high"), row, strict=True)}}
            for size, *row in rows
        ],
        "like": [table["families"][i]["name"] for i in np.argsort(distances)[:NEAREST]],
    }


def interval(table: dict[str, Any], parameters: Floats, sizes: Floats) -> Floats:
    """Between which errors (2, n) the middle 80% of the curves that may be true lie at sizes (n,)."""
    ends = ((1 - MIDDLE) / 2, (1 + MIDDLE) / 2)
    return np.asarray(np.quantile(curve_of(perhaps(table, parameters), sizes), ends, axis=0))


def needed(table: dict[str, Any], embedding: Floats, accuracy: float) -> Needed:
    """How many samples a target accuracy takes, in two figures. Raises ValueError for a target outside of 0..1."""
    if not 0 < accuracy < 1:
        raise ValueError(f"expected a target accuracy between 0 and 1, got {accuracy}")
    parameters = told(table, embedding)
    sizes = np.geomspace(FEWEST, MOST, STEPS)
    first = _first(curve_of(np.stack([parameters, *perhaps(table, parameters)]), sizes), sizes, 1 - accuracy)
    size, others = float(first[0]), first[1:]
    share = float(np.mean(np.isfinite(others)))
    if np.isinf(size) or share < HALF:
        return Needed(None, None, None, share)
    # Of all curves: those that never reach it are infinitely long on the way, and no reason to take the others' end.
    low = min(size, float(np.quantile(others, (1 - MIDDLE) / 2, method="lower")))
    high = max(size, float(np.quantile(others, (1 + MIDDLE) / 2, method="higher")))
    return Needed(_rough(size), _rough(low), _rough(high) if np.isfinite(high) else None, share)


def _rough(size: float) -> float:
    return float(f"{size:.2g}")


def _first(errors: Floats, sizes: Floats, target: float) -> Floats:
    """The first of the sizes (n,) at which each of the curves (m, n) is at the target or below, inf for none; (m,)."""
    below = errors <= target
    return np.where(below.any(axis=1), sizes[below.argmax(axis=1)], np.inf)
