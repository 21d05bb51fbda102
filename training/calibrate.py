"""Fit what a version's card says about confidence — on validation pictures, never on others.

One temperature by the readings' negative log-likelihood (Guo et al. 2017, arXiv:1706.04599). The threshold for
"accepted" by selection with guaranteed risk (Geifman & El-Yaniv 2017, arXiv:1705.08500): with 95% confidence at most
1% of accepted readings are wrong. Their search tests several thresholds and pays for each; here they are tested in a
fixed order, the strictest first, each by an exact binomial test at the full δ, until one fails (fixed sequence
testing, as in Learn then Test: Angelopoulos et al. 2021, arXiv:2110.01052), which costs nothing. Where there are too
few pictures for that promise, the greatest coverage whose observed error stays under the target, and the card says so
and gives the bound that does hold. The limit for "no display" parts readable pictures from those without a display. It
is fitted first: what it refuses is not accepted, however sure its reading, and so is no part of the promise.

That promise is about pictures such as these, drawn alike and independently, and holds where surer readings are
wrong no more often than less sure ones. The test split is used for none of this: it is the proof.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import figures
from training.metrics import Bools, Floats, Judged, proportion

TARGET = 0.01  # of accepted readings may be wrong
DELTA = 0.05  # the guarantee fails with at most this probability
FIRST = 0.5  # of the readings are accepted by the strictest threshold tested: fixed before anything is seen
FALSE_ALARMS = 0.025  # of readable validation pictures may be called "no display"; 3% would leave no room for others
SOFT = 4.0  # the temperature under which a display is told from none, as `domain/reading.decode` says

_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Calibration:
    """What goes into the card."""

    temperature: float
    threshold: float
    unreadable: float
    unreadable_temperature: float
    acceptance: dict[str, Any]


def fit_temperature(outputs: NDArray[Any], truth: NDArray[np.int64]) -> float:
    """The temperature in 0.2..5 that makes the truths (n, 11) likeliest under probabilities (n, 11, 10)."""
    logs = np.log(np.maximum(outputs.astype(np.float64), 1e-12))
    right = np.take_along_axis(logs, truth[..., None], axis=2)[..., 0]

    def loss(log_temperature: float) -> float:
        scaled = logs / math.exp(log_temperature)
        total = np.log(np.exp(scaled).sum(axis=2))
        return float((total - right / math.exp(log_temperature)).mean())

    return math.exp(_minimum(loss, math.log(0.2), math.log(5.0)))


def likely_truths(outputs: NDArray[Any], options: list[list[NDArray[np.int64]]]) -> NDArray[np.int64]:
    """Of each picture's accepted truths, the one that its probabilities (11, 10) favour: (n, 11)."""
    rows = np.arange(outputs.shape[1])
    chosen = [
        max(ts, key=lambda t: float(np.log(np.maximum(o[rows, t], 1e-12)).sum()))
        for o, ts in zip(outputs, options, strict=True)
    ]
    return np.array(chosen, dtype=np.int64)


def guaranteed(sure: Floats, right: Bools, target: float = TARGET, delta: float = DELTA) -> dict[str, Any] | None:
    """The least threshold whose true error is promised to be at most `target`; None when there is none.

    The thresholds are the confidences themselves, downwards from the one that accepts half of all readings (or as many
    more as the next number of errors needs); the first that fails its test ends the search. Where risk grows as the
    threshold falls, going past the target takes passing the test at the last threshold that keeps to it, or passing
    the first test with a risk past it already: a chance of at most `delta`, however many are tested.
    """
    order = np.argsort(-sure, kind="stable")
    wrong = (~right[order]).cumsum()
    counts = _counts(sure[order])
    fewest = [figures.needed(0, target, delta)]  # readings accepted that show the target with 0, 1, 2, … errors
    while fewest[-1] <= len(sure):
        fewest.append(figures.needed(len(fewest), target, delta))
    start = next(count for count in fewest if count >= FIRST * len(sure))
    best = None
    for count in counts[counts >= start]:
        if count < fewest[min(int(wrong[count - 1]), len(fewest) - 1)]:
            break
        best = int(count)
    return _selection(sure, wrong, order, best) | {"bound": target, "delta": delta} if best else None


def observed(sure: Floats, right: Bools, target: float = TARGET) -> dict[str, Any] | None:
    """The greatest coverage whose observed error is at most `target`; None when even the surest readings are wrong."""
    order = np.argsort(-sure, kind="stable")
    wrong = (~right[order]).cumsum()
    counts = _counts(sure[order])
    fits = counts[wrong[counts - 1] <= target * counts]
    return _selection(sure, wrong, order, int(fits[-1])) if len(fits) else None


def choose_threshold(
    judged: Judged, target: float = TARGET, delta: float = DELTA, unreadable: float = 0.0
) -> tuple[float, dict[str, Any]]:
    """The threshold for "accepted", and how it came about; what lies under the limit `unreadable` is never accepted."""
    sure = np.where(judged.mean_sure >= unreadable, judged.sure, 0.0)
    promise = guaranteed(sure, judged.exact, target, delta)
    plain = observed(sure, judged.exact, target)
    chosen = promise or plain
    if chosen is None:
        return 1.0, {"method": "none", "target": target, "n": len(judged), "guaranteed": None, "observed": None}
    accepted = sure >= chosen["threshold"]
    wrong = ~judged.exact[accepted]
    errors = int(wrong.sum())
    return chosen["threshold"], {
        "method": "guaranteed risk (fixed sequence of exact tests)" if promise else "observed risk",
        "target": target,
        "n": len(judged),
        "coverage": proportion(accepted),
        "error": proportion(wrong),
        # Without a promise any of the n confidences could have become the threshold: each gets its share of δ.
        "bound": target if promise else figures.upper_bound(errors, len(wrong), delta / len(judged)),
        "delta": delta,
        "needed": figures.needed(errors, target, delta),
        "guaranteed": promise,
        "observed": plain,
    }


def choose_unreadable(readable: Floats, right: Bools, others: Floats) -> tuple[float, dict[str, Any]]:
    """The limit of the mean row confidence (n,) under which there is "no display".

    As many of the `others` (pictures that nobody can read) as possible fall below it, and at most 2.5% of the readable
    pictures; between equally good limits, the middle. 0 when there are no others.
    """
    if not len(others) or not len(readable):
        return 0.0, {"others": 0}
    values = np.unique(np.concatenate([readable, others]))
    limits = np.concatenate([[0.0], (values[:-1] + values[1:]) / 2, [min(1.0, float(values[-1]) + 1e-6)]])
    lost = np.array([(readable < limit).mean() for limit in limits])
    caught = np.array([(others < limit).mean() for limit in limits])
    gain = np.where(lost <= FALSE_ALARMS, caught - lost, -1.0)
    best = limits[gain >= gain.max() - 1e-12]
    limit = float(best[0] + best[-1]) / 2
    return limit, {
        "others": len(others),
        "others_refused": proportion(others < limit),
        "readable_refused": proportion(readable < limit),
        "right_refused": proportion(readable[right] < limit),
    }


def _selection(sure: Floats, wrong: NDArray[np.int64], order: NDArray[np.int64], count: int) -> dict[str, Any]:
    """Acceptance of the `count` surest: the threshold lies between the last of them and the next, if there is one."""
    last = float(sure[order[count - 1]])
    following = (float(sure[order[count]]) if count < len(sure) else 0.0) or last
    return {
        "threshold": (last + following) / 2,
        "accepted": count,
        "wrong": int(wrong[count - 1]),
        "coverage": count / len(sure),
        "error": int(wrong[count - 1]) / count,
    }


def _counts(ordered: Floats) -> NDArray[np.int64]:
    """How many a threshold can accept of falling confidences (n,): equal ones cannot be told apart, and 0 is none."""
    last = np.append(ordered[1:] < ordered[:-1], True) if len(ordered) else np.zeros(0, bool)
    return np.flatnonzero(last & (ordered > 0)) + 1


def _minimum(loss: Callable[[float], float], low: float, high: float) -> float:
    """Golden-section search for the minimum of a function with one."""
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = loss(a), loss(b)
    for _ in range(40):
        if at_a < at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = loss(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = loss(b)
    return (low + high) / 2
