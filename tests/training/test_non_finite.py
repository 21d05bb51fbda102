"""Each kind of training ends within a step of the first NaN, with its reason: its callbacks see to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from tests.training.small_training import SMALL
from training.architectures import ARCHITECTURES
from training.classifiers import fit
from training.finder import train as finder
from training.progress import Progress
from training.train import main

REASON = "expected a finite loss, got nan at step 0: lower the learning rate"


def small_model() -> keras.Model:
    """One number to one of two classes, or whatever loss it gets."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, activation="softmax")])
    model.compile(keras.optimizers.Adam(1e-3, use_ema=True), loss="sparse_categorical_crossentropy")
    return model


def no_numbers(*_given: Any) -> Iterator[Any]:
    """Batches of NaN, without end."""
    while True:
        yield np.full((2, 1), np.nan, np.float32), np.zeros(2, np.int64)


def test_the_readers_training(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A network whose weights are broken is what it begins with."""
    monkeypatch.setitem(ARCHITECTURES, "small", SMALL)
    broken = SMALL.build()
    broken.set_weights([np.full_like(weight, np.nan) for weight in broken.get_weights()])
    broken.save(tmp_path / "broken.keras")
    size = ["--epochs", "2", "--steps", "2", "--batch", "2", "--limit", "4", "--workers", "0"]
    place = ["--architecture", "small", "--from", str(tmp_path / "broken.keras"), "--runs", str(tmp_path)]
    assert main([str(drawn_dataset), *size, *place]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"training.train: {REASON}"
    assert not (tmp_path / "small" / "model.keras").exists()


def test_the_finders_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finder, "read_outlines", lambda _folder: [])
    monkeypatch.setattr(finder, "build_model", lambda _options: small_model())
    monkeypatch.setattr(finder, "in_order", no_numbers)
    assert finder.main([str(tmp_path), "--epochs", "2", "--steps", "2", "--runs", str(tmp_path)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == f"training.finder.train: {REASON}"
    assert not (tmp_path / "finder" / "model.keras").exists()


def test_a_classifiers_training(tmp_path: Path) -> None:
    options = fit.Options("drawn", "a", 2, 2, 1e-3, False, 0.0, 0.9, None, 0.1, None, 1, "a" * 64)
    job = fit.Job(options, lambda: keras.Sequential(small_model().layers), (2,), 2, tmp_path / "run")
    lesson = fit.Lesson(4, no_numbers, lambda _model: np.ones(2), lambda _model: np.ones(2))
    with pytest.raises(FloatingPointError, match=REASON):
        fit.follow(job, lesson, Progress(None))
    assert not (tmp_path / "run" / "model.keras").exists()
