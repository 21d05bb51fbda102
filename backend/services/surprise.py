"""How much a value surprises a version that has read the picture: its doubt in figures, many samples at once.

`Training.proposed_probabilities` keeps what a version makes of a picture as calibrated row probabilities, 11 rows of 10
that each sum to 1, so that they mean the same whichever version they came from. A row is to be believed as far as it
says; a reading is as likely as the product of its rows (`backend/domain/reading.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from backend.domain.reading import CLASSES, ROWS, encode

# A network's zero is no certainty: no row surprises by more than 20.7, and every surprise stays finite.
LEAST = 1e-9
STORED = np.dtype("<f4")

Floats = NDArray[np.float64]
Probabilities = NDArray[np.float32]


def calibrated(outputs: ArrayLike, temperature: float) -> Probabilities:
    """A network's outputs (n, 11, 10) as probabilities, p^(1/T) / Σ p^(1/T); what is no number counts as 0.

    A row of zeros says nothing and stays one.
    """
    numbers = np.asarray(outputs, dtype=np.float64)
    numbers = np.where(np.isfinite(numbers) & (numbers > 0), numbers, 0.0)
    best = numbers.max(axis=-1, keepdims=True)
    scaled = (numbers / np.where(best > 0, best, 1.0)) ** (1 / temperature)
    total = scaled.sum(axis=-1, keepdims=True)
    return np.asarray(scaled / np.where(total > 0, total, 1.0), dtype=np.float32)


def pack(probabilities: ArrayLike) -> bytes:
    """Probabilities (11, 10) as a row keeps them: 440 bytes."""
    return np.asarray(probabilities, dtype=STORED).reshape(ROWS, CLASSES).tobytes()


def unpack(stored: Sequence[bytes]) -> Probabilities:
    """Stored probabilities of n rows, float32 (n, 11, 10). Raises ValueError for bytes that are none."""
    for one in stored:
        if len(one) != ROWS * CLASSES * STORED.itemsize:
            raise ValueError(
                f"expected stored probabilities of {ROWS * CLASSES * STORED.itemsize} bytes, got {len(one)}"
            )
    return np.frombuffer(b"".join(stored), dtype=STORED).reshape(-1, ROWS, CLASSES).astype(np.float32)


def chances(probabilities: ArrayLike, values: Sequence[str]) -> Floats:
    """How likely each row of each value is, float64 (n, 11): the point first, then ten digits, padding included.

    `probabilities` are calibrated, (n, 11, 10). Raises ReadingError for a value that is no reading.
    """
    table = np.asarray(probabilities, dtype=np.float64).reshape(-1, ROWS, CLASSES)
    if len(table) != len(values):
        raise ValueError(f"expected a value for each of {len(table)} samples, got {len(values)}")
    classes = np.array([encode(value).argmax(axis=1) for value in values], dtype=np.int64).reshape(-1, ROWS, 1)
    return np.take_along_axis(table, classes, axis=2)[..., 0]


def surprise(probabilities: ArrayLike, values: Sequence[str]) -> Floats:
    """-log p of each value, float64 (n,): 0 for what the version is certain of, more the less it agrees.

    `probabilities` are calibrated, (n, 11, 10). Raises ReadingError for a value that is no reading.
    """
    likely = np.maximum(chances(probabilities, values), LEAST)
    return np.asarray(-np.log(likely).sum(axis=1))


def shown_chances(probabilities: ArrayLike, value: str) -> list[float]:
    """How likely each digit of one value is, left to right, the point left out; `probabilities` are (11, 10)."""
    digits = sum(character.isdigit() for character in value)
    return [float(chance) for chance in chances(probabilities, [value])[0, ROWS - digits :]]
