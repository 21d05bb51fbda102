"""Pictures joined from fragments: each fragment is read and scaled once, however often it is used."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median_low

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import load
from backend.services.combinations import Ids
from backend.storage import Storage

THREADS = min(8, os.cpu_count() or 1)  # compressing and hashing leave Python's lock
SHARE = 16  # pictures that a thread joins before it looks for more: handing over each by itself costs as much again
AHEAD = 1  # batches that are joined while the disk takes in the one before
HEIGHTS = (16, 96)  # pixels; the network's input has 48
KEPT = 4096  # scaled fragments in memory at once, of some 15 kB each

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Source:
    """A fragment's file and its height in pixels."""

    image: str
    height: int


@dataclass(frozen=True)
class Joined:
    """A PNG file ready to be stored, its size in pixels, and the hashes of the file and of its pixels in hex."""

    data: bytes
    width: int
    height: int
    sha256: str
    pixels_sha256: str


class Joiner:
    """Joins fragments of one meter type, all scaled to the height that the middle one of them has."""

    def __init__(self, storage: Storage, sources: dict[int, Source]) -> None:
        self.storage, self.sources = storage, sources
        middle = median_low(source.height for source in sources.values())
        self.height = min(max(middle, HEIGHTS[0]), HEIGHTS[1])
        self.scaled: dict[int, Pixels] = {}

    def batches(self, wanted: Iterable[list[Ids]]) -> Generator[list[Joined], None, None]:
        """The pictures of each batch of sequences, in order. Threads join the next while the caller keeps these."""
        with ThreadPoolExecutor(THREADS) as pool:
            under_way: deque[list[Future[list[Joined]]]] = deque()
            try:
                for batch in wanted:
                    shares = [batch[at : at + SHARE] for at in range(0, len(batch), SHARE)]
                    under_way.append([pool.submit(self.join, share) for share in shares])
                    if len(under_way) > AHEAD:
                        yield joined(under_way.popleft())
                while under_way:
                    yield joined(under_way.popleft())
            finally:
                pool.shutdown(cancel_futures=True)  # nobody wants the rest

    def join(self, sequences: list[Ids]) -> list[Joined]:
        """The pictures of some sequences: the fragments side by side. Threads may ask for several at once."""
        return [self._one(np.concatenate([self._fragment(key) for key in ids], axis=1)) for ids in sequences]

    def _fragment(self, key: int) -> Pixels:
        """A fragment at the common height, uint8 (height, width, 3)."""
        pixels = self.scaled.get(key)
        if pixels is None:
            image = load(self.storage.get(self.sources[key].image))
            width = max(1, round(image.width * self.height / image.height))
            pixels = np.asarray(image.resize((width, self.height), Image.Resampling.BICUBIC))
            if len(self.scaled) >= KEPT:
                self.scaled.clear()
            self.scaled[key] = pixels
        return pixels

    def _one(self, pixels: Pixels) -> Joined:
        height, width, _ = pixels.shape
        data = png(pixels)
        of_pixels = hashlib.sha256(f"{width}x{height}\n".encode())
        of_pixels.update(pixels.data)
        return Joined(data, width, height, hashlib.sha256(data).hexdigest(), of_pixels.hexdigest())


def joined(shares: list[Future[list[Joined]]]) -> list[Joined]:
    """Wait for the shares of a batch."""
    return [picture for share in shares for picture in share.result()]


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
