"""Networks by name: each module builds one Keras model that maps RGB in 0..1 to an 11×10 reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from training.architectures import baseline, compact

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Architecture:
    """A network and the recipe it was designed with.

    `size` is the input's (height, width) in pixels. `aligned` networks have a second output: how many digits lie to
    the right of each column (batch, columns), which training supervises and export leaves out.
    """

    name: str
    size: tuple[int, int]
    aligned: bool
    learning_rate: float
    heavy_augmentation: bool

    def build(self) -> keras.Model:
        """The untrained model: float32 (batch, height, width, 3) → {"reading": (batch, 11, 10), …}."""
        module = {"compact": compact, "baseline": baseline}[self.name]
        return module.build(*self.size)


ARCHITECTURES = {
    "compact": Architecture("compact", (48, 192), aligned=True, learning_rate=2e-3, heavy_augmentation=True),
    "baseline": Architecture("baseline", (104, 312), aligned=False, learning_rate=1e-4, heavy_augmentation=False),
}
