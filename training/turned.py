"""Half-turned drums: a reading is the lower digit until the next has come, but not all people read so.

Photographs are labelled by the lower or by the nearer digit, not always alike. A drum that is more than half turned
therefore has both readings where its picture is made: of digits of photographs either comes first, a drawn display
shows what was asked for, and has the next as its second. How a kind of meter is read is left for its photographs.
"""

from __future__ import annotations

import numpy as np

HALF = 0.5  # of a step; from here on the nearer digit is the next one
COME = 0.85  # from here on hardly anyone reads the lower one


def next_reading(text: str) -> str | None:
    """The reading one unit of the last digit on: "129.9" → "130.0"; None where all drums would roll over."""
    digits = text.replace(".", "")
    if set(digits) == {"9"}:
        return None
    after = str(int(digits) + 1).zfill(len(digits))
    point = text.find(".")
    return after if point < 0 else f"{after[:point]}.{after[point:]}"


def either(rng: np.random.Generator, lower: str, upper: str) -> tuple[str, tuple[str, ...]]:
    """Both readings of a half-turned drum, one of them first."""
    first, second = (lower, upper) if rng.random() < 0.5 else (upper, lower)
    return first, (second,)
