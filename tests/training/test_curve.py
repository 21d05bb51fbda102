"""Runs on nested subsets: every size with every repeat, resumed where they were, judged on the frozen validation."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest

from training import curve, curve_runs, curve_tables, learning_curve, train
from training.architectures import ARCHITECTURES
from training.curve_figures import curves_of, points_of
from training.data import TEACH, VALIDATE, DatasetError, Sample, read_table
from training.progress import Progress

OPTIONS = curve.Options("tuned", "compact", 3, 2, 1, 1, 4, 1, 1, None, "0" * 64)


def given(dataset: Path, tmp_path: Path, *more: str) -> list[str]:
    small = "--sizes 3 --repeats 1 --epochs 1 --steps 1 --batch 4 --workers 0".split()
    places = ["--runs", str(tmp_path), "--output", str(tmp_path / "curve.json")]
    return [str(dataset), *small, *places, *more]


def test_what_has_no_curve_says_why() -> None:
    point = {"size": 8, "error": 0.5, "n": 4, "level": 1}
    types = {"few": {"points": [point], "sizes": 1}, "unjudged": {"points": [], "sizes": 0}}
    told = list(curve.lines({"together": {"points": [point] * 3, "sizes": 3}, "types": types}))
    assert told[:2] == ["together: 3 sizes, too few for a curve", "few: 1 sizes, too few for a curve"]
    assert told[2] == "unjudged: no validation samples that would judge it"


def test_runs_are_done_once_and_judged_by_type(drawn_dataset: Path, tmp_path: Path) -> None:
    samples = read_table(drawn_dataset)
    seen: list[tuple[int, int]] = []

    def teach(subset: list[Sample], seed: int) -> np.ndarray:
        if len(seen) == 4:
            raise KeyboardInterrupt
        seen.append((len(subset), seed))
        return np.arange(10) < 4

    with pytest.raises(KeyboardInterrupt):
        curve.measure(samples, OPTIONS, tmp_path, teach, Progress(None))
    first, seen = list(seen), []
    runs = curve.measure(samples, OPTIONS, tmp_path, teach, Progress(None))
    assert len(runs) == 6 and len(seen) == 2, "what was done is not done again"
    assert [size for size, _ in first + seen] == [8, 8, 16, 16, 32, 32]
    assert len({seed for _, seed in first + seen}) == 6
    kinds = {s.meter_type for s in samples if s.type == VALIDATE}
    for run in runs:
        assert set(run["n"]) == kinds and sum(run["n"].values()) == 10
        assert sum(run["right"].values()) == 4 and curve.exact(run) == 0.4


def test_what_another_process_is_at_is_left_to_it_and_done_when_it_ends(drawn_dataset: Path, tmp_path: Path) -> None:
    samples, taught = read_table(drawn_dataset), []
    folder = tmp_path / "points"
    place = folder / "0-0.json"
    other = textwrap.dedent(f"""
        import sys
        from pathlib import Path
        from backend.domain.files import claimed
        with claimed(Path({str(place)!r}), wait=False):
            print("mine", flush=True)
            sys.stdin.read()
    """)
    process = subprocess.Popen([sys.executable, "-c", other], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout and process.stdout.readline() == b"mine\n"

    def teach(subset: list[Sample], _seed: int) -> np.ndarray:
        taught.append(len(subset))
        if len(taught) == 5:
            assert not place.exists()
            process.kill()
        return np.arange(10) < 4

    runs = curve.measure(samples, OPTIONS, folder, teach, Progress(None))
    process.communicate()
    assert taught == [8, 16, 16, 32, 32, 8], "what it was at comes last, as it ended without having done it"
    assert [run["level"] for run in runs] == [1, 1, 2, 2, 3, 3]


def test_without_validation_there_is_no_curve(drawn_dataset: Path, tmp_path: Path) -> None:
    taught = [s for s in read_table(drawn_dataset) if s.type == TEACH]
    with pytest.raises(DatasetError, match="samples for validation, got none"):
        curve.measure(taught, OPTIONS, tmp_path, lambda *_: np.zeros(0), Progress(None))


def test_points_by_type_leave_out_what_was_not_taught() -> None:
    runs = [
        {"level": 1, "sizes": {"water": 10}, "right": {"water": 1, "gas": 0}, "n": {"water": 4, "gas": 5}},
        {"level": 2, "sizes": {"water": 20, "gas": 3}, "right": {"water": 3, "gas": 1}, "n": {"water": 4, "gas": 5}},
    ]
    assert [(p.size, p.error) for p in points_of(runs, "water")] == [(10, 0.75), (20, 0.25)]
    assert [p.size for p in points_of(runs, "gas")] == [3]
    assert [(p.size, p.n) for p in points_of(runs)] == [(10, 9), (23, 9)]


def test_figures_hold_line_interval_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curve, "REDRAWS", 40)
    sizes = (75, 150, 300, 600, 1200, 2400)
    runs = []
    for level, size in [*enumerate(sizes, 1)] * 2:
        error = 0.05 + 0.1 * (size / 2400) ** -0.6
        runs.append(
            {
                "level": level,
                "sizes": {"water": size},
                "right": {"water": round(4000 * (1 - error))},
                "n": {"water": 4000},
            }
        )
    found = curves_of(runs)
    together = found["together"]
    assert set(found["types"]) == {"water"} and json.loads(json.dumps(found)) == found
    assert all(row["low"] <= row["error"] + 0.01 and row["error"] <= row["high"] + 0.01 for row in together["line"])
    assert together["line"][-1]["size"] == 9600
    answers = {row["accuracy"]: row for row in together["answers"]}
    true = 2400 * (0.1 / 0.07) ** (1 / 0.6)
    assert answers[0.88]["low"] < true < answers[0.88]["high"] < 9000 and answers[0.88]["low"] > 3000
    assert answers[0.97]["size"] is None and answers[0.97]["reached"] < 0.5 < answers[0.88]["reached"]
    assert abs(together["half_to_all"]["power3"]) < 0.01


def test_guesses_have_a_table() -> None:
    errors = {"points": 0.213, "worst": 0.5, "parameters": {"A": 0.1, "B": 0.2, "C": 0.3, "D": 0.4}}
    families = [{"drawn": True}, {"drawn": False}]
    file = {"families": families, "errors": {"ridge": errors, "mean": errors}, "method": "ridge"}
    lines = curve_tables.first_guess(file)
    assert lines[0].startswith("2 families, 1 of them drawn")
    assert "| ridge (used) | 21.3 | 50 | 10% | 20% | 30% | 40% |" in lines


def test_few_sizes_are_points_without_a_curve() -> None:
    sizes = enumerate((8, 16, 32), 1)
    runs = [{"level": k, "sizes": {"water": n}, "right": {"water": 1}, "n": {"water": 4}} for k, n in sizes]
    assert set(curves_of(runs)["together"]) == {"points", "sizes"}


@pytest.mark.parametrize("how", [["--how", "train"], ["--base", "drawn.keras"]])
def test_the_command(drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: list[str]) -> None:
    """By trainings from nothing, and by short ones from a base."""
    trained = []
    monkeypatch.setattr(curve, "file_hash", lambda file: file and "0" * 64)

    def quick(
        call: argparse.Namespace, data: Path, folder: Path, name: str, seed: int, epochs: int, base: Path | None
    ) -> None:
        assert base == (None if call.how == "train" else Path("drawn.keras"))
        trained.append(len([s for s in read_table(data) if s.type == TEACH]))
        (folder / name / "tensorboard").mkdir(parents=True)
        (folder / name / "tensorboard" / "events.out.tfevents.1").touch()
        keras.utils.set_random_seed(seed)
        ARCHITECTURES["compact"].build().save(folder / name / "model.keras")

    monkeypatch.setattr(curve_runs, "call_train", quick)
    lines = tmp_path / "progress"
    arguments = given(drawn_dataset, tmp_path, *how, "--sizes", "2", "--progress-file", str(lines))
    assert curve.main(arguments) == 0
    assert trained == [16, 32]
    result = json.loads((tmp_path / "curve.json").read_text())
    assert [sum(run["sizes"].values()) for run in result["runs"]] == [16, 32]
    assert [json.loads(line)["step"] for line in lines.read_text().splitlines()] == [1, 2]
    assert sorted(place.name for place in (tmp_path / "curve").iterdir()) == [
        "data",
        "options.json",
        "points",
        "tensorboard",
    ]
    logs = [file.parent.name for file in (tmp_path / "curve" / "tensorboard").rglob("events.*")]
    assert sorted(logs) == ["1001", "2001"], "of each run what TensorBoard shows is kept"
    assert curve.main(arguments) == 0 and trained == [16, 32]


@pytest.mark.parametrize(("place", "whole"), [("data", True), ("7.gone", False)])
def test_a_run_that_is_killed_while_it_is_removed_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, whole: bool
) -> None:
    """Its logs stay, and where it was not touched yet nothing is taught again."""
    run, logs, data = tmp_path / "7", tmp_path / "logs", tmp_path / "data"

    def go_on() -> None:
        """As `write_subset` and `training.train` do: a run that is whole is left as it is."""
        data.mkdir(exist_ok=True)
        (data / "training.csv").touch()
        if not run.exists():
            (run / "tensorboard").mkdir(parents=True)
            (run / "tensorboard" / "events.out.tfevents.1").touch()
            (run / "model.keras").touch()
        curve_runs.keep_logs(run, logs, data)

    def killed(folder: Path, ignore_errors: bool = False) -> None:
        if folder == tmp_path / place and not ignore_errors:
            next(file for file in folder.iterdir() if file.is_file()).unlink()
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("training.curve_runs.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            go_on()
    assert [file.name for file in run.glob("*")] == (["model.keras"] if whole else [])
    go_on()
    assert [file.name for file in logs.iterdir()] == ["events.out.tfevents.1"]
    assert list(tmp_path.iterdir()) == [logs]


def test_no_run_of_a_curve_looks_for_leaks(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No version is made of it, and each looks at every picture of the folder."""
    told: list[Path] = []
    trained: list[Path] = []
    monkeypatch.setattr(train, "tell", told.append)
    monkeypatch.setattr(train, "train", lambda command: trained.append(command.run))
    options = curve.parser().parse_args(given(drawn_dataset, tmp_path))
    curve_runs.call_train(options, drawn_dataset, tmp_path, "7", 7, 1)
    assert trained == [tmp_path / "7"] and told == []


def test_the_base_sees_no_photograph(drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def quick(call: argparse.Namespace, data: Path, folder: Path, name: str, seed: int, epochs: int) -> None:
        called.append({(sample.source, sample.type) for sample in read_table(data)})
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "log.jsonl").write_text("{}\n" * epochs)

    monkeypatch.setattr(curve_runs, "call_train", quick)
    monkeypatch.setattr(curve_runs, "DRAWN", 60)
    options = curve.parser().parse_args(given(drawn_dataset, tmp_path, "--base-epochs", "2"))
    for _ in range(2):  # the second time it is there
        assert curve_runs.train_base(options, tmp_path) == tmp_path / "base" / "model.keras"
    assert called == [{("drawn", VALIDATE)}], "batches draw what is taught"


def test_other_options_do_not_continue_a_folder(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    curve.refuse_others(OPTIONS, tmp_path / "curve")
    assert curve.main(given(drawn_dataset, tmp_path)) == 1
    assert "began with, got other base_epochs, dataset_sha256, repeats" in capsys.readouterr().err


def test_a_base_that_is_none_is_named(drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert curve.main(given(drawn_dataset, tmp_path, "--base", "nowhere.keras")) == 1
    assert "expected a .keras file to begin with, got nowhere.keras" in capsys.readouterr().err


def test_the_tables_say_what_was_foretold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curve, "REDRAWS", 20)
    runs = []
    for level, size in [*enumerate((60, 120, 240, 480, 960), 1)] * 2:
        error = 0.1 + 0.1 * (size / 960) ** -0.5
        figures = {"right": {"water": round(9000 * (1 - error))}, "n": {"water": 9000}}
        runs.append({"level": level, "sizes": {"water": size, "gas": 1}, **figures})
    protocol = {"how": "tuned", "epochs": 2, "steps": 3, "batch": 10}
    text = "\n".join(curve_tables.curve({"protocol": protocol, "runs": runs, **curves_of(runs)}))
    assert "10 runs on nested subsets" in text and "60 pictures each" in text
    assert "at most 2 points with the chosen form: yes" in text and "for a curve: gas" in text
    assert "| cannot be said |" in text and "960: 80.0%" in text
