"""The finder's part of `docs/results.md`: Markdown lines from what `training.finder.evaluate --json` writes."""

from __future__ import annotations

from typing import Any

from training.tables import share

KEPT, GOOD, LOST, WIRE = 0.90, 0.95, 0.005, 500_000


def section(file: Any, test: Any = None) -> list[str]:
    """What the finder must reach and has reached on validation photos, beside it on test ones, and how."""
    version, reader = file["version"], file["reader"]
    lines = [
        f"`{version['name']}/{version['version']}`, {version['parameters']:,} parameters, looks twice at each of "
        f"{file['photos']} {file['split']} photos, and closer where `{reader['name']}/{reader['version']}` is in "
        "much doubt about what it reads there.",
        "",
        "| figure | target | measured | reached |",
        "|---|---|---|---|",
    ]
    size = version["export"]["wire"]["brotli"]
    rows = [
        ("read right from the whole photo, of those read right from the given outline", f"≥ {KEPT:.0%}", "kept", KEPT),
        ("outline IoU ≥ 0.75", f"≥ {GOOD:.0%}", "good", GOOD),
        ("a display seen", "", "seen", None),
        ("read right from the whole photo, of all", "", "right_found", None),
        ("read right from the given outline, of all", "", "right_given", None),
        ("accepted readings, of all", "", "accepted", None),
        ("– that are wrong", "", "accepted_wrong", None),
        ("found upside down", "", "upside_down", None),
        ("a display seen in pictures without a meter", "", "not_meters_seen", None),
        ("a number shown for them", "", "not_meters_claimed", None),
        ("– accepted", "", "not_meters_accepted", None),
    ]
    for figure, target, key, least in rows:
        if key in file:
            lines.append(f"| {figure} | {target} | {share(file[key])} | {_reached(file[key]['value'], least)} |")
    if "strips" in file:
        lines.append(_strips(file["strips_alone"], file["strips"]))
    if test:
        wrong = test["accepted_wrong"]
        lines.append(f"| read right from the whole photo, of those …, test photos | | {share(test['kept'])} | |")
        lines.append(f"| accepted, test photos; – wrong | | {share(test['accepted'])}; {share(wrong)} | |")
    weight = f"{size / 1000:.0f} kB | {_reached(-size, -WIRE)}"
    lines.append(f"| the finder's graph and weights alone (brotli) | ≤ {WIRE // 1000} kB | {weight} |")
    overlap = file["iou"]
    lines += _held(file.get("held"))
    return [*lines, "", f"IoU: mean {overlap['mean']:.2f}, median {overlap['median']:.2f}.", *_agreement(version)]


def _strips(alone: Any, found: Any) -> str:
    lost = alone["value"] - found["value"]
    measured = f"{share(found)}; {share(alone)} as it is"
    target = f"≤ {100 * LOST:.1f} points lost"
    return f"| a display cut out already, read right | {target} | {measured} | {_reached(-lost, -LOST)} |"


def _held(ways: Any) -> list[str]:
    """The same photos held in other ways, beside what is read right from the given outline of each as it is."""
    if not ways:
        return []
    rows = [
        f"| {way} | ≥ {KEPT:.0%} | {share(one['kept'])} | {_reached(one['kept']['value'], KEPT)} | "
        f"{share(one['seen'])} | {share(one['good'])} | {share(one['upside_down'])} |"
        for way, one in ways.items()
    ]
    head = "| the same photos, held | target | read right, of those … | reached | a display seen | IoU ≥ 0.75 | "
    return ["", f"{head}found upside down |", "|---|---|---|---|---|---|---|", *rows]


def _reached(value: float | None, least: float | None) -> str:
    if least is None:
        return ""
    return "yes" if value is not None and value >= least else "**no**"


def _agreement(version: Any) -> list[str]:
    numbers, page = version["export"]["numbers"], version["export"]["page"]
    return [
        "",
        f"TensorFlow.js against Keras on {numbers['pictures']} pictures: logits within "
        f"{numbers['largest_difference']:.1g} of the largest. The page finds the same outline in {page['same']} of "
        f"{page['pictures']} photos.",
    ]
