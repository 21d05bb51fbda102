"""Samples side by side in arrays: which of them look alike.

Two samples are duplicates when their pixels are the same, or when they have the same value and look the same. How near
their perceptual hashes of 256 bits have to be was measured on 3,133 photographed displays and on drawn ones. Displays
saved again, brightened by 15%, shifted by two pixels across or one down stay within 40 bits in 99 of 100. Other meters
with the same value start at 44. Two readings of one meter of which one digit differs start at 14, but those never have
the same value; where values are not compared, and between meters said to be different, 12 bits are the limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.domain.neighbours import near_pairs, words_of

SAME_VALUE_BITS = 40  # of 256, with the same value
SAME_PICTURE_BITS = 12  # whatever the values and the meters are

Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]
Found = tuple[Indices, Indices, NDArray[np.uint8]]  # first, second, distance: three of (m,)
Keep = Callable[[Indices, Indices, NDArray[np.uint8]], Bools]


class Looks:
    """What samples are compared by, as arrays of (n,)."""

    def __init__(
        self,
        hashes: Sequence[str],
        pixels: Sequence[str],
        values: Sequence[str | None],
        meters: Sequence[str],
        taught: Sequence[bool],
    ) -> None:
        """Perceptual hashes, sha256 of the pixels, values and meters where they are known, and who is taught with."""
        self.words = words_of(list(hashes))
        self.pixels = codes(pixels)
        self.valued = np.array([value is not None for value in values], bool)
        # Without a value only the same pixels are the same.
        self.values = codes(value or own for value, own in zip(values, pixels, strict=True))
        self.meters = np.where([bool(meter) for meter in meters], codes(meters), -1)
        self.taught = np.array(taught, bool)

    def same_pixels(self, first: Indices, second: Indices) -> Bools:
        """Whether the pictures are the same to the pixel."""
        return np.asarray(self.pixels[first] == self.pixels[second])

    def same_value(self, first: Indices, second: Indices) -> Bools:
        """Whether both have a value, the same."""
        return np.asarray(self.valued[first] & self.valued[second] & (self.values[first] == self.values[second]))

    def same_meter(self, first: Indices, second: Indices) -> Bools:
        """Whether both may show one meter: nobody said which, or the same."""
        one, other = self.meters[first], self.meters[second]
        return np.asarray((one == other) | (one < 0) | (other < 0))

    def look_the_same(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether the pictures are the same as far as the limits above tell."""
        alike = self.same_value(first, second) & self.same_meter(first, second) & (distance <= SAME_VALUE_BITS)
        return np.asarray(self.same_pixels(first, second) | (distance <= SAME_PICTURE_BITS) | alike)

    def leaking(self, first: Indices, second: Indices, distance: NDArray[np.uint8]) -> Bools:
        """Whether one picture is both taught and kept for measuring."""
        return np.asarray(self.apart(first, second) & self.look_the_same(first, second, distance))

    def apart(self, first: Indices, second: Indices, distance: NDArray[np.uint8] | None = None) -> Bools:
        """Whether one is taught and the other kept for measuring."""
        return np.asarray(self.taught[first] != self.taught[second])

    def leaks(self, most: int) -> tuple[Found, bool]:
        """Pairs of which one is taught and the other kept for measuring, and whether these are all."""
        return self.across(SAME_VALUE_BITS, self.leaking, most)

    def across(self, limit: int, keep: Keep, most: int) -> tuple[Found, bool]:
        """The near pairs, among those with somebody who is measured by, that `keep` keeps, until there are `most`."""
        order = np.argsort(self.taught, kind="stable")  # those for measuring first: only they are compared
        until = np.where(self.taught[order], np.arange(len(order)) + 1, len(order))
        return self.collect(order, until, limit, keep, most)

    def collect(self, order: Indices, until: Indices, limit: int, keep: Keep | None, most: int) -> tuple[Found, bool]:
        """The near pairs among samples in some order that `keep` keeps, until there are `most`."""
        parts: list[Found] = []
        count = 0
        for one, other, distance in near_pairs(self.words[:, order], until, limit, np.ones(len(order), bool)):
            first, second = order[one], order[other]
            kept = keep(first, second, distance) if keep else np.ones(len(first), bool)
            parts.append((first[kept], second[kept], distance[kept]))
            count += int(kept.sum())
            if count > most:
                break
        return joined(parts), count <= most


def joined(parts: list[Found]) -> Found:
    """Pairs found at different times as one."""
    parts = [*parts, (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))]
    first, second, distance = zip(*parts, strict=True)
    return np.concatenate(first), np.concatenate(second), np.concatenate(distance)


def codes(texts: Iterable[str]) -> Indices:
    """A number for each text, the same for the same one, int64 (n,)."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(text, len(known)) for text in texts], np.int64)


def ends(grouped: Indices) -> Indices:
    """For each of numbers in rising order, where its like end."""
    return np.searchsorted(grouped, grouped, side="right")
