"""The preprocessing contract: from a picture file to the network's input.

Decoded fully → upright by EXIF → 8-bit RGB (colour is kept, for red drums are the decimals; grey replicated, 16 bits by
their high byte, alpha on white, CMYK converted, colour profiles ignored) → the box, widened by a margin → resized to
the input's size by Pillow's antialiased bilinear filter → 0 to 1. `frontend/js/imaging.js` is the same in
JavaScript; `tests/browser/test_twins.py` holds both together, to the bit where the file's format is lossless.
"""

import io
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from backend.domain.headers import Header, read_header
from backend.domain.sentences import Translatable

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 50_000_000
MIN_SIDE = 8

_WHITE = 255


class ImageError(Translatable, ValueError):
    """A file that is no usable picture, or a box that is none in it: one sentence for a person, one word for a program.

    `code` is "not_image", "damaged", "too_large", "too_small" or "bad_box".
    """

    def __init__(self, code: str, sentence: str, **values: object) -> None:
        super().__init__(sentence, **values)
        self.code = code


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of the upright picture, (0, 0) its top left corner. Fractions are allowed."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class InputSpec:
    """The input of a network: size in pixels, channels, and the margins around a box as parts of the box's height.

    `side_margin` is the one left and right; None where it is the same as the one above and below.
    """

    width: int = 192
    height: int = 48
    margin: float = 0.1
    channels: int = 3
    side_margin: float | None = None


def load(source: bytes | str | os.PathLike[str]) -> Image.Image:
    """Load a JPEG, PNG or WebP file, given as bytes or by its path, as an upright 8-bit RGB picture.

    Raises ImageError for what is no picture, is cut short, has more than 50 megapixels or is under 8 × 8 pixels.
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    header = _checked_header(data)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            image.load()
            upright = image if image.format == "WEBP" else _upright(image)  # browsers ignore a WebP's orientation
            return _rgb(upright, header.depth)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # decoders raise a dozen kinds of exception on broken bytes: all mean one thing here
        raise _damaged() from error


def widen(box: Box, margin: float, size: tuple[int, int], side_margin: float | None = None) -> Box:
    """Move each side of `box` out by `margin` × its height, then clamp it to a picture of `size` (width, height).

    Left and right it is `side_margin` × its height, where that is given: the last drum is soon cut.

    Raises ImageError when the box is no rectangle or lies outside of the picture.
    """
    if not all(map(math.isfinite, (box.x, box.y, box.width, box.height))) or box.width <= 0 or box.height <= 0:
        raise ImageError("bad_box", "expected a box with a position and a size above 0")
    across, down = (margin if side_margin is None else side_margin) * box.height, margin * box.height
    left, top = max(0.0, box.x - across), max(0.0, box.y - down)
    right, bottom = min(float(size[0]), box.x + box.width + across), min(float(size[1]), box.y + box.height + down)
    if left >= right or top >= bottom:
        raise ImageError(
            "bad_box",
            "expected a box inside the picture of %(width)s × %(height)s pixels, got one outside",
            width=size[0],
            height=size[1],
        )
    return Box(left, top, right - left, bottom - top)


def crop(
    image: Image.Image, box: Box | None, width: int, height: int, margin: float, side_margin: float | None = None
) -> NDArray[np.uint8]:
    """Cut the box with its margins (or take all) out of an RGB picture, stretched to uint8 (height, width, 3)."""
    area = Box(0, 0, *image.size) if box is None else widen(box, margin, image.size, side_margin)
    right, bottom = min(area.x + area.width, image.width), min(area.y + area.height, image.height)
    # One pass at a time, because which of the two Pillow does first depends on its version and on the picture's shape.
    narrow = image.resize((width, image.height), Image.Resampling.BILINEAR, box=(area.x, 0, right, image.height))
    return np.asarray(narrow.resize((width, height), Image.Resampling.BILINEAR, box=(0, area.y, width, bottom)))


def cut(image: Image.Image, box: Box | None, spec: InputSpec) -> NDArray[np.uint8]:
    """Like `crop`, as a network's input asks for."""
    return crop(image, box, spec.width, spec.height, spec.margin, spec.side_margin)


def normalise(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale uint8 0..255 to float32 0..1, same shape."""
    scaled: NDArray[np.float32] = pixels.astype(np.float32) / np.float32(255)
    return scaled


def preprocess(image: Image.Image, box: Box | None, spec: InputSpec) -> NDArray[np.float32]:
    """The network's input for a loaded picture: float32 (1, height, width, 3) in 0..1."""
    return normalise(cut(image, box, spec))[None]


def _checked_header(data: bytes) -> Header:
    if not data:
        raise ImageError("not_image", "expected a picture, got an empty file")
    header = read_header(data)
    if header is None:
        raise ImageError("not_image", "expected a JPEG, PNG or WebP picture, got another kind of file")
    if header.width and header.height:
        _check_size(header.width, header.height)
    if not header.complete:
        raise _damaged()
    return header


def _damaged() -> ImageError:
    return ImageError("damaged", "expected a whole picture, got one that is damaged or cut short")


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        megapixels = -(-width * height // 1_000_000)
        limit = MAX_PIXELS // 1_000_000
        raise ImageError(
            "too_large",
            "expected at most %(most)s megapixels, got %(got)s (%(width)s × %(height)s pixels)",
            most=limit,
            got=megapixels,
            width=width,
            height=height,
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            "too_small",
            "expected at least %(least)s × %(least)s pixels, got %(width)s × %(height)s",
            least=MIN_SIDE,
            width=width,
            height=height,
        )


def _upright(image: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF orientation says; as stored where the EXIF block cannot be read."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # Pillow's EXIF parser raises struct.error, SyntaxError, KeyError and more on a broken block
        return image


def _rgb(image: Image.Image, depth: int) -> Image.Image:
    """8-bit RGB from any mode that the three formats decode to. `depth` is a PNG's bits a sample."""
    key = image.info.get("transparency")
    if image.mode == "I;16":
        return _from_deep_grey(np.asarray(image), key if isinstance(key, int) else -1)
    if image.mode == "L" and isinstance(key, int) and depth < 8:
        # Pillow stretches 2 and 4 bits to 0..255, but not the grey value that the file declares transparent.
        image.info["transparency"] = key * _WHITE // (2**depth - 1)
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    return image if image.mode == "RGB" else image.convert("RGB")


def _from_deep_grey(values: NDArray[np.uint16], transparent: int) -> Image.Image:
    grey = np.where(values == transparent, _WHITE, values >> 8).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Composite RGBA on white, correctly rounded: c·a/255 + 255 - a, which is what a browser's canvas does."""
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white
