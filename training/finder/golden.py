"""Golden pictures of a finder: drawn displays with what it finds there in Keras.

A browser trusts the finder only when it finds the same, so the pictures are small, and (but for a network that cannot
find anything yet) such that a display is surely seen.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import load
from backend.domain.outline import Corners, Predict, find
from training.finder.data import of_box
from training.finder.overlap import iou
from training.framing import apply_homography, from_rectangle, inverse
from training.render import KINDS, render

COUNT = 4
TRIES = 16
SIZE = (240, 200)  # pixels: every visitor downloads them


def write_golden(predict: Predict, folder: Path, seed: int = 3) -> dict[str, Any]:
    """Write `golden.json` and its PNG files, the surest of several; returns how many there are and are found."""
    folder.mkdir()
    candidates = []
    for attempt in range(TRIES):
        picture, corners = drawn_photo(np.random.default_rng((seed, attempt)), KINDS[attempt % len(KINDS)])
        found = find(picture, predict)
        candidates.append((found.presence * iou(found.corners, corners), attempt, picture, found))
    best = sorted(candidates, key=lambda one: one[:2], reverse=True)[:COUNT]
    entries = []
    for number, (_, _, picture, found) in enumerate(best):
        name = f"{number:02}.png"
        picture.save(folder / name, optimize=True)
        found = find(load(folder / name), predict)
        places = [[round(float(x), 3), round(float(y), 3)] for x, y in found.corners]
        entries.append({"image": name, "corners": places, "presence": round(found.presence, 6)})
    (folder / "golden.json").write_text(json.dumps(entries, separators=(",", ":")) + "\n", encoding="utf-8")
    return {"pictures": len(best), "found": sum(score >= 0.5 for score, *_ in best)}


def drawn_photo(
    rng: np.random.Generator, kind: str | None = None, size: tuple[int, int] = SIZE
) -> tuple[Image.Image, Corners]:
    """A drawn display with its plate, turned a little, on a plain wall: the picture, and its corners there."""
    drawn = render(rng, kind)
    corners = of_box(drawn.box)
    width, height = size
    side = drawn.box.width / float(rng.uniform(0.35, 0.6))  # of the display's picture, what the photo is wide
    angle = float(rng.normal(0, 0.15))
    x, y = math.cos(angle) * side / 2, math.sin(angle) * side / 2
    tall = height / width
    view = np.array([[-x + y * tall, -y - x * tall], [x + y * tall, y - x * tall]])
    view = np.concatenate([view, -view]) + corners.mean(axis=0)
    back = from_rectangle(width, height, view)
    wall = tuple(rng.integers(60, 200, 3).tolist())
    sharp = drawn.image.convert("RGB").filter(ImageFilter.GaussianBlur(max(0.3, side / width / 2)))
    picture = sharp.transform(
        size,
        Image.Transform.PERSPECTIVE,
        tuple(back.ravel()[:8].tolist()),
        Image.Resampling.BILINEAR,
        fillcolor=wall,
    )
    return picture, np.stack(apply_homography(inverse(back), corners[:, 0], corners[:, 1]), axis=1)
