"""What a liquid crystal display shows beside its digits: unit, codes, arrows, battery, digits of other rows."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image, ImageDraw

from training.render import content, fonts
from training.render.paint import Colour, Rng, chance, clip, pick, polygon, rounded
from training.render.plate import write
from training.render.segments import Row, choose_style, set_row


def annunciators(rng: Rng, glass: Image.Image, row: Row, at: tuple[int, int], height: int, ink: Colour) -> None:
    """Unit, codes, arrows and icons of the same liquid crystal, around the digits."""
    right, top, bottom = at[0] + row.lit.width, at[1], at[1] + height + 6
    room = glass.width - right
    ink = clip(ink)
    if room > height * 0.45 and chance(rng, 0.85):
        text = pick(rng, content.UNITS_SCREEN)
        size = min(height * float(rng.uniform(0.22, 0.45)), 1.7 * room / max(2, len(text)))
        y = pick(rng, (bottom - 3, bottom - 3, top + size))
        write(
            glass,
            (right + 3, y),
            text,
            pick(rng, ("heros", "dejavu-condensed", "roboto", "pt-narrow-bold")),
            size,
            ink,
        )
    if at[0] > 0.9 * height:
        _small_digits(rng, glass, (2, top + 3), at[0] - 4, height * float(rng.uniform(0.25, 0.5)), ink)
    for above in (True, False):
        edge = (0, top) if above else (bottom, glass.height)
        free = edge[1] - edge[0]
        if free > 0.4 * height and chance(rng, 0.15):
            place = (int(rng.integers(2, max(3, glass.width // 2))), int(edge[0]) + 2)
            _small_digits(rng, glass, place, glass.width - place[0] - 2, min(free - 6, 0.5 * height), ink)
        elif free > 11 and chance(rng, 0.6):
            _icons(rng, glass, edge[0] + 2, free - 4, ink)


def frame_decimals(rng: Rng, glass: Image.Image, row: Row, at: tuple[int, int], decimals: int, ink: Colour) -> None:
    """A box around the decimals or a bar under them, as some heat and water meters have beside the point."""
    left, top, _, bottom = row.digits[-decimals]
    right = row.digits[-1][2]
    edges = (at[0] + left - 3, at[1] + top - 4, at[0] + right + 3, at[1] + bottom + 3)
    pen = ImageDraw.Draw(glass)
    if chance(rng, 0.5):
        pen.rectangle(edges, outline=ink, width=int(rng.integers(1, 3)))
    else:
        pen.rectangle((edges[0], edges[3] - 1, edges[2], edges[3] + int(rng.integers(0, 3))), fill=ink)


def _small_digits(
    rng: Rng, glass: Image.Image, place: tuple[int, int], room: float, height: float, ink: Colour
) -> None:
    """A code, a time or a tariff in smaller digits: never part of the reading."""
    if height < 8:
        return
    text = "".join(str(int(d)) for d in rng.integers(0, 10, int(rng.integers(1, 7))))
    style = replace(choose_style(rng, False), small=1.0)
    row = set_row(rng, style, text if len(text) < 2 else f"{text[:-1]}.{text[-1]}", int(height), 0)
    if row.lit.width <= room:
        glass.paste(ink, place, row.lit)


def _icons(rng: Rng, glass: Image.Image, top: float, room: float, ink: Colour) -> None:
    size = float(min(room, rng.uniform(8, 15)))
    x = float(rng.uniform(2, 0.5 * glass.width))
    for _ in range(int(rng.integers(1, 5))):
        kind = int(rng.integers(5))
        if kind == 0:
            text = pick(rng, content.CODES_SCREEN)
            write(glass, (x, top + 0.75 * size), text, pick(rng, fonts.PRINT_FONTS), size, ink)
            x += size * 0.6 * len(text)
        elif kind == 1:
            rounded(glass, (x, top + size * 0.2, x + size * 1.6, top + size * 0.8), ink, 1, 1.3)
            rounded(glass, (x + 2, top + size * 0.35, x + size * 0.9, top + size * 0.65), ink, 0)
        elif kind == 2:
            polygon(glass, [(x, top), (x + size * 0.8, top + size / 2), (x, top + size)], ink)
        elif kind == 3:
            polygon(glass, [(x, top + size), (x + size * 0.45, top), (x + size * 0.9, top + size)], ink)
        else:
            ImageDraw.Draw(glass).rectangle((x, top, x + size, top + size), outline=ink)
        x += size * float(rng.uniform(1.5, 4))
