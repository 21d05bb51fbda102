"""The table of targets of `docs/results.md`: what each must reach, and what the results files say it reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from training import beside_tables, learning_tables, reader_tables, speed_tables, tables

Files = dict[str, Any]

EXACT, EACH, RISK, COVERAGE = 0.90, 0.80, 0.015, 0.80
BEST, BEST_EACH, BEST_RISK, BEST_COVERAGE, POINT = 0.95, 0.90, 0.01, 0.85, 0.995  # what all trainings together are for
PROMISE, ECE, CLAIMED, LOST = 0.01, 0.03, 0.02, 0.03
MODEL_BYTES, ALL_BYTES = 600_000, 1_200_000
READING, SHARE, COLD = 30.0, 0.25, 2500.0  # milliseconds, of the baseline's, milliseconds
LOOKING = 0.80
MISSING = {"accelerator": "not measured: there was no accelerator to train on"}


class ResultsError(ValueError):
    """Results that are missing or not of the expected form."""


@dataclass(frozen=True)
class Row:
    """One line of the table of targets: what, how much is wanted, what was measured, and whether it is enough."""

    figure: str
    target: str
    measured: str
    reached: bool | None


def targets(files: Files) -> list[Row]:
    """What the version must reach, line by line; lines whose file is missing say so."""
    lines: list[tuple[str, str, str, Callable[[Any], tuple[str, bool | None]]]] = [
        ("exact readings, validation, together", f"≥ {EXACT:.0%}", "validate", partial(_exact, least=EXACT)),
        ("– the worst single data set", f"≥ {EACH:.0%}", "validate", partial(_worst, least=EACH)),
        ("– what the shipped network is to reach in the end", f"≥ {BEST:.0%}", "validate", partial(_exact, least=BEST)),
        ("– – the worst single data set", f"≥ {BEST_EACH:.0%}", "validate", partial(_worst, least=BEST_EACH)),
        ("the decimal point, validation", f"≥ {POINT:.1%}", "validate", _point),
        (
            "accepted readings that are wrong, validation",
            f"≤ {RISK:.1%} at ≥ {COVERAGE:.0%} coverage",
            "validate",
            partial(_risk, most=RISK, least=COVERAGE),
        ),
        (
            "– in the end",
            f"≤ {BEST_RISK:.0%} at ≥ {BEST_COVERAGE:.0%} coverage",
            "validate",
            partial(_risk, most=BEST_RISK, least=BEST_COVERAGE),
        ),
        (f"– the same on the test split, {tables.CLEAN}", "", "test", _proof),
        ("– promised with 95% confidence", f"≤ {PROMISE:.0%}", "validate", _promise),
        ("ECE, validation", f"≤ {ECE}", "validate", _ece),
        ("a reading claimed of unreadable pictures, validation", f"≤ {CLAIMED:.0%}", "unreadable", _claimed),
        ("– the same on the test split", "", "unreadable", lambda f: (_claimed(f, "test")[0], None)),
        ("readable pictures called unreadable, validation", f"≤ {LOST:.0%}", "unreadable", _lost),
        ("exact readings, baseline network, same data", "beside it", "compare", _baseline),
        ("model on the wire (brotli)", f"≤ {MODEL_BYTES // 1000} kB", "compare", _model_bytes),
        ("model + runtime + page on the wire", f"≤ {ALL_BYTES / 1e6:.1f} MB", "page", _all_bytes),
        ("one reading in Chromium, WASM, median", f"≤ {READING:.0f} ms", "compare", _reading),
        ("– as a part of the baseline's in the same run", f"≤ {SHARE:.0%}", "compare", _share_of_baseline),
        (
            "a digit never shown at a position, read there: photographs",
            f"≥ {LOOKING:.0%}",
            "holdout",
            partial(_held_out, of="photographs"),
        ),
        ("– the same on drawn displays", f"≥ {LOOKING:.0%}", "holdout", partial(_held_out, of="drawn")),
        (
            "input pipeline beside opening and augmenting picture by picture",
            "≥ 4 times",
            "input",
            speed_tables.pipeline,
        ),
        (
            "an accelerator's wait for pictures",
            f"< {speed_tables.WAITING:.0%}",
            "accelerator",
            speed_tables.waiting,
        ),
        ("page opened cold to first reading", f"≤ {COLD / 1000:.1f} s", "page", _cold),
        ("– on a device that knows it", f"≤ {speed_tables.AGAIN / 1000:.1f} s", "offline", speed_tables.again),
        *reader_tables.LINES,
        *learning_tables.LINES,
        ("faster than tesseract.js", f"≥ {beside_tables.FASTER:.0f} times", "compare_browser", beside_tables.faster),
        (
            "– exact readings beside it",
            f"≥ {beside_tables.MORE:.0f} times",
            "compare_browser",
            beside_tables.more_exact,
        ),
        (
            "time of a reading beside onnxruntime-web's",
            f"≤ {beside_tables.SLOWER:.0%}",
            "compare_browser",
            beside_tables.beside_onnx,
        ),
        ("– bytes on the wire beside it", "fewer", "compare_browser", beside_tables.bytes_beside_onnx),
    ]
    rows = []
    for figure, target, name, take in lines:
        try:
            measured, reached = take(files[name]) if name in files else (MISSING.get(name, "not measured"), None)
            measured += _with_others(files, name)
        except (KeyError, TypeError) as error:
            raise ResultsError(f"expected {name}.json as its command writes it, got one without {error}") from error
        rows.append(Row(figure, target, measured, reached))
    return rows


def _with_others(files: Files, name: str) -> str:
    """Which versions something was measured with, where they are not those that the page is about."""
    about = [_version(files[each]) for each in ("validate", "finder") if each in files]
    file = files.get(name, {})
    own = [_version(file.get("contenders", {}).get("reader", file)), file.get("finder")]
    others = [version for version in own if version and about and version not in about]
    return f"; with {', '.join(others)}" if others else ""


def _version(file: Any) -> str | None:
    """The version that a file of results names, as a path."""
    version = file.get("version")
    return f"{version['name']}/{version['version']}" if isinstance(version, dict) else version


def _exact(file: Any, least: float) -> tuple[str, bool | None]:
    figure = file["together"]["exact"]
    return tables.share(figure), figure["value"] >= least


def _point(file: Any) -> tuple[str, bool | None]:
    figure = file["together"]["point"]
    return tables.share(figure), figure["value"] >= POINT


def _worst(file: Any, least: float) -> tuple[str, bool | None]:
    name, figures = min(file["by_source"].items(), key=lambda item: item[1]["exact"]["value"])
    return f"{name}: {tables.share(figures['exact'])}", figures["exact"]["value"] >= least


def _risk(file: Any, most: float, least: float) -> tuple[str, bool | None]:
    taken = file["together"]["accepted"]
    error, coverage = taken["error"], taken["coverage"]
    reached = error["value"] is not None and error["value"] <= most and coverage["value"] >= least
    return f"{tables.share(error)} at {tables.share(coverage)}", reached


def _proof(file: Any) -> tuple[str, bool | None]:
    bound = file["together"]["accepted"].get("bound")
    promise = f"; with 95% confidence at most {bound:.1%}" if bound is not None else ""
    return _risk(file, RISK, COVERAGE)[0] + promise, None


def _promise(file: Any) -> tuple[str, bool | None]:
    chosen = file["version"]["acceptance"]
    if chosen.get("guaranteed"):
        return f"at most {chosen['bound']:.1%} (n = {chosen['n']})", chosen["bound"] <= PROMISE
    return f"no promise: too few pictures (n = {chosen['n']})", False


def _ece(file: Any) -> tuple[str, bool | None]:
    figure = file["together"]["ece"]
    perfect = figure.get("if_perfect")
    beside = f"; {perfect['mean']:.3f} if perfect, on so few pictures" if perfect else ""
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]{beside}", figure["value"] <= ECE


def _claimed(file: Any, side: str = "validate") -> tuple[str, bool | None]:
    part = file[side]["unreadable"]["together"]
    return tables.claimed(part), part["claimed"]["value"] <= CLAIMED


def _lost(file: Any) -> tuple[str, bool | None]:
    figure = file["validate"]["readable_refused"]["together"]
    return tables.share(figure), figure["value"] <= LOST


def _baseline(file: Any) -> tuple[str, bool | None]:
    a, b = (file[side]["together"]["exact"] for side in "ab")
    own, other = (_taught(file[side]) for side in "ab")
    return f"{tables.share(b)}, taught with {other}, beside {a['value']:.1%}, taught with {own}", None


def _taught(side: Any) -> str:
    """With how many pictures a version was taught, or at least its last training."""
    if (every := tables.pictures_of(side)) is not None:
        return f"{every:,} pictures"
    return f"{side['training']['budget']['pictures']:,} pictures in its last training"


def _model_bytes(file: Any) -> tuple[str, bool | None]:
    size, other = file["a"]["wire"]["brotli"], file["b"]["wire"]["brotli"]
    return f"{size / 1000:.0f} kB (baseline {other / 1000:,.0f} kB)", size <= MODEL_BYTES


def _reading(file: Any) -> tuple[str, bool | None]:
    times = file["a"]["milliseconds"]
    return f"{times['median']:.1f} ms (90% within {times['p90']:.1f} ms, n = {times['n']})", times["median"] <= READING


def _share_of_baseline(file: Any) -> tuple[str, bool | None]:
    own, other = file["a"]["milliseconds"]["median"], file["b"]["milliseconds"]["median"]
    return f"{own / other:.0%} of {other:.1f} ms", own / other <= SHARE


def _held_out(file: Any, of: str) -> tuple[str, bool | None]:
    """All pairs of digit and position together, the worst of them, and how long the network was trained."""
    figure, pairs = file[of]["held_out"], file[of].get("pairs", {})
    told = tables.share(figure)
    if seen := {pair: right / n for pair, (right, n) in pairs.items() if n}:
        worst = min(seen, key=lambda pair: seen[pair])
        told += f"; the worst, {worst} from the end, {seen[worst]:.0%} ({pairs[worst][0]} of {pairs[worst][1]})"
    if "epochs" in file:
        told += f"; a network of its own after {file['epochs']} epochs, {file.get('measured', 'undated')}"
    return told, figure["value"] is not None and figure["value"] >= LOOKING


def _all_bytes(file: Any) -> tuple[str, bool | None]:
    size = file["wire"]["total"]
    return f"{size / 1000:.0f} kB", size <= ALL_BYTES


def _cold(file: Any) -> tuple[str, bool | None]:
    median = file["cold"]["median"]
    return f"{median / 1000:.2f} s (median of {file['cold']['n']})", median <= COLD
