"""The published version, as it is committed: whole, small, and reading its golden pictures as Keras did."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from backend.domain.card import Card
from backend.domain.classifier_card import ClassifierCard, is_classifier
from backend.domain.finder_card import FinderCard, is_finder
from backend.domain.imaging import Box, load, preprocess
from backend.domain.reading import encode
from training.batches import SHARES
from training.networks import open_version
from training.publishing import card_hash, wire
from training.spending import stage_like, stages_of

MODELS = Path(__file__).resolve().parents[2] / "static" / "model"


@pytest.fixture(scope="module")
def folder() -> Path:
    pointer = json.loads((MODELS / "current.json").read_text())
    assert card_hash(MODELS / pointer["path"]) == pointer["card_sha256"]
    return MODELS / pointer["path"]


def test_every_version_is_whole() -> None:
    folders = sorted(card.parent for card in MODELS.glob("*/*/card.json"))
    assert folders
    for version in folders:
        kind = FinderCard if is_finder(version) else ClassifierCard if is_classifier(version) else Card
        kind.load(version).verify(version)


def test_the_published_finder_is_the_one_that_was_made() -> None:
    pointer = json.loads((MODELS / "current.json").read_text())["finder"]
    assert card_hash(MODELS / pointer["path"]) == pointer["card_sha256"]
    assert wire(MODELS / pointer["path"])["brotli"] <= 500_000


def test_it_agreed_on_500_real_pictures(folder: Path) -> None:
    checks = Card.load(folder).metrics["export"]
    assert checks["pictures"] == "real"
    assert checks["numbers"]["pictures"] >= 500
    assert max(checks["numbers"][who]["largest_difference"] for who in ("tflite", "tfjs_wasm")) <= 1e-3


def test_the_recipe_ends_with_how_it_was_made(folder: Path) -> None:
    """The last stage of its configuration is its card's training; what taught it lies where the configuration says."""
    card = Card.load(folder)
    stages = stages_of(card.name)
    last, made = stages[-1], card.training
    assert stage_like(card.name, made) == len(stages)
    assert {name: made[name] for name in ("shares", "teachers_share")} == {
        "shares": SHARES | last["shares"],
        "teachers_share": last["teachers_share"],
    }
    names = ["/".join(Path(teacher).parts[-3:-1]) for teacher in last["teachers"]]
    assert names == ["large/1", "compact/5"] and made["teachers"] == ["large-2/run", "compact/5"]
    hashes = [hashlib.sha256((MODELS.parents[1] / teacher).read_bytes()).hexdigest() for teacher in last["teachers"]]
    # The other was the run's own file: the same weights, and the state of its optimizer.
    assert hashes[1] == made["teachers_sha256"][1]


def test_it_travels_light(folder: Path) -> None:
    assert wire(folder)["brotli"] <= 600_000


def test_it_reads_its_golden_pictures(folder: Path) -> None:
    network = open_version(folder)
    golden = json.loads((folder / "golden" / "golden.json").read_text())
    assert len(golden) >= 12
    for entry in golden:
        box = Box(**entry["box"]) if entry["box"] else None
        output = network.predict(preprocess(load(folder / "golden" / entry["image"]), box, network.spec))[0]
        assert np.abs(output - np.array(entry["output"])).max() < 1e-3
        assert network.card is not None
        assert (encode(network.card.read(output).text) == encode(entry["text"])).all()
