"""Typefaces: digit masks for drums and screens, and lines of small print. See ../fonts/README.md for their origin."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from training.render import strokes

FOLDER = Path(__file__).resolve().parent.parent / "fonts"

# Weights: what real counters carry most of is a narrow upright grotesque; the odd ones keep the network open.
DRUM_FONTS = {
    "open-din": 1.2,
    "road-b": 1.5,
    "road-c": 2.0,
    "road-d": 3.0,
    "road-e": 2.0,
    "routed": 1.5,
    "routed-narrow": 2.5,
    "park": 2.5,
    "park-heavy": 1.0,
    "pt-narrow": 2.0,
    "pt-narrow-bold": 1.5,
    "roboto": 1.5,
    "roboto-condensed": 1.3,
    "heros": 2.5,
    "heros-bold": 0.8,
    "heros-condensed": 1.2,
    "bebas-bold": 0.5,
    "bebas-regular": 1.0,
    "dosis": 1.0,
    "play": 0.7,
    "b612-mono": 0.7,
    "courier-prime-sans": 0.7,
    "inter": 1.5,
    "jura": 0.5,
    "ocr-b": 0.8,
    "oxygen": 0.7,
    "dejavu-condensed": 0.6,
    "schola": 0.7,
    **{f"stroke-{i}": 0.25 for i in range(strokes.MEMBERS)},
}
SCREEN_FONTS = ("roboto", "heros-bold", "dejavu-mono", "dejavu-condensed", "pt-narrow-bold", "b612-mono", "inter")
PRINT_FONTS = ("pt-narrow", "pt-narrow-bold", "dejavu-condensed", "heros", "roboto", "open-din", "road-d", "routed")
LOGO_FONTS = ("bebas-bold", "schola", "heros", "roboto", "dejavu-condensed", "open-din", "pt-narrow-bold", "b612-mono")
CYRILLIC_FONTS = ("pt-narrow", "pt-narrow-bold", "dejavu-condensed")

_MASTER = 72  # pixels of a master digit's height: always reduced, never enlarged


@lru_cache(maxsize=512)
def face(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The font at ``size`` pixels per em. Raises FileNotFoundError for an unknown name."""
    for suffix in (".otf", ".ttf"):
        if (FOLDER / f"{name}{suffix}").is_file():
            return ImageFont.truetype(FOLDER / f"{name}{suffix}", size, layout_engine=ImageFont.Layout.BASIC)
    raise FileNotFoundError(f"expected a typeface in {FOLDER}, got the name '{name}'")


@lru_cache(maxsize=256)
def _measure(name: str) -> tuple[int, int, int, int]:
    """(size, top, bottom, width): the em size at which the digits are ``_MASTER`` high, and their common extent."""
    font = face(name, 200)
    size = round(200 * _MASTER / (font.getbbox("0")[3] - font.getbbox("0")[1]))
    boxes = [face(name, size).getbbox(digit) for digit in "0123456789"]
    return size, int(min(b[1] for b in boxes)), int(max(b[3] for b in boxes)), int(max(b[2] - b[0] for b in boxes))


@lru_cache(maxsize=8192)
def master(name: str, digit: str, weight: int, slant: float) -> Image.Image:
    """Mask (mode L) of one digit, ``weight`` pixels bolder (or lighter, when negative) on all sides, centred.

    ``slant`` leans it to the right by that part of its height.
    """
    pad = 10
    if name.startswith("stroke-"):
        plain = strokes.draw(name, digit, _MASTER)
        mask = Image.new("L", (plain.width + 2 * pad, plain.height + 2 * pad))
        mask.paste(plain, (pad, pad))
        if weight > 0:
            mask = mask.filter(ImageFilter.MaxFilter(2 * weight + 1))
    else:
        size, top, bottom, width = _measure(name)
        mask = Image.new("L", (width + 2 * pad, bottom - top + 2 * pad))
        left, _, right, _ = face(name, size).getbbox(digit)
        origin = (mask.width / 2 - (left + right) / 2, pad - top)
        ImageDraw.Draw(mask).text(origin, digit, fill=255, font=face(name, size), stroke_width=max(0, weight))
    if weight < 0:
        mask = mask.filter(ImageFilter.MinFilter(1 - 2 * weight))
    if slant:
        shear = (1, slant, -slant * mask.height / 2, 0, 1, 0)
        mask = mask.transform(mask.size, Image.Transform.AFFINE, shear, Image.Resampling.BILINEAR)
    side, keep = max(0, weight) + round(abs(slant) * _MASTER / 2), max(0, weight)
    return mask.crop((pad - side, pad - keep, mask.width - pad + side, mask.height - pad + keep))


def glyph(name: str, digit: str, weight: int, width: int, height: int, slant: float = 0.0) -> Image.Image:
    """Mask (mode L) of one digit, ``width`` × ``height`` pixels, the ink of the widest digit edge to edge."""
    return master(name, digit, weight, slant).resize((width, height), Image.Resampling.BILINEAR)


def aspect(name: str) -> float:
    """Width of the widest digit by the height of the digits."""
    if name.startswith("stroke-"):
        return strokes.pen(name).aspect
    _, top, bottom, width = _measure(name)
    return width / (bottom - top)


@lru_cache(maxsize=256)
def heft(name: str) -> float:
    """Share of its box that an 8 inks, 0..1: about 0.35 for a regular face, 0.5 for a heavy one."""
    histogram = master(name, "8", 0, 0.0).histogram()
    return sum(value * count for value, count in enumerate(histogram)) / (255 * sum(histogram))


@lru_cache(maxsize=4096)
def line(text: str, name: str, size: int) -> tuple[Image.Image, tuple[int, int]]:
    """A line of print as a mask (mode L), and where its upper left lies from the line's baseline and left end."""
    left, top, right, bottom = (int(v) for v in face(name, size).getbbox(text, anchor="ls"))
    mask = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=face(name, size), anchor="ls")
    return mask, (left, top)
