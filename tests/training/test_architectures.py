"""The networks: shapes, sizes, and digits placed by looking."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import keras
import numpy as np
import pytest

from training.architectures import ARCHITECTURES
from training.architectures.compact import GatherDigits
from training.augment import gentle
from training.batches import SHARES
from training.beginning import build_optimizer
from training.canvas import from_drawn
from training.options import Options
from training.render import render
from training.train import build_batches


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_outputs_are_readings(name: str) -> None:
    architecture = ARCHITECTURES[name]
    pictures = np.random.default_rng(1).random((2, *architecture.size, 3), dtype=np.float32)
    outputs = architecture.build().predict(pictures, verbose=0)
    assert outputs["reading"].shape == (2, 11, 10)
    assert outputs["reading"].sum(-1) == pytest.approx(np.ones((2, 11)), abs=1e-5)
    assert ("count" in outputs) == architecture.aligned


GRADIENTS = """
import jax, keras
from training.architectures import ARCHITECTURES

def shapes(variables):
    return [jax.ShapeDtypeStruct(variable.shape, variable.dtype) for variable in variables]

for name, architecture in sorted(ARCHITECTURES.items()):
    with keras.StatelessScope(initialize_variables=False):
        model = architecture.build()
    def loss(weights, fixed, pictures):
        outputs, _ = model.stateless_call(weights, fixed, pictures, training=True)
        return sum((output**2).mean() for output in outputs.values())
    weights, pictures = shapes(model.trainable_variables), jax.ShapeDtypeStruct((2, *architecture.size, 3), "float32")
    gradients = jax.eval_shape(jax.grad(loss), weights, shapes(model.non_trainable_variables), pictures)
    print(name, [gradient.shape for gradient in gradients] == [weight.shape for weight in weights])
"""


def test_every_network_has_gradients_under_jax() -> None:
    """Traced, not computed: compiling them takes minutes. A small network is trained in test_train.py."""
    command, environment = [sys.executable, "-c", GRADIENTS], {**os.environ, "KERAS_BACKEND": "jax"}
    root = Path(__file__).resolve().parents[2]
    told = subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True, text=True).stdout
    assert told.splitlines() == [f"{name} True" for name in sorted(ARCHITECTURES)]


def test_the_shipped_network_is_small_and_the_larger_one_is_not() -> None:
    assert ARCHITECTURES["compact"].build().count_params() < 300_000
    assert 600_000 < ARCHITECTURES["large"].build().count_params() < 1_000_000


def test_the_baseline_is_as_it_was() -> None:
    """Layer for layer: all figures of the targets stand beside its own."""
    model = ARCHITECTURES["baseline"].build()
    layers = model.layers
    kinds = ["InputLayer", *["Conv2D", "Conv2D", "MaxPooling2D"] * 4, "Flatten", "Dense", "Dense", "Reshape", "Softmax"]
    assert [type(layer).__name__ for layer in layers] == kinds
    assert all(layer.input is before.output for before, layer in pairwise(layers)), "one after the other"
    assert model.inputs[0].shape == (None, 104, 312, 3)
    convolutions = [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]
    assert [(c.filters, c.kernel_size) for c in convolutions] == [
        (n, (k, k)) for n in (16, 32, 64, 128) for k in (2, 3)
    ]
    assert all((c.strides, c.dilation_rate, c.groups, c.use_bias) == ((1, 1), (1, 1), 1, True) for c in convolutions)
    pools = [layer for layer in layers if isinstance(layer, keras.layers.MaxPooling2D)]
    assert all((pool.pool_size, pool.strides) == ((2, 2), (2, 2)) for pool in pools)
    wide, last = (layer for layer in layers if isinstance(layer, keras.layers.Dense))
    assert (wide.units, last.units) == (512, 110)
    active = [layer.activation.__name__ for layer in (*convolutions, wide, last)]
    assert active == ["elu"] * 9 + ["linear"]
    assert layers[-2].target_shape == (11, 10) and layers[-1].axis == -1
    assert model.count_params() == 7_767_566  # of which 6·19·128·512 + 512 in the first dense layer


def test_the_baseline_is_trained_as_it_was() -> None:
    """Plain Adam at a constant 1e-4, and the gentle augmentation."""
    baseline = ARCHITECTURES["baseline"]
    assert (baseline.learning_rate, baseline.heavy_augmentation, baseline.look_again) == (1e-4, False, 0.0)
    options = Options("", "baseline", 1, 1, 1, 1, baseline.learning_rate, None, (), None, None, "")
    optimizer = build_optimizer(options, baseline)
    assert type(optimizer) is keras.optimizers.Adam
    settings = optimizer.get_config()
    assert settings["learning_rate"] == pytest.approx(1e-4)  # a number: no schedule
    plain = keras.optimizers.Adam(1e-4).get_config()
    assert settings | {"name": ""} == plain | {"name": ""}, "no decay of weights, no average of them, nothing clipped"


def test_the_baseline_is_shown_what_gentle_makes() -> None:
    """The same displays, which `tests/training/test_augment.py` looks at, and not the photographs of the others."""
    height, width = ARCHITECTURES["baseline"].size
    shares = dict.fromkeys(SHARES, 0.0) | {"drawn": 1.0}
    options = Options("", "baseline", 1, 1, 2, 3, 1e-4, None, (), None, None, "", shares=shares)
    batches = build_batches(options, [], None, range(2))
    pictures, targets = batches[0]
    assert pictures.shape == (2, 104, 312, 3) and targets.keys() == {"reading"}
    for place, picture in enumerate(pictures):
        rng = np.random.default_rng((3, 0, place))
        rng.random()  # which kind: there is one
        canvas = from_drawn(render(np.random.default_rng((3, 1, int(rng.integers(0, 1000))))))
        assert np.array_equal(picture, gentle(rng, canvas, height, width))


def test_columns_are_gathered_into_digits_from_the_right() -> None:
    features = np.arange(6, dtype=np.float32).reshape(1, 6, 1)
    weights = np.array([[0.0, 1.0, 0.5, 0.5, 0.0, 1.0]], dtype=np.float32)
    gathered, count = (np.asarray(keras.ops.convert_to_numpy(x)) for x in GatherDigits()(features, weights))
    assert count[0].tolist() == [3, 3, 2, 1.5, 1, 1]
    assert gathered.shape == (1, 11, 2)
    assert gathered[0, :4, 0].tolist() == [5, 2.5, 1, 0]  # column 5; half of 2 and of 3; column 1; nothing
    assert gathered[0, :4, 1].tolist() == [1, 1, 1, 0]


def test_a_moved_strip_is_gathered_alike() -> None:
    rng = np.random.default_rng(0)
    features, weights = np.zeros((1, 20, 4), np.float32), np.zeros((1, 20), np.float32)
    features[0, 3:9], weights[0, 3:9] = rng.random((6, 4)), rng.random(6)
    moved = np.roll(features, 7, axis=1), np.roll(weights, 7, axis=1)
    first, second = (keras.ops.convert_to_numpy(GatherDigits()(*pair)[0]) for pair in ((features, weights), moved))
    assert first == pytest.approx(second, abs=1e-6)
