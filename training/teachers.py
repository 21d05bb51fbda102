"""Learning from other networks' answers: distillation (Hinton, Vinyals & Dean 2015, arXiv:1503.02531).

What the teachers say of a picture is mixed into its target: a drum between two digits, or a display that is hard to
make out, then has the doubt that larger networks have, not a label's certainty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import InputSpec
from training.data import DatasetError
from training.in_order import Batch
from training.networks import Probabilities, open_keras

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

    def teach(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The same batches, their readings mixed with what the teachers say.

        Pictures with nothing to read keep their target: that nothing is sure of them is all that there is to say.
        """
        for pictures, targets in batches:
            plain = targets["reading"]
            readable = plain.max(axis=(1, 2), keepdims=True) > 1 / plain.shape[-1] + 1e-3
            share = np.where(readable, np.float32(self._share), np.float32(0))
            yield pictures, targets | {"reading": (1 - share) * plain + share * self.answers(pictures)}


def load_teachers(files: Sequence[str], spec: InputSpec, share: float) -> Teachers | None:
    """The networks of `.keras` files, to teach one with this input; None of none.

    One with an input of another size is given the pictures resized. Raises DatasetError for one with other margins:
    it was taught with another part of a display.
    """
    networks = [_for(Path(file), spec) for file in files]
    return Teachers(networks, share) if networks else None


def _for(file: Path, spec: InputSpec) -> Predict:
    import keras  # takes seconds

    teacher = open_keras(file)
    own = teacher.spec
    if (own.margin, own.side_margin) != (spec.margin, spec.side_margin):
        raise DatasetError(
            f"expected a teacher that looks at displays with margins of {spec.margin} and {spec.side_margin}, "
            f"got {file} with {own.margin} and {own.side_margin}"
        )
    if (own.height, own.width) == (spec.height, spec.width):
        return teacher.predict
    resize = keras.layers.Resizing(own.height, own.width)
    return lambda pictures: teacher.predict(np.asarray(resize(pictures), dtype=np.float32))
