"""Training batches of the finder, each drawn from (seed, step, place in the batch) alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.finder.augment import show, targets
from training.finder.data import Material, load_material
from training.in_order import Made


class Batches:
    """The batch of any step."""

    def __init__(self, dataset: Path | Material, seed: int, batch: int) -> None:
        """Loads the material. Raises DatasetError."""
        self._material = dataset if isinstance(dataset, Material) else load_material(dataset)
        self._seed, self._batch = seed, batch

    def __getitem__(self, step: int) -> Made:
        """Pictures uint8 (batch, 192, 192, 3); corners in cells with weights (batch, 4, 3), presence (batch, 1)."""
        views = [show(np.random.default_rng((self._seed, step, place)), self._material) for place in range(self._batch)]
        corners, presence = zip(*map(targets, views), strict=True)
        pixels = np.stack([view.pixels for view in views])
        return pixels, {"corners": np.stack(corners), "presence": np.stack(presence)}
