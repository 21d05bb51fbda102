"""A part of the results page: what ten corrections of a meter are worth, as `scripts.bench_learning` measured it."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean
from typing import Any

GAIN, LOSS, PATIENCE = 15.0, 1.0, 30_000.0  # points; milliseconds

Outcome = tuple[str, bool | None]
Line = tuple[str, str, str, Callable[[Any], Outcome]]


def points(run: Any) -> float:
    """What a lesson changed, in points."""
    return float(100 * (run["after"] - run["before"]) / run["n"])


def gains(file: Any, of: str) -> dict[str, list[float]]:
    """By meter type, what each lesson changed on the rest of the type ("type") or on other types ("others")."""
    return {kind: [points(run[of]) for run in runs] for kind, runs in file["types"].items()}


def gained(file: Any) -> Outcome:
    """On average over the lessons, 0 where the page keeps the shipped layers; the type that gains least."""
    means = {kind: mean(points(run["type"]) * run["kept"] for run in runs) for kind, runs in file["types"].items()}
    each = ", ".join(f"{kind} {gain:+.1f}" for kind, gain in means.items())
    return f"points: {each}", min(means.values()) >= GAIN


def lost(file: Any) -> Outcome:
    """On other types, if what was learned counted for them too; on the page it does not."""
    kind, least = min(((kind, mean(each)) for kind, each in gains(file, "others").items()), key=lambda each: each[1])
    return f"none: it counts for its meter alone; {least:+.1f} points if it counted for all ({kind})", None


def seconds(file: Any) -> Outcome:
    """From the pictures to what it was worth; too long on a machine that was busy otherwise says nothing."""
    work = f"{file['cpu_seconds']:.1f} s of computing, on {file['cores']} cores with a load of {file['load']:g}"
    quick = file["milliseconds"] <= PATIENCE
    return f"{file['milliseconds'] / 1000:.1f} s ({work})", None if file["load"] > file[
        "cores"
    ] and not quick else quick


LINES: list[Line] = [
    (
        "ten corrections of a meter type that the upper layers were not taught",
        f"≥ +{GAIN:.0f} points",
        "learning",
        gained,
    ),
    ("– lost on the others", f"≤ {LOSS:.0f} point", "learning", lost),
    ("– time in Chromium", f"≤ {PATIENCE / 1000:.0f} s", "learning", seconds),
]


def markdown(file: Any) -> list[str]:
    """One row for each type that was left out."""
    network = file["network"]
    rows = []
    for kind, runs in file["types"].items():
        own, others = gains(file, "type")[kind], gains(file, "others")[kind]
        before, after = (
            100 * mean(run["type"][when] / run["type"]["n"] for run in runs) for when in ("before", "after")
        )
        cells = [
            f"{kind} ({file['meters'][kind]} {'meter' if file['meters'][kind] == 1 else 'meters'})",
            f"{mean(run['type']['n'] for run in runs):.0f}",
            f"{before:.1f}%",
            f"{after:.1f}%",
            f"{mean(own):+.1f} [{min(own):+.1f}, {max(own):+.1f}]",
            f"{sum(run['kept'] for run in runs)} of {len(runs)}",
            f"{mean(others):+.1f} [{min(others):+.1f}, {max(others):+.1f}]",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    lessons = len(next(iter(file["types"].values())))
    return [
        "A network whose upper layers (all above its trunk) were taught from nothing without these meter types "
        f"({network['epochs'] * network['steps']:,} steps on {network['samples']:,} displays); the trunk is the "
        "published version's and has seen them: what is gained may be other on a meter that is new to all of it. "
        f"Ten pictures of a type are drawn {lessons} times, the page's own code tunes the head on them in "
        f"{file['browser']}, and all other pictures of the type are read, and validation displays of the other types. "
        "Mean, least and most. Kept: how often the page, by trials on the ten pictures alone, would use what was "
        "learned; where not, nothing changes. It counts only where its meter is chosen: the last column is what other "
        "displays would lose if it counted for all.",
        "",
        "| left out | read | exact before | after | points gained by tuning | kept | points on other types |",
        "|---|---|---|---|---|---|---|",
        *rows,
    ]
