"""How well two outlines agree: the area of what both hold over that of what either holds (IoU)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]


def iou(first: ArrayLike, second: ArrayLike) -> float:
    """Intersection over union of two convex polygons (n, 2), either way round; 0 where one has no area."""
    a, b = _clockwise(np.asarray(first, np.float64)), _clockwise(np.asarray(second, np.float64))
    shared = abs(_area(_clip(a, b)))
    union = abs(_area(a)) + abs(_area(b)) - shared
    return float(shared / union) if union > 0 and np.isfinite(union) else 0.0


def _area(points: Points) -> float:
    """Twice the signed area would do; this is it halved, positive where the corners go clockwise on screen."""
    if len(points) < 3:
        return 0.0
    x, y = points.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _clockwise(points: Points) -> Points:
    return points if _area(points) >= 0 else points[::-1]


def _clip(subject: Points, window: Points) -> Points:
    """The part of one convex polygon within another, both clockwise (Sutherland & Hodgman 1974)."""
    for start, end in zip(window, np.roll(window, -1, axis=0), strict=True):
        if len(subject) == 0:
            break
        edge, offset = end - start, subject - start
        inside = edge[0] * offset[:, 1] - edge[1] * offset[:, 0]
        kept = []
        for i in range(len(subject)):
            j = (i + 1) % len(subject)
            if inside[i] >= 0:
                kept.append(subject[i])
            if (inside[i] >= 0) != (inside[j] >= 0):
                kept.append(subject[i] + (subject[j] - subject[i]) * inside[i] / (inside[i] - inside[j]))
        subject = np.array(kept).reshape(-1, 2)
    return subject
