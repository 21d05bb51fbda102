"""What a version makes of a picture, as `Training.proposed_probabilities` keeps it, beside the sample's value.

Kept are calibrated row probabilities, 11 rows of 10 that each sum to 1, so that they mean the same whichever version
they came from. A row is to be believed as far as it says; how surely a label is contradicted is told by
`backend.domain.doubt`, which ranks the samples of dataset folders too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from backend.domain.doubt import Probabilities, calibrated, chances
from backend.domain.reading import CLASSES, ROWS

__all__ = ["calibrated", "chances", "pack", "shown_chances", "unpack"]

STORED = np.dtype("<f4")


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


def shown_chances(probabilities: ArrayLike, value: str) -> list[float]:
    """How likely each digit of one value is, left to right, the point left out; `probabilities` are (11, 10)."""
    digits = sum(character.isdigit() for character in value)
    return [float(chance) for chance in chances(probabilities, [value])[0, ROWS - digits :]]
