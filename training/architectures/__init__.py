"""Networks by name: each module builds one Keras model that maps RGB in 0..1 to an 11×10 reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.domain.imaging import InputSpec
from training.architectures import baseline, compact, large

if TYPE_CHECKING:
    import keras


LOOK_AGAIN = 0.8  # what is read more surely, further looks hardly ever change


@dataclass(frozen=True)
class Architecture:
    """A network and the recipe it was designed with.

    `size` is the input's (height, width) in pixels, `side_margin` the margin left and right of a display where it is
    not the one above and below. `aligned` networks have a second output: how many digits lie to
    the right of each column (batch, columns), which training supervises and export leaves out. A display that is read
    with less confidence than `look_again` is looked at again; 0: never.
    """

    name: str
    size: tuple[int, int]
    aligned: bool
    learning_rate: float
    heavy_augmentation: bool
    side_margin: float | None = None
    look_again: float = LOOK_AGAIN

    @property
    def spec(self) -> InputSpec:
        """The input as a card states it."""
        height, width = self.size
        return InputSpec(width, height, side_margin=self.side_margin)

    def build(self) -> keras.Model:
        """The untrained model: float32 (batch, height, width, 3) → {"reading": (batch, 11, 10), …}."""
        module = {"compact": compact, "baseline": baseline, "large": large}[self.name]
        return module.build(*self.size)


ARCHITECTURES = {
    # A box that is a little narrow or aslant cuts the last drum. What it is worth: docs/experiments.md.
    "compact": Architecture(
        "compact", (48, 192), aligned=True, learning_rate=2e-3, heavy_augmentation=True, side_margin=0.15
    ),
    "large": Architecture(
        "large", (64, 256), aligned=True, learning_rate=1.5e-3, heavy_augmentation=True, side_margin=0.15
    ),
    # As it was, it looks once.
    "baseline": Architecture(
        "baseline", (104, 312), aligned=False, learning_rate=1e-4, heavy_augmentation=False, look_again=0.0
    ),
}
