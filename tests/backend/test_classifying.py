"""Digits classified on the server: the golden pictures of the shipped version, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from backend.domain.imaging import normalise
from backend.services import classifying
from backend.services.classifying import available, classify
from backend.services.reading import ReaderError
from backend.settings import ROOT, Settings

SHIPPED = ROOT / "static" / "model"
RECIPE = "drawn_dense"

pytestmark = pytest.mark.one_database("sqlite", reason="no database is asked")


@pytest.fixture
def folder(settings: Settings) -> Path:
    """The shipped classifier as the published one."""
    named = json.loads((SHIPPED / "current.json").read_text())["classifiers"][RECIPE]
    models = settings.static / "model"
    shutil.copytree(SHIPPED / named["path"], models / named["path"])
    (models / "current.json").write_text(json.dumps({"classifiers": {RECIPE: named, "gone": named | {"version": "9"}}}))
    return models / named["path"]


def picture(file: Path) -> np.ndarray:
    return normalise(np.asarray(Image.open(file)))[..., None]


def test_golden_digits_are_classified_as_keras_did(app: Flask, folder: Path) -> None:
    with app.app_context():
        for entry in json.loads((folder / "golden" / "golden.json").read_text()):
            found = classify(RECIPE, picture(folder / "golden" / entry["image"]))
            assert found[0][0] == entry["class"]
            assert found == sorted(found, key=lambda each: -each[1]) and len(found) == 10
            assert dict(found) == pytest.approx(dict(zip("0123456789", entry["output"], strict=True)), abs=1e-3)


def test_a_smaller_picture_is_put_in_the_middle(app: Flask, folder: Path) -> None:
    with app.app_context():
        whole = picture(folder / "golden" / "04.png")
        assert not whole[:2].any() and not whole[-2:].any() and not whole[:, :2].any() and not whole[:, -2:].any()
        assert classify(RECIPE, whole[2:-2, 2:-2]) == classify(RECIPE, whole)
        with pytest.raises(ValueError, match="expected a picture of at most 28 × 28, got 40 × 28"):
            classify(RECIPE, np.zeros((40, 28, 1), np.float32))
        with pytest.raises(ValueError, match="expected a picture of 1 channels"):
            classify(RECIPE, np.zeros((28, 28, 3), np.float32))


def test_what_is_not_whole_is_not_used(app: Flask, folder: Path) -> None:
    blank = np.zeros((28, 28, 1), np.float32)
    with app.app_context():
        assert list(available()) == [RECIPE]
        for name, reason in (("gone", "to have a card"), ("lenet", "no version of lenet is published")):
            with pytest.raises(ReaderError, match=reason):
                classify(name, blank)
        (folder / "model.tflite").write_bytes(b"TFL3")
        with pytest.raises(ReaderError, match="as it was made, got a changed one"):
            classify(RECIPE, blank)
        (folder / "card.json").write_text((folder / "card.json").read_text() + "\n")
        with pytest.raises(ReaderError, match="as it was made, got a changed one"):
            classify(RECIPE, blank)
        assert available() == {}


def test_another_one_is_used_once_it_is_published(app: Flask, folder: Path) -> None:
    with app.app_context():
        first = classifying.get_classifiers().named(RECIPE)
        assert classifying.get_classifiers().named(RECIPE) is first
        pointer = folder.parents[1] / "current.json"
        content = json.loads(pointer.read_text())
        card = folder / "card.json"
        card.write_text(card.read_text() + "\n")
        content["classifiers"][RECIPE]["card_sha256"] = classifying.hashlib.sha256(card.read_bytes()).hexdigest()
        pointer.write_text(json.dumps(content))
        assert classifying.get_classifiers().named(RECIPE) is not first
