"""What judges the epochs of a finder: both looks at the validation photos, as the page looks."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
from PIL import Image

from backend.domain.imaging import load
from backend.domain.outline import Outline, find
from training.callbacks import save_whole
from training.finder.data import Photo
from training.finder.opened import keras_predict
from training.finder.overlap import iou

GOOD = 0.75  # of an outline's IoU


class ValidateOutlines(keras.callbacks.Callback):  # type: ignore[misc]
    """Adds `iou` (mean) and `good` (share from 0.75 on) to the logs; keeps the best weights."""

    def __init__(self, photos: list[Photo], best: Path) -> None:
        """Loads the photos; the best weights go to `best`."""
        super().__init__()
        self._photos, self._path, self._score = photos, best, -1.0
        self._pictures: list[Image.Image] = [load(photo.image) for photo in photos]
        if best.exists():  # a resumed run
            self._score = self._judge(keras.models.load_model(best, compile=False))["iou"]

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Looks twice at every photo."""
        figures = self._judge(self.model)
        if logs is not None:
            logs.update(figures)
        if figures["iou"] >= self._score:
            self._score = figures["iou"]
            save_whole(self.model, self._path)

    def _judge(self, model: keras.Model) -> dict[str, float]:
        predict = keras_predict(model)
        found: list[Outline] = [find(picture, predict) for picture in self._pictures]
        overlaps = np.array([iou(f.corners, p.corners) for f, p in zip(found, self._photos, strict=True)])
        seen = np.array([outline.presence >= 0.5 for outline in found])
        return {
            "iou": float(overlaps.mean()) if len(overlaps) else 0.0,
            "good": float((overlaps >= GOOD).mean()) if len(overlaps) else 0.0,
            "seen": float(seen.mean()) if len(seen) else 0.0,
        }
