"""Networks that teach another: what becomes of the targets, who may teach, and that a run knows its teachers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.domain.imaging import Box, InputSpec, load, preprocess
from backend.domain.reading import encode
from tests.training import small_training
from training.architectures import ARCHITECTURES
from training.data import DatasetError
from training.lineage import described
from training.networks import input_of, load_keras
from training.spending import budget
from training.teachers import Predict, Teachers, load_teachers
from training.train import main

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--architecture", "small", "--epochs", "1", "--steps", "2", "--batch", "4", "--workers", "0"]
MODELS = ROOT / "static" / "model"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ARCHITECTURES, "small", small_training.SMALL)


def _says(text: str) -> Predict:
    return lambda pictures: np.tile(encode(text).astype(np.float32), (len(pictures), 1, 1))


def _batch() -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """A display that says 2.29, and a picture with nothing to read."""
    readings = np.stack([encode("2.29").astype(np.float32), np.full((11, 10), 0.1, np.float32)])
    yield np.zeros((2, 48, 192, 3), np.float32), {"reading": readings, "count": np.ones((2, 48, 3), np.float32)}


def test_a_share_of_a_target_is_what_the_teachers_say_in_the_mean() -> None:
    _, targets = next(Teachers([_says("2.29"), _says("2.28")], 0.5).teach(_batch()))
    last = targets["reading"][0, -1]
    assert (last[9], last[8]) == (0.75, 0.25)
    assert np.allclose(targets["reading"].sum(-1), 1) and targets["reading"].dtype == np.float32
    assert (targets["count"] == 1).all()


def test_nobody_is_asked_what_an_unreadable_picture_says() -> None:
    _, targets = next(Teachers([_says("2.29")], 0.9).teach(_batch()))
    assert np.allclose(targets["reading"][1], 0.1)


def test_a_teacher_with_another_input_is_given_the_pictures_in_its_size() -> None:
    folder = MODELS / json.loads((MODELS / "current.json").read_text())["path"]
    file = folder / "model.keras"
    spec = input_of(load_keras(file), "compact")
    larger = replace(spec, width=2 * spec.width, height=2 * spec.height)
    golden = json.loads((folder / "golden" / "golden.json").read_text())[:4]
    pictures = np.concatenate([_golden(folder, entry, larger) for entry in golden])
    teachers = load_teachers([str(file)], larger, 0.5)
    assert teachers is not None
    expected = np.stack([np.array(entry["output"]) for entry in golden])
    assert (teachers.answers(pictures).argmax(-1) == expected.argmax(-1)).all()
    with pytest.raises(DatasetError, match=r"expected a teacher that looks at displays with margins of 0\.1 and None"):
        load_teachers([str(file)], replace(spec, side_margin=None), 0.5)


def _golden(folder: Path, entry: dict[str, Any], spec: InputSpec) -> np.ndarray:
    box = Box(**entry["box"]) if entry["box"] else None
    return preprocess(load(folder / "golden" / entry["image"]), box, spec)


def test_a_run_learns_from_its_teachers_and_knows_them(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = [str(drawn_dataset), "--runs", str(tmp_path), *SMALL]
    teacher = str(tmp_path / "alone" / "model.keras")
    assert main([*train, "--name", "alone"]) == 0
    assert main([*train, "--name", "taught", "--teachers", teacher, "--teachers-share", "0.9"]) == 0
    losses = [json.loads((tmp_path / name / "log.jsonl").read_text())["loss"] for name in ("alone", "taught")]
    assert losses[0] != losses[1], "the same pictures, other targets"
    options = json.loads((tmp_path / "taught" / "options.json").read_text())
    assert (options["teachers"], options["teachers_share"]) == ([teacher], 0.9)
    assert options["teachers_sha256"] == [hashlib.sha256(Path(teacher).read_bytes()).hexdigest()]
    card = described(tmp_path / "taught", None)
    assert card["teachers"] == ["alone/run"] and str(tmp_path) not in json.dumps(card)
    assert not {"teachers", "teachers_sha256", "teachers_share"} & described(tmp_path / "alone", None).keys()
    assert budget(tmp_path / "taught")["all"]["trainings"] == 2
    assert main([*train, "--name", "taught", "--epochs", "2"]) == 1
    assert "got other epochs, teachers, teachers_sha256, teachers_share" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--teachers", "none.keras"], "expected .keras files of teachers, got none.keras"),
        (["--teachers-share", "1.5"], "expected --teachers-share above 0 and up to 1, got 1.5"),
    ],
)
def test_who_cannot_teach_is_refused(
    drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], said: str
) -> None:
    assert main([str(drawn_dataset), "--runs", str(tmp_path), *SMALL, *more]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
