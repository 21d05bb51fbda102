"""Training batches: real, recombined, composed, drawn and unreadable displays in given shares.

Every picture is drawn from (seed, step, place in the batch) alone, so a run that was killed goes on with the very
pictures it would have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain.reading import encode
from training.augment import gentle, photograph
from training.canvas import Canvas, Held, Pixels, from_drawn, from_sample, shows
from training.compose import DigitSet, compose, load_digit_sets
from training.data import TEACH, DatasetError, Sample
from training.framing import frame
from training.recombine import DrumPool, recombine, turn_last_drum
from training.render import render
from training.unreadable import draw_unreadable, load_backgrounds

ALSO_SHARE = 0.35  # of the target's probability goes to a second accepted reading
SHARES = {"real": 0.28, "recombined": 0.24, "composed": 0.18, "drawn": 0.22, "unreadable": 0.08}
DRAWINGS_IN_USE, NEW_DRAWINGS = 1000, 2  # at any step, and how many of them are replaced after it
# Few meters photographed many times would teach themselves by heart.
SOURCE_WEIGHTS = {"be_water_one_meter": 0.25, "lcd_scale_one_device": 0.4, "in_electric_lcd": 2.5}


@dataclass
class Material:
    """Everything that pictures are made of."""

    displays: list[Canvas] = field(default_factory=list)
    cumulated: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # weights of the displays, up to 1
    drums: DrumPool = field(default_factory=lambda: DrumPool([]))
    digit_sets: list[DigitSet] = field(default_factory=list)
    backgrounds: list[Pixels] = field(default_factory=list)

    def display(self, rng: np.random.Generator) -> Canvas:
        """One of the displays, by their weights."""
        return self.displays[int(np.searchsorted(self.cumulated[:-1], rng.random(), side="right"))]

    def kinds(self, shares: dict[str, float]) -> tuple[list[str], NDArray[np.float64]]:
        """What can be made of this material, and how much of each. Raises DatasetError when that is nothing."""
        possible = dict(shares)
        if not self.displays:
            del possible["real"], possible["recombined"]
        if not self.digit_sets:
            del possible["composed"]
        values = np.array(list(possible.values()))
        if values.sum() <= 0:
            raise DatasetError(f"expected shares of pictures that this data can give, got {shares}")
        return list(possible), values / values.sum()


def load_material(
    samples: list[Sample], digits: Path | None = None, backgrounds: Path | None = None, box_height: int = 56
) -> Material:
    """Teaching samples (others are ignored) and, where given, single digits and pictures without a display."""
    displays = [from_sample(s, box_height) for s in samples if s.type == TEACH]
    weights = np.array([SOURCE_WEIGHTS.get(c.tags["source"], 1.0) for c in displays])
    return Material(
        displays,
        np.cumsum(weights / weights.sum()).clip(0, 1) if len(displays) else weights,
        DrumPool(displays),
        load_digit_sets(digits) if digits else [],
        load_backgrounds(backgrounds) if backgrounds else [],
    )


def draw_canvas(
    rng: np.random.Generator, material: Material, draw: Callable[[int], Canvas], step: int, kind: str
) -> Canvas:
    """One display of a kind before degradation; `draw` gives the drawn display of a number."""
    if kind == "drawn":
        # Drawing costs more than photographing, so each drawing is photographed about six times before it retires.
        newest = step * NEW_DRAWINGS
        return draw(int(rng.integers(newest, newest + DRAWINGS_IN_USE)))
    if kind == "composed":
        return compose(rng, material.digit_sets)
    if kind == "unreadable":
        return draw_unreadable(rng, material.backgrounds, material.displays)
    canvas = material.display(rng)
    if kind == "recombined":
        canvas = recombine(rng, canvas, material.drums)
        if rng.random() < 0.25:
            canvas = turn_last_drum(rng, canvas, material.drums)
    return canvas


_encoded = lru_cache(maxsize=20_000)(encode)


def reading_target(canvas: Canvas) -> NDArray[np.float32]:
    """(11, 10) probabilities: one-hot, shared with the second readings, or even where there is nothing to read."""
    if not canvas.text:
        return np.full((11, 10), 0.1, dtype=np.float32)
    target = _encoded(canvas.text)
    if canvas.also:
        others = np.mean([_encoded(text) for text in canvas.also], axis=0)
        target = (1 - ALSO_SHARE) * target + ALSO_SHARE * others
    return target.astype(np.float32)


def count_target(canvas: Canvas, edges: NDArray[np.float64] | None, columns: int, width: int) -> NDArray[np.float32]:
    """(columns, 3): digits to the right of each column's left edge, the error to forgive, and the weight (0 or 1)."""
    target = np.zeros((columns, 3), dtype=np.float32)
    if not canvas.text:
        return target
    if edges is None:  # only how many there are in all is known: it is what the first column counts
        target[0] = canvas.digits, 0.1, columns / 4
        return target
    lefts = np.arange(columns) * (width / columns)
    order = np.argsort(edges)
    target[:, 0] = np.interp(lefts, edges[order], canvas.digits - np.arange(len(edges))[order])
    target[:, 1] = canvas.tolerance
    target[:, 2] = 1.0
    target[0, 1:] = 0.1, 4.0
    return target


class Batches:
    """The batches of a run by their step: batch n is the same whenever and in whichever process it is made."""

    def __init__(
        self,
        material: Material,
        size: tuple[int, int],
        batch: int | range,
        seed: int,
        aligned: bool,
        heavy: bool,
        never: Held = frozenset(),
        shares: dict[str, float] = SHARES,
    ) -> None:
        """`size` is (height, width); `batch` how many pictures, or which places of a batch.

        `aligned` adds the count's target; `heavy` chooses the full augmentation. A picture that shows a digit at a
        position of `never` is not used: another is drawn in its place. `shares` says how much there is of each kind.
        """
        self._material, self._size, self._seed = material, size, seed
        self._places = batch if isinstance(batch, range) else range(batch)
        self._aligned, self._heavy, self._never = aligned, heavy, never
        self._kinds, values = material.kinds(shares)
        self._cumulated = np.cumsum(values)
        self._draw = lru_cache(maxsize=2 * DRAWINGS_IN_USE)(self._drawing)

    def _drawing(self, number: int) -> Canvas:
        return from_drawn(render(np.random.default_rng((self._seed, 1, number))))

    def _canvas(self, rng: np.random.Generator, step: int) -> Canvas:
        kind = self._kinds[int(np.searchsorted(self._cumulated[:-1], rng.random(), side="right"))]
        return draw_canvas(rng, self._material, self._draw, step, kind)

    def __getitem__(self, step: int) -> tuple[Pixels, dict[str, NDArray[np.float32]]]:
        """Pictures uint8 (batch, height, width, 3) and the targets of the model's outputs."""
        made = [self._picture(step, place) for place in self._places]
        targets = {"reading": np.stack([reading for _, reading, _ in made])}
        if self._aligned:
            targets["count"] = np.stack([count for _, _, count in made])
        return np.stack([picture for picture, _, _ in made]), targets

    def _picture(self, step: int, place: int) -> tuple[Pixels, NDArray[np.float32], NDArray[np.float32]]:
        rng = np.random.default_rng((self._seed, step, place))
        height, width = self._size
        canvas = self._canvas(rng, step)
        while shows(canvas.text, self._never):
            canvas = self._canvas(rng, step)
        if not self._heavy:
            return gentle(rng, canvas, height, width), reading_target(canvas), np.zeros((0, 3), np.float32)
        framed, edges = frame(rng, canvas, height, width)
        pixels = photograph(rng, framed, canvas.invertible)
        return pixels, reading_target(canvas), count_target(canvas, edges, width // 4, width)
