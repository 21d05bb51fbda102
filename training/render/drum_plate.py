"""The plate of a counter: the window's frame, the decimal mark, the unit, and the print around them."""

from __future__ import annotations

from PIL import Image, ImageDraw

from backend.domain.imaging import Box
from training.render import content, fonts
from training.render.drum_look import Layout, Look
from training.render.paint import BLACK, WHITE, Colour, Rng, chance, luma, mix, pick, rounded, vary
from training.render.plate import Plate, Rect, furnish, write


def dress(rng: Rng, plate: Plate, look: Look, layout: Layout, block: Image.Image, origin: tuple[int, int]) -> Box:
    """Put the drums in their place on the plate and return the display's box."""
    x, y = origin
    window = (float(x), float(y), float(x + layout.width), float(y + look.height))
    pad_x, pad_y = look.height * float(rng.uniform(0, 0.1)), look.height * float(rng.uniform(-0.01, 0.07))
    box = [window[0] - pad_x, window[1] - pad_y, window[2] + pad_x, window[3] + pad_y]
    hole = (box[0] - 6, box[1] - 5, box[2] + 6, box[3] + 5)
    furnish(rng, plate, hole, float(rng.random()))
    openings = _openings(look, layout, window)
    _surround(rng, plate, look, window, layout)
    _frames(rng, plate, look, openings)
    plate.image.paste(block, origin, _mask(rng, block.size, openings, origin))
    if look.windows == "one":
        _divider(rng, plate, look, layout, window)
    if look.comma:
        low = _comma(rng, plate, look, layout, window)
        if look.mark == "comma":  # the only sign of the decimals belongs to the display
            box[3] = max(box[3], low - 1)
    _unit(rng, plate, look, box)
    if chance(rng, 0.08):
        _powers(rng, plate, layout, window)
    return Box(box[0], box[1], box[2] - box[0], box[3] - box[1])


def _openings(look: Look, layout: Layout, window: Rect) -> list[Rect]:
    """The holes in the plate."""
    if look.windows == "one":
        return [window]
    return [
        (window[0] + left + look.inset, window[1], window[0] + left + width - look.inset, window[3])
        for left, width in zip(layout.lefts, layout.widths, strict=True)
    ]


def _mask(rng: Rng, size: tuple[int, int], openings: list[Rect], origin: tuple[int, int]) -> Image.Image:
    radius = float(rng.uniform(0, 7)) if chance(rng, 0.5) else 0.0
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    pen = ImageDraw.Draw(mask)
    for left, top, right, bottom in openings:
        corners = [
            2 * (left - origin[0]),
            2 * (top - origin[1]),
            2 * (right - origin[0]) - 1,
            2 * (bottom - origin[1]) - 1,
        ]
        pen.rounded_rectangle(corners, radius * 2, fill=255)
    return mask.reduce(2)


def _surround(rng: Rng, plate: Plate, look: Look, window: Rect, layout: Layout) -> None:
    """A panel behind the windows, and what marks the decimals on it."""
    reach = look.height * float(rng.uniform(0.06, 0.4))
    if chance(rng, 0.3):
        panel = vary(rng, pick(rng, (BLACK, WHITE, (90, 92, 96), (40, 60, 120), look.red, (190, 192, 190))), 12)
        radius = reach * float(rng.uniform(0, 1))
        rounded(plate.image, _grow(window, reach, reach * rng.uniform(0.6, 1.2)), panel, radius)
        plate.ground = panel
        plate.ink = WHITE if luma(panel) < 120 else BLACK
    decimals = layout.whole < len(layout.lefts)
    if look.mark in ("frame", "field"):
        _mark(rng, plate, look, window, layout)
    elif decimals and chance(rng, 0.12):
        _bracket(rng, plate, look, window, layout)
    elif chance(rng, 0.1):
        ink = plate.ink if chance(rng, 0.6) else vary(rng, look.red)
        rounded(plate.image, _grow(window, reach * 0.7, reach * 0.7), ink, 2, float(rng.uniform(1.5, 5)))


def _mark(rng: Rng, plate: Plate, look: Look, window: Rect, layout: Layout) -> None:
    """A field or a frame of another colour behind the decimals' windows."""
    margin = look.height * float(rng.uniform(0.06, 0.16))
    left = window[0] + layout.lefts[layout.whole] - look.split / 2 - (2 if look.windows == "one" else 0)
    area = (left, window[1] - margin, window[2] + margin, window[3] + margin)
    outline = 0.0 if look.mark == "field" else margin * float(rng.uniform(0.5, 1))
    rounded(plate.image, area, _mark_colour(plate, look), float(rng.uniform(0, 6)), outline)


def _mark_colour(plate: Plate, look: Look) -> Colour:
    """The look's, or one that stands out where it would drown in the plate."""
    distance = sum(abs(a - b) for a, b in zip(look.mark_colour, plate.ground, strict=True))
    return look.mark_colour if distance > 130 else WHITE if luma(plate.ground) < 140 else look.red


def _bracket(rng: Rng, plate: Plate, look: Look, window: Rect, layout: Layout) -> None:
    """An open frame around the integers."""
    gap, thick = look.height * float(rng.uniform(0.08, 0.2)), int(rng.integers(2, 5))
    left, top, low = window[0] - gap, window[1] - gap, window[3] + gap
    end = window[0] + layout.lefts[layout.whole] - look.split / 2
    pen = ImageDraw.Draw(plate.image)
    pen.line(((end, top), (left, top), (left, low), (end, low)), fill=plate.ink, width=thick)
    if chance(rng, 0.5):
        pen.line(((end, top), (end, window[1])), fill=plate.ink, width=thick)
        pen.line(((end, window[3]), (end, low)), fill=plate.ink, width=thick)


def _grow(rect: Rect, dx: float, dy: float) -> Rect:
    return rect[0] - dx, rect[1] - dy, rect[2] + dx, rect[3] + dy


def _frames(rng: Rng, plate: Plate, look: Look, openings: list[Rect]) -> None:
    """The edge of each opening: cut, lined, bevelled or framed."""
    style = pick(rng, ("cut", "line", "bevel", "frame"), (25, 20, 35, 20))
    if style == "cut":
        return
    depth = int(rng.integers(2, 10 if len(openings) == 1 else max(3, look.inset + 2)))
    pen = ImageDraw.Draw(plate.image)
    if style == "line":
        ink = vary(rng, pick(rng, (BLACK, (90, 90, 92), WHITE)))
        for left, top, right, bottom in openings:
            pen.rectangle((left - 1, top - 1, right, bottom), outline=ink, width=1)
    elif style == "frame":
        colour = vary(
            rng, pick(rng, (BLACK, (60, 62, 66), (150, 152, 154), WHITE, (30, 50, 110), look.red), (6, 2, 2, 2, 1, 1))
        )
        for opening in openings:
            rounded(plate.image, _grow(opening, depth, depth), colour, depth * float(rng.uniform(0, 1.5)))
    else:
        _bevels(rng, pen, plate.ground, openings, depth)


def _bevels(rng: Rng, pen: ImageDraw.ImageDraw, ground: Colour, openings: list[Rect], depth: int) -> None:
    """Sloping sides of a sunk window: the upper one in shadow, the lower one lit."""
    strength = float(rng.uniform(0.15, 0.7))
    top, side = mix(ground, BLACK, strength), mix(ground, BLACK, strength * 0.5)
    low = mix(ground, WHITE, strength * 0.6)
    for left, up, right, down in openings:
        a, b, c, d = left - depth, up - depth, right + depth - 1, down + depth - 1
        right, down = right - 1, down - 1
        pen.polygon(((a, b), (c, b), (right, up), (left, up)), fill=top)
        pen.polygon(((a, b), (left, up), (left, down), (a, d)), fill=side)
        pen.polygon(((c, b), (right, up), (right, down), (c, d)), fill=mix(side, low, 0.5))
        pen.polygon(((a, d), (left, down), (right, down), (c, d)), fill=low)


def _divider(rng: Rng, plate: Plate, look: Look, layout: Layout, window: Rect) -> None:
    """The bar of plate between integers and decimals, or the side of the decimals' frame."""
    pen = ImageDraw.Draw(plate.image)
    if look.split:
        right = window[0] + layout.lefts[layout.whole]
        ground = _mark_colour(plate, look) if look.mark == "field" and chance(rng, 0.5) else plate.ground
        pen.rectangle((right - look.split, window[1], right - 1, window[3] - 1), fill=ground)
    if look.mark == "frame" and (look.split or chance(rng, 0.8)):
        x = window[0] + layout.lefts[layout.whole] - look.split / 2
        pen.line(((x, window[1]), (x, window[3] - 1)), fill=_mark_colour(plate, look), width=int(rng.integers(2, 5)))


def _comma(rng: Rng, plate: Plate, look: Look, layout: Layout, window: Rect) -> float:
    """Print the decimal mark; returns its lowest row."""
    x = window[0] + layout.lefts[layout.whole] - look.split / 2
    below = look.comma == "below"
    on_plate = below or look.split > 0 or look.windows == "each"
    ground = plate.ground if on_plate else look.paper
    ink = WHITE if luma(ground) < 120 else BLACK
    if chance(rng, 0.2):
        ink = look.red if abs(luma(look.red) - luma(ground)) > 50 else ink
    radius = look.height * float(rng.uniform(0.07 if look.mark == "comma" else 0.05, 0.1))
    if not below and (look.split or look.inset):
        radius = max(2.2, min(radius, max(look.split, 2 * look.inset) * 0.45))
    y = window[3] + radius * rng.uniform(0.2, 1.3) if below else window[3] - radius * rng.uniform(1.2, 3)
    rounded(plate.image, (x - radius, y - radius, x + radius, y + radius), ink, radius if chance(rng, 0.7) else 0)
    low = y + radius
    if chance(rng, 0.6):
        low += radius * rng.uniform(0.5, 1.2)
        tail = ((x + radius, y), (x - radius * 0.4, low), (x - radius * 0.2, y + radius * 0.4))
        ImageDraw.Draw(plate.image).polygon(tail, fill=ink)
    return float(low)


def _unit(rng: Rng, plate: Plate, look: Look, box: list[float]) -> None:
    """m³ or kWh beside the window, or under or over its right end."""
    if chance(rng, 0.25):
        return
    size = look.height * float(rng.uniform(0.3, 0.85))
    text = pick(rng, content.UNITS_DRUMS)
    font = pick(
        rng, fonts.CYRILLIC_FONTS if "м" in text else ("heros", "roboto", "dejavu-condensed", "open-din", "road-d")
    )
    place = pick(rng, ("right", "left", "below", "above"), (6, 1, 2, 1))
    ground = plate.image.getpixel((int(min(box[2] + 8, plate.image.width - 1)), int(box[1] + 8)))
    ink = WHITE if luma(ground) < 110 else mix(BLACK, plate.ground, float(rng.uniform(0, 0.3)))  # type: ignore[arg-type]
    gap = look.height * float(rng.uniform(0.15, 0.4))
    if place == "right":
        write(plate.image, (box[2] + gap, box[1] + look.height * rng.uniform(0.4, 1)), text, font, size, ink)
    elif place == "left":
        write(plate.image, (box[0] - gap, box[1] + look.height * rng.uniform(0.6, 1)), text, font, size, ink, "right")
    elif place == "below":
        write(plate.image, (box[2] * rng.uniform(0.6, 0.9), box[3] + gap / 2 + 0.5 * size), text, font, size * 0.7, ink)
    else:
        write(plate.image, (box[2] * rng.uniform(0.6, 0.9), box[1] - gap / 2), text, font, size * 0.7, ink)


def _powers(rng: Rng, plate: Plate, layout: Layout, window: Rect) -> None:
    """What each drum counts, over it: 1000 100 10 1 1/10."""
    font = pick(rng, ("pt-narrow", "heros", "road-d"))
    size = float(rng.uniform(8, 11))
    for i, (left, width) in enumerate(zip(layout.lefts, layout.widths, strict=True)):
        power = layout.whole - 1 - i
        text = str(10**power) if power >= 0 else f"1/{10**-power}"
        if len(text) <= 5:
            x = window[0] + left + width / 2
            write(plate.image, (x, window[1] - size * 0.6), text, font, size, plate.ink, "middle")
