"""The frozen set of pictures that nobody can read: 200 of each kind for every side of the split, from a fixed seed.

Nothing is stored: displays of one side are spoiled as photographs are (out of focus or smeared, covered, upside down,
half cut), and pictures without a display are cut. The kinds are those that training refuses (`training.unreadable`),
made another way and of other pictures, at full size. The sha256 of the pixels tells whether two sets are the same.

Validation's set is for fitting the limit of "no display"; test's, from other displays and other pictures without one,
was never used for fitting.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from backend.domain.imaging import Box, InputSpec, cut, load
from training.data import SPLITS, Sample, share
from training.unreadable import TURNS_INTO_NONE, is_validation

EACH = 200  # pictures of each kind
SEED = 20261121
KINDS = ("no_display", "blurred", "covered", "upside_down", "half_cut")

Pixels = NDArray[np.uint8]
Spoiled = tuple[Image.Image, Box | None]


@dataclass(frozen=True)
class Unreadable:
    """n pictures as the network gets them, uint8 (n, height, width, 3), their kinds (n,) and what each was made of."""

    pixels: Pixels
    kinds: NDArray[np.str_]
    origins: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.kinds)

    @property
    def sha256(self) -> str:
        """Of all pixels, in order."""
        return hashlib.sha256(self.pixels.tobytes()).hexdigest()


def without_display(folder: Path, split: str) -> list[Path]:
    """The pictures of a folder for one side of the split: those kept from training, one half for each other side."""
    kept = [file for file in sorted(folder.glob("*")) if is_validation(file.name)]
    halves = {"validate": True, "test": False}
    return [file for file in kept if split in halves and (share("half " + file.name) < 0.5) == halves[split]]


def draw_set(
    samples: Sequence[Sample], others: Sequence[Path], split: str, spec: InputSpec, each: int = EACH
) -> Unreadable:
    """The set of one side: `samples` of the dataset (those of other sides are ignored) and pictures without a display.

    A kind that nothing can be made of is left out.
    """
    displays = [s for s in samples if s.type == SPLITS[split]]
    turning = [s for s in displays if TURNS_INTO_NONE & set(s.correct_value)]
    pixels, kinds, origins = [], [], []
    for number, kind in enumerate(KINDS):
        pool: list[Any] = list(others) if kind == "no_display" else turning if kind == "upside_down" else displays
        for place, source in enumerate(_chosen(np.random.default_rng((SEED, SPLITS[split], number)), pool, each)):
            rng = np.random.default_rng((SEED, SPLITS[split], number, place))
            pixels.append(cut(*_SPOIL[kind](rng, source, others), spec))
            kinds.append(kind)
            origins.append(source.image.name if isinstance(source, Sample) else source.name)
    shape = (0, spec.height, spec.width, 3)
    return Unreadable(np.stack(pixels) if pixels else np.zeros(shape, np.uint8), np.array(kinds), np.array(origins))


def _chosen(rng: np.random.Generator, pool: list[Any], count: int) -> list[Any]:
    """So many of the pool, each as often as any other, or once more; none of an empty one."""
    turns = -(-count // len(pool)) if pool else 0
    return [pool[i] for _ in range(turns) for i in rng.permutation(len(pool))][:count]


def _no_display(rng: np.random.Generator, source: Path, others: Sequence[Path]) -> Spoiled:
    """The whole picture once in four times, otherwise a cut in the shape of a display."""
    picture = load(source)
    if rng.random() < 0.25:
        return picture, None
    width = picture.width * float(rng.uniform(0.3, 0.9))
    height = min(picture.height * 0.9, width / float(rng.uniform(2.5, 6)))
    return picture, Box(
        float(rng.uniform(0, picture.width - width)), float(rng.uniform(0, picture.height - height)), width, height
    )


def _opened(source: Sample) -> tuple[Image.Image, Box]:
    picture = load(source.image)
    return picture, source.box or Box(0.0, 0.0, float(picture.width), float(picture.height))


def _blurred(rng: np.random.Generator, source: Sample, others: Sequence[Path]) -> Spoiled:
    """Out of focus (half of them), smeared in some direction, or a display that is three or four pixels high."""
    picture, box = _opened(source)
    way = rng.integers(4)
    if way < 2:
        return picture.filter(ImageFilter.GaussianBlur(box.height * float(rng.uniform(0.18, 0.35)))), box
    if way == 2:
        return _smeared(rng, picture, box), box
    factor = box.height / float(rng.uniform(3, 4.5))
    small = (max(2, round(picture.width / factor)), max(2, round(picture.height / factor)))
    return picture.resize(small, Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC), box


def _smeared(rng: np.random.Generator, picture: Image.Image, box: Box) -> Image.Image:
    """The mean of copies along a straight line as long as the display is high, or a little less."""
    angle, length = rng.uniform(0, np.pi), box.height * rng.uniform(0.7, 1.1)
    total = np.zeros((picture.height, picture.width, 3))
    steps = np.linspace(-0.5, 0.5, 25) * length
    for step in steps:
        shift = (1, 0, float(np.cos(angle) * step), 0, 1, float(np.sin(angle) * step))
        total += np.asarray(picture.transform(picture.size, Image.Transform.AFFINE, shift, Image.Resampling.BILINEAR))
    return Image.fromarray((total / len(steps)).astype(np.uint8))


def _covered(rng: np.random.Generator, source: Sample, others: Sequence[Path]) -> Spoiled:
    """Under a thumb, a sheet or something photographed that hides from a third to all of it, or blind with glare."""
    picture, box = _opened(source)
    way = rng.integers(4)
    share_hidden = float(rng.uniform(0.35, 1.0))
    left = box.x + box.width * float(rng.uniform(0, 1 - share_hidden))
    right, top, bottom = left + box.width * share_hidden, box.y - box.height, box.y + 2 * box.height
    mask = Image.new("L", picture.size, 0)
    draw = ImageDraw.Draw(mask)
    if way == 0 or (way == 2 and not others):  # thumbs come from below and are round at the top
        draw.rounded_rectangle((left, box.y - 0.3 * box.height, right, bottom + box.height), box.height * 0.6, fill=255)
        over = Image.new("RGB", picture.size, (int(rng.integers(150, 230)), int(rng.integers(100, 170)), 110))
    elif way == 1:
        lean = box.height * float(rng.uniform(-0.6, 0.6))
        draw.polygon([(left + lean, top), (right + lean, top), (right - lean, bottom), (left - lean, bottom)], fill=255)
        over = Image.new("RGB", picture.size, (int(rng.integers(0, 256)),) * 3)
    elif way == 2:
        draw.rectangle((left, top, right, bottom), fill=255)
        over = load(others[int(rng.integers(len(others)))]).resize(picture.size)
    else:  # glare: white in the middle, soft at its rim
        draw.ellipse((left - 0.2 * box.height, top, right + 0.2 * box.height, bottom), fill=255)
        over = Image.new("RGB", picture.size, (255, 255, 255))
    soft = 0.15 if way == 3 else 0.02
    return Image.composite(over, picture, mask.filter(ImageFilter.GaussianBlur(box.height * soft))), box


def _upside_down(rng: np.random.Generator, source: Sample, others: Sequence[Path]) -> Spoiled:
    picture, box = _opened(source)
    turned = Box(picture.width - box.x - box.width, picture.height - box.y - box.height, box.width, box.height)
    return picture.transpose(Image.Transpose.ROTATE_180), turned


def _half_cut(rng: np.random.Generator, source: Sample, others: Sequence[Path]) -> Spoiled:
    """The upper, lower, left or right half alone; left and right are parted in the middle of a digit."""
    picture, box = _opened(source)
    digits = sum(character.isdigit() for character in source.correct_value)
    middle = box.x + box.width * (digits // 2 + 0.5) / digits
    centre = box.y + box.height * 0.5
    left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    areas = ((left, top, right, centre), (left, centre, right, bottom), (left, top, middle, bottom))
    x0, y0, x1, y1 = (*areas, (middle, top, right, bottom))[rng.integers(4)]
    # The rest is beyond the picture's edge, for a box's margin would show some of it again.
    edges = (x0 if x0 == middle else 0, y0 if y0 == centre else 0)
    ends = (x1 if x1 == middle else picture.width, y1 if y1 == centre else picture.height)
    kept = picture.crop((round(edges[0]), round(edges[1]), round(ends[0]), round(ends[1])))
    return kept, Box(x0 - round(edges[0]), y0 - round(edges[1]), x1 - x0, y1 - y0)


_SPOIL: dict[str, Callable[..., Spoiled]] = {
    "no_display": _no_display,
    "blurred": _blurred,
    "covered": _covered,
    "upside_down": _upside_down,
    "half_cut": _half_cut,
}
