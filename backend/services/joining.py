"""Pictures joined from fragments: each fragment is read and scaled once, however often it is used."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median_low
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import load
from backend.services.combinations import Ids
from backend.services.leftovers import Journal
from backend.storage import Storage

THREADS = min(8, 2 * (os.cpu_count() or 1))  # compressing and fsync leave Python's lock
HEIGHTS = (16, 96)  # pixels; the network's input has 48
KEPT = 4096  # scaled fragments in memory at once, of some 15 kB each

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """A fragment's file and its height in pixels."""

    image: str
    height: int


class Joiner:
    """Joins fragments of one meter type, all scaled to the height that the middle one of them has."""

    def __init__(self, storage: Storage, sources: dict[int, Source]) -> None:
        self.storage, self.sources = storage, sources
        middle = median_low(source.height for source in sources.values())
        self.height = min(max(middle, HEIGHTS[0]), HEIGHTS[1])
        self.scaled: dict[int, Pixels] = {}

    def store(self, sequences: list[Ids], journal: Journal) -> list[dict[str, Any]]:
        """Store the pictures of some sequences; returns the columns that say what was stored, in order."""
        with self.storage.together() as put, ThreadPoolExecutor(THREADS) as pool:
            self._prepare({key for ids in sequences for key in ids}, pool)
            return list(pool.map(lambda ids: self._one(ids, journal, put), sequences))

    def join(self, ids: Ids) -> Pixels:
        """The fragments side by side, uint8 (height, width, 3); they have to be prepared."""
        return np.concatenate([self.scaled[key] for key in ids], axis=1)

    def _prepare(self, ids: Iterable[int], pool: ThreadPoolExecutor) -> None:
        if len(self.scaled) > KEPT:
            self.scaled.clear()
        new = [key for key in ids if key not in self.scaled]
        self.scaled.update(zip(new, pool.map(self._scale, new), strict=True))

    def _scale(self, key: int) -> Pixels:
        image = load(self.storage.get(self.sources[key].image))
        width = max(1, round(image.width * self.height / image.height))
        return np.asarray(image.resize((width, self.height), Image.Resampling.BICUBIC))

    def _one(self, ids: Ids, journal: Journal, put: Callable[[bytes, str], str]) -> dict[str, Any]:
        pixels = self.join(ids)
        height, width, _ = pixels.shape
        data = png(pixels)
        digest = hashlib.sha256(data).hexdigest()
        journal.note(f"{digest[:2]}/{digest}.png")
        return {
            "image": put(data, "png"),
            "width": width,
            "height": height,
            "sha256": digest,
            "pixels_sha256": hashlib.sha256(f"{width}x{height}\n".encode() + pixels.tobytes()).hexdigest(),
        }


def png(pixels: Pixels) -> bytes:
    """A PNG of uint8 (height, width, 3): each row as its difference to the one above, compressed fast.

    A fifth larger than what `pictures.encode` gives, in half its time, and without Python's lock.
    """
    height, width, _ = pixels.shape
    rows = pixels.reshape(height, 3 * width)
    filtered = np.full((height, 1 + 3 * width), 2, np.uint8)  # each row begins with its filter's number: 2 is "up"
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    deflate = zlib.compressobj(1, strategy=zlib.Z_RLE)  # made for PNG; photos have little more than runs to find
    parts = ((b"IHDR", header), (b"IDAT", deflate.compress(filtered.tobytes()) + deflate.flush()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A part of a PNG file: length, kind, content, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
