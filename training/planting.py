"""Wrong labels planted on purpose, to measure how early a ranking comes to them.

A third of them has another digit, a third two neighbouring digits swapped, a third the decimal point elsewhere (at most
two places away, also none or a new one): the slips of somebody who types what a display shows. A label that cannot be
spoiled in the way that is its turn (no two digits differ, there is one digit only) gets another digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.doubt import SCORES, Floats, Labels, contradiction
from backend.domain.reading import encode

DIGIT, SWAP, POINT = KINDS = ("digit", "swap", "point")
WITHIN = 0.06  # of the list: where the planted labels should be
LISTED = "compact/1"  # whose list was gone through, label by label: docs/label_errors.csv
TARGET = 0.90  # of them
FARTHEST = 2  # places that a point is moved
_Z95 = 1.959963984540054


@dataclass(frozen=True)
class Planted:
    """Labels with some of them wrong: index → kind. A wrong label stands alone: nothing is accepted besides it."""

    labels: list[tuple[str, ...]]
    kinds: dict[int, str]


def plant(labels: Labels, share: float, seed: int) -> Planted:
    """Spoil a share of the labels, at least one, chosen by the seed. Raises ValueError for a share outside of 0..1."""
    if not 0 < share < 1 or not labels:
        raise ValueError(f"expected labels and a share between 0 and 1, got {len(labels)} labels and {share}")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(labels))[: max(1, round(share * len(labels)))]
    spoiled, kinds = [tuple(readings) for readings in labels], {}
    for turn, index in enumerate(chosen.tolist()):
        text, kinds[index] = spoil(rng, labels[index], KINDS[turn % len(KINDS)])
        spoiled[index] = (text,)
    return Planted(spoiled, kinds)


def spoil(rng: np.random.Generator, readings: Sequence[str], kind: str) -> tuple[str, str]:
    """A reading that is none of those accepted, one slip away from the first, and the kind of slip that it became."""
    digits, _, after = readings[0].partition(".")
    options = {DIGIT: _digits, SWAP: _swaps, POINT: _points}[kind](digits + after, len(after))
    accepted = [encode(reading) for reading in readings]
    options = [text for text in options if not any(np.array_equal(encode(text), one) for one in accepted)]
    if not options:
        return spoil(rng, readings, DIGIT)
    return options[int(rng.integers(len(options)))], kind


def _digits(digits: str, decimals: int) -> list[str]:
    places = [(place, other) for place in range(len(digits)) for other in "0123456789"]
    return [_text(digits[:place] + other + digits[place + 1 :], decimals) for place, other in places]


def _swaps(digits: str, decimals: int) -> list[str]:
    pairs = range(len(digits) - 1)
    return [_text(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :], decimals) for i in pairs]


def _points(digits: str, decimals: int) -> list[str]:
    near = range(max(0, decimals - FARTHEST), min(len(digits) - 1, decimals + FARTHEST) + 1)
    return [_text(digits, place) for place in near]


def _text(digits: str, decimals: int) -> str:
    return f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}" if decimals else digits


def found(scores: Floats, kinds: dict[int, str], within: float = WITHIN) -> NDArray[np.bool_]:
    """Which of the planted labels, in their order, are in the first `within` of the list."""
    first = np.argsort(-scores, kind="stable")[: int(within * len(scores))]
    return np.isin(list(kinds), first)


def measure(probabilities: NDArray[Any], labels: Labels, share: float, seeds: Sequence[int]) -> dict[str, Any]:
    """How many planted labels each score brings into the first 6%, over plantings with different seeds.

    `mean` has the 95% interval of a mean over plantings: it says nothing about other pictures. `least` is the worst
    planting; `kinds` the means by kind.
    """
    plantings = [plant(labels, share, seed) for seed in seeds]
    figures = {}
    for name in SCORES:
        hits = [found(contradiction(probabilities, one.labels, name), one.kinds) for one in plantings]
        kinds = np.array([kind for one in plantings for kind in one.kinds.values()])
        every = np.concatenate(hits)
        shares = np.array([one.mean() for one in hits])
        spread = _Z95 * float(shares.std(ddof=1)) / len(shares) ** 0.5 if len(shares) > 1 else 1.0
        mean = float(shares.mean())
        figures[name] = {
            "mean": mean,
            "low": max(0.0, mean - spread),
            "high": min(1.0, mean + spread),
            "least": float(shares.min()),
            "kinds": {kind: float(every[kinds == kind].mean()) for kind in KINDS if (kinds == kind).any()},
        }
    first = int(WITHIN * len(labels))
    return {"pictures": len(labels), "planted": len(plantings[0].kinds), "first": first, "scores": figures}


def markdown(result: dict[str, Any]) -> list[str]:
    """What `training.label_errors --plant` wrote, as lines for the results page."""
    by, score, sides = result["by"], result["score"], result["sides"]
    whose = f"`{by['version']}`" if "version" in by else f"networks of {by['folds']} folds"
    target = sides["validate" if "validate" in sides else "together"]["scores"][score]["mean"]
    kinds = sides["together"]["scores"][score]["kinds"]
    heads = [f"{side}, n = {part['pictures']}" for side, part in sides.items()]
    return [
        f"With {result['share']:.0%} wrong labels planted, {len(result['seeds'])} times (a third each: another digit, "
        f"two digits swapped, the decimal point elsewhere), so many of them are within the first "
        f"{result['within']:.0%} of the list that {whose} ranks, which learned from none of these pictures. Target: "
        f"≥ {TARGET:.0%}; reached: {'yes' if target >= TARGET else '**no**'}. The score in use, **{score}**, was "
        "chosen on the test side; validation shows what it is worth, but for the network's best epoch and temperature, "
        "which were chosen there. Intervals are those of a mean over plantings in the same pictures.",
        "",
        f"| score | {' | '.join(heads)} |",
        "|---|" + "---|" * len(sides),
        *(
            f"| {name} | {' | '.join(_cell(part['scores'][name]) for part in sides.values())} |"
            for name in sides["together"]["scores"]
        ),
        "",
        f"By kind, together, by {score}: " + ", ".join(f"{kind} {value:.1%}" for kind, value in kinds.items()) + ". "
        f"Labels of validation pictures that are wrong, found by the list that `{LISTED}` ranked and looked at one by "
        "one, are in "
        "[label_errors.csv](label_errors.csv). All figures on this page are against the labels as they are given.",
    ]


def _cell(figure: dict[str, Any]) -> str:
    return f"{figure['mean']:.1%} [{figure['low']:.1%}, {figure['high']:.1%}], worst {figure['least']:.1%}"
