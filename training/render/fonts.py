"""Typefaces: digit masks for drums and screens, and lines of small print. See ../fonts/README.md for their origin."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = Path(__file__).resolve().parent.parent / "fonts"

# Weights: what real counters carry most of is a narrow upright grotesque; the odd ones keep the network open.
DRUM_FONTS = {
    "open-din": 2.0,
    "road-b": 1.0,
    "road-c": 2.0,
    "road-d": 3.0,
    "road-e": 2.0,
    "routed": 1.5,
    "routed-narrow": 2.0,
    "park": 2.0,
    "park-heavy": 1.0,
    "pt-narrow": 1.5,
    "pt-narrow-bold": 1.5,
    "roboto": 1.5,
    "roboto-condensed": 2.0,
    "heros": 2.0,
    "heros-bold": 1.5,
    "heros-condensed": 2.0,
    "bebas-bold": 0.7,
    "bebas-regular": 1.0,
    "dosis": 1.0,
    "play": 0.7,
    "b612-mono": 0.7,
    "courier-prime-sans": 0.7,
    "inter": 1.0,
    "jura": 0.5,
    "ocr-b": 0.8,
    "oxygen": 0.7,
    "dejavu-condensed": 1.0,
    "schola": 0.7,
}
SCREEN_FONTS = ("roboto", "heros-bold", "dejavu-mono", "dejavu-condensed", "pt-narrow-bold", "b612-mono", "inter")
PRINT_FONTS = ("pt-narrow", "pt-narrow-bold", "dejavu-condensed", "heros", "roboto", "open-din", "road-d", "routed")
LOGO_FONTS = ("bebas-bold", "schola", "heros", "roboto", "dejavu-condensed", "open-din", "pt-narrow-bold", "b612-mono")
CYRILLIC_FONTS = ("pt-narrow", "pt-narrow-bold", "dejavu-condensed")

_MASTER = 96  # pixels of a master digit's height: always reduced, never enlarged


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


@lru_cache(maxsize=4096)
def master(name: str, digit: str, weight: int) -> Image.Image:
    """Mask (mode L) of one digit, ``weight`` pixels bolder (or lighter, when negative) on all sides, centred."""
    size, top, bottom, width = _measure(name)
    pad = 10
    mask = Image.new("L", (width + 2 * pad, bottom - top + 2 * pad))
    left, _, right, _ = face(name, size).getbbox(digit)
    origin = (mask.width / 2 - (left + right) / 2, pad - top)
    ImageDraw.Draw(mask).text(origin, digit, fill=255, font=face(name, size), stroke_width=max(0, weight))
    if weight < 0:
        mask = mask.filter(ImageFilter.MinFilter(1 - 2 * weight))
    keep = max(0, weight)
    return mask.crop((pad - keep, pad - keep, mask.width - pad + keep, mask.height - pad + keep))


def glyph(name: str, digit: str, weight: int, width: int, height: int) -> Image.Image:
    """Mask (mode L) of one digit, ``width`` × ``height`` pixels, the ink of the widest digit edge to edge."""
    return master(name, digit, weight).resize((width, height), Image.Resampling.BILINEAR)


def aspect(name: str) -> float:
    """Width of the widest digit by the height of the digits."""
    _, top, bottom, width = _measure(name)
    return width / (bottom - top)
