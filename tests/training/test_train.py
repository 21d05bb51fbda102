"""The training command: repeatable, resumable, on both backends, and clear when it cannot go on."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.training import small_training
from tests.training.tiny import tiny_model
from training import callbacks
from training.architectures import ARCHITECTURES
from training.callbacks import StopOnNonFinite, best_score
from training.continuing import KeepWhatWasRead
from training.data import TEACH, VALIDATE, read_table
from training.train import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--architecture", "small", "--epochs", "2", "--steps", "2", "--batch", "4", "--workers", "0"]


@pytest.fixture(scope="module", autouse=True)
def small() -> Iterator[None]:
    """The command knows the small network by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "small", small_training.SMALL)
        yield


def _train(dataset: Path, runs: Path, name: str, *more: str) -> list[np.ndarray]:
    assert main([str(dataset), "--runs", str(runs), "--name", name, *SMALL, *more]) == 0
    return keras.models.load_model(runs / name / "checkpoint.keras").get_weights()


@pytest.fixture(scope="module")
def run(drawn_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, for the tests that only look at one."""
    runs = tmp_path_factory.mktemp("runs")
    _train(drawn_dataset, runs, "whole")
    return runs / "whole"


def _weights(run: Path) -> list[np.ndarray]:
    return keras.models.load_model(run / "checkpoint.keras").get_weights()


def test_a_seed_repeats_a_run(drawn_dataset: Path, run: Path, tmp_path: Path) -> None:
    first, second = _weights(run), _train(drawn_dataset, tmp_path, "b")
    other = _train(drawn_dataset, tmp_path, "c", "--seed", "2")
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not all(np.array_equal(a, c) for a, c in zip(first, other, strict=True))


def test_a_killed_run_goes_on_as_if_nothing_had_been(drawn_dataset: Path, run: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.small_training", str(drawn_dataset), *SMALL]
    place = ["--runs", str(tmp_path), "--name", "cut"]
    process = subprocess.Popen([*command, *place], cwd=ROOT, stdout=subprocess.DEVNULL)
    log = tmp_path / "cut" / "log.jsonl"
    while not log.exists():  # the first epoch's end
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    resumed = _train(drawn_dataset, tmp_path, "cut")
    assert all(np.array_equal(a, b) for a, b in zip(_weights(run), resumed, strict=True))
    epochs = [json.loads(line)["epoch"] for line in log.read_text().splitlines()]
    assert epochs[0] == 1 and epochs[-1] == 2


def test_other_options_do_not_continue_a_run(
    drawn_dataset: Path, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(drawn_dataset), "--runs", str(run.parent), "--name", run.name, *SMALL, "--seed", "9"]) == 1
    assert "got other seed" in capsys.readouterr().err


def test_a_finished_run_leaves_weights_and_logs(run: Path) -> None:
    record = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert {"epoch", "epochs", "seconds", "images_per_second", "loss", "exact_box", "exact_whole"} <= set(record)
    assert list((run / "tensorboard").glob("events.*"))
    assert keras.models.load_model(run / "model.keras").count_params() > 0
    assert not list(run.glob("*.tmp*"))


def test_going_on_says_how_far_it_is_and_keeps_what_was_read(drawn_dataset: Path, run: Path, tmp_path: Path) -> None:
    told, parent = tmp_path / "progress.jsonl", run / "model.keras"
    more = ["--from", str(parent), "--keep", "0.01", "--progress-file", str(told)]
    _train(drawn_dataset, tmp_path, "next", *more)
    lines = [json.loads(line) for line in told.read_text().splitlines()]
    assert [line["step"] for line in lines] == sorted(line["step"] for line in lines)
    assert (lines[-1]["step"], lines[-1]["steps"]) == (4, 4)
    epochs = [line for line in lines if "epoch" in line]
    assert [line["epoch"] for line in epochs] == [1, 2]
    assert all(0 <= line["lost"] <= 1 and np.isfinite(line["loss"]) for line in epochs)
    assert json.loads((tmp_path / "next" / "options.json").read_text())["keep"] == 0.01


def test_weights_that_lose_too_much_are_not_kept(
    drawn_dataset: Path, run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    validation = [sample for sample in read_table(drawn_dataset) if sample.type == VALIDATE]
    right = {"box": np.ones(len(validation), bool), "whole": np.zeros(len(validation), bool)}
    saved: list[str] = []
    monkeypatch.setattr(KeepWhatWasRead, "right", lambda self, model, view: right[view].copy())
    monkeypatch.setattr(callbacks, "save_whole", lambda model, path: saved.append(path.name))
    spec = ARCHITECTURES["small"].spec
    judge = KeepWhatWasRead(validation, spec, tmp_path / "model.keras", run / "model.keras", 0.1)
    assert (tmp_path / "model.keras").exists()  # the parent's own weights
    judge.set_model(keras.models.load_model(run / "model.keras"))
    right["whole"][:] = True
    for lost, kept in ((2, 0), (1, 1), (3, 1)):  # of 10; the first two have a better score than the parent
        right["box"][:] = np.arange(10) >= lost
        logs: dict[str, float] = {}
        judge.on_epoch_end(0, logs)
        assert (logs["lost"], len(saved)) == (lost / 10, kept)


def test_what_the_last_step_breaks_is_not_kept() -> None:
    stop, model = StopOnNonFinite(), tiny_model()
    stop.set_model(model)
    stop.on_epoch_end(0)
    weights = model.get_weights()
    weights[-1][0] = np.inf
    model.set_weights(weights)
    with pytest.raises(FloatingPointError, match="expected finite weights at epoch 2, got others in"):
        stop.on_epoch_end(1)


def test_a_missing_dataset_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), *SMALL]) == 1
    assert capsys.readouterr().err.startswith("training.train: expected a dataset folder")


def _of_sides(dataset: Path, folder: Path, *sides: int) -> Path:
    """The dataset's samples of some sides alone."""
    folder.mkdir()
    (folder / "images").symlink_to(dataset / "images", target_is_directory=True)
    with (dataset / "training.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "training.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(row for row in rows if int(row["type"]) in sides)
    return folder


def test_without_validation_pictures_nothing_is_trained(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They choose the weights that are kept: without any there would be none."""
    folder = _of_sides(drawn_dataset, tmp_path / "data", TEACH)
    assert main([str(folder), "--runs", str(tmp_path), "--name", "none", *SMALL]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == "training.train: expected samples to teach and to validate with, got 32 and 0"
    assert not (tmp_path / "none").exists()


def test_without_teaching_pictures_drawn_ones_are_taught_and_that_is_said(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the base of a learning curve is."""
    _train(_of_sides(drawn_dataset, tmp_path / "data", VALIDATE), tmp_path, "base", "--epochs", "1")
    assert "no samples to teach with: only drawn, composed" in capsys.readouterr().err
    assert (tmp_path / "base" / "model.keras").is_file()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--from", "nosuch.keras"], "expected --from as a .keras file to begin with, got nosuch.keras"),
        (["--learning-rate", "-1"], "expected --learning-rate above 0 and finite, got -1"),
        (["--learning-rate", "0"], "expected --learning-rate above 0 and finite, got 0"),
        (["--learning-rate", "nan"], "expected --learning-rate above 0 and finite, got nan"),
        (["--learning-rate", "inf"], "expected --learning-rate above 0 and finite, got inf"),
        (["--keep", "0.5"], "expected --from, whose readings are to be kept, with --keep 0.5, got none"),
        (["--keep", "1.5", "--from", "nosuch.keras"], "expected --keep from 0 to 1, got 1.5"),
        (["--keep", "nan", "--from", "nosuch.keras"], "expected --keep from 0 to 1, got nan"),
    ],
)
def test_options_that_make_no_sense_are_one_clear_line(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    assert main([str(drawn_dataset), "--runs", str(tmp_path), *SMALL, *options]) == 1
    assert capsys.readouterr().err == f"training.train: {reason}\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--limit", "0"], "expected --limit of at least 1, got 0"),
        (["--limit", "-1"], "expected --limit of at least 1, got -1"),
        (["--seed", "-1"], "expected --seed of at least 0, got -1"),
        (["--workers", "-1"], "expected --workers of at least 0, got -1"),
        (["--steps", "0"], "expected --steps of at least 1, got 0"),
    ],
)
def test_numbers_that_are_too_small_are_refused(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    with pytest.raises(SystemExit):
        main([str(drawn_dataset), "--runs", str(tmp_path), *SMALL, *options])
    assert capsys.readouterr().err.endswith(f"error: {reason}\n")


def test_a_network_to_begin_with_has_the_same_weights(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no network, or another one, leaves no run's folder behind."""
    runs, text, other = tmp_path / "runs", tmp_path / "text.keras", tmp_path / "other.keras"
    text.write_text("no network")
    tiny_model().save(other)
    for start, reason in (
        (text, f"expected --from as a .keras file, got {text}, which cannot be opened as one"),
        (other, f"expected --from as a network like small, got {other} with other weights"),
    ):
        assert main([str(drawn_dataset), "--no-export", "--runs", str(runs), *SMALL, "--from", str(start)]) == 1
        assert capsys.readouterr().err.splitlines()[-1] == f"training.train: {reason}"
        assert not runs.exists()


def test_a_resumed_run_knows_the_best_score_so_far(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert best_score(log) == -1.0
    log.write_text('{"exact_box": 0.5, "exact_whole": 0.4}\n{"exact_box": 0.25, "exact_whole": 0.0}\n{"loss": 1.0}\n')
    assert best_score(log) == pytest.approx(0.6)


def test_a_broken_loss_stops_the_run() -> None:
    with pytest.raises(FloatingPointError, match="expected a finite loss, got nan at step 3"):
        StopOnNonFinite().on_train_batch_end(3, {"loss": float("nan")})


def test_jax_trains_too(drawn_dataset: Path, tmp_path: Path) -> None:
    """That each network computes under JAX: test_architectures.py."""
    command = [sys.executable, "-m", "tests.training.small_training", str(drawn_dataset), "--runs", str(tmp_path)]
    options = ["--name", "jax", "--epochs", "1", "--steps", "1", "--batch", "2", "--workers", "0"]
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run([*command, *options], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    record = json.loads((tmp_path / "jax" / "log.jsonl").read_text().splitlines()[-1])
    assert np.isfinite(record["loss"])
