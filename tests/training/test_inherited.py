"""What earlier networks were taught with is looked through for what a run is measured by, or said to be unknown."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.training.test_leaking import planted
from training import inherited, leaking
from training.data import dataset_hash
from training.inherited import gate, tell

NONE = {"picture": 0, "look": 0, "meter": 0, "fragment": 0, "untraced": 0}


@pytest.fixture(scope="module")
def seen_before(drawn_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data that teach three pictures which `drawn_dataset` measures by: as they are, saved again, and brighter."""
    return planted(drawn_dataset, tmp_path_factory.mktemp("before") / "data")


@pytest.fixture(scope="module")
def other(drawn_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Other data, which teach nothing that `drawn_dataset` measures by."""
    folder = shutil.copytree(drawn_dataset, tmp_path_factory.mktemp("other") / "data")
    with (folder / "training.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "training.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows[1:])
    return folder


def run(folder: Path, dataset: Path | None, start: Path | None = None, **more: object) -> Path:
    """A run's folder with nothing but its options."""
    folder.mkdir(parents=True)
    taught = {"dataset": str(dataset), "dataset_sha256": dataset_hash(dataset)} if dataset else {}
    began = {"start": str(start / "model.keras")} if start else {}
    (folder / "options.json").write_text(json.dumps(taught | began | more))
    return folder


def version(folder: Path, sha256: str, **found: object) -> Path:
    """A version's folder with nothing but what its card says of its data."""
    folder.mkdir(parents=True)
    card = {"training": {"dataset_sha256": sha256}, "metrics": {"gates": found}}
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_at(dataset: Path) -> None:
        raise AssertionError(f"{dataset} was looked at")

    monkeypatch.setattr(inherited, "look_at", look_at)


@pytest.mark.parametrize("how", ["start", "teachers"])
def test_what_was_taught_two_trainings_before_is_found(
    drawn_dataset: Path, seen_before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    first = run(tmp_path / "first", seen_before)
    stage = run(tmp_path / "stage", drawn_dataset, first)
    more = {"teachers": [str(stage / "model.keras")]} if how == "teachers" else {}
    last = run(tmp_path / "last", drawn_dataset, stage if how == "start" else None, **more)
    assert gate(drawn_dataset, last) == NONE | {
        "outcome": "failed",
        "picture": 1,
        "look": 2,
        "data": [dataset_hash(drawn_dataset), dataset_hash(seen_before)],
        "unknown": [],
    }
    assert leaking.leaks_of(drawn_dataset).found == [], "the run's own folder has none"
    tell(drawn_dataset, dataset_hash(drawn_dataset), [stage / "model.keras"])
    said = capsys.readouterr().err.splitlines()
    assert "Leak (look): saved.png was taught to a network before it, 039.png is measured by." in said
    assert said[-1] == "3 such leaks: a version takes a written override to be published."


def test_other_data_without_a_leak_pass(drawn_dataset: Path, other: Path, tmp_path: Path) -> None:
    last = run(tmp_path / "last", drawn_dataset, run(tmp_path / "first", other))
    assert gate(drawn_dataset, last) == NONE | {"outcome": "passed", "data": [dataset_hash(other)], "unknown": []}


def test_the_same_data_cost_no_second_look(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody_looks(monkeypatch)
    same = dataset_hash(drawn_dataset)
    none = NONE | {"outcome": "passed", "data": [same], "unknown": []}
    first = run(tmp_path / "first", drawn_dataset)
    assert gate(drawn_dataset, first) == none | {"data": []}, "there was nothing before"
    assert gate(None, first)["outcome"] == "passed"
    last = run(tmp_path / "last", drawn_dataset, first)
    assert gate(drawn_dataset, last) == none
    assert gate(None, last)["outcome"] == "open", "there is nothing to look in"
    taught = version(tmp_path / "drawn" / "1", same, inherited=gate(drawn_dataset, last))
    assert gate(drawn_dataset, run(tmp_path / "next", drawn_dataset, taught)) == none
    tell(drawn_dataset, same, [taught / "model.keras"])
    assert capsys.readouterr().err == ""


def test_a_run_that_is_measured_by_other_data_is_looked_through(
    drawn_dataset: Path, seen_before: Path, tmp_path: Path
) -> None:
    """Nobody has looked at what it is measured by; an earlier one was taught with that folder's other side."""
    last = run(tmp_path / "last", drawn_dataset, run(tmp_path / "first", seen_before))
    found = gate(seen_before, last)
    assert (found["outcome"], found["picture"], found["look"]) == ("failed", 1, 2)


def test_what_cannot_be_found_is_said(
    drawn_dataset: Path, seen_before: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same, changed = dataset_hash(drawn_dataset), shutil.copytree(seen_before, tmp_path / "changed")
    silent = version(tmp_path / "old" / "1", same)
    told = version(tmp_path / "new" / "1", same, inherited=NONE | {"data": ["c" * 64], "unknown": ["gone/run"]})
    runs = {
        "changed/run": run(tmp_path / "runs" / "changed", changed),
        "nothing/run": run(tmp_path / "runs" / "nothing", None),
        "gone/run": tmp_path / "runs" / "gone",
        "old/1": silent,
    }
    (changed / "training.csv").write_bytes((drawn_dataset / "training.csv").read_bytes())
    for number, (name, start) in enumerate(runs.items()):
        found = gate(drawn_dataset, run(tmp_path / f"last-{number}", drawn_dataset, start))
        assert (found["outcome"], found["unknown"]) == ("unknown", [name])
    found = gate(drawn_dataset, run(tmp_path / "last", drawn_dataset, told))
    assert (found["outcome"], found["data"]) == ("unknown", [same, "c" * 64])
    assert found["unknown"] == ["gone/run", "new/1"]
    itself = run(tmp_path / "itself", drawn_dataset, tmp_path / "itself")
    assert gate(drawn_dataset, itself)["unknown"] == ["itself/run"]
    bare = run(tmp_path / "bare", drawn_dataset, start=Path())
    assert gate(drawn_dataset, bare)["unknown"] == ["model.keras"]
    assert gate(drawn_dataset, run(tmp_path / "given", drawn_dataset), silent)["unknown"] == ["old/1"]
    tell(drawn_dataset, same, [silent / "model.keras"])
    assert capsys.readouterr().err == "Not all that was taught to old/1 can be looked through for leaks.\n"


def test_one_that_leaks_fails_whatever_else_is_unknown(drawn_dataset: Path, seen_before: Path, tmp_path: Path) -> None:
    first = run(tmp_path / "first", seen_before, tmp_path / "gone")
    found = gate(drawn_dataset, run(tmp_path / "last", drawn_dataset, first))
    assert (found["outcome"], found["unknown"]) == ("failed", ["gone/run"])
