"""Golden pictures of a version: drawn displays with the output that Keras gives for them.

The page trusts a backend only when it reproduces these outputs on the visitor's device, so they are small, of every
kind of display, and (but for a network that cannot read yet) read right.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import Box, load, preprocess
from backend.domain.reading import decode, encode
from training.networks import Network
from training.render import KINDS, render

COUNT = 12
TRIES = 96
DECIMALS = 7  # of the outputs: a hundred-thousandth of what a backend may differ
_BOX_HEIGHT = 36  # pixels: the first pictures are downloaded by every visitor


@dataclass(frozen=True)
class Candidate:
    """A drawn display as PNG bytes, its entry but for the file's name, and how the network reads it."""

    kind: str
    picture: bytes
    entry: dict[str, Any]
    right: bool
    confidence: float


def write_golden(network: Network, folder: Path, seed: int = 2) -> dict[str, Any]:
    """Write `golden.json` and its PNG files; returns how many there are and how many are read right."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    chosen = _surest([_candidate(rng, network, attempt) for attempt in range(TRIES)])
    for number, one in enumerate(chosen):
        one.entry["image"] = f"{number:02}.png"
        (folder / one.entry["image"]).write_bytes(one.picture)
    text = json.dumps([{"image": one.entry.pop("image"), **one.entry} for one in chosen], separators=(",", ":"))
    (folder / "golden.json").write_text(text + "\n", encoding="utf-8")
    return {"pictures": len(chosen), "read_right": sum(one.right for one in chosen)}


def _surest(candidates: list[Candidate]) -> list[Candidate]:
    """The readings that are right and surest, as many of each kind of display, kind after kind in turn."""
    ranked = sorted(candidates, key=lambda one: (one.right, one.confidence), reverse=True)
    by_kind = [[one for one in ranked if one.kind == kind][: COUNT // len(KINDS)] for kind in KINDS]
    return [one for turn in zip(*by_kind, strict=True) for one in turn]


def _candidate(rng: np.random.Generator, network: Network, attempt: int) -> Candidate:
    kind = KINDS[attempt % len(KINDS)]
    picture, entry = _draw(rng, network, kind, boxed=attempt // len(KINDS) % 2 == 1)
    reading = decode(entry["output"])
    right = bool((encode(reading.text) == encode(entry["text"])).all())
    return Candidate(kind, picture, entry, right, reading.confidence)


def _draw(rng: np.random.Generator, network: Network, kind: str, boxed: bool) -> tuple[bytes, dict[str, Any]]:
    """A display a little out of focus, as PNG bytes, with its entry but for the file's name."""
    drawn = render(rng, kind)
    scale = min(1.0, _BOX_HEIGHT / drawn.box.height)
    size = (max(8, round(drawn.image.width * scale)), max(8, round(drawn.image.height * scale)))
    small = drawn.image.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.4))
    sx, sy = size[0] / drawn.image.width, size[1] / drawn.image.height
    box = Box(drawn.box.x * sx, drawn.box.y * sy, drawn.box.width * sx, drawn.box.height * sy)
    box = Box(round(box.x, 2), round(box.y, 2), round(box.width, 2), round(box.height, 2))
    if not boxed:
        edge = 0.1 * box.height
        right, bottom = box.x + box.width + edge, box.y + box.height + edge
        small = small.crop((round(box.x - edge), round(box.y - edge), round(right), round(bottom)))
    buffer = io.BytesIO()
    small.save(buffer, "PNG", optimize=True)
    data = buffer.getvalue()
    output = network.predict(preprocess(load(data), box if boxed else None, network.spec))[0]
    rounded = [[round(float(value), DECIMALS) for value in row] for row in output]
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height} if boxed else None
    return data, {"box": place, "text": drawn.text, "output": rounded}


def draw_dataset(folder: Path, count: int = 60, seed: int = 5) -> Path:
    """A dataset folder of drawn displays, a third of each side of the split: for exports without photographs."""
    (folder / "images").mkdir(parents=True)
    rows = ["image,type,correct_value,meter_type,group,source,x,y,w,h"]
    for i in range(count):
        drawn = render(np.random.default_rng((seed, i)))
        drawn.image.save(folder / "images" / f"{i:04}.png")
        box = drawn.box
        place = f"{box.x:.2f},{box.y:.2f},{box.width:.2f},{box.height:.2f}"
        rows.append(f"{i:04}.png,{i % 3},{drawn.text},{drawn.kind},drawn{i},drawn_{drawn.kind},{place}")
    (folder / "training.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
