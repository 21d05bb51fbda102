"""What is claimed of pictures that nobody can read, counted with a network whose answers are known."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.card import Card
from backend.domain.imaging import InputSpec
from training import metrics, refuse
from training.data import read_table
from training.networks import Network
from training.tables import over_files
from training.unreadable_set import KINDS, draw_set

ROOT = Path(__file__).resolve().parents[2]


def answer(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sure of itself where the picture's corner is bright, lost elsewhere."""
    bright = pictures[:, :8, :8].mean(axis=(1, 2, 3)) > 0.5
    outputs = np.full((len(pictures), 11, 10), 0.1, np.float32)
    outputs[bright] = np.eye(10, dtype=np.float32)[0] * 0.99 + 0.001
    return outputs


@pytest.fixture
def network() -> Network:
    card = Card.load(ROOT / "static" / "model" / "compact" / "1")
    card = dataclasses.replace(card, temperature=1.0, threshold=0.8, unreadable=0.5)
    return Network(InputSpec(), answer, 0, {"name": "bright", "version": "1"}, card)


def test_what_is_claimed_is_counted_by_kind(network: Network, drawn_dataset: Path) -> None:
    drawn = draw_set(read_table(drawn_dataset), [], "validate", InputSpec(), each=3)
    bright = np.zeros((12, 48, 192, 3), np.float32)
    bright[[0, 1, 11]] = 1.0
    found = refuse.by_kind(drawn, answer(bright), 1.0, 0.8, 0.5, None)
    assert list(found) == [*(kind for kind in KINDS if kind != "no_display"), "together"]
    assert [found[kind]["claimed"]["right"] for kind in found] == [2, 0, 0, 1, 3]
    assert found["together"]["claimed"]["n"] == 12 and found["blurred"]["files"] == 3
    # A best guess is a claim too, though it is not accepted.
    found = refuse.by_kind(drawn, answer(bright), 1.0, 0.95, 0.5, None)
    assert (found["together"]["claimed"]["right"], found["together"]["accepted"]["right"]) == (3, 0)


def test_both_sides_are_measured(network: Network, drawn_dataset: Path, tmp_path: Path) -> None:
    result = refuse.measure(network, drawn_dataset, each=2, sheet=tmp_path / "sheet.png")
    assert (tmp_path / "sheet.png").is_file()
    assert result["validate"]["set"] != result["test"]["set"]
    refused = result["validate"]["readable_refused"]
    assert refused["together"]["n"] == 10
    assert sum(part["right"] for part in refused["by_source"].values()) == refused["together"]["right"]
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    text = refuse.table(result)
    together = result["validate"]["unreadable"]["together"]
    low, high = metrics.wilson(together["claimed"]["right"], together["claimed"]["n"])
    assert together["files"] < together["claimed"]["n"]
    assert f"[{low:.1%}, {high:.1%}]" not in text, "pictures of one file are not independent"
    claimed = over_files(together["claimed"], together["files"])
    assert f"{claimed['value']:.1%} [{claimed['low']:.1%}, {claimed['high']:.1%}]" in text
    assert (
        text.startswith("bright/1") and f"readable displays called unreadable: {refused['together']['right']}" in text
    )


def test_a_network_without_a_card_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert refuse.main([str(tmp_path), str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("training.refuse: expected a version")


def test_a_finders_version_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    finder = ROOT / "static" / "model" / "finder" / "1"
    assert refuse.main([str(finder), str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said == f"training.refuse: expected a reader's version, got a finder's: {finder}\n"
