"""How good readings are, judged beside their samples, with intervals over whole meters. Pure numpy.

What needs no samples is in `backend.domain.figures`, for the panel too. Further methods: area under the risk–coverage
curve (Geifman et al. 2019, arXiv:1805.08206); percentile bootstrap that redraws whole meters, since pictures of one
meter are not independent (Efron 1979; Davison & Hinkley 1997, section 3.8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain import figures
from backend.domain.figures import Bools, Floats, Ints, ece, proportion, reliability, wilson
from backend.domain.reading import CLASSES, DIGITS, ROWS, decode, encode
from training.data import Sample

__all__ = [
    "Bools",
    "Figure",
    "Floats",
    "Ints",
    "Judged",
    "ece",
    "proportion",
    "reliability",
    "wilson",
]

Figure = Callable[["Judged", Floats], Floats]  # one value for each row of weights (m, n)

RESAMPLES = 1000


@dataclass(frozen=True)
class Judged:
    """n readings beside their truths.

    `read` and `truth` are classes (n, 11): of several accepted truths, the one that the reading is nearest to. `shown`
    (n, 11) marks the decimal point and the digits that the display shows. `exact` accepts every accepted truth,
    `strict` only the first; `near` is exact but for at most 1 of the last digit. Confidences are calibrated: `sure`
    (n,) of the reading, `row_sure` (n, 11); `mean_sure` (n,) is the rows' mean under the
    temperature by which a display is told from none.
    """

    read: Ints
    truth: Ints
    shown: Bools
    exact: Bools
    strict: Bools
    near: Bools
    sure: Floats
    row_sure: Floats
    mean_sure: Floats
    groups: NDArray[np.str_]
    sources: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.exact)

    def text(self, index: int) -> str:
        """The reading of one picture as text."""
        return text_of(self.read[index])

    def only(self, chosen: Bools) -> Judged:
        """The readings where `chosen` (n,) holds."""
        return Judged(**{name: value[chosen] for name, value in vars(self).items()})


def text_of(classes: Ints) -> str:
    """The reading of classes (11,) as text."""
    array = np.zeros((ROWS, 10))
    array[np.arange(ROWS), classes] = 1
    return decode(array).text


def judge(
    outputs: NDArray[Any], samples: Sequence[Sample], temperature: float = 1.0, soft: float | None = None
) -> Judged:
    """Raw probabilities (n, 11, 10) beside their n samples; `soft`: the temperature that tells a display from none."""
    truths = [[encode(text).argmax(1) for text in (s.correct_value, *s.also_accepted)] for s in samples]
    sure, row_sure = confidences(outputs, temperature)
    read = outputs.argmax(2).astype(np.int64).reshape(-1, ROWS)
    nearest = [min(options, key=lambda t: int((t != r).sum())) for r, options in zip(read, truths, strict=True)]
    shown = [[True] + [i >= DIGITS - _digits(s.correct_value) for i in range(DIGITS)] for s in samples]
    return Judged(
        read=read,
        truth=np.array(nearest, dtype=np.int64).reshape(-1, ROWS),
        shown=np.array(shown, dtype=bool).reshape(-1, ROWS),
        exact=np.array([any((r == t).all() for t in ts) for r, ts in zip(read, truths, strict=True)], dtype=bool),
        strict=np.array([bool((r == ts[0]).all()) for r, ts in zip(read, truths, strict=True)], dtype=bool),
        near=np.array([any(_near(r, t) for t in ts) for r, ts in zip(read, truths, strict=True)], dtype=bool),
        sure=sure,
        row_sure=row_sure,
        mean_sure=displayed(outputs, soft or temperature),
        groups=np.array([s.group for s in samples], dtype=str),
        sources=np.array([s.source for s in samples], dtype=str),
    )


def displayed(outputs: NDArray[Any], temperature: float) -> Floats:
    """What tells a display from none in raw probabilities (n, 11, 10): the mean of their rows' confidences, (n,)."""
    mean: Floats = confidences(outputs, temperature)[1].mean(axis=1)
    return mean


def confidences(outputs: NDArray[Any], temperature: float) -> tuple[Floats, Floats]:
    """Calibrated confidences of raw probabilities (n, 11, 10): of the readings (n,) and of their rows (n, 11)."""
    calibrated = np.where(np.isfinite(outputs) & (outputs > 0), outputs, 0).astype(np.float64) ** (1 / temperature)
    total = calibrated.sum(axis=2)
    rows = np.divide(calibrated.max(axis=2), total, out=np.zeros_like(total), where=total > 0)
    return rows.prod(axis=1), rows


def bootstrap(judged: Judged, figure: Figure, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, Any]:
    """A figure with its 95% percentile interval over meters drawn with replacement."""
    value = float(figure(judged, np.ones((1, len(judged))))[0])
    names, group = np.unique(judged.groups, return_inverse=True)
    drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), resamples)
    low, high = np.percentile(figure(judged, drawn[:, group].astype(float)), [2.5, 97.5])
    return {"value": value, "low": float(low), "high": float(high), "meters": len(names)}


def share_exact(judged: Judged, weights: Floats) -> Floats:
    """Weighted share of exact readings: weights (m, n) → (m,)."""
    return weighted_mean(judged.exact.astype(float), weights)


def error_of_confidence(judged: Judged, weights: Floats) -> Floats:
    """ECE of the reading's confidence: weights (m, n) → (m,)."""
    return ece(judged.sure, judged.exact, weights)


def error_of_digits(judged: Judged, weights: Floats) -> Floats:
    """ECE of the confidences of the digits shown, all of a picture weighted as it is: weights (m, n) → (m,)."""
    pictures, rows = np.nonzero(_digits_shown(judged))
    each = figures.gaps(judged.row_sure[pictures, rows], (judged.read == judged.truth)[pictures, rows])
    gaps = np.zeros((len(judged), each.shape[1]))
    np.add.at(gaps, pictures, each)
    digits = np.bincount(pictures, minlength=len(judged))
    error: Floats = np.abs(weights @ gaps).sum(axis=1) / np.maximum(weights @ digits, 1e-12)
    return error


def ece_if_perfect(sure: Floats, draws: int = RESAMPLES, seed: int = 0) -> dict[str, float]:
    """What ECE would be measured, on average and in 95% of cases, if readings were right as often as they are sure.

    It is never 0 on few pictures (consistency resampling: Bröcker & Smith 2007, doi 10.1175/WAF993.1).
    """
    right = np.random.default_rng(seed).random((draws, len(sure))) < sure
    measured = [float(ece(sure, each)[0]) for each in right]
    low, high = np.percentile(measured, [2.5, 97.5])
    return {"mean": float(np.mean(measured)), "low": float(low), "high": float(high)}


def area_under_risk(judged: Judged, weights: Floats) -> Floats:
    """Mean error over all coverages, the surest readings first (AURC): weights (m, n) → (m,)."""
    order = np.argsort(-judged.sure, kind="stable")
    weights = weights[:, order]
    wrong = (weights * ~judged.exact[order]).cumsum(axis=1)
    error = wrong / np.maximum(weights.cumsum(axis=1), 1e-12)
    area: Floats = (weights * error).sum(axis=1) / weights.sum(axis=1)
    return area


def weighted_mean(values: Floats, weights: Floats) -> Floats:
    """Means of n values under weights (m, n) → (m,)."""
    mean: Floats = weights @ values / weights.sum(axis=1)
    return mean


def risk_coverage(judged: Judged, points: int = 40) -> list[dict[str, Any]]:
    """At each of `points` coverages: the error of the surest readings and the confidence of the last of them."""
    return figures.risk_coverage(judged.sure, judged.exact, points)


def accepted(judged: Judged, threshold: float, unreadable: float = 0.0) -> dict[str, Any]:
    """How many readings are accepted, and how many of these are wrong; with 95% confidence at most the `bound`.

    That bound holds where neither threshold nor network was chosen by these pictures.
    """
    chosen = (judged.sure >= threshold) & (judged.mean_sure >= unreadable)
    wrong = ~judged.exact[chosen]
    bound = figures.upper_bound(int(wrong.sum()), len(wrong))
    return {"coverage": proportion(chosen), "error": proportion(wrong), "bound": bound}


def claimed(
    outputs: NDArray[Any], temperature: float, threshold: float, unreadable: float, soft: float | None
) -> tuple[Bools, Bools]:
    """Of raw probabilities (n, 11, 10): where a number is shown at all, accepted or as a best guess; where accepted."""
    sure, _ = confidences(outputs, temperature)
    shown: Bools = displayed(outputs, soft or temperature) >= unreadable
    return shown, shown & (sure >= threshold)


def confusion_by_digit(judged: Judged) -> list[list[int]]:
    """Counts (10, 10) over the digits shown: row = true digit, column = digit read."""
    return figures.confusion(judged.truth, judged.read, judged.shown)


def by_digit(judged: Judged) -> list[dict[str, Any]]:
    """Of each true digit among those shown, how many are read as it: the diagonal of the confusion, with intervals."""
    chosen = _digits_shown(judged)
    truth, read = judged.truth[chosen], judged.read[chosen]
    return [{"digit": digit, "accuracy": proportion(read[truth == digit] == digit)} for digit in range(CLASSES)]


def by_position(judged: Judged) -> list[dict[str, Any]]:
    """Accuracy and confusion of the digits shown at each position, counted from the end (0 = last)."""
    return figures.by_position(judged.truth, judged.read, judged.shown)


def summary(judged: Judged, threshold: float, unreadable: float) -> dict[str, Any]:
    """The figures that are given for everything together and for each source."""
    digits = _digits_shown(judged)
    same = judged.read == judged.truth
    return {
        "pictures": len(judged),
        "meters": len(np.unique(judged.groups)),
        "exact": proportion(judged.exact) | {"by_meter": _interval(bootstrap(judged, share_exact))},
        "exact_strict": proportion(judged.strict),
        "within_one": proportion(judged.near),
        "digits": proportion(same[digits]),
        "point": proportion(same[:, 0]),
        "accepted": accepted(judged, threshold, unreadable),
        "ece": bootstrap(judged, error_of_confidence) | {"if_perfect": ece_if_perfect(judged.sure)},
        "ece_digits": float(ece(judged.row_sure[digits], same[digits])[0]),
        "ece_digits_by_meter": _interval(bootstrap(judged, error_of_digits)),
        "aurc": bootstrap(judged, area_under_risk),
    }


def details(judged: Judged) -> dict[str, Any]:
    """What is a table of its own: confusion by digit and by position, calibration, the curve of error and coverage."""
    return {
        "confusion": confusion_by_digit(judged),
        "by_digit": by_digit(judged),
        "positions": by_position(judged),
        "reliability": reliability(judged.sure, judged.exact),
        "risk_coverage": risk_coverage(judged),
        "mismatches": figures.mismatches(judged.truth, judged.read),
    }


def evaluate(judged: Judged, threshold: float, unreadable: float) -> dict[str, Any]:
    """All figures: of everything together, and of each source by itself."""
    if not len(judged):
        raise ValueError("expected at least one picture to evaluate, got none")
    sources = {str(name): judged.only(judged.sources == name) for name in np.unique(judged.sources)}
    return {
        "together": summary(judged, threshold, unreadable),
        "by_source": {name: summary(own, threshold, unreadable) | details(own) for name, own in sources.items()},
        **details(judged),
    }


def _digits_shown(judged: Judged) -> Bools:
    """`shown` (n, 11) without the decimal point."""
    digits: Bools = judged.shown.copy()
    digits[:, 0] = False
    return digits


def _interval(figure: dict[str, Any]) -> dict[str, Any]:
    return {key: figure[key] for key in ("low", "high", "meters")}


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _near(read: Ints, truth: Ints) -> bool:
    """Same decimals, and at most 1 apart in units of the last digit."""
    value, wanted = (int("".join(map(str, classes[1:]))) for classes in (read, truth))
    return bool(read[0] == truth[0]) and abs(value - wanted) <= 1
