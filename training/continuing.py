"""Going on from another version without losing what it read: its own weights are the first that count as best."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from backend.domain.imaging import InputSpec
from training.callbacks import ValidateReadings, save_whole
from training.data import Sample


class KeepWhatWasRead(ValidateReadings):
    """Keeps the best weights among those that lose at most a share of what the parent read right on validation.

    The parent's own weights are among them, so the run never ends with worse ones.
    """

    def __init__(self, samples: list[Sample], spec: InputSpec, best: Path, parent: Path, share: float) -> None:
        """`parent` is the `.keras` file that the run began with, `share` what may get lost, 0 to 1."""
        super().__init__(samples, spec, best)
        self._share = share
        model = keras.models.load_model(parent, compile=False)
        self._before = self.right(model, "box")
        if best.exists():  # a resumed run
            model = keras.models.load_model(best, compile=False)
        else:
            save_whole(model, best)
        self._score = self.score({f"exact_{view}": float(self.right(model, view).mean()) for view in ("box", "whole")})

    def may_be_best(self, logs: dict[str, float]) -> bool:
        """Adds `lost`, the share of what the parent read right and this epoch's weights do not."""
        right = self.rights["box"]
        logs["lost"] = float((self._before & ~right).sum() / max(1, int(np.count_nonzero(self._before))))
        return logs["lost"] <= self._share
