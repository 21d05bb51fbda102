"""From the runs on nested subsets to what is shown: fitted curves with intervals, and answers for target accuracies.

All of it is plain JSON, so that a page can draw it and answer without fitting anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from training.learning_curve import FARTHEST, LEAST, Answer, Fit, Point, answers, choose, half_to_all, places, refits

ACCURACIES = [round(0.5 + 0.01 * k, 2) for k in range(50)]  # 50% to 99%
AHEAD = 4.0  # times the largest size: how far the drawn curve goes
STEPS = 24  # places at which it is drawn
TOGETHER = "together"

# {"level": its planned size, from 1 (0 or none: as large as it is), "repeat", "sizes": {type: samples}, "right": {type:
# right}, "n": {type: readings}}
Measured = dict[str, Any]


def points_of(runs: Sequence[Measured], kind: str | None = None) -> list[Point]:
    """The points of one meter type's curve, or of all together, by size; sizes of 0 are left out."""
    points = []
    for run in runs:
        kinds = list(run["n"]) if kind is None else [kind]
        size = sum(run["sizes"].values()) if kind is None else run["sizes"].get(kind, 0)
        n, right = sum(run["n"].get(k, 0) for k in kinds), sum(run["right"].get(k, 0) for k in kinds)
        if size and n:
            points.append(Point(size, 1 - right / n, n, run.get("level", 0)))
    return sorted(points, key=lambda point: (point.level, point.size))


def curves_of(runs: Sequence[Measured], seed: int = 0) -> dict[str, Any]:
    """ "together" and, under "types", each meter type that was taught: what `describe` says of its points."""
    kinds = sorted({kind for run in runs for kind in run["sizes"]})
    return {
        TOGETHER: describe(points_of(runs), seed),
        "types": {kind: describe(points_of(runs, kind), seed) for kind in kinds},
    }


def describe(points: Sequence[Point], seed: int = 0) -> dict[str, Any]:
    """One curve: its points, and with sizes enough the chosen form, how all forms foretold, its line, its answers."""
    found: dict[str, Any] = {"points": [asdict(p) | {"error": round(p.error, 5)} for p in points]}
    sizes = min(len(places(points)), len({point.size for point in points}))
    if sizes < LEAST:
        return found | {"sizes": sizes}
    chosen, tests = choose(points)
    redrawn = refits(chosen, points, seed)
    found |= {
        "sizes": sizes,
        "form": chosen.form,
        "parameters": [round(value, 6) for value in chosen.parameters],
        "unit": chosen.unit,
        "back_tests": {form: round(value, 5) for form, value in tests.items()},
        "line": _line(chosen, redrawn, points),
        "answers": [
            _row(accuracy, found)
            for accuracy, found in zip(
                ACCURACIES, answers(chosen, redrawn, [1 - accuracy for accuracy in ACCURACIES]), strict=True
            )
        ],
        "farthest": FARTHEST * chosen.unit,
    }
    try:
        found["half_to_all"] = {form: round(value, 5) for form, value in half_to_all(points).items()}
    except ValueError:  # too few sizes up to half of the data
        found["half_to_all"] = None
    return found


def _line(chosen: Fit, redrawn: Sequence[Fit], points: Sequence[Point]) -> list[dict[str, float]]:
    """The curve with the middle 95% of its refits, from the smallest size to `AHEAD` times the largest."""
    sizes = np.geomspace(min(p.size for p in points), AHEAD * chosen.unit, STEPS).round()
    low, high = np.quantile([curve.error(sizes) for curve in redrawn], (0.025, 0.975), axis=0)
    columns = zip(sizes, chosen.error(sizes), low, high, strict=True)
    names = ("size", "error", "low", "high")
    return [{name: round(float(value), 5) for name, value in zip(names, row, strict=True)} for row in columns]


def _row(accuracy: float, found: Answer) -> dict[str, Any]:
    """How many samples in all a target accuracy takes; the sizes are None where it cannot be said."""
    sizes = {name: None if (v := getattr(found, name)) is None else round(v) for name in ("size", "low", "high")}
    return {"accuracy": accuracy, **sizes, "reached": round(found.reached, 3)}
