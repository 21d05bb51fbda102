"""Digits of electronic displays as masks: seven segments, dot matrix, plain type.

A `Row` is laid out once and gives two masks of the same size: what is lit, and all segments (for the faint ghosts of
the dark ones).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from training.render import fonts
from training.render.paint import Rng, chance, pick

SCALE = 3  # masks are drawn this much larger and reduced: antialiasing

_LIT = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
_DOTS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00010 00100 01000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
}
_PLAIN_ZERO = "01110 10001 10001 10001 10001 10001 01110"


@dataclass(frozen=True)
class Style:
    """A family of digits; lengths in parts of a digit's height."""

    family: str  # "segments" | "dots" | "type"
    font: str
    width: float
    thickness: float
    gap: float  # between segments or dots
    ends: str  # "mitre" | "point" | "square" | "round"
    slant: float
    space: float  # between digits
    point: str  # "dot" | "square" | "comma" | "none"
    point_room: float  # width the point takes: 0 when it stands between the digits' feet
    point_raise: float
    tails: tuple[bool, bool, bool]  # of 6, 9 and 7 (the upper left segment)
    small: float  # height of the decimals
    slashed: bool  # the zero, dot matrix only


def choose_style(rng: Rng, lit: bool) -> Style:
    """A style for an LCD, or for glowing segments when ``lit``."""
    family = pick(rng, ("segments", "dots", "type"), (85, 8, 7) if not lit else (88, 9, 3))
    width = float(rng.uniform(0.42, 0.72))
    thickness = min(float(rng.uniform(0.075, 0.18)), 0.29 * width)
    space = float(rng.uniform(0.14, 0.36))
    small = 1.0 if chance(rng, 0.7) else float(rng.uniform(0.5, 0.85))
    unmarked = small < 1.0 and chance(rng, 0.4)  # smaller digits say by themselves that they are decimals
    return Style(
        family=family,
        font=pick(rng, fonts.SCREEN_FONTS),
        width=width,
        thickness=thickness,
        gap=thickness * float(rng.uniform(0.04, 0.35)),
        ends=pick(rng, ("mitre", "point", "square", "round"), (45, 35, 10, 10)),
        slant=0.0 if chance(rng, 0.3) else float(rng.uniform(0.02, 0.2)),
        space=space,
        point="none" if unmarked else pick(rng, ("dot", "square", "comma"), (5, 4, 2)),
        point_room=0.0 if chance(rng, 0.6) else float(rng.uniform(0.5, 2)) * thickness,
        point_raise=float(rng.uniform(0, 0.03)) if chance(rng, 0.93) else float(rng.uniform(0.05, 0.2)),
        tails=(chance(rng, 0.85), chance(rng, 0.88), chance(rng, 0.25)),
        small=small,
        slashed=chance(rng, 0.3),
    )


@dataclass(frozen=True)
class Row:
    """Digits in a row: masks (mode L) and, in their pixels, (left, top, right, bottom) of each digit."""

    lit: Image.Image
    all: Image.Image
    digits: list[tuple[float, float, float, float]]


def set_row(rng: Rng, style: Style, text: str, height: int, blanks: int) -> Row:
    """Set ``text`` after ``blanks`` unlit places, digits ``height`` pixels high; 3 px of air on all sides."""
    whole, point, decimals = text.partition(".")
    pad, y = 3.0, 3.0
    x = pad + style.slant * height / 2
    places: list[tuple[str, float, float, float]] = []  # character or "" or ".", x, y, height
    for i, character in enumerate([""] * blanks + list(whole) + list(decimals)):
        small = style.small if i >= blanks + len(whole) else 1.0
        if point and i == blanks + len(whole):
            room = style.point_room * height
            places.append((".", x + (room - style.space * height) / 2, y, float(height)))
            x += room
        size = height * small
        places.append((character, x, y + height - size, size))
        x += (style.width + style.space) * size
    width = x - style.space * height * (style.small if decimals else 1) + style.slant * height / 2 + pad
    canvas = (int(np.ceil(width)) * SCALE, (height + 2 * int(pad)) * SCALE)
    lit, ghosts = Image.new("L", canvas), Image.new("L", canvas)
    pen, ghost_pen = ImageDraw.Draw(lit), ImageDraw.Draw(ghosts)
    digits = []
    for character, left, top, size in places:
        if character == ".":
            _point(pen, style, left, top, size)
            continue
        _digit(ghost_pen, ghosts, style, "8", left, top, size)
        if character:
            _digit(pen, lit, style, character, left, top, size)
            digits.append((left, top, left + style.width * size, top + size))
    return Row(lit.reduce(SCALE), ghosts.reduce(SCALE), digits)


def _digit(
    pen: ImageDraw.ImageDraw, mask: Image.Image, style: Style, digit: str, left: float, top: float, size: float
) -> None:
    if style.family == "segments":
        six, nine, seven = style.tails
        lit = _LIT[digit]
        if digit == "6" and not six:
            lit = lit.replace("a", "")
        if digit == "9" and not nine:
            lit = lit.replace("d", "")
        if digit == "7" and seven:
            lit += "f"
        for name in lit:
            _segment(pen, style, name, left, top, size)
    elif style.family == "dots":
        _dot_matrix(pen, style, digit, left, top, size)
    else:
        box = (round(left * SCALE), round(top * SCALE))
        glyph = fonts.glyph(style.font, digit, 0, round(style.width * size * SCALE), round(size * SCALE))
        mask.paste(255, box, glyph)


def _segment(pen: ImageDraw.ImageDraw, style: Style, name: str, left: float, top: float, size: float) -> None:
    w, t, gap = style.width, style.thickness, style.gap
    outline = _horizontal(w, t, gap, style.ends, name == "g") if name in "adg" else _vertical(w, t, gap, style.ends)
    points = []
    for x, y in outline:
        if name == "g":
            y += 0.5 - t / 2
        if name in "cde":
            y = 1 - y
        if name in "bc":
            x = w - x
        points.append(((left + (x + style.slant * (0.5 - y)) * size) * SCALE, (top + y * size) * SCALE))
    pen.polygon(points, fill=255)
    if style.ends == "round":
        _round_off(pen, points, name in "adg", t * size * SCALE / 2)


def _horizontal(w: float, t: float, gap: float, ends: str, middle: bool) -> list[tuple[float, float]]:
    """Upper (or middle) segment of a digit of height 1, its top at y = 0."""
    if ends == "mitre" and not middle:
        return [(gap, 0), (w - gap, 0), (w - gap - t, t), (gap + t, t)]
    if ends in ("mitre", "point"):
        inset = t / 2 + gap
        return [
            (inset, t / 2),
            (inset + t / 2, 0),
            (w - inset - t / 2, 0),
            (w - inset, t / 2),
            (w - inset - t / 2, t),
            (inset + t / 2, t),
        ]
    inset = t + gap if ends == "square" else 1.15 * t + gap
    return [(inset, 0), (w - inset, 0), (w - inset, t), (inset, t)]


def _vertical(w: float, t: float, gap: float, ends: str) -> list[tuple[float, float]]:
    """Upper left segment of a digit of height 1, its left at x = 0."""
    if ends == "mitre":
        return [(0, gap), (t, gap + t), (t, 0.5 - gap - t / 2), (t / 2, 0.5 - gap), (0, 0.5 - gap - t / 4)]
    if ends == "point":
        a, b = t / 2 + gap, 0.5 - gap
        return [(t / 2, a), (t, a + t / 2), (t, b - t / 2), (t / 2, b), (0, b - t / 2), (0, a + t / 2)]
    inset = 0.35 * t + gap if ends == "square" else 0.75 * t + gap
    return [(0, inset), (t, inset), (t, 0.5 - inset + t * 0.2), (0, 0.5 - inset + t * 0.2)]


def _round_off(pen: ImageDraw.ImageDraw, points: list[tuple[float, float]], lying: bool, radius: float) -> None:
    """Discs at both ends of a segment given by its four corners."""
    a, b, c, d = points
    for p, q in ((a, d), (b, c)) if lying else ((a, b), (c, d)):
        x, y = (p[0] + q[0]) / 2, (p[1] + q[1]) / 2
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _dot_matrix(pen: ImageDraw.ImageDraw, style: Style, digit: str, left: float, top: float, size: float) -> None:
    pattern = _PLAIN_ZERO if digit == "0" and not style.slashed else _DOTS[digit]
    dx, dy = style.width * size / 5 * SCALE, size / 7 * SCALE
    gap = max(0.06, style.gap * 3)
    for row, bits in enumerate(pattern.split()):
        for column, bit in enumerate(bits):
            if bit == "1":
                x, y = left * SCALE + column * dx, top * SCALE + row * dy
                box = (x + dx * gap, y + dy * gap, x + dx * (1 - gap), y + dy * (1 - gap))
                if style.ends == "round":
                    pen.ellipse(box, fill=255)
                else:
                    pen.rectangle(box, fill=255)


def _point(pen: ImageDraw.ImageDraw, style: Style, x: float, top: float, size: float) -> None:
    """The decimal mark, if the style has one, its middle at ``x`` before the slant."""
    if style.point == "none":
        return
    half = max(1.4, min(style.thickness * 0.62, (style.space + style.point_room) * 0.42) * size)
    y = top + size * (1 - style.point_raise) - half
    x += style.slant * (0.5 - (y - top) / size) * size
    box = [v * SCALE for v in (x - half, y - half, x + half, y + half)]
    if style.point == "square":
        pen.rectangle(box, fill=255)
    else:
        pen.ellipse(box, fill=255)
    if style.point == "comma":
        tail = ((x + half, y), (x - half * 0.5, y + 2 * half), (x - half, y + 1.6 * half), (x, y))
        pen.polygon([(a * SCALE, b * SCALE) for a, b in tail], fill=255)
