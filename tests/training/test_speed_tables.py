"""The tables of speed say what their files hold, and where a target was missed or nothing was trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import bench_architectures
from training import speed_tables

ROW = {
    "name": "compact",
    "parameters": 212445,
    "input": [192, 48],
    "wire": {"brotli": 400_000},
    "milliseconds": {"median": 8.04, "n": 100, "stages": {"network": 5.5}},
    "training": 104.4,
}
EXACT = {"value": 0.9, "low": 0.85, "high": 0.95, "right": 90, "n": 100}
MACHINE = {"cores": 2, "processor": "P"}


def test_architectures_are_compared_in_one_table() -> None:
    trained = ROW | {"version": "compact/1", "exact": EXACT}
    rows = [trained | {"pictures": 1_388_800}, trained | {"pictures": None}, ROW | {"name": "large"}]
    file = {"measured": "2026-01-02", "machine": MACHINE, "batch": 64, "architectures": rows}
    lines = speed_tables.architectures(file)
    numbers = "8.0 ms | 5.5 ms | 104 |"
    read = "| compact | 192×48 | 212,445 | 400 kB | 90.0% [85.0%, 95.0%] (90 of 100), `compact/1` |"
    assert lines[-3:-1] == [f"{read} {seen} | {numbers}" for seen in ("1,388,800", "not known")]
    assert lines[-1] == f"| large | 192×48 | 212,445 | 400 kB | not trained | – | {numbers}"
    assert all(line.count("|") == lines[-1].count("|") for line in lines[2:])


@pytest.mark.parametrize(("ratio", "reached"), [(4.0, True), (3.96, False)])
def test_the_pipeline_beside_the_ordinary_way(ratio: float, reached: bool) -> None:
    file = {"ratio": ratio, "ratios": [3.9, 4.4], "pipeline": 900, "plain": 225, "workers": 2, "target": 4.0}
    measured, enough = speed_tables.pipeline(file)
    assert measured == "4.0 times (3.9–4.4): 900 against 225 images a second, 2 processes"
    assert enough is reached


def test_the_newest_version_counts_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_architectures, "ROOT", tmp_path)
    assert bench_architectures.newest("large") is None
    for place in ("static/model/large/2", "runs/versions/large/10", "runs/versions/large/11"):
        (tmp_path / place).mkdir(parents=True)
        if not place.endswith("11"):  # one without a card is no version
            (tmp_path / place / "card.json").write_text("{}")
    assert bench_architectures.newest("large") == tmp_path / "runs" / "versions" / "large" / "10"
