"""Mechanical counters: drums behind one window or one window each, at rest or turning.

The last drum turns steadily; where a drum passes from 9 to 0 it takes its left neighbour along by the same amount. The
reading is the lower digit: a drum counts as at rest until it has turned by `_ARRIVED` of a step.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.domain.imaging import Box
from training.render import fonts
from training.render.drum_look import Layout, Look, choose_look, lay_out
from training.render.drum_plate import dress
from training.render.paint import Drawn, Rng, field, mix
from training.render.plate import blank
from training.turned import HALF, next_reading

_ARRIVED = 0.8  # beyond this the next digit counts as fully come: never drawn under the old label


def draw(rng: Rng, text: str) -> Drawn:
    """A counter that reads ``text``."""
    whole, _, decimals = text.partition(".")
    digits = [int(d) for d in whole + decimals]
    look = choose_look(rng, len(digits), len(decimals))
    layout = lay_out(look, len(digits), len(whole))
    shown = positions(rng, look, digits)
    block = shade(rng, look, layout, turn(rng, look, layout, shown))
    margin_x = int(layout.width * rng.uniform(0.12, 0.25)) + 4
    above, below = (int(look.height * rng.uniform(0.55, 1.0)) for _ in range(2))
    size = (layout.width + 2 * margin_x, look.height + above + below)
    plate = blank(rng, size[0], size[1], look.ground)
    box = dress(rng, plate, look, layout, block, (margin_x, above))
    cells = [
        Box(float(margin_x + left), float(above), float(width), float(look.height))
        for left, width in zip(layout.lefts, layout.widths, strict=True)
    ]
    also = next_reading(text) if shown[-1] - digits[-1] >= HALF else None
    return Drawn(plate.image, text, box, cells, "drums", (also,) if also else ())


def positions(rng: Rng, look: Look, digits: list[int]) -> list[float]:
    """What each drum shows, in digits: 3.4 stands between 3 and 4, nearer to 3. Every value rounds down to its digit,
    but for the play of a drum at rest."""
    phase = 0.0
    if look.turning:
        phase = float(rng.uniform(0, _ARRIVED))
    phases = [0.0] * len(digits)
    for i in range(len(digits) - 1, -1, -1):
        phases[i] = phase
        if digits[i] != 9:
            phase = 0.0
        elif phase > 0:
            phase = float(np.clip(phase + rng.normal(0, 0.04), 0, _ARRIVED))
    play = rng.normal(0, look.play, len(digits)).clip(-0.09, 0.09)
    return [d + min(p + float(j), _ARRIVED) for d, p, j in zip(digits, phases, play, strict=True)]


def turn(rng: Rng, look: Look, layout: Layout, shown: list[float]) -> NDArray[np.float32]:
    """The drums' surface as seen through the window: float32 (height, width, 3)."""
    radius = look.radius * look.step
    rows = np.arange(look.height) - (look.height - 1) / 2
    arc = radius * np.arcsin((rows / radius).clip(-0.98, 0.98)) - look.offset
    reach = int(np.abs(arc).max()) + 3
    strip = _strip(rng, look, layout, shown, reach)
    source = (arc + reach).clip(0, 2 * reach - 1.001)
    low = source.astype(int)
    part = (source - low).astype(np.float32)[:, None, None]
    surface = np.asarray(strip, dtype=np.float32)
    seen: NDArray[np.float32] = surface[low] * (1 - part) + surface[low + 1] * part
    return seen


def _strip(rng: Rng, look: Look, layout: Layout, shown: list[float], reach: int) -> Image.Image:
    """The drums unrolled, row `reach` in front of the viewer."""
    strip = Image.new("RGB", (layout.width, 2 * reach), look.gap_colour)
    pen = ImageDraw.Draw(strip)
    wobble = rng.normal(0, look.uneven / 4 * look.pitch, len(shown))
    for i, position in enumerate(shown):
        decimal = i >= layout.whole
        paper, ink = (look.paper_decimal, look.ink_decimal) if decimal else (look.paper, look.ink)
        paper = mix(paper, (0, 0, 0), abs(float(rng.normal(0, look.uneven))))
        left, width = layout.lefts[i], layout.widths[i]
        pen.rectangle((left, 0, left + width - 1, 2 * reach), fill=paper)
        _gap(pen, look, paper, left + width, position, reach)
        if look.scale and i == len(shown) - 1:
            _scale(pen, look, ink, left + look.pitch, position, reach)
        x = left + round((look.pitch - look.gap) / 2 + look.lean + wobble[i] - look.digit_width / 2)
        nearest = round(position)
        for k in (nearest - 2, nearest - 1, nearest, nearest + 1, nearest + 2):
            y = reach + (k - position) * look.step * look.direction - look.digit_height / 2
            if look.ruled:
                middle = round(y - (look.step - look.digit_height) / 2)
                pen.line((left, middle, left + look.pitch - look.gap - 1, middle), fill=mix(ink, paper, 0.4))
            if -look.digit_height < y < 2 * reach:
                mask = fonts.glyph(look.font, str(k % 10), look.weight, look.digit_width, look.digit_height, look.slant)
                strip.paste(ink, (x, round(y)), mask)
    return strip


def _gap(
    pen: ImageDraw.ImageDraw, look: Look, paper: tuple[int, int, int], right: int, position: float, reach: int
) -> None:
    """What is between a drum and the next: a line, a slot, the teeth of the carry wheel."""
    if look.gap_style == "none" or look.gap < 1:
        return
    left = right - look.gap
    if look.gap_style == "line":
        pen.rectangle((right - max(1, look.gap // 3), 0, right - 1, 2 * reach), fill=look.gap_colour)
        return
    if look.gap_style != "dashes":
        pen.rectangle((left, 0, right - 1, 2 * reach), fill=look.gap_colour)
    if look.gap_style == "slot":
        return
    every = look.step / look.teeth
    first = reach + ((look.tooth_phase - position * look.direction) % 1) * look.step - 3 * look.step
    tooth = look.gap_colour if look.gap_style == "dashes" else paper
    reach_x = left + max(1, round(look.gap * look.tooth_reach))
    for j in range(int(6 * look.teeth)):
        y = first + j * every
        pen.rectangle((left, round(y), reach_x, round(y + every * look.tooth_height)), fill=tooth)


def _scale(
    pen: ImageDraw.ImageDraw, look: Look, ink: tuple[int, int, int], x: int, position: float, reach: int
) -> None:
    """Ten marks for each digit at the right of the last drum."""
    for j in range(-15, 16):
        tenth = round(position * 10) + j
        y = reach + (tenth / 10 - position) * look.step * look.direction
        length = look.scale * (0.85 if tenth % 10 == 0 else 0.65 if tenth % 5 == 0 else 0.45)
        pen.line((x + look.scale - 1 - length, y, x + look.scale - 2, y), fill=ink, width=1)


def shade(rng: Rng, look: Look, layout: Layout, surface: NDArray[np.float32]) -> Image.Image:
    """Light on the cylinders, and the window's shadow on them."""
    y = np.linspace(-1, 1, look.height, dtype=np.float32)
    light = 1 - look.roundness * np.abs(y - look.light_from) ** 2.2
    light *= 1 - look.shadow_top * np.exp(-(y + 1) / look.shadow_length)
    light *= 1 - look.shadow_bottom * np.exp((y - 1) / look.shadow_length)
    across = np.ones(layout.width, dtype=np.float32)
    edge = look.shadow_side * np.exp(-np.arange(layout.width, dtype=np.float32) / 3)
    lefts = [left + look.inset for left in layout.lefts] if look.windows == "each" else [0]
    for left in lefts:
        across[left:] *= 1 - edge[: layout.width - left]
    if look.barrel:
        centre = (np.arange(layout.width) % look.pitch) / look.pitch - 0.45
        across *= (1 - look.barrel * (2 * centre) ** 4).astype(np.float32)
    shaded = surface * light.clip(0.08, 1.3)[:, None, None] * across[None, :, None]
    if look.grime:
        shaded = shaded * field(rng, layout.width, look.height, look.grime, (layout.width // 9, look.height // 7))
    if look.gloss:
        shaded = shaded + look.gloss * np.exp(-((y - look.gloss_at) ** 2) / 0.02)[:, None, None]
    return Image.fromarray(shaded.clip(0, 255).astype(np.uint8))
