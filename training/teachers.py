"""Learning from other networks' answers: distillation (Hinton, Vinyals & Dean 2015, arXiv:1503.02531).

What the teachers say of a picture is mixed into its target: a drum between two digits, or a display that is hard to
make out, then has the doubt that larger networks have, not a label's certainty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.in_order import Batch
from training.networks import Probabilities, keras_predict, load_keras

Predict = Callable[[NDArray[np.float32]], Probabilities]


class Teachers:
    """Networks that teach another: the mean of their answers is a share of each target."""

    def __init__(self, networks: Sequence[Predict], share: float) -> None:
        """`networks` map float32 pictures (n, height, width, 3) to (n, 11, 10); `share` of a target is theirs."""
        self._networks, self._share = networks, share

    def answers(self, pictures: NDArray[np.float32]) -> Probabilities:
        """The mean of their answers: (n, height, width, 3) in 0..1 → (n, 11, 10)."""
        mean: Probabilities = np.mean([predict(pictures) for predict in self._networks], axis=0, dtype=np.float32)
        return mean

    def watch(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The same batches, their readings mixed with what the teachers say.

        Pictures with nothing to read keep their target: that nothing is sure of them is all that there is to say.
        """
        for pictures, targets in batches:
            plain = targets["reading"]
            readable = plain.max(axis=(1, 2), keepdims=True) > 1 / plain.shape[-1] + 1e-3
            share = np.where(readable, np.float32(self._share), np.float32(0))
            yield pictures, targets | {"reading": (1 - share) * plain + share * self.answers(pictures)}


def load_teachers(files: Sequence[str], size: tuple[int, int], share: float) -> Teachers | None:
    """The networks of `.keras` files, to teach one whose input has this (height, width); None of none.

    One with another input is given the pictures resized: it was taught with the same part of a display.
    """
    networks = [_of_size(Path(file), size) for file in files]
    return Teachers(networks, share) if networks else None


def _of_size(file: Path, size: tuple[int, int]) -> Predict:
    import keras  # takes seconds

    model = load_keras(file)
    if tuple(model.inputs[0].shape[1:3]) != size:
        pictures = keras.Input((*size, 3))
        own = keras.layers.Resizing(*model.inputs[0].shape[1:3])(pictures)
        model = keras.Model(pictures, model(own))
    return keras_predict(model)
