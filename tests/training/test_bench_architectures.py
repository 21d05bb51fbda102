"""The architectures side by side, measured on a tiny network, and their table on the results page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.domain.card import Card
from scripts import bench_architectures as bench
from tests.training.tiny import tiny_run
from tests.versions import make_version
from training import compare, networks, speed_tables
from training.data import VALIDATE, read_table
from training.publishing import wire


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A version that was trained and one that was not; both read with the tiny network."""
    found = {name: make_version(tmp_path, number, name) for number, name in ((3, "trained"), (1, "fresh"))}
    network = networks.open_network(tiny_run(tmp_path / "run"))
    monkeypatch.setattr(
        networks, "open_version", lambda folder: replace(network, card=Card.load(folder), parameters=1234)
    )
    return found


def test_one_says_what_a_version_is_and_how_it_reads(folders: dict[str, Path], drawn_dataset: Path) -> None:
    samples = [sample for sample in read_table(drawn_dataset) if sample.type == VALIDATE]
    card = json.loads((folders["trained"] / "card.json").read_text("utf-8"))
    spent = {"budget": {"pictures": 64, "all": {"pictures": 12_800, "whole": True}}}
    (folders["trained"] / "card.json").write_text(json.dumps(card | {"training": spent}), "utf-8")
    row = bench.one("trained", folders["trained"], samples)
    assert (row["name"], row["parameters"], row["input"]) == ("trained", 1234, [192, 48])
    assert row["wire"] == wire(folders["trained"]) and row["wire"]["plain"] > row["wire"]["brotli"] > 0
    assert (row["version"], row["exact"]["n"], row["pictures"]) == ("trained/3", len(samples), 12_800)
    assert bench.one("fresh", folders["fresh"], []).keys() == {"name", "parameters", "input", "wire"}


def test_all_are_measured_and_stand_in_the_table(
    folders: dict[str, Path], drawn_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the clocks are not asked: those of the browser and of a training."""
    speeds = {"trained": 1000.0, "fresh": 40.0}
    timed: list[Path] = []

    def latency(places: list[Path], samples: list[Any]) -> list[dict[str, Any]]:
        timed.extend(places)
        times = {"stages": {"network": 5.0}, "p90": 1.0, "n": len(samples)}
        return [times | {"median": 10.0 * number} for number, _ in enumerate(places, start=1)]

    monkeypatch.setattr(compare, "latency", latency)
    monkeypatch.setattr(bench, "speed_of", lambda name, _steps: speeds[name])
    monkeypatch.setattr(bench, "newest", lambda name: folders[name] if name == "trained" else None)
    monkeypatch.setattr(bench, "untrained", lambda name, _place: folders[name])
    result = bench.measure(str(drawn_dataset), ["trained", "fresh"], steps=2, timed=3, limit=4)
    assert timed == [folder.resolve() for folder in folders.values()]
    trained, fresh = result["architectures"]
    assert (trained["exact"]["n"], trained["milliseconds"]["n"], "exact" in fresh) == (4, 3, False)
    first, second = (line for line in speed_tables.architectures(result) if line.startswith(("| trained", "| fresh")))
    assert first.startswith("| trained | 192×48 | 1,234 | ")
    assert first.endswith("`trained/3` | not known | 10.0 ms | 5.0 ms | 1,000 |")
    assert second.endswith("| not trained | – | 20.0 ms | 5.0 ms | 40 |")
