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
SHOWN = (4, 8, 16, 32, 64, 128, 256, 512)  # samples at which a guessed curve is told
LOWEST, HIGHEST = np.array([0.0, 0.1, -np.inf, 0.0]), np.array([1.0, 8.0, np.inf, 1.0])  # of the parameters
FEWEST, MOST = 2.0, 1024.0  # samples between which an answer is sought: families were measured up to 256
MIDDLE = 0.8  # share of the curves that an interval holds, and that have to reach a target
STEPS = 400


def curve_of(parameters: Floats, sizes: Sequence[float] | Floats) -> Floats:
    """The errors (n,) that parameters (4,) mean at sizes (n,); (m, n) for several (m, 4). Kept within their bounds."""
    a, b, c, d = (part[..., None] for part in np.moveaxis(np.clip(parameters, LOWEST, HIGHEST), -1, 0))
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

    `reached` is the share of the curves that may be true and reach the target.
    """

    size: float | None
    low: float | None
    high: float | None
    reached: float


def told(table: dict[str, Any], embedding: Floats) -> Floats:
    """The parameters (4,) that an embedding (k,) of four pictures suggests."""
    embeddings = np.array([one["embedding"] for one in table["families"]])
    parameters = np.array([one["parameters"] for one in table["families"]])
    return GUESSERS[table["method"]](embeddings, parameters, embedding)


def perhaps(table: dict[str, Any], parameters: Floats) -> Floats:
    """The parameters (m, 4) of the curves that may be true: a guess with the misses of all families left out."""
    return np.asarray(parameters + np.array(table["misses"]))


def guess(table: dict[str, Any], embedding: Floats) -> dict[str, Any]:
    """The curve that an embedding (k,) of four pictures suggests, as text for people; its error is the table's."""
    embeddings = np.array([one["embedding"] for one in table["families"]])
    parameters = told(table, embedding)
    errors, ends = curve_of(parameters, SHOWN), interval(table, parameters, np.array(SHOWN))
    distances = np.linalg.norm(standard(embeddings, embeddings) - standard(embeddings, embedding), axis=1)
    values = (*parameters[:2], np.exp(parameters[2]), parameters[3])
    rows = zip(SHOWN, errors, *ends, strict=True)
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
    """How many samples a target accuracy takes. Raises ValueError for a target outside of 0..1."""
    if not 0 < accuracy < 1:
        raise ValueError(f"expected a target accuracy between 0 and 1, got {accuracy}")
    parameters = told(table, embedding)
    sizes = np.geomspace(FEWEST, MOST, STEPS)
    first = _first(curve_of(np.stack([parameters, *perhaps(table, parameters)]), sizes), sizes, 1 - accuracy)
    reached = first[1:][np.isfinite(first[1:])]
    share = len(reached) / len(first[1:])
    if np.isnan(first[0]) or share < MIDDLE:
        return Needed(None, None, None, share)
    low, high = np.quantile(reached, ((1 - MIDDLE) / 2, (1 + MIDDLE) / 2))
    return Needed(float(first[0]), float(low), float(high), share)


def _first(errors: Floats, sizes: Floats, target: float) -> Floats:
    """The first of the sizes (n,) at which each of the curves (m, n) is at the target or below, NaN for none; (m,)."""
    below = errors <= target
    return np.where(below.any(axis=1), sizes[below.argmax(axis=1)], np.nan)
