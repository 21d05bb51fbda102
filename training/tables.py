"""Tables of `docs/results.md`: lists of Markdown lines from what the commands print as JSON."""

from __future__ import annotations

import math
from typing import Any

from backend.domain.figures import Z95, needed, wilson
from training.spending import pictures

# Of the test split: the looks are those of `backend.domain.looks`, chosen as docs/experiments.md tells.
CLEAN = "on which no network, temperature or limit was fitted (the set of looks was picked with both splits in view)"


def share(figure: dict[str, Any]) -> str:
    """A proportion as text: value [95% interval] (count)."""
    if figure["value"] is None:
        return "– (none)"
    return f"{figure['value']:.1%} [{figure['low']:.1%}, {figure['high']:.1%}] ({figure['right']} of {figure['n']})"


def over_files(figure: dict[str, Any], files: int) -> dict[str, Any]:
    """A proportion of pictures cut from so many files, with the interval of as many pictures as there are files.

    Cuts of one file are not independent; this is as if all of one had the same answer, the worst that can be.
    """
    if not figure["n"]:
        return figure
    low, high = wilson(figure["right"], figure["n"], Z95 * math.sqrt(figure["n"] / files))
    return figure | {"low": low, "high": high}


def claimed(part: dict[str, Any], what: str = "claimed") -> str:
    """What is claimed, or accepted, of a kind of unreadable pictures, as text."""
    return share(over_files(part[what], part["files"]))


def card(version: Any, clean: float | None = None) -> list[str]:
    """How the version came to its threshold, and how well its three forms agree: paragraphs.

    `clean` is the bound of what is wrong of the accepted on the test split, where that is known.
    """
    chosen, export = version["acceptance"], version["export"]
    lines = [promise(version, clean)]
    others = chosen.get("no_display", {})
    if others.get("others"):
        lines[-1] += (
            f" Of {others['others']} unreadable pictures {share(others['others_refused'])} are called that when the "
            f"limit is fitted, and so are {share(others['readable_refused'])} of the displays; accepted as a reading: "
            f"{share(others['others_accepted'])}; these intervals take all pictures, those of one file too, for "
            "independent."
        )
    numbers = export["numbers"]
    agree = " and ".join(
        f"{title} {numbers[who]['same_reading']} times the same reading, probabilities within "
        f"{numbers[who]['largest_difference']:.1g}"
        for who, title in (("tflite", "TFLite"), ("tfjs_wasm", "TensorFlow.js"))
    )
    page = export["page"]
    lines.append(
        f"On {numbers['pictures']} {export['pictures']} pictures, against Keras: {agree}. Through the page's own "
        f"module, decoding included: {page['same_reading']} of {page['pictures']} the same."
    )
    return [line for paragraph in lines for line in (paragraph, "")]


def promise(version: Any, clean: float | None = None) -> str:
    """What is promised of accepted readings, or that nothing is, in words."""
    chosen = version["acceptance"]
    if chosen["method"] == "none":
        return f"No threshold keeps the error under {chosen['target']:.1%}: nothing is accepted, nothing promised."
    sure, error = f"{1 - chosen['delta']:.0%} confidence", share(chosen["error"])
    accepted = (
        f"A reading is accepted from a confidence of {version['threshold']:.3f} on, chosen on {chosen['n']} "
        f"validation pictures by {chosen['method']}: {error} of the accepted are wrong there. "
    )
    if chosen.get("guaranteed"):
        return accepted + f"Promised, with {sure}: at most {chosen['bound']:.1%} are wrong on such pictures."
    fewest = needed(chosen["error"]["right"], chosen["target"], chosen["delta"])
    return accepted + (
        f"That is too few pictures for a promise of {chosen['target']:.1%}: with so many errors it takes {fewest} "
        f"accepted readings. With {sure} at most {chosen['bound']:.1%} are wrong on such pictures, whichever "
        "threshold had been chosen; but the network's epochs, any average and its temperature were chosen on these "
        "pictures, too." + (f" On the test split, {CLEAN}, it is {clean:.1%}." if clean else "")
    )


def by_source(file: Any) -> list[str]:
    """Accuracy, acceptance and calibration of an evaluation: together and for each data set."""
    lines = [
        "| data set | exact | within ±1 of last digit | digits | decimal point | accepted: wrong at coverage | ECE | "
        "ECE if perfect |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, figures in {"together": file["together"], **file["by_source"]}.items():
        cells = [share(figures[key]) for key in ("exact", "within_one", "digits", "point")]
        taken = figures["accepted"]
        wrong = "–" if taken["error"]["value"] is None else f"{taken['error']['value']:.1%}"
        calibration = figures["ece"]
        lines.append(
            f"| {name} | {' | '.join(cells)} | {wrong} at {taken['coverage']['value']:.0%} | "
            f"{calibration['value']:.3f} [{calibration['low']:.3f}, {calibration['high']:.3f}] | "
            f"{_perfect(calibration)} |"
        )
    return lines


def _perfect(ece: dict[str, Any]) -> str:
    """The ECE that readings as often right as they are sure would show on so many pictures."""
    perfect = ece.get("if_perfect")
    return f"{perfect['mean']:.3f} [{perfect['low']:.3f}, {perfect['high']:.3f}]" if perfect else ""


def unreadable(file: Any) -> list[str]:
    """What is claimed of unreadable pictures, by kind, and what readable ones are called unreadable."""
    sides = {"validation": file["validate"], "test": file["test"]}
    parts = {kind: [side["unreadable"][kind] for side in sides.values()] for kind in file["validate"]["unreadable"]}
    rows = {kind.replace("_", " "): _with_files(both) for kind, both in parts.items()}
    rows["– accepted"] = _with_files(parts["together"], "accepted")
    refused = [share(side["readable_refused"]["together"]) for side in sides.values()]
    return [
        f"Claimed: {file['claimed_is']}. The test split is one {CLEAN}. The sets are frozen "
        f"(sha256 {sides['validation']['set'][:12]}… and {sides['test']['set'][:12]}…). Pictures made of one file are "
        "not independent, so the intervals of what is claimed are those of as many pictures as there are files.",
        "",
        f"| claimed as a reading | {' | '.join(f'{side} | files' for side in sides)} |",
        "|---|---|---|---|---|",
        *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()),
        f"| readable displays called unreadable | {' | | '.join(refused)} | |",
    ]


def _with_files(parts: list[dict[str, Any]], what: str = "claimed") -> list[str]:
    """Cells of a kind of unreadable pictures: for each side what is claimed, and of how many files it was made."""
    return [cell for part in parts for cell in (claimed(part, what), str(part["files"]))]


def curve(file: Any) -> list[str]:
    """How many accepted readings are wrong, the more are accepted."""
    points = file["risk_coverage"]
    chosen = [_nearest(points, coverage) for coverage in (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0)]
    area = file["together"]["aurc"]
    return [
        f"Area under the curve: {area['value']:.4f} [{area['low']:.4f}, {area['high']:.4f}].",
        "",
        "| coverage | confidence from | wrong |",
        "|---|---|---|",
        *(f"| {p['coverage']:.0%} | {p['threshold']:.3f} | {share(p['error'])} |" for p in chosen),
    ]


def _nearest(points: list[dict[str, Any]], coverage: float) -> dict[str, Any]:
    return min(points, key=lambda point: abs(float(point["coverage"]) - coverage))


def positions(file: Any) -> list[str]:
    """Digit accuracy by position, counted from the end."""
    rows = [f"| {p['from_end']} | {share(p['accuracy'])} |" for p in file["positions"]]
    return ["| digits from the end | right |", "|---|---|", *rows]


def confusion(file: Any) -> list[str]:
    """True digits against digits read."""
    rows = [f"| **{digit}** | " + " | ".join(map(str, counts)) + " |" for digit, counts in enumerate(file["confusion"])]
    return ["| true \\ read | " + " | ".join(map(str, range(10))) + " |", "|---" * 11 + "|", *rows]


def calibration(file: Any) -> list[str]:
    """Confidence of readings against how often they are right."""
    rows = [f"| {b['confidence']:.3f} | {share(b['accuracy'])} |" for b in file["reliability"]]
    digits = file["together"]["ece_digits"]
    return [f"ECE of single digits: {digits:.4f}.", "", "| mean confidence | exact |", "|---|---|", *rows]


def compare(file: Any) -> list[str]:
    """A comparison's two versions side by side."""
    sides = [file["a"], file["b"]]
    names = [f"{side['version']['name']}/{side['version']['version']}" for side in sides]
    rows = {
        "exact": [share(side["together"]["exact"]) for side in sides],
        **{
            f"– {source}": [share(side["exact_by_source"][source]) for side in sides]
            for source in sides[0]["exact_by_source"]
        },
        "within ±1 of the last digit": [share(side["together"]["within_one"]) for side in sides],
        "parameters": [f"{side['version']['parameters']:,}" for side in sides],
        "input": ["×".join(map(str, side["version"]["input"])) for side in sides],
        "model on the wire (brotli)": [f"{side['wire']['brotli'] / 1000:,.0f} kB" for side in sides],
        "one reading in Chromium, WASM": [f"{side['milliseconds']['median']:.1f} ms" for side in sides],
        "– of it the network": [f"{side['milliseconds']['stages']['network']:.1f} ms" for side in sides],
        **budgets(sides),
    }
    pair = file["paired"]
    difference = pair["difference"]
    return [
        f"| | {names[0]} | {names[1]} |",
        "|---|---|---|",
        *(f"| {name} | {cells[0]} | {cells[1]} |" for name, cells in rows.items()),
        "",
        f"Right by the first alone: {pair['only_a_right']}, by the second alone: {pair['only_b_right']}; "
        f"difference {difference['value']:+.1%} [{difference['low']:+.1%}, {difference['high']:+.1%}]; "
        f"McNemar p = {pair['p']:.2g}.",
    ]


def budgets(sides: list[Any]) -> dict[str, list[str]]:
    """What both versions have cost: rows of the table of a comparison."""
    last = [side["training"].get("budget", {}) for side in sides]
    return {
        "last training: pictures": [counted(each.get("pictures")) for each in last],
        "last training: CPU time": [minutes(each.get("cpu_seconds")) for each in last],
        "all its trainings: pictures": [counted(pictures_of(side)) for side in sides],
        "all its trainings: CPU time": [in_all(each.get("all", {})) for each in last],
    }


def in_all(cost: Any) -> str:
    """The processor time of all trainings; of some of them that is the least it can have been."""
    least = minutes(cost.get("cpu_seconds"))
    return least if not cost or cost["whole"] else f"at least {least}, of {cost['trainings']} of them"


def pictures_of(side: Any) -> int | None:
    """What all trainings of a comparison's version have seen; None where nobody knows."""
    return pictures(side["version"]["name"], side["training"])


def counted(number: int | None) -> str:
    """A number of pictures, or that it is not known."""
    return "not known" if number is None else f"{number:,}"


def minutes(seconds: float | None) -> str:
    """A time, or that nobody has kept it."""
    return "not kept" if seconds is None else f"{seconds / 60:,.0f} min"


def panel(file: Any) -> list[str]:
    """What the panel reaches, and on which machine: targets beside what was measured."""
    machine = file["machine"]
    reached = {True: "yes", False: "**no**", None: ""}
    figures = [each for part in file["parts"].values() for each in part["figures"]]
    rows = (
        f"| {each['figure']} | {each['target']} | {each['measured'].replace('|', '/')} | {reached[each['reached']]} |"
        for each in figures
    )
    return [
        f"Measured {file['measured']} on {machine['cores']} cores ({machine['processor']}), {machine['memory_gb']} GB, "
        f"{machine['system']}, Python {machine['python']}.",
        "",
        "| figure | target | measured | reached |",
        "|---|---|---|---|",
        *rows,
    ]
