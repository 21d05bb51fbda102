"""Electronic displays: liquid crystal behind glass, and glowing segments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import Box
from training.render.annunciators import annunciators, frame_decimals
from training.render.paint import (
    BLACK,
    WHITE,
    Colour,
    Drawn,
    Rng,
    chance,
    field,
    lit,
    luma,
    mix,
    pick,
    rounded,
    vary,
)
from training.render.plate import Plate, blank, furnish
from training.render.segments import Row, choose_style, set_row

# (ground, ink) of liquid crystal displays with their frequency
_LCDS: tuple[tuple[tuple[Colour, Colour], float], ...] = (
    (((176, 184, 164), (34, 38, 36)), 14),
    (((196, 200, 192), (40, 42, 46)), 12),
    (((150, 158, 146), (30, 34, 34)), 8),
    (((214, 216, 214), (60, 62, 70)), 5),
    (((40, 200, 60), (10, 40, 14)), 8),
    (((110, 190, 90), (24, 44, 26)), 6),
    (((60, 220, 160), (14, 60, 50)), 3),
    (((190, 210, 60), (40, 46, 16)), 5),
    (((90, 150, 240), (16, 20, 60)), 6),
    (((150, 180, 250), (30, 20, 80)), 5),
    (((230, 140, 30), (60, 24, 8)), 5),
    (((240, 180, 70), (64, 40, 12)), 3),
    (((236, 240, 246), (20, 22, 30)), 5),
    (((20, 40, 170), (220, 232, 255)), 5),
    (((16, 18, 22), (226, 232, 236)), 4),
    (((200, 60, 40), (40, 8, 8)), 1),
    (((30, 34, 30), (150, 200, 120)), 1),
    (((24, 26, 60), (140, 210, 250)), 2),
)
_LEDS: tuple[tuple[Colour, float], ...] = (
    ((255, 30, 20), 10),
    ((255, 70, 30), 3),
    ((40, 255, 70), 4),
    ((60, 120, 255), 2),
    ((255, 190, 40), 2),
    ((240, 250, 255), 2),
    ((60, 255, 230), 1.5),
)


@dataclass(frozen=True)
class Scene:
    """Where a row of digits stands on its screen and the screen in the picture, in pixels of the picture."""

    width: int
    height: int
    glass: tuple[int, int, int, int]
    row: tuple[int, int]
    box: tuple[float, float, float, float]


def draw_lcd(rng: Rng, text: str) -> Drawn:
    """A liquid crystal display that shows ``text``."""
    style, height = choose_style(rng, False), int(rng.integers(42, 60))
    row = set_row(rng, style, text, height, _blanks(rng, text))
    ground, ink = pick(rng, [c for c, _ in _LCDS], [w for _, w in _LCDS])
    ground, ink = vary(rng, ground, 14), vary(rng, ink, 8)
    ink = mix(ink, ground, float(rng.uniform(0, 0.8)) ** 2)  # contrast depends on the angle it is seen at
    scene = _compose(rng, row, height)
    plate = _case(rng, scene)
    glass = Image.new("RGB", (scene.glass[2] - scene.glass[0], scene.glass[3] - scene.glass[1]), ground)
    glass = lit(glass, field(rng, *glass.size, float(rng.uniform(0.0, 0.3)) ** 2))
    at = (scene.row[0] - scene.glass[0], scene.row[1] - scene.glass[1])
    if chance(rng, 0.55):
        glass.paste(ink, at, _faint(row.all, float(rng.uniform(0.1, 0.55)) ** 2))
    annunciators(rng, glass, row, at, height, ink)
    decimals = len(text.partition(".")[2])
    if decimals and chance(rng, 0.06):
        frame_decimals(rng, glass, row, at, decimals, ink)
    if chance(rng, 0.45) and luma(ground) > luma(ink):
        shift = (at[0] + int(rng.integers(-3, 4)), at[1] + int(rng.integers(1, 4)))
        glass.paste(mix(ground, ink, 0.8), shift, _faint(row.lit, float(rng.uniform(0.1, 0.35))))
    glass.paste(ink, at, row.lit)
    plate.image.paste(glass, scene.glass[:2])
    _glass_edge(rng, plate, scene)
    return _finish(plate.image, scene, row, text, "lcd")


def draw_led(rng: Rng, text: str) -> Drawn:
    """A display of glowing segments that shows ``text``."""
    style, height = choose_style(rng, True), int(rng.integers(42, 60))
    row = set_row(rng, style, text, height, _blanks(rng, text))
    colour = vary(rng, pick(rng, [c for c, _ in _LEDS], [w for _, w in _LEDS]), 10)
    scene = _compose(rng, row, height)
    plate = _case(rng, scene)
    ground = vary(rng, pick(rng, ((12, 10, 12), (30, 26, 28), (46, 14, 14), (20, 24, 34), (60, 58, 60))), 5)
    glass = Image.new("RGB", (scene.glass[2] - scene.glass[0], scene.glass[3] - scene.glass[1]), ground)
    at = (scene.row[0] - scene.glass[0], scene.row[1] - scene.glass[1])
    if chance(rng, 0.6):
        glass.paste(
            mix(ground, pick(rng, (colour, (120, 120, 120))), 0.5), at, _faint(row.all, float(rng.uniform(0.1, 0.5)))
        )
    light = Image.new("L", glass.size)
    light.paste(row.lit, at)
    glow = np.asarray(light.filter(ImageFilter.BoxBlur(float(rng.uniform(2, 7)))), dtype=np.float32)[..., None]
    core = np.asarray(light, dtype=np.float32)[..., None] / 255
    white = mix(colour, WHITE, float(rng.uniform(0, 0.7)))
    values = np.asarray(glass, dtype=np.float32) + glow / 255 * np.array(colour, np.float32) * rng.uniform(0.15, 0.9)
    values = values * (1 - core) + core * np.maximum(values, np.array(white, np.float32))
    plate.image.paste(Image.fromarray(values.clip(0, 255).astype(np.uint8)), scene.glass[:2])
    return _finish(plate.image, scene, row, text, "led")


def _finish(image: Image.Image, scene: Scene, row: Row, text: str, kind: str) -> Drawn:
    x, y = scene.row
    cells = [Box(x + left, y + top, right - left, bottom - top) for left, top, right, bottom in row.digits]
    left, top, right, bottom = scene.box
    return Drawn(image, text, Box(left, top, right - left, bottom - top), cells, kind)


def _blanks(rng: Rng, text: str) -> int:
    """Unlit places before the digits; a display has at least four places, whatever it shows."""
    digits = len(text.replace(".", ""))
    few = max(0, 4 - digits)
    if text[0] == "0" and text[1:2] != ".":  # shows its leading zeros: no unlit places
        return 0
    if few and chance(rng, 0.8):
        return few + int(rng.integers(0, 3))
    return int(rng.integers(1, min(10 - digits, 5) + 1)) if digits < 10 and chance(rng, 0.3) else 0


def _faint(mask: Image.Image, opacity: float) -> Image.Image:
    return mask.point([int(v * opacity) for v in range(256)])


def _compose(rng: Rng, row: Row, height: int) -> Scene:
    """Glass around the row, case around the glass; the box is the digits, the row with its unit, or the whole glass."""
    width = row.lit.width
    left = int(height * (rng.uniform(1.0, 2.2) if chance(rng, 0.1) else rng.uniform(0.1, 0.6)))
    right = int(height * pick(rng, (rng.uniform(0.1, 0.4), rng.uniform(0.6, 1.6))))
    top, bottom = (int(height * pick(rng, (rng.uniform(0.1, 0.35), rng.uniform(0.35, 0.8)))) for _ in range(2))
    margin_x, above, below = (
        int((width + left + right) * rng.uniform(0.05, 0.15)) + 4,
        *(int(height * rng.uniform(0.3, 0.7)) for _ in range(2)),
    )
    glass = (margin_x, above, margin_x + left + width + right, above + top + height + 6 + bottom)
    at = (glass[0] + left, glass[1] + top)
    air = height * float(rng.uniform(0.02, 0.14))
    digits = (at[0] + 3 - air, at[1] + 3 - air, at[0] + width - 3 + air, at[1] + height + 3 + air)
    box = pick(
        rng,
        (digits, (digits[0], digits[1], glass[2] - 2.0, digits[3]), tuple(float(v) for v in glass)),
        (6, 1.5, 2.5),
    )
    first = at[0] + row.digits[0][0] - 0.1 * height - air
    if box is digits and digits[2] - first > 1.6 * height and chance(rng, 0.5):  # without the unlit places
        box = (max(box[0], first), *digits[1:])
    return Scene(glass[2] + margin_x, glass[3] + below, glass, at, (box[0], box[1], box[2], box[3]))


def _case(rng: Rng, scene: Scene) -> Plate:
    plate = blank(rng, scene.width, scene.height)
    left, top, right, bottom = scene.glass
    furnish(rng, plate, (left - 8, top - 8, right + 8, bottom + 8), float(rng.uniform(0, 0.7)))
    if chance(rng, 0.6):
        frame = vary(rng, pick(rng, (BLACK, (60, 62, 66), (130, 132, 136), WHITE, (70, 90, 120))), 10)
        wide = float(rng.uniform(2, 14))
        rounded(
            plate.image, (left - wide, top - wide, right + wide, bottom + wide), frame, wide * float(rng.uniform(0, 1))
        )
    return plate


def _glass_edge(rng: Rng, plate: Plate, scene: Scene) -> None:
    """Shadow of the case on the glass."""
    if chance(rng, 0.5):
        return
    left, top, right, _ = scene.glass
    deep = int(rng.integers(1, 6))
    for i in range(deep):
        strip = plate.image.crop((left, top + i, right, top + i + 1))
        dark = 0.35 * (1 - i / deep)
        plate.image.paste(Image.blend(strip, Image.new("RGB", strip.size, BLACK), dark), (left, top + i))
