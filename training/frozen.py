"""Teaching on top of a frozen trunk: the features of every picture are made once, and a run takes seconds.

The network is cut in two where its convolutions over the height end: what lies above (in `compact` the context of the
columns, the placing of the digits, both classifiers) is taught, the trunk below stays as the base network has it. Each
teaching display is photographed `VIEWS` times, some of them with their own digits exchanged; half of every batch are
drawn and composed displays, and pictures with nothing to read, which all runs share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from backend.domain.imaging import InputSpec
from training.augment import photograph
from training.batches import Batches, count_target, load_material, reading_target
from training.beginning import COUNT_WEIGHT
from training.callbacks import StopOnNonFinite
from training.canvas import Pixels, from_sample
from training.data import TEACH, DatasetError, Sample
from training.framing import frame
from training.in_order import in_order
from training.losses import count_loss, reading_loss
from training.memory import KeepMemory
from training.networks import input_of, load_keras
from training.recombine import DrumPool, recombine

VIEWS = 6  # photographs of each teaching display
SHARED = 4096  # drawn, composed and unreadable pictures
BATCH = 64  # pictures made at once
RATE = 1e-3

Targets = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Network:
    """A base network in two parts; `trunk` maps pictures in 0..1 to features, `upper` features to all outputs."""

    trunk: keras.Model
    upper: keras.Model
    spec: InputSpec


@dataclass(frozen=True)
class Bank:
    """Features and targets of all pictures; `owner` (n,) is the place in `images`, -1 for what all runs share."""

    features: NDArray[np.float16]
    targets: Targets
    owner: NDArray[np.int64]
    images: list[Path]


class Views(Batches):
    """Batch n of a bank's pictures, the same whenever and in whichever process it is made."""

    def __init__(
        self,
        samples: list[Sample],
        size: tuple[int, int],
        digits: Path | None,
        backgrounds: Path | None,
        seed: int,
        views: int = VIEWS,
    ) -> None:
        """The teaching samples in their order, each `views` times, then the shared pictures."""
        super().__init__(load_material([], digits, backgrounds), size, BATCH, seed, aligned=True, heavy=True)
        self._canvases = [from_sample(sample, round(size[0] * 1.15)) for sample in samples]
        self._views = views
        self._real = -(-len(samples) * views // BATCH)

    def __getitem__(self, step: int) -> tuple[Pixels, Targets]:
        """Pictures uint8 (n, height, width, 3) and the targets of both outputs."""
        if step >= self._real:
            return super().__getitem__(step - self._real)
        numbers = range(step * BATCH, min((step + 1) * BATCH, len(self._canvases) * self._views))
        made = [self._view(number) for number in numbers]
        pixels, readings, counts = (np.stack(column) for column in zip(*made, strict=True))
        return pixels, {"reading": readings, "count": counts}

    def _view(self, number: int) -> tuple[Pixels, NDArray[np.float32], NDArray[np.float32]]:
        rng = np.random.default_rng((self._seed, 2, number))
        canvas = self._canvases[number // self._views]
        if number % self._views >= self._views // 2:
            # With no digits but its own: another display may not be in the subset.
            canvas = recombine(rng, canvas, DrumPool([]))
        height, width = self._size
        framed, edges = frame(rng, canvas, height, width)
        count = count_target(canvas, edges, width // 4, width)
        return photograph(rng, framed, canvas.invertible), reading_target(canvas), count


def split(file: Path) -> Network:
    """A trained Keras file, cut where its trunk ends. Raises DatasetError for one that has no such place."""
    if not file.is_file():
        raise DatasetError(f"expected a .keras file to begin with, got {file}")
    spec = input_of(load_keras(file), "compact")
    whole = keras.models.load_model(file, compile=False)
    kinds = (keras.layers.DepthwiseConv2D, keras.layers.Flatten)
    cut = next((layer.input for layer in whole.layers if isinstance(layer, kinds)), None)
    if cut is None or not isinstance(whole.output, dict) or "count" not in whole.output:
        raise DatasetError(f"expected a network that places digits by counting them, such as compact, got {whole.name}")
    return Network(keras.Model(whole.inputs, cut), keras.Model(cut, whole.output), spec)


def fill(
    network: Network,
    samples: list[Sample],
    digits: Path | None,
    backgrounds: Path | None,
    workers: int,
    seed: int,
    views: int = VIEWS,
    shared: int = SHARED,
) -> Bank:
    """The features of all teaching samples, each photographed `views` times, and of the shared pictures."""
    taught = [sample for sample in samples if sample.type == TEACH]
    size = (network.spec.height, network.spec.width)
    make = partial(Views, taught, size, digits, backgrounds, seed, views)
    real = len(taught) * views
    steps = -(-real // BATCH) + shared // BATCH
    features, targets = [], []
    for pictures, target in in_order(make, range(steps), workers):
        features.append(np.asarray(network.trunk.predict_on_batch(pictures), np.float16))
        targets.append(target)
    together = {name: np.concatenate([target[name] for target in targets]) for name in targets[0]}
    owner = np.full(len(together["reading"]), -1)
    owner[:real] = np.arange(real) // views
    return Bank(np.concatenate(features), together, owner, [sample.image for sample in taught])


def taught(network: Network, bank: Bank, chosen: set[Path], steps: int, batch: int, seed: int) -> keras.Model:
    """A copy of the upper part, taught on the chosen pictures."""
    keras.utils.set_random_seed(seed)
    upper = keras.models.clone_model(network.upper)  # its dropout draws anew
    upper.set_weights(network.upper.get_weights())
    rate = keras.optimizers.schedules.CosineDecay(RATE, steps, alpha=0.01)
    upper.compile(
        keras.optimizers.AdamW(rate, weight_decay=0.01, global_clipnorm=5.0),
        loss={"reading": reading_loss, "count": count_loss},
        loss_weights={"reading": 1.0, "count": COUNT_WEIGHT},
        jit_compile=keras.backend.backend() == "jax",
    )
    pictures = _draw(bank, chosen, steps, batch, seed)
    upper.fit(pictures, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[KeepMemory(), StopOnNonFinite()])
    return upper


def _draw(
    bank: Bank, chosen: set[Path], steps: int, batch: int, seed: int
) -> Iterator[tuple[NDArray[np.float32], Targets]]:
    rng = np.random.default_rng(seed)
    ours = np.array([image in chosen for image in bank.images])
    own = np.flatnonzero((bank.owner >= 0) & ours[bank.owner])
    shared = np.flatnonzero(bank.owner < 0)
    for _ in range(steps):
        places = np.concatenate([rng.choice(own, batch - batch // 2), rng.choice(shared, batch // 2)])
        yield bank.features[places].astype(np.float32), {name: v[places] for name, v in bank.targets.items()}
