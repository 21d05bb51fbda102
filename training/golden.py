"""Golden pictures of a version: drawn displays with the output that Keras gives for them.

The page trusts a backend only when it reproduces these outputs on the visitor's device, so they are small, of every
kind of display, and (but for a network that cannot read yet) read right.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from backend.domain.imaging import Box, load, preprocess
from backend.domain.reading import decode, encode
from training.networks import Network
from training.render import KINDS, render

COUNT = 12
TRIES = 240
DECIMALS = 7  # of the outputs: a hundred-thousandth of what a backend may differ
_BOX_HEIGHT = 36  # pixels: the first pictures are downloaded by every visitor


def write_golden(network: Network, folder: Path, seed: int = 2) -> dict[str, Any]:
    """Write `golden.json` and its PNG files; returns how many there are and how many are read right."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    right: list[tuple[bytes, dict[str, Any]]] = []
    wrong: list[tuple[bytes, dict[str, Any]]] = []
    for attempt in range(TRIES):
        picture, entry = _draw(rng, network, KINDS[attempt % len(KINDS)], boxed=len(right) % 2 == 1)
        is_right = bool((encode(decode(entry["output"]).text) == encode(entry["text"])).all())
        (right if is_right else wrong).append((picture, entry))
        if len(right) == COUNT:
            break
    chosen = (right + wrong)[:COUNT]
    for number, (picture, entry) in enumerate(chosen):
        entry["image"] = f"{number:02}.png"
        (folder / entry["image"]).write_bytes(picture)
    text = json.dumps([{"image": entry.pop("image"), **entry} for _, entry in chosen], separators=(",", ":"))
    (folder / "golden.json").write_text(text + "\n", encoding="utf-8")
    return {"pictures": len(chosen), "read_right": min(len(right), COUNT)}


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
