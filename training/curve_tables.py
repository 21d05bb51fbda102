"""Tables of `docs/results.md` about learning curves: Markdown lines from `curve.json` and `first_guess.json`."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

FORMS = {"chosen": "the chosen form", "sigmoid4": "sigmoid alone", "power3": "power law, 3", "power4": "power law, 4"}
MOST = 0.02  # mean error of what is foretold from half the data
ASKED = (0.7, 0.8, 0.9, 0.95)
BASE = Path(__file__).with_name("curve_base.keras")  # what the panel's curves begin with
WAYS = {
    "tuned": "Each a short training that began with a network which has never seen a photographed display, so not as "
    "good as the shipped version, which was trained for longer",
    "train": "Each a training from nothing",
}
GIVEN = "Each a short training that began with a network that was given, whatever it has seen"


def curve(file: Any) -> list[str]:
    """What the runs measured, what the forms foretell from half the data, how many samples a target takes."""
    protocol = file["protocol"]
    runs, told = len(file["runs"]), {"together": file["together"], **file["types"]}
    drawn = {name: one for name, one in told.items() if "form" in one}
    pictures = protocol["epochs"] * protocol["steps"] * protocol["batch"]
    own = protocol.get("base_sha256") in (None, hashlib.sha256(BASE.read_bytes()).hexdigest())
    way = WAYS[protocol["how"]] if own else GIVEN
    lines = [
        f"{way}: {runs} runs on nested subsets of the teaching displays, {pictures:,} pictures each, "
        "judged on the validation displays.",
        "",
        *_measured(drawn),
        "",
        "What each form foretells for all of the data from runs on at most half of it, in points of the error rate:",
        "",
        *_back_test(drawn),
        "",
        "Samples in all for a target, with the middle 95% of the curves that fit the runs; there is no upper end where "
        "more than 2.5% of these never reach it. A type's samples became more along with those of all other types:",
        "",
        "| | " + " | ".join(f"{target:.0%} exact" for target in ASKED) + " |",
        "|---" * (1 + len(ASKED)) + "|",
        *(f"| {name} | " + " | ".join(_needed(one, target) for target in ASKED) + " |" for name, one in drawn.items()),
    ]
    few = [name for name in told if name not in drawn]
    return [*lines, "", f"Too few sizes or no validation displays for a curve: {', '.join(few)}."] if few else lines


def _measured(drawn: dict[str, Any]) -> list[str]:
    rows = []
    for name, one in drawn.items():
        planned: dict[int, list[Any]] = defaultdict(list)
        for point in one["points"]:
            planned[point.get("level") or point["size"]].append(point)
        cells = ", ".join(
            f"{np.mean([p['size'] for p in runs]):.0f}: {1 - np.mean([p['error'] for p in runs]):.1%}"
            for _, runs in sorted(planned.items())
        )
        rows.append(f"| {name} | {cells} | {one['form']} |")
    return ["| | samples: exact, mean of the runs | form |", "|---|---|---|", *rows]


def _back_test(drawn: dict[str, Any]) -> list[str]:
    tested = {name: one["half_to_all"] for name, one in drawn.items() if one["half_to_all"]}
    rows = [
        f"| {name} | " + " | ".join(f"{100 * row[form]:+.1f}" for form in FORMS) + " |" for name, row in tested.items()
    ]
    lines = ["| | " + " | ".join(FORMS.values()) + " |", "|---" * (1 + len(FORMS)) + "|", *rows]
    if not tested:
        return lines
    means = {form: float(np.mean([abs(row[form]) for row in tested.values()])) for form in FORMS}
    reached = "yes" if means["chosen"] <= MOST else "**no**"
    lines.append("| mean error | " + " | ".join(f"{100 * means[form]:.1f}" for form in FORMS) + " |")
    return [*lines, "", f"Mean error of at most {100 * MOST:.0f} points with the chosen form: {reached}."]


def _needed(one: Any, target: float) -> str:
    row = next(row for row in one["answers"] if round(100 * row["accuracy"]) == round(100 * target))
    if row["size"] is None:
        return "cannot be said"
    least = min(point["size"] for point in one["points"])
    if row["size"] < least:  # nothing was measured there
        return f"under {least:,}"
    if row["high"] is None:
        return f"{row['size']:,} (at least {row['low']:,})"
    return f"{row['size']:,} ({row['low']:,}–{row['high']:,})"


def first_guess(file: Any) -> list[str]:
    """How far guesses from four pictures are off, each family left out in turn."""
    families = file["families"]
    drawn = sum(one["drawn"] for one in families)
    rows = []
    for name, errors in file["errors"].items():
        cells = [f"{100 * errors['points']:.1f}", f"{100 * errors['worst']:.0f}"]
        cells += [f"{value:.0%}" for value in errors["parameters"].values()]
        rows.append(f"| {name}{' (used)' if name == file['method'] else ''} | {' | '.join(cells)} |")
    return [
        f"{len(families)} families, {drawn} of them drawn. Each was left out once and guessed from four of its "
        "pictures; “mean” looks at no picture. Errors of the curve are in points of the error rate, those of its "
        "parameters in parts of their range.",
        "",
        "| guessed by | curve, mean | worst family | A | B | ln C | D |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
