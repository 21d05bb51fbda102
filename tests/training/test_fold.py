"""Folding changes no number that matters; snapping leaves only values that the small forms hold exactly."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tests.training.tiny import tiny_model
from training.fold import FORMS, fold, only_reading, snap, snapped

PICTURES = np.random.default_rng(0).random((4, 48, 192, 3), dtype=np.float32)


def norms(model: keras.Model) -> int:
    return sum(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)


def test_folding_removes_every_normalisation_and_changes_nothing() -> None:
    model = only_reading(tiny_model())
    folded = fold(model)
    assert (norms(model), norms(folded)) == (3, 0)
    assert np.abs(model.predict(PICTURES, verbose=0) - folded.predict(PICTURES, verbose=0)).max() < 1e-5


def test_what_cannot_be_folded_stays() -> None:
    picture = keras.Input((8, 8, 3))
    active = keras.layers.Conv2D(4, 3, activation="relu")(picture)
    shared = keras.layers.Conv2D(4, 3)(picture)
    both = keras.layers.Add()([keras.layers.BatchNormalization()(active), keras.layers.BatchNormalization()(shared)])
    model = keras.Model(picture, keras.layers.Concatenate()([both, shared]))
    folded = fold(model)
    assert norms(folded) == 2
    x = PICTURES[:, :8, :8]
    assert np.abs(model.predict(x, verbose=0) - folded.predict(x, verbose=0)).max() < 1e-6


@pytest.mark.parametrize("form", FORMS)
def test_snapping_is_close_and_lasting(form: str) -> None:
    model = fold(only_reading(tiny_model()))
    before = model.get_weights()
    snap(model, form)
    once = model.get_weights()
    snap(model, form)
    for original, first, second in zip(before, once, model.get_weights(), strict=True):
        assert np.allclose(first, second, rtol=1e-6, atol=1e-7)
        assert np.abs(original - first).max() <= np.ptp(np.append(original, 0)) / 255


def test_uint8_keeps_zero_and_256_values() -> None:
    weights = np.append(np.random.default_rng(1).normal(0.3, 1, 10_000), 0).astype(np.float32)
    values = snapped(weights, "uint8")
    assert values[-1] == 0
    assert 200 < len(np.unique(values)) <= 256


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of float32, float16, uint8, mixed, got int4"):
        snap(tiny_model(), "int4")
