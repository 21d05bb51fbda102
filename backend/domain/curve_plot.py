"""A learning curve as an SVG picture: size on a logarithmic axis, what was measured, the curve of every fitted form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 720, 440
ACROSS = "samples taught (logarithmic)"
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 48, 56  # what is around the axes
# Told apart by dashes too, not by colour alone. Both sets of colours have 4.5:1 on their ground.
DASHES = ("", "8 4", "2 4", "8 3 2 3")
STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, sans-serif; fill: #1f2328; }
.ground { fill: #fff; } .grid { stroke: #d8dee4; } .axis { stroke: #59636e; } .point { fill: #1f2328; }
.line { fill: none; stroke-width: 2; } .band { opacity: 0.15; } .title { font-size: 15px; font-weight: 600; }
.c0 { stroke: #0b57d0; } .c1 { stroke: #a04000; } .c2 { stroke: #7b2d8e; } .c3 { stroke: #59636e; }
.f0 { fill: #0b57d0; } .f1 { fill: #a04000; } .f2 { fill: #7b2d8e; } .f3 { fill: #59636e; }
@media (prefers-color-scheme: dark) {
svg, .point { fill: #e6edf3; } .ground { fill: #14181d; } .grid { stroke: #30363d; } .axis { stroke: #9198a1; }
.c0 { stroke: #7ab7ff; } .c1 { stroke: #ffa657; } .c2 { stroke: #d2a8ff; } .c3 { stroke: #9198a1; }
.f0 { fill: #7ab7ff; } .f1 { fill: #ffa657; } .f2 { fill: #d2a8ff; } .f3 { fill: #9198a1; }
}
"""


@dataclass(frozen=True)
class Line:
    """A form's curve: its legend, its shares (n,) at the sizes of the plot, and the ends of its band, if it has one."""

    legend: str
    shares: Floats
    low: Floats | None = None
    high: Floats | None = None


def plot(
    title: str, sizes: Floats, lines: Sequence[Line], points: Sequence[tuple[float, float]], across: str = ACROSS
) -> str:
    """SVG text. `sizes` (n,) > 0 are those of the lines; `points` are (size, share); shares are 0..1;
    `across` says what the sizes are.

    Raises ValueError for more lines than can be told apart, or a size of 0.
    """
    if len(lines) > len(DASHES) or sizes.min() <= 0:
        raise ValueError(f"expected at most {len(DASHES)} lines over sizes above 0, got {len(lines)}, {sizes.min()}")
    root = Xml.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img")
    Xml.SubElement(root, "title").text = title
    Xml.SubElement(root, "style").text = STYLE
    Xml.SubElement(root, "rect", {"class": "ground", "width": str(WIDTH), "height": str(HEIGHT)})
    text(root, LEFT, 26, title, "start", "title")
    low, high = float(sizes.min()), float(sizes.max())
    axes(root, low, high, across)
    room = free(lines)
    for number, line in enumerate(lines):
        draw(root, number, line, x_of(sizes, low, high), room + 20 * number)
    for size, share in points:
        place = {"cx": f"{float(x_of(np.array(size), low, high)):.1f}", "cy": f"{float(y_of(np.array(share))):.1f}"}
        Xml.SubElement(root, "circle", {"class": "point", "r": "3.5", **place})
    return Xml.tostring(root, encoding="unicode") + "\n"


def x_of(sizes: Floats, low: float, high: float) -> Floats:
    """Where sizes lie across, in pixels."""
    share = np.log(sizes / low) / max(np.log(high / low), 1e-9)
    return np.asarray(LEFT + share * (WIDTH - LEFT - RIGHT))


def y_of(shares: Floats) -> Floats:
    """Where shares lie down, in pixels."""
    return np.asarray(TOP + (1 - np.clip(shares, 0, 1)) * (HEIGHT - TOP - BOTTOM))


def ticks(low: float, high: float) -> list[int]:
    """Sizes to name on the axis: 1, 2, 5, 10, … in between."""
    found = [m * 10**e for e in range(12) for m in (1, 2, 5)]
    return [tick for tick in found if low <= tick <= high]


def axes(root: Xml.Element, low: float, high: float, across: str) -> None:
    """Grid, ticks and what the axes are."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for tick in ticks(low, high):
        x = float(x_of(np.array(float(tick)), low, high))
        stroke(root, "grid", (x, TOP), (x, bottom))
        text(root, x, bottom + 20, f"{tick:,}", "middle")
    for percent in range(0, 101, 20):
        y = float(y_of(np.array(percent / 100)))
        stroke(root, "grid" if percent else "axis", (LEFT, y), (right, y))
        text(root, LEFT - 8, y + 4, f"{percent}%", "end")
    stroke(root, "axis", (LEFT, TOP), (LEFT, bottom))
    text(root, (LEFT + right) / 2, HEIGHT - 12, across, "middle")


def free(lines: Sequence[Line]) -> int:
    """How far down the legend begins: in the lower right corner, or in the upper one where the curves end low."""
    ends = [line.shares[-1] if line.high is None else line.high[-1] for line in lines]
    return TOP + 24 if ends and max(ends) < 0.6 else HEIGHT - BOTTOM - 16 - 20 * (len(DASHES) - 1)


def draw(root: Xml.Element, number: int, line: Line, x: Floats, y: int) -> None:
    """A curve with its band, and its line of the legend, so far down."""
    if line.low is not None and line.high is not None:
        edge = [*zip(x, y_of(line.low), strict=True), *reversed([*zip(x, y_of(line.high), strict=True)])]
        Xml.SubElement(root, "polygon", {"class": f"band f{number}", "points": joined(edge)})
    look = {"class": f"line c{number}", "stroke-dasharray": DASHES[number]}
    Xml.SubElement(root, "polyline", {**look, "points": joined([*zip(x, y_of(line.shares), strict=True)])})
    right = WIDTH - RIGHT - 12
    Xml.SubElement(root, "polyline", {**look, "points": f"{right - 34},{y - 4} {right},{y - 4}"})
    text(root, right - 42, y, line.legend, "end")


def joined(places: Sequence[tuple[float, float]]) -> str:
    """Points as SVG has them."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def stroke(root: Xml.Element, kind: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A straight line."""
    ends = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    Xml.SubElement(root, "line", {"class": kind, **{name: f"{value:.1f}" for name, value in ends.items()}})


def text(root: Xml.Element, x: float, y: float, words: str, anchor: str, kind: str = "") -> None:
    """Words at a place."""
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}
    Xml.SubElement(root, "text", {**place, **({"class": kind} if kind else {})}).text = words
