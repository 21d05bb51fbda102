"""All pairs of perceptual hashes that lie near each other, by comparing every one with every other one.

Comparing is so cheap (an XOR and a popcount of the first quarter of the bits, which rules nearly all pairs out) that
100,000 hashes take seconds, whatever is in them. An index over 16-bit parts of the hashes (multi-index hashing), asked
for 16 of 256 bits, leaves 0.4% of the pairs to compare when the bits are random, but 3.7% for hashes of displays, which
share parts; picking those out one by one costs as much as comparing all in a row.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 64, 4096  # hashes compared at once: their distances stay in the processor's cache
WORDS = 4  # of 64 bits each
TELLING = 18  # up to this distance the first word alone rules nearly all pairs out
THREADS = os.cpu_count() or 1  # numpy leaves Python's lock

Words = NDArray[np.uint64]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]  # first < second, distance: three of (m,)


def words_of(hashes: list[str]) -> Words:
    """Hashes of 256 bits in hexadecimal as uint64 (4, n)."""
    rows = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=">u8").reshape(-1, WORDS)
    return np.ascontiguousarray(rows.T.astype(np.uint64))


def near_pairs(words: Words, ends: NDArray[np.int64], limit: int, alive: NDArray[np.bool_]) -> Iterator[Pairs]:
    """Yield the pairs at most `limit` bits apart, some at a time, sorted by their first; memory stays bounded.

    `words` is uint64 (4, n). Each is compared with those behind it up to its `ends`, int64 (n,). What the caller takes
    out of `alive`, bool (n,), meanwhile is soon left out.
    """
    waiting: deque[Future[Pairs]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, words.shape[1], ROWS):
            if len(waiting) > THREADS:
                yield waiting.popleft().result()
            waiting.append(pool.submit(block, words, ends, limit, alive, start))
        while waiting:
            yield waiting.popleft().result()


def block(words: Words, ends: NDArray[np.int64], limit: int, alive: NDArray[np.bool_], start: int) -> Pairs:
    """The near pairs whose first is one of ROWS hashes from `start` on."""
    rows = start + np.flatnonzero(alive[start : start + ROWS])
    found = [part for part in tiles(words, ends, limit, alive, rows) if len(part[0])]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8)
    first, second, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(first, kind="stable")
    return first[order], second[order], distance[order]


def tiles(
    words: Words, ends: NDArray[np.int64], limit: int, alive: NDArray[np.bool_], rows: NDArray[np.int64]
) -> Iterator[Pairs]:
    """The near pairs of some rows with all behind them, COLUMNS at a time."""
    if not len(rows):
        return
    telling = 1 if limit <= TELLING else 2
    bits = np.empty((len(rows), COLUMNS), np.uint64)
    last = int(ends[rows].max())
    for left in range(int(rows[0]), last, COLUMNS):
        right = min(left + COLUMNS, last)
        distance: NDArray[np.uint8] | None = None
        for word in words[:telling]:
            space = np.bitwise_xor(word[rows, None], word[left:right], out=bits[:, : right - left])
            counted = np.bitwise_count(space)
            distance = counted if distance is None else np.add(distance, counted, out=distance)
        assert distance is not None
        at = np.flatnonzero(distance <= limit)
        row, column = np.divmod(at, right - left)
        first, second = rows[row], left + column
        keep = (second > first) & (second < ends[first]) & alive[second]
        yield narrowed(words[telling:], first[keep], second[keep], distance.ravel()[at[keep]], limit)


def narrowed(
    words: Words, first: NDArray[np.int64], second: NDArray[np.int64], distance: NDArray[np.uint8], limit: int
) -> Pairs:
    """Of the candidates, those that are near by the rest of their words, too."""
    for word in words:
        distance = distance + np.bitwise_count(word[first] ^ word[second])
        keep = distance <= limit
        first, second, distance = first[keep], second[keep], distance[keep]
    return first, second, distance
