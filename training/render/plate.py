"""The meter's face around a display: a plate with small print, lines, logos, dials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from training.render import content, fonts
from training.render.paint import (
    BLACK,
    WHITE,
    Colour,
    Rng,
    chance,
    luma,
    mix,
    pick,
    polygon,
    rounded,
    stamp,
    vary,
)

Rect = tuple[float, float, float, float]  # left, top, right, bottom in pixels

_SIZES = (7, 8, 9, 10, 12, 14, 16, 19, 22, 26, 31, 37, 44, 52)
_PLATES: tuple[tuple[Colour, float], ...] = (
    ((236, 236, 232), 10),
    ((222, 222, 216), 5),
    ((226, 216, 196), 4),
    ((196, 200, 204), 4),
    ((170, 174, 176), 2),
    ((206, 220, 232), 2),
    ((30, 30, 32), 3),
    ((58, 60, 64), 2),
    ((28, 52, 110), 1.5),
    ((168, 38, 36), 1),
    ((60, 110, 170), 1),
    ((196, 170, 90), 0.7),
    ((120, 150, 120), 0.5),
)
_ACCENTS: tuple[Colour, ...] = (
    (190, 40, 40),
    (30, 70, 160),
    (20, 110, 70),
    (214, 110, 30),
    (60, 60, 64),
    (20, 140, 180),
)


@dataclass
class Plate:
    """The picture to draw on, its ground colour and the colour of its print."""

    image: Image.Image
    ground: Colour
    ink: Colour


def blank(rng: Rng, width: int, height: int, ground: Colour | None = None) -> Plate:
    """An empty plate of one colour with a slight gradient."""
    if ground is None:
        ground = vary(rng, pick(rng, [p for p, _ in _PLATES], [w for _, w in _PLATES]), 10)
    tint = rng.normal(1, 0.012, (2, 2, 3)) * rng.normal(1, 0.06, (2, 2, 1))
    corners = (np.array(ground) * tint).clip(0, 255)
    image = Image.fromarray(corners.astype(np.uint8)).resize((width, height), Image.Resampling.BILINEAR)
    dark = luma(ground) < 120
    ink = vary(rng, WHITE if dark else BLACK, 8)
    if chance(rng, 0.25):
        ink = mix(pick(rng, _ACCENTS), WHITE if dark else BLACK, rng.uniform(0, 0.6))
    return Plate(image, ground, mix(ink, ground, rng.uniform(0, 0.3)))


def furnish(rng: Rng, plate: Plate, hole: Rect, busy: float) -> None:
    """Print words and shapes around ``hole``; ``busy`` 0..1 says how many."""
    width, height = plate.image.size
    above, below = hole[1], height - hole[3]
    _backdrop(rng, plate, hole, busy)
    for top, bottom in ((0.0, above), (float(hole[3]), float(height))):
        if chance(rng, 0.35 + 0.6 * busy):
            _lines_of_print(rng, plate, top, bottom)
    if above > 14 and chance(rng, 0.3 * busy):
        _barcode(rng, plate, above)
    if below > 16 and chance(rng, 0.3 * busy):
        _dial(
            rng,
            plate,
            float(rng.uniform(0, width)),
            hole[3] + below * rng.uniform(0.8, 1.3),
            below * rng.uniform(0.5, 1),
        )
    if chance(rng, 0.35 * busy):
        logo(rng, plate, float(rng.uniform(0, width)), above * rng.uniform(0.1, 0.4), above * rng.uniform(0.2, 0.45))


def word(rng: Rng) -> tuple[str, str]:
    """(text, font) of one piece of small print."""
    if chance(rng, 0.15):
        text = pick(rng, content.PRINT_CYRILLIC + content.BRANDS_CYRILLIC)
        return text, pick(rng, fonts.CYRILLIC_FONTS)
    if chance(rng, 0.25):
        return content.serial(rng), pick(rng, fonts.PRINT_FONTS)
    if chance(rng, 0.3):
        return pick(rng, content.BRANDS), pick(rng, fonts.LOGO_FONTS)
    return pick(rng, content.PRINT), pick(rng, fonts.PRINT_FONTS)


def write(
    image: Image.Image,
    xy: tuple[float, float],
    text: str,
    font: str,
    size: float,
    ink: Colour,
    align: str = "left",
) -> None:
    """One line of print: ``xy`` is its baseline's left end, middle or right end (``align``). Sizes are rounded to few
    steps, so that lines are found in the cache."""
    step = min(_SIZES, key=lambda s: abs(s - size))
    mask, (left, top) = fonts.line(text, font, step)
    x = xy[0] - {"left": 0.0, "middle": mask.width / 2, "right": float(mask.width)}[align]
    image.paste(ink, (round(x) + left, round(xy[1]) + top), mask)


def _lines_of_print(rng: Rng, plate: Plate, top: float, bottom: float) -> None:
    room = bottom - top
    width = plate.image.width
    y = top + room * rng.uniform(-0.1, 0.2)
    while y < bottom - 0.3 * room:
        size = room * pick(rng, (0.22, 0.3, 0.4, 0.55))
        size = min(size, bottom - 1 - y)
        if size < 7:
            return
        x = float(rng.uniform(-0.1, 0.6)) * width
        for _ in range(int(rng.integers(1, 4))):
            text, font = word(rng)
            ink = pick(rng, _ACCENTS) if chance(rng, 0.12) else plate.ink
            write(plate.image, (x, y + 0.75 * size), text, font, size, ink)
            x += size * (0.55 * len(text) + rng.uniform(0.6, 3))
            if x > width:
                break
        y += size * rng.uniform(1.2, 2.2)


def _backdrop(rng: Rng, plate: Plate, hole: Rect, busy: float) -> None:
    """Large things behind everything: the edge of a round dial, a coloured band, a label's outline."""
    width, height = plate.image.size
    if chance(rng, 0.25):
        _outside_of_circle(rng, plate, hole)
    if chance(rng, 0.2 * busy + 0.05):
        accent, y = pick(rng, _ACCENTS), float(rng.uniform(0, 0.6)) * hole[1]
        if chance(rng, 0.5):
            y = height - y
        rounded(plate.image, (-4, y - rng.uniform(2, 9), width + 4, y), vary(rng, accent), 0, opacity=0.9)
    if chance(rng, 0.15 * busy):
        x, lean, thick = float(rng.uniform(0, width)), float(rng.uniform(-40, 40)), float(rng.uniform(6, 24))
        colour = vary(rng, pick(rng, _ACCENTS))
        polygon(plate.image, [(x, 0), (x + thick, 0), (x + thick + lean, height), (x + lean, height)], colour, 0.9)
    if chance(rng, 0.2):
        gap = rng.uniform(4, 14, 4)
        label = (hole[0] - gap[0] - 6, hole[1] - gap[1], hole[2] + gap[2] + 6, hole[3] + gap[3])
        rounded(plate.image, label, plate.ink, float(rng.uniform(0, 8)), float(rng.uniform(1, 2.5)))


def _outside_of_circle(rng: Rng, plate: Plate, hole: Rect) -> None:
    width, height = plate.image.size
    cx, cy = width / 2 + rng.normal(0, 12), height / 2 + rng.uniform(-0.1, 0.8) * height
    corners = [np.hypot(x - cx, y - cy) for x in (hole[0] - 4, hole[2] + 4) for y in (hole[1] - 4, hole[3] + 4)]
    radius = max(corners) * rng.uniform(1.0, 1.15)
    rim = vary(rng, pick(rng, (BLACK, (70, 72, 76), (120, 122, 126), WHITE, (190, 160, 90))), 15)

    def shape(draw: ImageDraw.ImageDraw, scale: int) -> None:
        draw.rectangle((0, 0, width * scale, height * scale), fill=255)
        draw.ellipse([v * scale for v in (cx - radius, cy - radius, cx + radius, cy + radius)], fill=0)

    stamp(plate.image, (0, 0, width, height), rim, shape, scale=1)
    box = (cx - radius, cy - radius, cx + radius, cy + radius)
    ImageDraw.Draw(plate.image).ellipse(box, outline=mix(rim, plate.ground, 0.4), width=int(rng.integers(2, 6)))


def _barcode(rng: Rng, plate: Plate, above: float) -> None:
    draw = ImageDraw.Draw(plate.image)
    x, top = int(rng.uniform(0, 0.5) * plate.image.width), above * rng.uniform(0, 0.3)
    bottom = min(above - 3, top + above * rng.uniform(0.3, 0.6))
    bars = rng.integers(1, 4, (int(rng.integers(15, 50)), 2))
    draw.rectangle((x - 4, top - 2, x + int(bars.sum()) + 4, bottom + 2), fill=mix(plate.ground, WHITE, 0.8))
    for bar, space in bars.tolist():
        draw.rectangle((x, top, x + bar - 1, bottom), fill=BLACK)
        x += bar + space


def _dial(rng: Rng, plate: Plate, cx: float, cy: float, radius: float) -> None:
    """A small pointer dial (x 0.1, x 0.01 …), usually cut by the picture's lower edge."""
    accent = pick(rng, _ACCENTS) if chance(rng, 0.6) else plate.ink

    def shape(draw: ImageDraw.ImageDraw, scale: int) -> None:
        middle = radius * scale
        draw.ellipse((1, 1, 2 * middle - 1, 2 * middle - 1), outline=255, width=scale)
        for i in range(20):
            inner = 0.8 if i % 2 else 0.7
            c, s = np.cos(i * np.pi / 10), np.sin(i * np.pi / 10)
            ends = (
                middle * (1 + inner * c),
                middle * (1 + inner * s),
                middle * (1 + 0.95 * c),
                middle * (1 + 0.95 * s),
            )
            draw.line(ends, fill=255, width=scale)
        turn = float(rng.uniform(0, 2 * np.pi))
        hand = [(turn, 0.75), (turn + 2.6, 0.2), (turn - 2.6, 0.2)]
        draw.polygon([(middle * (1 + r * np.cos(a)), middle * (1 + r * np.sin(a))) for a, r in hand], fill=255)

    stamp(plate.image, (cx - radius, cy - radius, cx + radius, cy + radius), accent, shape)


def logo(rng: Rng, plate: Plate, cx: float, cy: float, size: float) -> None:
    """A simple mark: a diamond, a ring, a triangle, a boxed letter or a drop."""
    colour = pick(rng, _ACCENTS) if chance(rng, 0.6) else plate.ink
    half = size / 2
    kind = int(rng.integers(5))
    if kind == 0:
        polygon(plate.image, [(cx, cy - half), (cx + half, cy), (cx, cy + half), (cx - half, cy)], colour)
    elif kind == 1:
        rounded(plate.image, (cx - half, cy - half, cx + half, cy + half), colour, half, size * 0.18)
    elif kind == 2:
        polygon(plate.image, [(cx, cy - half), (cx + half, cy + half), (cx - half, cy + half)], colour)
    elif kind == 3:
        rounded(plate.image, (cx - size, cy - half, cx + size, cy + half), colour, size * 0.15)
        write(
            plate.image,
            (cx, cy + size * 0.28),
            pick(rng, ("MC", "CE", "PA", "M12", "K")),
            "heros",
            size * 0.8,
            plate.ground,
            "middle",
        )
    else:
        rounded(plate.image, (cx - half, cy - half, cx + half, cy + half), colour, half * 0.3)
        polygon(
            plate.image,
            [(cx, cy - half * 0.7), (cx + half * 0.5, cy + half * 0.5), (cx - half * 0.5, cy + half * 0.5)],
            plate.ground,
        )
