"""How many more samples? Published forms of the learning curve, fitted to measured errors, chosen by back-test.

Forms: the inverse power law with three and with four parameters (Hestness et al. 2017, arXiv:1712.00409; Viering &
Loog 2021, arXiv:2103.10948, table 1: POW3, POW4), and the symmetric four-parameter sigmoid
(A − D) / (1 + (x / C)^B) + D, as dose-response curves have it. Every point is weighted by its uncertainty. The form is
chosen by how well it foretells the largest sizes from the smaller ones; an answer comes with an interval from refits
to redrawn points (parametric bootstrap, Efron & Tibshirani 1993, chapter 6), or is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, least_squares

Floats = NDArray[np.float64]

REDRAWS = 200  # refits behind an interval
LEAST = 4  # sizes: with fewer, four parameters follow any points
FARTHEST = 100.0  # times the largest measured size: beyond it, a curve says nothing
NEAREST = 1e-3  # times it: nor before that
_AGREEING = 0.9  # of the refits must reach the target for an answer
_STARTS = 8
_GRID = 2000  # sizes between the two, evenly on a logarithmic scale: 0.6% from one to the next


@dataclass(frozen=True)
class Point:
    """One training run: on how many samples, its share of wrong readings (0..1), measured on `n` readings.

    `level` counts the planned sizes from 1: subsets of whole meters that were meant to be as large differ a little. 0:
    every size is a level of its own.
    """

    size: int
    error: float
    n: int
    level: int = 0

    @property
    def deviation(self) -> float:
        """Standard deviation of the error as a proportion, by the Agresti–Coull estimate, which is never 0."""
        p = (self.error * self.n + 2) / (self.n + 4)
        return float(np.sqrt(p * (1 - p) / (self.n + 4)))

    @property
    def place(self) -> int:
        """Its place among the sizes of a curve."""
        return self.level or self.size


def places(points: Sequence[Point]) -> list[int]:
    """The sizes that were planned, the small ones first."""
    return sorted({point.place for point in points})


@dataclass(frozen=True)
class Form:
    """A family of curves: sizes (n,) in units of the largest, parameters (k,) → errors (n,)."""

    curve: Callable[[Floats, Floats], Floats]
    lowest: tuple[float, ...]
    highest: tuple[float, ...]


def _power3(x: Floats, p: Floats) -> Floats:
    """a + b x^−c."""
    return np.asarray(p[0] + p[1] * x ** -p[2])


def _power4(x: Floats, p: Floats) -> Floats:
    """a + b (x + d)^−c."""
    return np.asarray(p[0] + p[1] * (x + p[3]) ** -p[2])


def _sigmoid4(x: Floats, p: Floats) -> Floats:
    """(A − D) / (1 + (x / C)^B) + D, with the parameters in the order A, B, C, D."""
    return np.asarray((p[0] - p[3]) / (1 + (x / p[2]) ** p[1]) + p[3])


# An error is between 0 and 1; x is 1 at the largest size measured.
FORMS = {
    "power3": Form(_power3, (0, 0, 0.01), (1, 1, 4)),
    "power4": Form(_power4, (0, 0, 0.01, 0), (1, 2, 4, 1)),
    "sigmoid4": Form(_sigmoid4, (0, 0.1, 1e-4, 0), (1, 8, 20, 1)),
}


@dataclass(frozen=True)
class Fit:
    """A curve fitted to points: its form's name, its parameters, and the size that is x = 1."""

    form: str
    parameters: tuple[float, ...]
    unit: float

    def error(self, sizes: Sequence[float] | Floats) -> Floats:
        """The expected errors (n,) at sizes (n,)."""
        x = np.asarray(sizes, dtype=np.float64) / self.unit
        return FORMS[self.form].curve(x, np.array(self.parameters))

    def size(self, error: float) -> float | None:
        """The size at which the curve reaches `error`; None when it does not within `FARTHEST` times the data."""

        def above(logarithm: float) -> float:
            return float(self.error([self.unit * np.exp(logarithm)])[0]) - error

        low, high = np.log(NEAREST), np.log(FARTHEST)
        if above(high) > 0:
            return None
        if above(low) <= 0:
            return float(self.unit * NEAREST)
        return float(self.unit * np.exp(brentq(above, low, high)))


@dataclass(frozen=True)
class Answer:
    """How many samples in all a target error takes, with a 95% interval; or, with `size` None, why nobody can say.

    `reached` is the share of the curves that fit the runs and reach the target. `high` is None where too many do not:
    there is no size that 97.5% of them need at most.
    """

    size: float | None
    low: float | None
    high: float | None
    reason: str = ""
    reached: float = 0.0


def fit(form: str, points: Sequence[Point], seed: int = 0) -> Fit:
    """Weighted least squares from several starts within the form's bounds. Raises ValueError for under two points."""
    if len(points) < 2:
        raise ValueError(f"expected at least 2 points to fit a curve to, got {len(points)}")
    sizes, errors, deviations = _arrays(points)
    unit = float(sizes.max())
    return Fit(form, _solve(form, sizes / unit, errors, deviations, _starts(form, seed)), unit)


def _arrays(points: Sequence[Point]) -> tuple[Floats, Floats, Floats]:
    table = np.array([(p.size, p.error, p.deviation) for p in points], dtype=np.float64)
    return table[:, 0], table[:, 1], table[:, 2]


def _starts(form: str, seed: int) -> Floats:
    """Where to begin within the form's bounds, (n, k)."""
    low, high = np.array(FORMS[form].lowest), np.array(FORMS[form].highest)
    shares = np.random.default_rng(seed).uniform(0.02, 0.98, (_STARTS, len(low)))
    shares[0] = 0.3
    return np.asarray(low + shares * (high - low))


def _solve(form: str, x: Floats, errors: Floats, deviations: Floats, starts: Floats) -> tuple[float, ...]:
    family = FORMS[form]

    def misfit(parameters: Floats) -> Floats:
        return (family.curve(x, parameters) - errors) / deviations

    how: dict[str, Any] = {"bounds": (family.lowest, family.highest), "x_scale": "jac", "ftol": 1e-6, "xtol": 1e-6}
    solutions = [least_squares(misfit, start, **how) for start in starts]
    best = min(solutions, key=lambda solution: float(solution.cost))
    return tuple(float(value) for value in best.x)


def back_test(form: str, points: Sequence[Point], held_back: int = 2) -> float:
    """Mean absolute error of what a form foretells for the `held_back` largest sizes from all smaller ones.

    Raises ValueError when fewer than two sizes remain to fit.
    """
    planned = places(points)
    if len(planned) - held_back < 2:
        raise ValueError(f"expected at least {held_back + 2} sizes to hold {held_back} back, got {len(planned)}")
    border = planned[-held_back]
    known = [point for point in points if point.place < border]
    later = [point for point in points if point.place >= border]
    foretold = fit(form, known).error([point.size for point in later])
    return float(np.abs(foretold - [point.error for point in later]).mean())


def choose(points: Sequence[Point], held_back: int = 2) -> tuple[Fit, dict[str, float]]:
    """The form that foretells the largest sizes best, fitted to all points, and every form's back-test."""
    tests = {form: back_test(form, points, held_back) for form in FORMS}
    return fit(min(tests, key=lambda form: tests[form]), points), tests


def needed(points: Sequence[Point], target: float, seed: int = 0) -> Answer:
    """How many samples in all bring the error down to `target`, or "cannot be said from this" with the reason.

    Raises ValueError for a target outside of 0..1.
    """
    if not 0 < target < 1:
        raise ValueError(f"expected a target error between 0 and 1, got {target}")
    planned = places(points)
    if len(planned) < LEAST:
        return _refused(f"there are runs at {len(planned)} sizes, and {LEAST} are needed")
    chosen, _ = choose(points)
    return answers(chosen, refits(chosen, points, seed), [target])[0]


def answers(chosen: Fit, redrawn: Sequence[Fit], targets: Sequence[float]) -> list[Answer]:
    """For each target error the size at which the chosen curve reaches it, and an interval from its refits."""
    logarithms = np.linspace(np.log(chosen.unit * NEAREST), np.log(chosen.unit * FARTHEST), _GRID)
    curves = [curve.error(np.exp(logarithms)) for curve in (chosen, *redrawn)]
    reached = np.array([_crossings(curve, logarithms, targets) for curve in curves])
    return [_answer(float(column[0]), column[1:], target) for column, target in zip(reached.T, targets, strict=True)]


def _crossings(errors: Floats, logarithms: Floats, targets: Sequence[float]) -> Floats:
    """Where a falling curve (g,) comes down to each target (t,), NaN where it does not."""
    found = np.exp(np.interp(targets, errors[::-1], logarithms[::-1]))
    return np.where(np.asarray(targets) < errors[-1], np.nan, found)


def _answer(size: float, redrawn: Floats, target: float) -> Answer:
    sizes = np.where(np.isnan(redrawn), np.inf, redrawn)  # what is never reached takes more than any size
    reached = int(np.isfinite(sizes).sum())
    if np.isnan(size) or reached < _AGREEING * len(sizes):
        return _refused(
            f"only {reached} of {len(sizes)} curves that fit these runs reach {target:.1%} wrong readings"
            f" within {FARTHEST:.0f} times the data",
            reached / len(sizes),
        )
    low, high = float(np.quantile(sizes, 0.025, method="lower")), float(np.quantile(sizes, 0.975, method="higher"))
    return Answer(size, low, high if np.isfinite(high) else None, "", reached / len(sizes))


def half_to_all(points: Sequence[Point]) -> dict[str, float]:
    """What every form, and the one chosen ("chosen"), foretells for the largest size from those up to half of it.

    Signed errors: foretold minus the mean measured there. The choice sees no more than the fits do. Raises ValueError
    when fewer than four sizes lie up to half of the largest.
    """
    last = places(points)[-1]
    whole = [point for point in points if point.place == last]
    largest = float(np.mean([point.size for point in whole]))
    # Whole meters: half is not exactly half.
    known = [point for point in points if point.place != last and point.size <= 0.6 * largest]
    if len(places(known)) < LEAST:
        raise ValueError(f"expected {LEAST} sizes up to half of {largest:.0f}, got {sorted({p.size for p in known})}")
    measured = float(np.mean([point.error for point in whole]))
    found = {form: float(fit(form, known).error([largest])[0]) - measured for form in FORMS}
    return found | {"chosen": found[choose(known)[0].form]}


def refits(chosen: Fit, points: Sequence[Point], seed: int = 0) -> list[Fit]:
    """Curves of the chosen form refitted to points drawn around it: how far else the truth may be."""
    sizes, errors, deviations = _arrays(points)
    expected = chosen.error(sizes)
    # Runs scatter more than counting alone explains: the points' own spread around the curve tells how much.
    freedom = max(1, len(points) - len(chosen.parameters))
    spread = max(1.0, float(np.sqrt((((errors - expected) / deviations) ** 2).sum() / freedom)))
    rng = np.random.default_rng((seed, 1))
    # Redrawn points may draw the curve far from where it was: it is looked for elsewhere, too.
    starts = np.vstack([chosen.parameters, _starts(chosen.form, seed)[:1]])
    found = []
    for _ in range(REDRAWS):
        drawn = (expected + rng.normal(0, deviations * spread)).clip(0, 1)
        parameters = _solve(chosen.form, sizes / chosen.unit, drawn, deviations, starts)
        found.append(Fit(chosen.form, parameters, chosen.unit))
    return found


def _refused(reason: str, reached: float = 0.0) -> Answer:
    return Answer(None, None, None, f"Cannot be said from this: {reason}.", reached)
