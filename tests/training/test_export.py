"""A tiny network becomes a version that Keras, TFLite and a real browser read alike, or none at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.card import Card, CardError
from backend.domain.imaging import Box, load, preprocess
from backend.domain.reading import encode
from tests.training.tiny import tiny_run
from training import agreement
from training.data import read_table
from training.lineage import against
from training.networks import crop_samples, load_keras, open_version
from training.publishing import publish

ROOT = Path(__file__).resolve().parents[2]
FIRST = ("--publish", "--override", "drawn displays have no leaks")


def export(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own: TensorFlow reads its environment when it is imported."""
    command = [sys.executable, "-W", "ignore", "-m", "training.export", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """What the command says when it stops before it converts anything, in this process."""
    from training.export import main  # sets TensorFlow's environment: not before another test needs it otherwise

    assert main(list(map(str, arguments))) == 1
    return capsys.readouterr().err


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_run(tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture(scope="session")
def models(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of versions that holds tiny/1, published, made without photographs."""
    output = tmp_path_factory.mktemp("static") / "model"
    done = export(run, "--name", "tiny", "--output", output, "--pictures", "12", *FIRST)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("tiny/1")
    return output


@pytest.fixture(scope="session")
def card(models: Path) -> Card:
    return Card.load(models / "tiny" / "1")


def test_a_version_is_complete(models: Path, card: Card) -> None:
    folder = models / "tiny" / "1"
    card.verify(folder)
    assert {"model.json", "model.tflite", "golden/golden.json", "golden/00.png"} <= card.files.keys()
    assert any(name.endswith(".bin") for name in card.files)
    assert (card.name, card.version, card.architecture) == ("tiny", "1", "tiny")
    statistics = json.loads((folder / "statistics.json").read_text("utf-8"))["validate"]
    right = card.metrics["validate"]["exact"]["right"]
    assert (statistics["together"]["exact"]["right"], statistics["mismatches"][0]["readings"]) == (right, right)
    assert sum(map(sum, statistics["confusion"])) == card.metrics["validate"]["digits"]["n"]
    assert (card.input.width, card.input.height) == (192, 48)
    assert not list(models.glob(".export*"))


def test_the_card_says_how_it_came_about(card: Card) -> None:
    checks = card.metrics["export"]
    assert checks["pictures"] == "drawn"
    assert checks["numbers"]["pictures"] >= 12
    for who in ("tflite", "tfjs_wasm"):
        assert checks["numbers"][who]["same_reading"] == checks["numbers"]["pictures"]
        assert 0 <= checks["numbers"][who]["largest_difference"] <= 1e-3
    assert checks["page"]["same_reading"] == checks["page"]["pictures"] > 0
    assert checks["wire"]["brotli"] < checks["wire"]["plain"]
    assert card.data["counts"]["validate"] > 0
    spent = {"epochs": 1, "pictures": 100, "seconds": 2, "cpu_seconds": 3}
    assert card.training["budget"] == spent | {"all": {"trainings": 1, **spent, "whole": True}}
    assert card.training["seed"] == 1
    assert "dataset" not in card.training


def test_nothing_in_a_version_names_this_machine(models: Path) -> None:
    for file in (models / "tiny" / "1").rglob("*.json"):
        assert str(ROOT) not in file.read_text()
        assert str(models.parent) not in file.read_text()


def test_published_points_to_the_card(models: Path) -> None:
    pointer = json.loads((models / "current.json").read_text())
    digest = hashlib.sha256((models / pointer["path"] / "card.json").read_bytes()).hexdigest()
    assert pointer == {"name": "tiny", "version": "1", "path": "tiny/1/", "card_sha256": digest}


def test_golden_pictures_are_drawn_and_reproduced_by_tflite(models: Path) -> None:
    folder = models / "tiny" / "1"
    network = open_version(folder)
    golden = json.loads((folder / "golden" / "golden.json").read_text())
    assert len(golden) >= 12
    assert {entry["box"] is None for entry in golden} >= {True}
    for entry in golden:
        encode(entry["text"])
        box = Box(**entry["box"]) if entry["box"] else None
        output = network.predict(preprocess(load(folder / "golden" / entry["image"]), box, network.spec))[0]
        assert np.abs(output - np.array(entry["output"])).max() < 1e-4


def test_the_reading_is_that_of_the_trained_weights(models: Path, run: Path, drawn_dataset: Path) -> None:
    """Through folding, float16 and two conversions: TFLite's numbers against the trained model's own."""
    version = open_version(models / "tiny" / "1")
    pixels = crop_samples(read_table(drawn_dataset)[:6], version.spec)
    pictures = pixels.astype(np.float32) / 255
    trained = np.asarray(load_keras(run / "model.keras").predict(pictures, verbose=0))
    assert np.abs(version.predict(pictures) - trained).max() < 0.01
    assert trained.std() > 0.01


def test_a_version_never_changes(models: Path, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (models / "tiny" / "1" / "card.json").read_bytes()
    message = refused(capsys, run, "--name", "tiny", "--output", models, "--version", "1")
    assert "tiny/1, which is there: a version never changes" in message
    assert (models / "tiny" / "1" / "card.json").read_bytes() == before


def test_what_is_no_run_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, tmp_path, "--name", "tiny", "--output", tmp_path / "model")
    assert "expected a run folder with model.keras" in message
    assert not list((tmp_path / "model").iterdir())


def test_real_pictures_must_be_500(
    run: Path, drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (run, "--name", "tiny", "--output", tmp_path / "model", "--dataset", drawn_dataset)
    assert "expected 500 pictures" in refused(capsys, *arguments)
    with pytest.raises(SystemExit):
        refused(capsys, *arguments, "--pictures", "48")
    assert "expected --pictures of at least 500, got 48" in capsys.readouterr().err
    assert not (tmp_path / "model").exists()


def in_thread(work: Callable[[], Any]) -> Any:
    """Playwright allows one driver a thread, and the tests' own browser has this one."""
    outcome: list[Any] = []

    def target() -> None:
        try:
            outcome.append(work())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return outcome[0]


@pytest.fixture
def copy(models: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(models / "tiny" / "1", tmp_path / "tiny" / "1"))


def test_export_would_notice_a_flipped_weight(copy: Path, drawn_dataset: Path) -> None:
    network = open_version(copy)
    pixels = crop_samples(read_table(drawn_dataset)[:4], network.spec)
    expected = network.predict(pixels.astype(np.float32) / 255)
    in_thread(lambda: agreement.check_numbers(network, copy, pixels, expected))
    weights = next(copy.glob("*.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2 :: 16] = os.urandom(len(content[len(content) // 2 :: 16]))
    weights.write_bytes(content)
    with pytest.raises(agreement.DisagreementError, match=r"TensorFlow\.js"):
        in_thread(lambda: agreement.check_numbers(network, copy, pixels, expected))


def test_the_page_is_held_against_the_network_given(copy: Path, drawn_dataset: Path) -> None:
    """A real browser reads with the version; Keras' side is then one that says the next class everywhere."""
    card, network = Card.load(copy), open_version(copy)
    models = copy.parent.parent
    publish(copy)
    places = [(sample.image, sample.box) for sample in read_table(drawn_dataset)[:3]]
    found = in_thread(lambda: agreement.check_page(network, card, models, places))
    assert found["same_reading"] + found["toss_ups"] == found["pictures"] == 3

    def turned(pictures: np.ndarray) -> np.ndarray:
        return np.roll(network.predict(pictures), 1, axis=2)

    other = dataclasses.replace(network, predict=turned)
    with pytest.raises(agreement.DisagreementError, match="as Python does, got 3 of 3 others"):
        in_thread(lambda: agreement.check_page(other, card, models, places))


def test_a_changed_version_is_not_published(copy: Path) -> None:
    publish(copy)
    pointer = copy.parent.parent / "current.json"
    before = pointer.read_bytes()
    (copy / "model.json").write_text("{}")
    with pytest.raises(CardError):
        publish(copy)
    assert pointer.read_bytes() == before


def test_a_disagreement_is_a_gate_when_asked_for(run: Path, models: Path, tmp_path: Path) -> None:
    """Nothing agrees to less than nothing: with gates the version is made, and says so. Its weights are whole numbers.

    The readings agree, or the reason would be another one; TensorFlow.js is then asked by way of the page.
    """
    (tmp_path / "gates.json").write_text('{"leaks": {"outcome": "passed"}}')
    strict = "import sys, training.agreement, training.export; training.agreement.TOLERANCE = -1"
    flags = ("--gates", tmp_path / "gates.json", "--against", models / "tiny" / "1", "--publish", "--weights", "uint8")
    given = (run, "--name", "tiny", "--output", tmp_path / "model", "--pictures", "12", *flags)
    command = [sys.executable, "-W", "ignore", "-c", f"{strict}; sys.exit(training.export.main())", *map(str, given)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1
    assert "tiny/1 is made, but not published, for it has not passed: agreement" in done.stderr
    assert not (tmp_path / "model" / "current.json").exists()
    folder = tmp_path / "model" / "tiny" / "1"
    card = Card.load(folder)
    card.verify(folder)
    found = card.metrics["gates"]
    (reason,) = found["agreement"]["reasons"]
    assert found["agreement"]["outcome"] == "failed" and "TFLite within -1" in reason
    assert found["leaks"] == {"outcome": "passed"}
    digest = hashlib.sha256((models / "tiny" / "1" / "card.json").read_bytes()).hexdigest()
    assert (found["comparison"]["version"], found["comparison"]["card_sha256"]) == ("tiny/1", digest)
    model = json.loads((folder / "model.json").read_text())
    forms = {w.get("quantization", {}).get("dtype", w["dtype"]) for w in model["weightsManifest"][0]["weights"]}
    assert {"uint8", "float16"} <= forms


def test_what_no_gate_was_asked_of_takes_a_reason_to_be_published(
    run: Path, models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first one took nobody's place, but nobody looked for leaks either."""
    output = tmp_path / "model"
    first = refused(capsys, run, "--name", "tiny", "--output", tmp_path / "empty", "--publish")
    assert "to be the first that is published, or --override" in first and first.endswith("is known of: leaks\n")
    shutil.copytree(models, output)
    given = (run, "--name", "tiny", "--output", output, "--pictures", "3", "--publish")
    told = (
        "to take the place of tiny/1, or --override with a written reason, got nothing that is known of: comparison, "
    )
    assert told + "leaks\n" in refused(capsys, *given)
    assert not (output / "tiny" / "2").exists()
    done = export(*given, "--override", " the only reader of this meter ")
    assert done.returncode == 0, done.stderr
    assert json.loads((output / "current.json").read_text())["path"] == "tiny/2/"
    card = Card.load(output / "tiny" / "2")
    card.verify(output / "tiny" / "2")
    outcomes = {"comparison": "open", "leaks": "open"}
    assert card.metrics["override"] == {"reason": "the only reader of this meter", "gates": outcomes}
    assert Card.load(output / "tiny" / "1").metrics["override"]["gates"] == {"leaks": "open"}


@pytest.mark.parametrize("flags", [("--override", "why"), ("--publish", "--override", " "), ("--gates", "none.json")])
def test_an_override_without_sense_is_refused(run: Path, capsys: pytest.CaptureFixture[str], flags: list[str]) -> None:
    with pytest.raises(SystemExit):
        refused(capsys, run, "--name", "tiny", *flags)
    assert "expected" in capsys.readouterr().err.splitlines()[-1]


def test_a_published_version_that_cannot_be_read_has_not_been_compared(tmp_path: Path, copy: Path) -> None:
    assert against(tmp_path / "drawn" / "1", [], np.zeros((0, 11, 10), np.float32))["outcome"] == "open"
    (copy / "model.tflite").write_bytes(b"no network")
    found = against(copy, [], np.zeros((0, 11, 10), np.float32))
    assert (found["outcome"], found["version"]) == ("open", "tiny/1")
