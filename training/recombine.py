"""Other readings out of real displays: digits change places, drums turn.

Within one display the light is the same everywhere, so its own drums may be exchanged; drums of other displays of the
same source are matched in colour first. Integer drums stay among integer drums: their colour tells the decimals.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.canvas import Canvas, Pixels
from training.turned import COME, HALF, either, next_reading

Zone = tuple[str, bool, str]  # source, behind the point, digit
_COLOUR_MATCH = 0.85
_TONES = np.arange(256, dtype=np.float32)


@dataclass(frozen=True)
class Drum:
    """A drum cut out, with the mean and the deviation (3,) of its channels."""

    picture: Image.Image
    mean: NDArray[np.float32]
    deviation: NDArray[np.float32]

    @classmethod
    def of(cls, pixels: Pixels) -> Drum:
        """From uint8 (height, width, 3)."""
        return cls(Image.fromarray(pixels), *_tone(pixels))


def _tone(pixels: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Mean and deviation of the channels of (height, width, 3): (3,), (3,)."""
    values = pixels.reshape(-1, 3).T.astype(np.float32, order="C")
    return values.mean(axis=1), values.std(axis=1)


class DrumPool:
    """Drums cut from real displays, by source, side of the point and digit."""

    def __init__(self, canvases: list[Canvas], most: int = 120) -> None:
        """Cuts every drum of the displays whose drums' places are known and that stand still (no second reading)."""
        self._drums: dict[Zone, list[Drum]] = defaultdict(list)
        for canvas in canvases:
            if canvas.edges is None or canvas.also:
                continue
            digits = canvas.text.replace(".", "")
            for place, digit in enumerate(digits):
                zone = _zone(canvas, place, digit)
                # The last drum is seldom at rest, so it only serves as itself.
                if place < len(digits) - 1 and len(self._drums[zone]) < most:
                    self._drums[zone].append(Drum.of(_cut(canvas, place)))

    def pick(self, rng: np.random.Generator, canvas: Canvas, place: int, digit: int) -> Drum | None:
        """A drum of this digit that could stand at this place of the display, or None."""
        drums = self._drums.get(_zone(canvas, place, str(digit)))
        return drums[rng.integers(len(drums))] if drums else None


def _zone(canvas: Canvas, place: int, digit: str) -> Zone:
    return canvas.tags["source"], place >= canvas.digits - canvas.decimals, digit


def _span(canvas: Canvas, place: int) -> tuple[int, int, int, int]:
    assert canvas.edges is not None
    left, right = round(float(canvas.edges[place])), round(float(canvas.edges[place + 1]))
    top, bottom = round(canvas.box.y), round(canvas.box.y + canvas.box.height)
    return max(left, 0), max(top, 0), max(right, left + 2), max(bottom, top + 2)


def _cut(canvas: Canvas, place: int) -> Pixels:
    left, top, right, bottom = _span(canvas, place)
    drum: Pixels = canvas.image[top:bottom, left:right].copy()
    return drum


def _match(drum: Drum, like: Pixels) -> Image.Image:
    """The drum with the mean and the deviation of each channel moved most of the way to those of `like`."""
    mean, deviation = _tone(np.ascontiguousarray(like[::2, ::2]))
    gain = 1 + _COLOUR_MATCH * (np.clip((deviation + 4) / (drum.deviation + 4), 0.4, 2.5) - 1)
    target = drum.mean + _COLOUR_MATCH * (mean - drum.mean)
    tables = ((_TONES - drum.mean[:, None]) * gain[:, None] + target[:, None]).clip(0, 255)
    return drum.picture.point(tables.astype(np.uint8).ravel().tolist())


def _paste(image: Pixels, drum: Image.Image, span: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = span
    target = image[top:bottom, left:right]
    if target.size == 0:
        return
    target[...] = np.asarray(drum.resize((target.shape[1], target.shape[0]), Image.Resampling.BILINEAR))


def _with_point(digits: str, decimals: int) -> str:
    return digits if decimals == 0 else f"{digits[:-decimals]}.{digits[-decimals:]}"


def recombine(rng: np.random.Generator, canvas: Canvas, pool: DrumPool) -> Canvas:
    """Another reading on the same display: some drums exchanged with its own or with others of the same source."""
    if canvas.edges is None or canvas.also or canvas.digits < 3:
        return canvas
    image, digits = canvas.image.copy(), list(canvas.text.replace(".", ""))
    old = list(digits)
    behind = len(digits) - canvas.decimals
    for place in range(len(digits)):
        # The last drum is the one that turns, and only photographs show how: it is mostly left as it is.
        if rng.random() < (0.8 if place == len(digits) - 1 else 0.4):
            continue
        low, high = (0, behind) if place < behind else (behind, len(digits))
        span = _span(canvas, place)
        if rng.random() < 0.25:
            other = int(rng.integers(low, high))
            drum, digit = Image.fromarray(_cut(canvas, other)), old[other]
        else:
            wanted = int(rng.integers(10))
            found = pool.pick(rng, canvas, place, wanted)
            if found is None:
                continue
            drum, digit = _match(found, _cut(canvas, place)), str(wanted)
        _paste(image, drum, span)
        digits[place] = digit
    text = _with_point("".join(digits), canvas.decimals)
    return canvas.with_image(image, text)


def turn_last_drum(rng: np.random.Generator, canvas: Canvas, pool: DrumPool) -> Canvas:
    """The last drum on its way to the next digit, and with a nine the one before it; from half on as two readings."""
    after = next_reading(canvas.text)
    if canvas.edges is None or canvas.also or after is None:
        return canvas
    digits = canvas.text.replace(".", "")
    standing = len(digits.rstrip("9")) - 1  # the first of the drums that turn
    pairs = []
    for place in range(standing, len(digits)):
        digit = int(digits[place])
        pair = [pool.pick(rng, canvas, place, each) for each in (digit, (digit + 1) % 10)]
        if pair[0] is None or pair[1] is None:
            return canvas
        pairs.append((place, pair[0], pair[1]))
    turned = float(rng.uniform(0.1, COME))
    image = canvas.image.copy()
    for place, upper, lower in pairs:
        _paste(image, _between(_cut(canvas, place), upper, lower, turned), _span(canvas, place))
    if turned < HALF:
        return canvas.with_image(image, canvas.text)
    return canvas.with_image(image, *either(rng, canvas.text, after))


def _between(own: Pixels, upper: Drum, lower: Drum, turned: float) -> Image.Image:
    """A drum, this part of a step on its way from the upper to the lower of two digits, in the light of its own."""
    size = (own.shape[1], own.shape[0])
    pair = [np.asarray(_match(drum, own).resize(size, Image.Resampling.BILINEAR)) for drum in (upper, lower)]
    strip = np.concatenate(pair, axis=0)
    shift = round(turned * size[1])
    return Image.fromarray(strip[shift : shift + size[1]])


def redness(pixels: Pixels) -> float:
    """How much redder than grey a picture's reddest fifth is, 0..1 (red drums are the decimals)."""
    values: NDArray[np.float32] = pixels.reshape(-1, 3).astype(np.float32)
    excess = values[:, 0] - values[:, 1:].max(axis=1)
    return float(np.quantile(excess, 0.8)) / 255.0
