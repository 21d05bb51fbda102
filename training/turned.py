"""Half-turned drums: some people read the lower digit until the next has come, others the nearer one.

Photographs are labelled by either habit, not always alike, so a drum that is more than half turned has both readings
where a picture is made. Which of them a kind of meter is read by is left for its photographs to say.
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
