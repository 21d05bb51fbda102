"""From a picture file that nobody trusts to the one that is kept: decoded fully, upright, 8-bit RGB, encoded once.

Nothing of the file survives but its pixels: no EXIF, no GPS, no comment, no trailing bytes. Displays are kept without
loss as PNG (2.6 ms for 300 × 100 at the fastest compression, which is also within 5% of the smallest), so that training
sees exactly what was given; above a megapixel a PNG would be 20 MB and take seconds, so a JPEG of 45 dB is kept.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

from PIL import Image

from backend.domain.headers import read_header
from backend.domain.imaging import ImageError, load
from backend.domain.perceptual import phash, pixels_sha256

MAX_BYTES = 40_000_000
LOSSLESS_PIXELS = 1_000_000
# A progressive JPEG is decoded once more for each of its scans: a small file of many scans would take minutes. Cameras
# make at most about a dozen.
MAX_SCANNED_PIXELS = 600_000_000

_SCAN = b"\xff\xda"  # never inside of compressed data; in a preview it is counted too, which the limit allows for


@dataclass(frozen=True)
class Picture:
    """A picture ready to be stored: the file, its kind ("png", "jpg"), its size in pixels, and its hashes in hex.

    `original_sha256` is that of the bytes that were given, `sha256` that of the file kept, `pixels_sha256` that of its
    size and RGB values, `phash` 256 bits that stay near each other for pictures that look alike.
    """

    data: bytes
    suffix: str
    width: int
    height: int
    sha256: str
    pixels_sha256: str
    phash: str
    original_sha256: str

    @property
    def key(self) -> str:
        """The key under which the storage will keep it."""
        return f"{self.sha256[:2]}/{self.sha256}.{self.suffix}"

    def columns(self) -> dict[str, int | str]:
        """What every row with a stored picture says about it, but for the key."""
        return {name: getattr(self, name) for name in ("width", "height", "sha256", "pixels_sha256")}

    def sample_columns(self) -> dict[str, int | str]:
        """What a sample says about its picture, but for the key."""
        return self.columns() | {"phash": self.phash, "original_sha256": self.original_sha256}


def prepare(data: bytes, keep_own_form: bool = False) -> Picture:
    """Make the picture to keep out of a file's bytes. Raises ImageError for what is no picture or costs too much.

    With `keep_own_form` a file that already is what this function makes keeps its bytes (for what was exported here).
    """
    check_cost(data)
    image = load(data)
    if keep_own_form and is_own_form(data):
        return describe(image, data, data)
    kept = encode(image)
    if image.width * image.height > LOSSLESS_PIXELS:
        image = load(kept)  # the hashes are those of what is kept
    return describe(image, kept, data)


def check_cost(data: bytes) -> None:
    """Refuse what would take too long to decode, before decoding it."""
    if len(data) > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        size = f"{len(data) / 1e6:.0f}"
        raise ImageError("too_large", "expected a file of at most %(most)s MB, got %(got)s MB", most=limit, got=size)
    header = read_header(data)
    if header is None or not data.startswith(b"\xff\xd8"):
        return
    if header.width * header.height * data.count(_SCAN) > MAX_SCANNED_PIXELS:
        raise ImageError("too_large", "expected a picture that is decoded in a second, got one of too many layers")


def encode(image: Image.Image) -> bytes:
    """Encode an RGB picture: PNG up to a megapixel, above it a JPEG of high quality with full colour resolution."""
    clean = Image.new("RGB", image.size)
    clean.paste(image)  # leaves behind what the picture's `info` holds: comments, profiles, EXIF
    buffer = io.BytesIO()
    if image.width * image.height <= LOSSLESS_PIXELS:
        clean.save(buffer, "PNG", compress_level=1)
    else:
        clean.save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


def describe(image: Image.Image, kept: bytes, original: bytes) -> Picture:
    """Hash what is kept."""
    return Picture(
        data=kept,
        suffix="png" if kept.startswith(b"\x89PNG") else "jpg",
        width=image.width,
        height=image.height,
        sha256=hashlib.sha256(kept).hexdigest(),
        pixels_sha256=pixels_sha256(image),
        phash=phash(image),
        original_sha256=hashlib.sha256(original).hexdigest(),
    )


def is_own_form(data: bytes) -> bool:
    """Tell whether a file consists of nothing but what `encode` writes: no metadata, nothing behind its end."""
    if data.startswith(b"\x89PNG"):
        return _png_parts(data) in ([b"IHDR", b"IDAT", b"IEND"], [b"IHDR", b"IEND"]) and data[24:26] == b"\x08\x02"
    return _jpeg_is_plain(data)


def _png_parts(data: bytes) -> list[bytes]:
    """The kinds of a PNG's chunks, repeated ones once; with something behind the end, that too."""
    parts: list[bytes] = []
    at = 8
    while at + 12 <= len(data) and parts[-1:] != [b"IEND"]:
        kind = data[at + 4 : at + 8]
        parts += [kind] if parts[-1:] != [kind] else []
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return parts if at == len(data) else [*parts, data[at:]]


def _jpeg_is_plain(data: bytes) -> bool:
    """Tell whether a JPEG has only tables, the frame and one scan, and ends where it should."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            return data.find(b"\xff\xd9", at) == len(data) - 2 and data.count(_SCAN, at) == 1
        if marker not in (0xE0, 0xDB, 0xC0, 0xC4) or (marker == 0xE0 and length != 16):
            return False
        at += 2 + length
    return False
