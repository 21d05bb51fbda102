"""A network whose upper layers were never taught a meter type: the base's trunk below layers of its own."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from training import frozen, left_out
from training.data import TEACH, Sample, read_table


def test_only_the_upper_layers_are_new(
    base: Path, drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What teaches them is tested where it is (test_frozen.py): here they are left as they begin."""

    def fill(network: frozen.Network, samples: list[Sample], *_: object) -> SimpleNamespace:
        return SimpleNamespace(images=[sample.image for sample in samples if sample.type == TEACH])

    monkeypatch.setattr(frozen, "fill", fill)
    monkeypatch.setattr(frozen, "taught", lambda network, *_: network.upper)
    where = ["--base", str(base), "--without", "led", "--run", str(tmp_path), "--extras", str(tmp_path)]
    assert left_out.main([str(drawn_dataset), *where]) == 0
    taught = [s for s in read_table(drawn_dataset) if s.type == TEACH and s.meter_type != "led"]
    options = json.loads((tmp_path / "options.json").read_text())
    assert (options["without"], options["samples"]) == (["led"], len(taught))
    assert len(taught) < sum(sample.type == TEACH for sample in read_table(drawn_dataset))
    before, after = (keras.models.load_model(file, compile=False) for file in (base, tmp_path / "model.keras"))

    def same(name: str) -> bool:
        pairs = zip(before.get_layer(name).get_weights(), after.get_layer(name).get_weights(), strict=True)
        return all(np.array_equal(one, other) for one, other in pairs)

    kernels = [layer.name for layer in before.layers if isinstance(layer, keras.layers.Conv2D)]
    assert same(kernels[0]) and not same("digits")


def test_unknown_types_are_refused(
    base: Path, drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert left_out.main([str(drawn_dataset), "--base", str(base), "--without", "sundial", "--run", str(tmp_path)]) == 1
    assert "expected meter types of the dataset, got sundial" in capsys.readouterr().err
