"""Make `drawn.json`, which Python and JavaScript both have to agree with: `python -m tests.vectors.make_drawn`.

Ink as bytes (height × width, base64, 0 to 255) and what `domain/drawn.py` makes of it: `digits` are those in a row,
from left to right, each by its size and as it is when it is centred (28 × 28 bytes, base64); `centred` is all of it as
one digit; `refused` is the message where there are none in a row, or too many.
"""

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.domain.drawn import NoInkError, centred, digits_in_a_row

PATH = Path(__file__).with_name("drawn.json")
STROKES: dict[str, list[list[tuple[float, float]]]] = {  # of a digit, in parts of its height
    "1": [[(0.1, 0.25), (0.35, 0), (0.35, 1)]],
    "2": [[(0, 0.2), (0.2, 0), (0.5, 0.05), (0.6, 0.3), (0, 1), (0.65, 1)]],
    "3": [[(0.05, 0.05), (0.5, 0.05), (0.25, 0.42), (0.6, 0.6), (0.5, 0.95), (0, 0.95)]],
    "4": [[(0.4, 0), (0, 0.6), (0.65, 0.6)], [(0.5, 0.3), (0.45, 1)]],
    "5": [[(0.1, 0.15), (0.1, 0.45), (0.5, 0.5), (0.55, 0.8), (0.3, 1), (0, 0.9)], [(0.08, 0), (0.6, 0)]],
    "7": [[(0, 0.05), (0.6, 0), (0.2, 1)]],
}


def make() -> list[dict[str, Any]]:
    """All vectors, as the content of the file."""
    return [case(name, drawn(*what)) for name, what in CASES.items()]


CASES: dict[str, tuple[str, int, float, tuple[int, int], tuple[int, int]]] = {
    # text, height, thickness, canvas, where it begins
    "one small digit in a corner": ("2", 30, 5, (140, 120), (5, 6)),
    "a large digit": ("3", 100, 9, (120, 130), (20, 15)),
    "a thin one": ("1", 80, 2, (100, 100), (40, 10)),
    "smaller than 20 pixels": ("7", 13, 2, (40, 30), (9, 8)),
    "a bar that hangs in the air": ("5", 70, 6, (100, 110), (20, 20)),
    "the course's five": ("13572", 50, 6, (330, 80), (10, 14)),
    "ten": ("1234571235", 24, 3, (300, 40), (4, 8)),
    "eleven": ("12345712351", 24, 3, (330, 40), (4, 8)),
    "leaning over each other": ("7722", 60, 4, (200, 80), (6, 10)),
    "nothing": ("", 24, 3, (40, 40), (4, 8)),
}


def drawn(
    text: str, height: int, thickness: float, canvas: tuple[int, int], start: tuple[int, int]
) -> NDArray[np.uint8]:
    """Strokes with round ends, four times as large and then made smaller, with a grain of dust before them."""
    image = Image.new("L", (canvas[0] * 4, canvas[1] * 4))
    pen = ImageDraw.Draw(image)
    x = float(start[0])
    for digit in text:
        for stroke in STROKES[digit]:
            points = [((x + px * height) * 4, (start[1] + py * height) * 4) for px, py in stroke]
            pen.line(points, fill=255, width=round(thickness * 4), joint="curve")
            for px, py in points:
                pen.circle((px, py), thickness * 2, fill=255)
        x += max(px for stroke in STROKES[digit] for px, _ in stroke) * height + 3 * thickness
    pixels = np.asarray(image.reduce(4)).copy()
    if text:
        pixels[0, 0] = 40
    return pixels


def case(name: str, pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """One vector."""
    ink = pixels.astype(np.float32) / np.float32(255)
    about = {"name": name, "width": pixels.shape[1], "height": pixels.shape[0], "ink": text_of(pixels)}
    try:
        found = digits_in_a_row(ink)
    except NoInkError as error:
        return about | {"refused": str(error)}
    shown = [{"width": d.shape[1], "height": d.shape[0], "centred": text_of(as_bytes(centred(d)))} for d in found]
    return about | {"digits": shown, "centred": text_of(as_bytes(centred(ink)))}


def as_bytes(picture: NDArray[np.float32]) -> NDArray[np.uint8]:
    """0..1 → 0 to 255, exactly."""
    return np.round(picture * 255).astype(np.uint8)


def text_of(pixels: NDArray[np.uint8]) -> str:
    """Bytes as base64."""
    return b64encode(pixels.tobytes()).decode()


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in make())
    PATH.write_text(f"[\n{lines}\n]\n", "utf-8")
