"""What a version has cost: all of its trainings, as far back as they can be followed, and no more than is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backend.settings import ROOT
from training import spending
from training.spending import budget, pictures

LINE = {"seconds": 2.0, "cpu_seconds": 3.0, "images_per_second": 50.0}
COMPACT = {"epochs": 28, "steps": 100, "batch": 64, "seed": 21, "learning_rate": 7e-4}


def run(folder: Path, epochs: int, start: Path | None = None) -> Path:
    """A run's folder as training leaves it, without its weights."""
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("".join(f"{json.dumps(LINE)}\n" for _ in range(epochs)))
    (folder / "options.json").write_text(json.dumps({"start": start and str(start / "model.keras")}))
    return folder


def version(folder: Path, spent: dict[str, Any]) -> Path:
    """A version's folder with nothing but what its card says of its trainings."""
    folder.mkdir(parents=True)
    (folder / "card.json").write_text(json.dumps({"training": {"budget": spent}}))
    return folder


def costs(epochs: int) -> dict[str, int]:
    return {"epochs": epochs, "pictures": 100 * epochs, "seconds": 2 * epochs, "cpu_seconds": 3 * epochs}


def test_a_run_from_nothing_is_all_there_was(tmp_path: Path) -> None:
    found = budget(run(tmp_path / "one", 2))
    assert found == costs(2) | {"all": {"trainings": 1, **costs(2), "whole": True}}
    assert budget(tmp_path / "none") == {}


def test_all_runs_in_a_row_are_added_up(tmp_path: Path) -> None:
    third = run(tmp_path / "three", 1, run(tmp_path / "two", 5, run(tmp_path / "one", 4)))
    assert budget(third) == costs(1) | {"all": {"trainings": 3, **costs(10), "whole": True}}


def test_a_version_hands_down_what_its_card_says(tmp_path: Path) -> None:
    parent = version(tmp_path / "compact" / "1", budget(run(tmp_path / "two", 5, run(tmp_path / "one", 4))))
    assert budget(run(tmp_path / "next", 1, parent))["all"] == {"trainings": 3, **costs(10), "whole": True}


def test_what_is_gone_is_not_taken_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run(tmp_path / "here", 3))
    gone = budget(run(tmp_path / "next", 1, tmp_path / "gone"))
    assert gone["all"] == {"trainings": 1, **costs(1), "whole": False}
    old = version(tmp_path / "compact" / "1", costs(5))  # a card from before there were sums
    assert budget(run(tmp_path / "other", 1, old))["all"] == {"trainings": 2, **costs(6), "whole": False}
    bare = run(tmp_path / "bare", 1)
    (bare / "options.json").write_text('{"start": "model.keras"}')
    assert budget(bare)["all"] == {"trainings": 1, **costs(1), "whole": False}, "not what the working directory holds"
    itself = run(tmp_path / "itself", 1, tmp_path / "itself")
    assert budget(itself)["all"]["whole"] is False


def test_pictures_by_card_or_by_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The five trainings of compact/5, whose logs are gone: 217 epochs of 100 steps of 64; without the fifth, 189."""
    assert pictures("compact", COMPACT | {"budget": costs(28)}) == 1_388_800
    fourth = {"epochs": 55, "seed": 11, "learning_rate": 1e-3}
    assert pictures("compact", COMPACT | fourth | {"budget": costs(55)}) == 1_209_600
    assert pictures("compact", COMPACT | {"seed": 11, "budget": costs(28)}) is None, "no stage of it"
    assert pictures("compact", COMPACT | {"budget": {"all": {"pictures": 7, "whole": True}}}) == 7
    assert pictures("other", COMPACT | {"budget": {"all": {"pictures": 7, "whole": False}}}) is None
    monkeypatch.setattr(spending, "CONFIGURATIONS", tmp_path)
    assert pictures("compact", COMPACT) is None


def test_the_pictures_of_teachers_count_by_configuration_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stages of its own, taught by the first and by the second of three stages of another."""
    monkeypatch.setattr(spending, "CONFIGURATIONS", tmp_path)
    steps, stage = "[all]\nsteps = 10\nbatch = 2\n", "[[stage]]\nepochs = {}\nseed = {}\nlearning_rate = 1e-3\n"
    (tmp_path / "large.toml").write_text(steps + "".join(stage.format(4**number, number) for number in (1, 2, 3)))
    teachers = 'teachers = ["runs/small-1-averaged/model.keras", "runs/large-2/model.keras"]\n'
    (tmp_path / "small.toml").write_text(steps + stage.format(3, 1) + stage.format(2, 7) + teachers)
    last = {"epochs": 2, "steps": 10, "batch": 2, "seed": 7, "learning_rate": 1e-3}
    assert pictures("small", last) == 20 * (3 + 2 + 4 + 16)
    for stranger in ("runs/large-4/model.keras", "runs/large/model.keras", "runs/versions/large/2/model.keras"):
        (tmp_path / "small.toml").write_text(steps + stage.format(2, 7) + f'teachers = ["{stranger}"]\n')
        assert pictures("small", last) is None


def test_a_teacher_that_is_a_version_is_the_stage_that_its_card_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped network: its own six stages, and the two of the larger one, by `static/model/` alone."""
    monkeypatch.chdir(ROOT)
    card = json.loads((ROOT / "static" / "model" / "compact" / "6" / "card.json").read_text())
    assert pictures("compact", card["training"]) == 1_388_800 + 960_000 + 1_036_800


def test_what_a_teacher_has_cost_counts_once(tmp_path: Path) -> None:
    """The second stage goes on from the first, and both have the same teacher."""
    teacher = run(tmp_path / "teacher", 7)
    first, taught = run(tmp_path / "one", 4), {"teachers": [str(teacher / "model.keras")]}
    (first / "options.json").write_text(json.dumps(taught))
    second = run(tmp_path / "two", 2, first)
    (second / "options.json").write_text(json.dumps(taught | {"start": str(first / "model.keras")}))
    assert budget(second)["all"] == {"trainings": 3, **costs(13), "whole": True}
