"""The picture that augmentation starts from: a display with some context, whatever it was made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.domain.imaging import Box, load
from training.data import Sample

Pixels = NDArray[np.uint8]

BOX_HEIGHT = 56  # pixels of a cached display's box: a little more than the network ever sees
EDGE_TOLERANCE = 0.4  # digits by which an evenly divided box may miss the true edges of its drums
EXACT_TOLERANCE = 0.15


Held = frozenset[tuple[int, int]]  # (position from the end, digit)


def shows(text: str, held: Held) -> list[tuple[int, int]]:
    """Which of these digits at these positions a reading shows."""
    digits = text.replace(".", "")[::-1]
    return [pair for pair in ((place, int(d)) for place, d in enumerate(digits, start=1)) if pair in held]


@dataclass(frozen=True)
class Canvas:
    """One display before degradation.

    `image` uint8 (height, width, 3); `box` in its pixels; `edges` float (digits + 1,) x positions between the digits,
    left to right, or None where nobody knows; `tolerance` how far, in digits, these may be off. An empty `text`
    means that there is nothing to read.
    """

    image: Pixels
    box: Box
    text: str
    also: tuple[str, ...] = ()
    edges: NDArray[np.float64] | None = None
    tolerance: float = EDGE_TOLERANCE
    invertible: bool = False
    tags: dict[str, Any] = field(default_factory=dict)

    @property
    def digits(self) -> int:
        """How many digits the display shows."""
        return len(self.text.replace(".", ""))

    @property
    def decimals(self) -> int:
        """How many of them stand behind the point."""
        return len(self.text.partition(".")[2])

    def with_image(self, image: Pixels, text: str, also: tuple[str, ...] = ()) -> Canvas:
        """The same geometry, other digits."""
        return replace(self, image=image, text=text, also=also)


def even_edges(box: Box, digits: int) -> NDArray[np.float64]:
    """Drums stand at one pitch: (digits + 1,) x positions that divide the box evenly."""
    return np.linspace(box.x, box.x + box.width, digits + 1)


def from_sample(sample: Sample, box_height: int = BOX_HEIGHT) -> Canvas:
    """A real display, scaled so that its box is `box_height` pixels high, with all the context its picture has."""
    picture = load(sample.image)
    box = sample.box or Box(0.0, 0.0, float(picture.width), float(picture.height))
    scale = min(box_height / box.height, 1.0)
    size = (max(8, round(picture.width * scale)), max(8, round(picture.height * scale)))
    sx, sy = size[0] / picture.width, size[1] / picture.height
    small = np.asarray(picture.resize(size, Image.Resampling.BILINEAR), dtype=np.uint8)
    box = Box(box.x * sx, box.y * sy, box.width * sx, box.height * sy)
    text = sample.correct_value
    tight = sample.box is not None and box.width < 0.95 * size[0]
    edges = even_edges(box, len(text.replace(".", ""))) if tight else None
    return Canvas(small, box, text, sample.also_accepted, edges, tags={"source": sample.source, "group": sample.group})


def from_drawn(drawn: Any) -> Canvas:
    """A drawn display (`training.render.Drawn`): its digits' places are known exactly."""
    cells = drawn.cells
    middle = [(a.x + a.width + b.x) / 2 for a, b in zip(cells[:-1], cells[1:], strict=True)]
    edges = np.array([cells[0].x, *middle, cells[-1].x + cells[-1].width])
    image = np.asarray(drawn.image, dtype=np.uint8)
    return Canvas(
        image, drawn.box, drawn.text, drawn.also, edges, EXACT_TOLERANCE, tags={"source": f"drawn_{drawn.kind}"}
    )
