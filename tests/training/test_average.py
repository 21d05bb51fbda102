"""The mean of what a network is and what it was: its weights, its options, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from training import average
from training.architectures import ARCHITECTURES


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that began with another network."""
    folder = tmp_path / "run"
    folder.mkdir()
    for seed, place in ((1, tmp_path / "before.keras"), (2, folder / "model.keras")):
        keras.utils.set_random_seed(seed)
        ARCHITECTURES["compact"].build().save(place)
    options = {"architecture": "compact", "start": str(tmp_path / "before.keras")}
    (folder / "options.json").write_text(json.dumps(options))
    (folder / "log.jsonl").write_text('{"epoch": 1}\n')
    return folder


def test_weights_lie_between(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert average.main([str(run), "--share", "0.25"]) == 0
    made = run.with_name("run-averaged")
    assert capsys.readouterr().out == f"{made}\n"
    files = (run.parent / "before.keras", run / "model.keras", made / "model.keras")
    before, after, mean = (keras.models.load_model(file, compile=False).get_weights() for file in files)
    moved = [not np.array_equal(a, b) for a, b in zip(before, after, strict=True)]
    assert any(moved)
    for a, b, c in zip(before, after, mean, strict=True):
        np.testing.assert_allclose(c, 0.25 * a + 0.75 * b, rtol=1e-5, atol=1e-6)
    assert json.loads((made / "options.json").read_text())["averaged"] == 0.25
    assert (made / "log.jsonl").read_text() == (run / "log.jsonl").read_text()
    assert average.main([str(run)]) == 1, "what is there stays"


@pytest.mark.parametrize("share", ["0", "1", "nan"])
def test_a_share_is_a_part(run: Path, capsys: pytest.CaptureFixture[str], share: str) -> None:
    assert average.main([str(run), "--share", share]) == 1
    assert "expected a share between 0 and 1" in capsys.readouterr().err


def test_what_cannot_be_averaged_is_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(run.parent / "before.keras")
    assert average.main([str(run)]) == 1
    assert "expected a network of the same structure" in capsys.readouterr().err
    (run.parent / "before.keras").unlink()
    assert average.main([str(run)]) == 1
    assert "began with a network that is still there" in capsys.readouterr().err
    (run / "log.jsonl").unlink()
    assert average.main([str(run)]) == 1
    assert "expected the folder of a training" in capsys.readouterr().err
    assert sorted(place.name for place in run.parent.iterdir() if not place.name.startswith(".")) == ["run"]
