"""What a picture file says about itself, read without decoding it.

A few bytes tell the size, so that a file of 100 megapixels is refused before anything of that size is allocated; a walk
over the file's parts tells whether its end is there. `frontend/js/headers.js` is the same in JavaScript, so that both
sides refuse the same files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the JPEG markers whose segment holds the size


@dataclass(frozen=True)
class Header:
    """Stored size in pixels (0 × 0 when unknown), whether the file's end is there, and a PNG's bits a sample."""

    width: int
    height: int
    complete: bool
    depth: int = 8


def read_header(data: bytes) -> Header | None:
    """Read the header of a JPEG, PNG or WebP file; None for any other kind of file."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(_PNG_SIGNATURE):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _jpeg(data: bytes) -> Header:
    width = height = 0
    for marker, start in _jpeg_markers(data):
        if marker == _END_OF_IMAGE:
            return Header(width, height, complete=True)
        if marker in _FRAMES and not width and start + 7 <= len(data):
            height, width = _big(data, start + 3, 2), _big(data, start + 5, 2)
    return Header(width, height, complete=False)


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield each marker and where its segment starts, scans skipped, as far as the file is well formed."""
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # padding
            at += 1
        if at + 2 > len(data) or data[at] != 0xFF:
            return
        marker, at = data[at + 1], at + 2
        yield marker, at
        if marker == _END_OF_IMAGE:
            return
        at += _big(data, at, 2)
        if marker == _START_OF_SCAN:
            at = _scan_end(data, at)


def _scan_end(data: bytes, at: int) -> int:
    """Where the marker after the compressed data at `at` is: an FF that no 00 (a plain FF) or restart follows."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        following = data[at + 1]
        if following and not 0xD0 <= following <= 0xD7:
            return at
        at += 2


def _png(data: bytes) -> Header:
    if data[12:16] != b"IHDR" or len(data) < 33:
        return Header(0, 0, complete=False)
    width, height, depth = _big(data, 16, 4), _big(data, 20, 4), data[24]
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        if data[at + 4 : at + 8] == b"IEND":
            return Header(width, height, complete=True, depth=depth)
        at += 12 + _big(data, at, 4)
    return Header(width, height, complete=False, depth=depth)


def _webp(data: bytes) -> Header:
    kind, width, height = data[12:16], 0, 0
    if kind == b"VP8X":
        width, height = 1 + _little(data, 24, 3), 1 + _little(data, 27, 3)
    elif kind == b"VP8L":
        bits = _little(data, 21, 4)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    elif kind == b"VP8 ":
        width, height = _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    return Header(width, height, complete=_little(data, 4, 4) + 8 <= len(data))


def _big(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "big")


def _little(data: bytes, at: int, count: int) -> int:
    return int.from_bytes(data[at : at + count], "little")
