"""The codec between the text of a reading and the network's 11×10 array.

Row 0 is the position of the decimal point, counted from the end (0 to 9 decimals); rows 1 to 10 are the digits, padded
with zeros on the left. So 2.29 has a one at column 2 of row 0, and its last three rows say 2, 2, 9. A padding zero and
a zero that the display shows look alike: how many drums there are is the meter type's business.

Row probabilities are calibrated by one temperature (Guo et al., "On Calibration of Modern Neural Networks", 2017), and
a reading is as sure as the product of its rows. `frontend/js/reading.js` is the same in JavaScript; both are held
together by `tests/vectors/reading.json`.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.sentences import Translatable

DIGITS = 10
ROWS = 1 + DIGITS
CLASSES = 10

DOUBTFUL = "doubtful"
NO_DISPLAY = "no_display"

_SHOWN = 40  # a refused text is quoted in the message up to this many characters


class ReadingError(Translatable, ValueError):
    """A text that cannot be a reading, or an array that is no output of the network."""


@dataclass(frozen=True)
class Digit:
    """One digit of a reading's text and how sure it is (0 to 1)."""

    digit: int
    confidence: float


@dataclass(frozen=True)
class Reading:
    """What an 11×10 array says.

    `text` is the best guess even when it is not accepted, `value` the same as an exact decimal. `digits` are the digits
    of `text` from left to right. `reason` is None when accepted, else "doubtful" or "no_display".
    """

    text: str
    value: Decimal
    decimals: int
    digits: tuple[Digit, ...]
    point_confidence: float
    confidence: float
    accepted: bool
    reason: str | None


def encode(text: str) -> NDArray[np.float32]:
    """Turn a reading such as "2.29" into its one-hot array, float32 (11, 10). A comma counts as a decimal point.

    Raises ReadingError for what cannot be a reading: no text, a sign, anything but the ASCII digits and one point,
    a point without a digit on each side, more than 10 digits in all.
    """
    whole, decimals = _parts(text)
    classes = [len(decimals), *map(int, (whole + decimals).zfill(DIGITS))]
    array = np.zeros((ROWS, CLASSES), dtype=np.float32)
    array[np.arange(ROWS), classes] = 1
    return array


def decode(
    array: ArrayLike,
    temperature: float = 1.0,
    threshold: float = 1.0,
    unreadable: float = 0.0,
    unreadable_temperature: float | None = None,
) -> Reading:
    """Read an array of probabilities, (11, 10), in whatever number type.

    Entries that are NaN, infinite or negative count as 0. Each row says its largest class, the lowest of equals; a row
    of zeros says 0 with confidence 0. `temperature` calibrates the row confidences; the reading is accepted when their
    product reaches `threshold`, and is one of a display at all when the rows' mean confidence under
    `unreadable_temperature` (without it, the same temperature) reaches `unreadable`. All come from the version's card.
    A high temperature tells what a network has not been taught from what it knows: Liang, Li & Srikant, "Enhancing the
    Reliability of Out-of-distribution Image Detection in Neural Networks", 2018.

    Raises ReadingError for an array of another shape or options out of range.
    """
    _check_options(temperature, threshold, unreadable, unreadable_temperature)
    numbers = _probabilities(array)
    classes, confidences = _rows(numbers, temperature)
    softened = confidences if unreadable_temperature is None else _rows(numbers, unreadable_temperature)[1]
    decimals = classes[0]
    padded = "".join(map(str, classes[1:]))
    whole = padded[: DIGITS - decimals].lstrip("0") or "0"
    text = f"{whole}.{padded[DIGITS - decimals :]}" if decimals else whole
    shown = len(whole) + decimals
    confidence = 1.0
    for row in confidences:
        confidence *= row
    reason = _reason(softened, confidence, threshold, unreadable)
    return Reading(
        text=text,
        value=Decimal(text),
        decimals=decimals,
        digits=tuple(map(Digit, classes[-shown:], confidences[-shown:])),
        point_confidence=confidences[0],
        confidence=confidence,
        accepted=reason is None,
        reason=reason,
    )


def probabilities(array: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """The calibrated probabilities that `decode` takes the largest of, float64 (11, 10); each row adds up to 1.

    A row of zeros says nothing and is even. Raises ReadingError as `decode` does.
    """
    _check_options(temperature, 1.0, 0.0)
    numbers = _probabilities(array)
    best = numbers.max(axis=1, keepdims=True)
    powers = np.where(best > 0, numbers / np.where(best > 0, best, 1.0), 1.0) ** (1 / temperature)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _parts(text: str) -> tuple[str, str]:
    """Split a text into the digits before and after its decimal point, or raise ReadingError."""
    if not isinstance(text, str):
        raise _no_text(text)
    if not text:
        raise ReadingError("expected a reading such as 123.45, got an empty text")
    got = f"'{text}'" if len(text) <= _SHOWN else f"'{text[:_SHOWN]}…'"
    if text[0] in "+-−":
        raise ReadingError("expected a reading without a sign, got %(got)s", got=got)
    if not re.fullmatch(r"[0-9.,]+", text):
        raise ReadingError("expected only the digits 0 to 9 and a decimal point, got %(got)s", got=got)
    whole, *rest = re.split(r"[.,]", text)
    if len(rest) > 1:
        raise ReadingError("expected at most one decimal point, got %(got)s", got=got)
    decimals = rest[0] if rest else ""
    if not whole or (rest and not decimals):
        raise ReadingError("expected a digit on each side of the decimal point, got %(got)s", got=got)
    count = len(whole) + len(decimals)
    if count > DIGITS:
        raise ReadingError(
            "expected a reading of at most %(most)s digits, got %(count)s: %(got)s", most=DIGITS, count=count, got=got
        )
    return whole, decimals


def _no_text(value: object) -> ReadingError:
    """The refusal of what is no text, by what it is; the words are JavaScript's too."""
    if value is None:
        return ReadingError("expected a reading as text, got nothing")
    if isinstance(value, (bool, np.bool_)):
        return ReadingError("expected a reading as text, got true or false")
    if isinstance(value, Number):
        return ReadingError("expected a reading as text, got a number")
    if isinstance(value, (list, tuple, bytes, bytearray, np.ndarray)):
        return ReadingError("expected a reading as text, got a list")
    return ReadingError("expected a reading as text, got an object")


def _check_options(
    temperature: float, threshold: float, unreadable: float, unreadable_temperature: float | None = None
) -> None:
    for each in (temperature, 1.0 if unreadable_temperature is None else unreadable_temperature):
        if not 0 < each < float("inf"):
            raise ReadingError("expected a temperature above 0")
    if not (0 <= threshold <= 1 and 0 <= unreadable <= 1):
        raise ReadingError("expected a threshold and an unreadable limit from 0 to 1")


def _probabilities(array: ArrayLike) -> NDArray[np.float64]:
    """The array as float64 (11, 10), what cannot be a probability set to 0."""
    try:
        numbers: NDArray[Any] = np.asarray(array)
    except ValueError:
        raise ReadingError("expected an array of 11 rows of 10 numbers, got rows of different lengths") from None
    if numbers.shape != (ROWS, CLASSES):
        shape = ", ".join(map(str, numbers.shape))
        raise ReadingError("expected an array of 11 rows of 10 numbers, got the shape (%(shape)s)", shape=shape)
    if numbers.dtype.kind not in "fiub":
        raise ReadingError("expected an array of 11 rows of 10 numbers, got values of another type")
    exact = numbers.astype(np.float64)
    return np.where(np.isfinite(exact) & (exact > 0), exact, 0.0)


def _rows(probabilities: NDArray[np.float64], temperature: float) -> tuple[list[int], list[float]]:
    """The winning class of each row and its calibrated probability, p^(1/T) / Σ p^(1/T).

    Divided by the winner first, which cancels out and keeps any size of number from overflowing.
    """
    classes = probabilities.argmax(axis=1)  # the lowest of equals
    best = probabilities[np.arange(ROWS), classes]
    relative = probabilities / np.where(best > 0, best, 1.0)[:, None]
    total = (relative ** (1 / temperature)).sum(axis=1)
    confidences = np.divide(1.0, total, out=np.zeros(ROWS), where=best > 0)
    return classes.tolist(), confidences.tolist()


def _reason(softened: list[float], confidence: float, threshold: float, unreadable: float) -> str | None:
    if sum(softened) / ROWS < unreadable:
        return NO_DISPLAY
    return None if confidence >= threshold else DOUBTFUL
