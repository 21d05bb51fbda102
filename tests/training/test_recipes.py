"""Recipes of classifiers: their data, a training that goes on after a kill, each with a tiny budget, a version."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from backend.domain.classifier_card import ClassifierCard
from training import recipe_tables, recipes
from training.classifiers import digits
from training.classifiers.batches import as_input, batches, distorted, steps_of
from training.classifiers.drawn import draw, drawn_digits
from training.classifiers.recipe import Stage, named
from training.classifiers.redraw import redrawn
from training.data import DatasetError
from training.progress import Progress
from training.recipe import listed, main
from training.recipes import lenet
from training.results import read_results

ROOT = Path(__file__).resolve().parents[2]
TRAIN, TEST = 200, 40


def write_idx(file: Path, values: NDArray[np.uint8]) -> None:
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape)
    content = head + values.tobytes()
    file.write_bytes(gzip.compress(content) if file.suffix == ".gz" else content)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as MNIST's, of digits from typefaces; the test part is not packed."""
    folder = tmp_path_factory.mktemp("digits")
    for name, count, end in (("train", TRAIN, ".gz"), ("test", TEST, "")):
        part = drawn_digits(count, seed=count)
        for file, values in zip(digits.FILES[name], (part.pictures, part.labels), strict=True):
            write_idx(folder / f"{file}{end}", values)
    return folder


def test_digits_are_read_and_split(data: Path) -> None:
    read = digits.read_digits(data)
    assert (len(read.train), len(read.test), read.train.pictures.shape[1:]) == (TRAIN, TEST, (28, 28))
    teach, validation = digits.split(read.train, 0.1)
    assert (len(teach), len(validation)) == (180, 20)
    assert (validation.labels == read.train.labels[180:]).all()
    assert len(digits.split(read.train, 50)[1]) == 50
    assert len(digits.read_digits(data, limit=30).test) == 30
    assert digits.read_digits(data, limit=30).sha256 != read.sha256


def test_what_is_no_mnist_is_refused(data: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected train-images-idx3-ubyte or .*\.gz in .*, got neither"):
        digits.read_digits(tmp_path)
    shutil.copytree(data, tmp_path, dirs_exist_ok=True)
    name = digits.FILES["test"][1]
    labels = drawn_digits(TEST, 1).labels
    for content in (labels[:-1], labels + 10):
        write_idx(tmp_path / name, content)
        with pytest.raises(DatasetError, match="expected"):
            digits.read_digits(tmp_path)
    (tmp_path / name).write_bytes(b"\0\0\x08\x01\0\0\0\x28" + b"\1" * 39)
    with pytest.raises(DatasetError, match="idx file of bytes, got other or fewer"):
        digits.read_digits(tmp_path)
    packed = tmp_path / f"{digits.FILES['train'][0]}.gz"
    packed.write_bytes(packed.read_bytes()[:-100])
    with pytest.raises(DatasetError, match="whole idx file, got one that is damaged"):
        digits.read_digits(tmp_path)


def test_a_step_always_gives_the_same_batch_and_an_epoch_all_pictures() -> None:
    part = drawn_digits(40, 3)
    assert steps_of(part, 16) == 2
    one, two = (list(batches(part, range(3, 6), 16, 32, 1, 1.0)) for _ in range(2))
    assert all((a[0] == b[0]).all() and (a[1] == b[1]).all() for a, b in zip(one, two, strict=True))
    assert one[0][0].shape == (16, 32, 32, 1) and one[0][0].dtype == np.float32
    (alone,) = batches(part, range(4, 5), 16, 32, 1, 1.0)
    assert (alone[0] == one[1][0]).all()
    plain = [labels for _, labels in batches(part, range(2), 20, 28, 1, 0.0)]
    assert (np.sort(np.concatenate(plain)) == np.sort(part.labels)).all()


def test_distorted_pictures_stay_themselves() -> None:
    pictures = as_input(drawn_digits(30, 4).pictures, 32)[..., 0]
    changed = distorted(pictures, (1, 1), 1.0)
    assert changed.shape == pictures.shape and changed.min() >= 0 and changed.max() <= 1
    assert np.abs(changed.sum(axis=(1, 2)) / pictures.sum(axis=(1, 2)) - 1).max() < 0.35
    near = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(pictures, changed, strict=True)]
    assert 0.3 < np.median(near) < 0.98
    assert np.abs(distorted(pictures, (1, 1), 1e-6) - pictures).max() < 1e-3


def test_redrawn_digits_are_the_same_digits() -> None:
    part = drawn_digits(20, 5)
    again = redrawn(part)
    assert (again.labels == part.labels).all()
    off = np.abs(again.pictures.astype(float) - part.pictures).mean(axis=(1, 2))
    others = np.abs(np.roll(part.pictures, 1, axis=0).astype(float) - part.pictures).mean(axis=(1, 2))
    assert np.median(off) < np.median(others) / 3


def test_they_are_listed_with_what_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == recipes.names()
    assert "LeNet (1998) on MNIST padded to 32 × 32" in listed()
    with pytest.raises(SystemExit):
        main(["no_such_recipe"])


@pytest.mark.usefixtures("eagerly")
@pytest.mark.parametrize("name", ["drawn_convolutional", "drawn_dense", "lenet", "lenet_better"])
def test_each_with_a_tiny_budget(name: str, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = recipes.open_recipe(name)
    assert recipe.build().count_params() <= 130_000  # type: ignore[attr-defined]
    places = ["--data", str(data), "--runs", str(tmp_path), "--results", str(tmp_path), "--limit", "40"]
    assert main([name, "--epochs", "1", *places, "--progress-file", str(tmp_path / "said")]) == 0
    assert capsys.readouterr().out.startswith("1 epochs: ")
    (line,) = (json.loads(text) for text in (tmp_path / name / "quick" / "log.jsonl").read_text().splitlines())
    assert 0 <= line["validation"] <= 1 and line["loss"] > 0
    said = json.loads((tmp_path / "said").read_text().splitlines()[-1])
    assert (said["step"], said["steps"], said["epoch"]) == (1000, 1000, 1)
    assert not (tmp_path / f"{name}.json").exists(), "only --full writes results"
    (events,) = (tmp_path / name / "quick" / "tensorboard").iterdir()
    assert {"loss", "validation"} <= set(shown_in(events))


def shown_in(events: Path) -> list[str]:
    """What TensorBoard draws of a file."""
    read = EventAccumulator(str(events)).Reload()
    return list(read.Tags()["tensors"])


@pytest.mark.usefixtures("eagerly")
def test_all_of_a_recipe_writes_its_results(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two short trainings: each from fresh weights, scored where it is to be, beside what the ancestor had."""
    whole = recipes.open_recipe("lenet")
    stages = (Stage("epochs1", 1, validation=20), Stage("epochs2", 2, validation=0.1, scored=(1,)))
    known = replace(whole.ancestor, figures={"1 epochs": 0.5})
    monkeypatch.setattr(lenet, "RECIPE", replace(whole, stages=stages, ancestor=known))  # type: ignore[type-var]
    places = ["--data", str(data), "--runs", str(tmp_path), "--results", str(tmp_path / "results")]
    assert main(["lenet", "--full", *places, "--epochs", "1"]) == 0
    assert not (tmp_path / "results").exists(), "not of a part"
    assert main(["lenet", "--full", *places]) == 0
    results = json.loads((tmp_path / "results" / "lenet.json").read_text())
    told = [(figure["what"], figure["ancestor"], figure["target"]) for figure in results["figures"]]
    assert told[:3] == [("1 epochs", 0.5, 0.989), ("1 epochs", 0.5, 0.989), ("2 epochs", None, 0.989)]
    assert all(figure["measured"]["n"] == TEST for figure in results["figures"])
    assert results["data_sha256"] == digits.read_digits(data).sha256
    for stage in stages:
        run = tmp_path / "lenet" / stage.name
        assert json.loads((run / "options.json").read_text())["validation"] == stage.validation
        assert len((run / "log.jsonl").read_text().splitlines()) == stage.epochs


def fitted(data: Path, run: Path, *lasts: int) -> tuple[list[NDArray[np.float32]], str]:
    """The weights and scores of a small training that is stopped after each of these epochs and goes on."""
    from training.classifiers.fit import Job, Options, fit

    def build() -> keras.Model:
        picture = keras.Input((28, 28, 1))
        x = keras.layers.Dropout(0.3)(keras.layers.Flatten()(picture))
        return keras.Model(picture, keras.layers.Dense(10, activation="softmax")(x))

    read = digits.read_digits(data, 80)
    options = Options("small", "one", 4, 32, 1e-2, True, 1.0, 0.9, 50, 0.2, None, 1, read.sha256)
    for last in lasts:
        fit(Job(options, build, (2,), last, run), read, Progress(None))
    model = keras.models.load_model(run / "checkpoint.keras")
    return model.get_weights(), (run / "scores.json").read_text()


@pytest.mark.usefixtures("eagerly")
def test_a_killed_training_goes_on_to_the_bit(data: Path, tmp_path: Path) -> None:
    straight, scores = fitted(data, tmp_path / "straight", 3)
    assert list(json.loads(scores)) == ["2", "3"]
    killed = tmp_path / "killed"
    fitted(data, killed, 1)
    with (killed / "log.jsonl").open("a") as log:  # as a kill leaves it between the log and the checkpoint
        log.write(json.dumps({"epoch": 2, "validation": 0.0, "seconds": 1.0}) + "\n")
    resumed, again = fitted(data, killed, 2, 3)
    assert all((a == b).all() for a, b in zip(straight, resumed, strict=True))
    assert {key: json.loads(again)[key] for key in ("2", "3")} == json.loads(scores)
    epochs = [json.loads(line)["epoch"] for line in (killed / "log.jsonl").read_text().splitlines()]
    assert epochs == [1, 2, 3]


@pytest.mark.usefixtures("eagerly")
def test_other_options_than_before_are_refused(data: Path, tmp_path: Path) -> None:
    fitted(data, tmp_path / "run", 1)
    options = json.loads((tmp_path / "run" / "options.json").read_text())
    (tmp_path / "run" / "options.json").write_text(json.dumps(options | {"seed": 2}))
    with pytest.raises(DatasetError, match="expected the options that run began with, got other seed"):
        fitted(data, tmp_path / "run", 2)


def test_a_run_that_no_longer_gets_better_ends(tmp_path: Path) -> None:
    from training.classifiers.judging import gave_up

    values = [0.1, 0.5, 0.4, 0.5]
    lines = [json.dumps({"epoch": n + 1, "validation": value}) for n, value in enumerate(values)]
    (tmp_path / "log.jsonl").write_text("\n".join(lines) + "\n")
    assert [gave_up(tmp_path, patience) for patience in (1, 2, 3, None)] == [True, True, False, False]


def test_a_version_is_told_alike_by_keras_tflite_and_the_browser(data: Path, tmp_path: Path) -> None:
    place = ["--data", str(data), "--runs", str(tmp_path / "runs"), "--output", str(tmp_path / "model")]
    command = [sys.executable, "-W", "ignore", "-m", "training.recipe", "drawn_dense", "--epochs", "2", "--export"]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([*command, *place], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    card = ClassifierCard.load(folder)
    card.verify(folder)
    assert (card.name, card.version, card.recipe, card.parameters) == ("drawn_dense", "1", "drawn_dense", 101_770)
    checks = card.metrics["export"]["numbers"]
    assert [checks[who]["same_reading"] for who in ("tflite", "tfjs_wasm")] == [60, 60]
    assert card.metrics["test"]["accuracy"]["n"] == TEST
    golden = json.loads((folder / "golden" / "golden.json").read_text())
    assert [entry["class"] for entry in golden] == list("0123456789")
    assert sum(file.stat().st_size for file in folder.rglob("*.*")) < 1_200_000


def test_results_stand_beside_the_ancestors(tmp_path: Path) -> None:
    measured = {"value": 0.9912, "low": 0.989, "high": 0.993, "right": 9912, "n": 10000}
    figures = [
        {"what": "10 epochs", "measured": measured, "ancestor": 0.9717, "target": 0.989, "seconds": 1234},
        {"what": "40 epochs", "measured": measured, "ancestor": None, "target": 0.995},
    ]
    (tmp_path / "recipes").mkdir()
    (tmp_path / "finder.json").write_text("{}")
    (tmp_path / "recipes" / "lenet.json").write_text(json.dumps({"figures": figures, "about": "61,706 parameters."}))
    lines = recipe_tables.markdown(read_results(tmp_path)["recipes"])
    assert lines[-1] == "- `lenet`: 61,706 parameters."
    first, second = (line for line in lines if line.startswith("| `lenet`"))
    assert first.endswith("(9912 of 10000) | 97.17% | ≥ 98.9% | yes | 1,234 |")
    assert second.endswith("| not known | ≥ 99.5% | **no** |  |")


@pytest.mark.parametrize(
    ("stage", "epoch", "last", "name"),
    [
        (Stage("a", 100, 0.1, scored=(25, 50)), 25, 100, "25 epochs"),
        (Stage("a", 100, 0.1, scored=(25, 50)), 7, 7, "7 of 100 epochs"),
        (Stage("a", 100, 0.1, scored=(25, 50)), 100, 100, "100 epochs"),
        (Stage("a", 4900, 0.1, figure="split 0.1"), 70, 4900, "split 0.1"),
        (Stage("a", 4900, 0.1, figure="split 0.1"), 70, 70, "split 0.1, stopped after 70 epochs"),
    ],
)
def test_a_training_that_was_stopped_says_so(stage: Stage, epoch: int, last: int, name: str) -> None:
    assert named(stage, epoch, last) == name


def test_what_was_not_trained_becomes_no_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-m", "training.classifiers.export", str(tmp_path), "--output", str(tmp_path / "model")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("training.classifiers.export: expected the folder of a recipe's")


def test_drawn_ink_is_bright_on_black() -> None:
    ink = draw(np.random.default_rng(1), 8)
    assert ink.shape == (96, 96) and ink.max() > 0.9 and np.median(ink) == 0
