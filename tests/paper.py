"""Photos of handwritten digits for tests: shipped golden digits on a sheet in uneven light."""

import io
import json

import numpy as np
from PIL import Image

from backend.settings import ROOT

GOLDEN = ROOT / "static" / "model" / "drawn_dense" / "1" / "golden"


def digits() -> list[tuple[str, Image.Image]]:
    """Each golden digit's class and its picture, bright on black, 28 × 28."""
    entries = json.loads((GOLDEN / "golden.json").read_text("utf-8"))
    return [(entry["class"], Image.open(GOLDEN / entry["image"]).convert("L")) for entry in entries]


def sheet(digit: Image.Image, seed: int = 0, board: bool = False) -> Image.Image:
    """The digit in dark ink on a sheet 480 × 360 with a soft shadow across it and noise; or in chalk on a board."""
    rng = np.random.default_rng(seed)
    ink = np.zeros((360, 480))
    side = int(rng.integers(120, 220))
    top, left = int(rng.integers(40, 320 - side)), int(rng.integers(40, 440 - side))
    ink[top : top + side, left : left + side] = np.asarray(digit.resize((side, side), Image.Resampling.BICUBIC)) / 255
    y, x = np.mgrid[:360, :480]
    light = 1.0 - 0.4 / (1 + np.exp((420 + 60 * rng.uniform(-1, 1) - x - y) / 25)) - 0.2 * x / 480
    paper = (40 + 180 * ink) if board else (225 - 150 * ink)
    noisy = paper * (1 if board else light) + rng.normal(0, 4, paper.shape)
    grey = np.clip(noisy, 0, 255).astype(np.uint8)
    return Image.fromarray(np.repeat(grey[..., None], 3, axis=2))


def as_jpeg(picture: Image.Image) -> bytes:
    """The picture as a telephone sends it."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
