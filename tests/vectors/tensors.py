"""Random 11×10 tensors that Python and JavaScript draw alike, so that vectors need only a seed and a digest.

The generator is mulberry32; numbers are made of its 32 bits by sums, products and quotients of doubles, which every
machine rounds alike. `tests/browser/twins_vectors.js` is the same in JavaScript, step by step.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.domain.reading import CLASSES, ROWS, decode

Array = np.ndarray[Any, np.dtype[Any]]

CELLS = ROWS * CLASSES
DRAWS = 2 * CELLS + 4  # random numbers a tensor: two a cell, then kind, temperature, threshold, unreadable
TEMPERATURES = (1.0, 0.5, 1.37, 2.9)
SPECIAL = (math.nan, math.inf, -math.inf, -0.75, -0.0, 0.0, 1e-45, 3e38)
# Where a rounded confidence turns: away from the simple fractions that ties produce, lest the last bit decide.
TURN = 0.3183


@dataclass(frozen=True)
class Case:
    """One tensor, float32 (11, 10), and how it is to be judged."""

    array: Array
    temperature: float
    threshold: float
    unreadable: float


def mulberry32(seed: int, count: int) -> Array:
    """`count` numbers in [0, 1), multiples of 2^-32."""
    state = (seed + np.arange(1, count + 1, dtype=np.uint64) * 0x6D2B79F5).astype(np.uint32)
    mixed = (state ^ (state >> 15)) * (state | np.uint32(1))
    mixed ^= mixed + (mixed ^ (mixed >> 7)) * (mixed | np.uint32(61))
    return (mixed ^ (mixed >> 14)) / 2.0**32


def cases(seed: int, count: int) -> list[Case]:
    """`count` tensors of all kinds."""
    drawn = mulberry32(seed, count * DRAWS).reshape(count, DRAWS)
    return [_case(row) for row in drawn]


def line(case: Case) -> str:
    """What the codec says of a tensor, in a form that both languages print alike."""
    reading = decode(case.array, case.temperature, case.threshold, case.unreadable)
    digits = " ".join(f"{each.digit}:{_rounded(each.confidence)}" for each in reading.digits)
    sure = f"{_rounded(reading.confidence)} {_rounded(reading.point_confidence)}"
    return f"{reading.text} {reading.decimals} {reading.reason or 'accepted'} {sure} {digits}"


def _rounded(confidence: float) -> int:
    return math.floor(confidence * 1e6 + TURN)


def _case(drawn: Array) -> Case:
    first, second = drawn[:CELLS].reshape(ROWS, CLASSES), drawn[CELLS : 2 * CELLS].reshape(ROWS, CLASSES)
    kind, temperature, threshold, unreadable = drawn[2 * CELLS :]
    cells = _KINDS[math.floor(kind * len(_KINDS))](first, second)
    with np.errstate(over="ignore"):
        array = cells.astype(np.float32)
    return Case(array, TEMPERATURES[math.floor(temperature * 4)], threshold * threshold, unreadable * unreadable)


def _normalised(cells: Array) -> Array:
    """Rows that sum to 1, added from left to right."""
    total = cells[:, :1].copy()
    for column in range(1, CLASSES):
        total += cells[:, column : column + 1]
    return cells / total


def _peaked(first: Array, second: Array) -> Array:
    """Rows like a sure network's: one class takes nearly all."""
    fourth = first * first * first * first
    return _normalised(fourth * fourth * fourth * fourth)


def _flat(first: Array, second: Array) -> Array:
    """Rows like an unsure network's."""
    return _normalised(first + 3)


def _ties(first: Array, second: Array) -> Array:
    """Quarters, so that the largest comes up twice and more, and rows of zeros."""
    return np.floor(first * first * 4) / 4


def _special(first: Array, second: Array) -> Array:
    """Every fourth cell NaN, infinite, negative, zero, tiny or huge."""
    return np.where(second < 0.25, np.array(SPECIAL)[np.floor(first * len(SPECIAL)).astype(int)], first)


def _empty_rows(first: Array, second: Array) -> Array:
    """Some rows all zero, NaN or negative."""
    emptied = np.array([0.0, math.nan, -1.0])[np.floor(second[:, 1:2] * 3).astype(int)]
    return np.where(second[:, :1] < 0.4, emptied, _flat(first, second))


def _one_hot(first: Array, second: Array) -> Array:
    """A certain reading."""
    return (np.arange(CLASSES) == np.floor(first[:, :1] * CLASSES)).astype(np.float64)


def _scaled(first: Array, second: Array) -> Array:
    """Numbers that are no probabilities, of any size from subnormal to overflowing."""
    powers = np.array([1e-42, 1e-30, 1e-6, 1.0, 1e9, 1e38])
    return (first - 0.2) * powers[np.floor(second[:, :1] * 6).astype(int)] * 9


_KINDS = (_peaked, _flat, _ties, _special, _empty_rows, _one_hot, _scaled)
