"""A contact sheet: many small pictures with what they show, what was read and how sure the reading was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from training.networks import Pixels

COLUMNS = 5
_CAPTION = 46
_GAP = 8
_HEAD = 34
_RIGHT, _WRONG, _GREY = (20, 110, 40), (190, 20, 20), (90, 90, 90)


@dataclass(frozen=True)
class Cell:
    """One picture as the network got it, uint8 (height, width, 3), with its caption."""

    picture: Pixels
    true: str
    read: str
    sure: float
    source: str


def contact_sheet(cells: Sequence[Cell], of: int) -> Image.Image:
    """The cells in rows, in the order given; `of` is how many pictures were read in all."""
    height, width = cells[0].picture.shape[:2] if cells else (48, 192)
    rows = -(-len(cells) // COLUMNS)
    size = (COLUMNS * (width + _GAP) + _GAP, _HEAD + rows * (height + _CAPTION + _GAP) + _GAP)
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((_GAP, _GAP), f"{len(cells)} of {of} read wrong, the surest first", "black", _font(16))
    for number, cell in enumerate(cells):
        row, column = divmod(number, COLUMNS)
        x, y = _GAP + column * (width + _GAP), _HEAD + row * (height + _CAPTION + _GAP)
        sheet.paste(Image.fromarray(cell.picture), (x, y))
        draw.text((x, y + height + 2), f"true  {cell.true}", _RIGHT, _font(13))
        draw.text((x, y + height + 16), f"read {cell.read}", _WRONG, _font(13))
        draw.text((x, y + height + 31), f"{cell.sure:.1%}  {cell.source}", _GREY, _font(11))
    return sheet


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
