"""Transfer learning: folders of pictures, their splits and distorted copies, features that are computed once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from PIL import Image

from backend.domain.classifier_card import PICTURE, ClassifierCard
from tests.training.small_backbone import SIDE, paint, small_backbone
from tests.versions import make_classifier
from training.data import DatasetError
from training.publishing import beside_in, point_at
from training.recipe import beside_others, main
from training.transfer import distort, learning
from training.transfer import recipe as transfer
from training.transfer.bank import Bank, fill
from training.transfer.collection import collect, read_folder, stratified
from training.transfer.distort import distorted
from training.transfer.networks import head, joined, tuned

ROOT = Path(__file__).resolve().parents[2]
EACH = 14


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two classes, told apart by their colour."""
    made = tmp_path_factory.mktemp("pictures")
    for number in range(EACH):
        paint(made / "red" / f"{number:02}.png", number, red=True)
        paint(made / "grey" / f"{number:02}.png", 100 + number)
    (made / "red" / "notes.txt").write_text("no picture")
    return made


def test_a_folder_of_folders_is_split_by_class(folder: Path) -> None:
    collection = read_folder(folder)
    assert (collection.classes, len(collection.files)) == (("grey", "red"), 2 * EACH)
    split = collection.split(1)
    parts = (split.teach, split.validation, split.test)
    assert [np.bincount(collection.labels[part]).tolist() for part in parts] == [[10, 10], [2, 2], [2, 2]]
    assert sorted(np.concatenate(parts)) == list(range(2 * EACH))
    assert (split.test == collection.split(1).test).all() and (split.test != collection.split(2).test).any()
    assert [picture.size for picture in collection.pictures(split.test, (9, 7))] == [(9, 7)] * 4
    assert read_folder(folder, 5).sha256 != collection.sha256
    sizes = [len(part) for part in vars(stratified(np.zeros(1000, np.int64), 1)).values()]
    assert sizes == [700, 150, 150]


def test_what_is_no_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"expected a folder with a folder of pictures for each class, got .*none"):
        read_folder(tmp_path / "none")
    for name in ("a", "b"):
        for number in range(3):
            paint(tmp_path / name / f"{number}.png", number)
    (tmp_path / "b" / "2.png").unlink()
    with pytest.raises(DatasetError, match=r"two or more classes of 3 or more pictures each, got 2 of b"):
        read_folder(tmp_path)
    (tmp_path / "b" / "2.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"expected a picture in b/2\.png, got none"):
        read_folder(tmp_path).pictures(np.arange(6), (8, 8))
    with pytest.raises(DatasetError, match="got 1 classes"):
        collect({"a": [tmp_path / "a" / "0.png"] * 3})


def test_copies_are_shifted_turned_and_stretched(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = np.mgrid[:40, :60]
    picture = Image.fromarray(np.stack([4 * x, 5 * y, 2 * (x + y)], axis=-1).astype(np.uint8))
    first, again, other = (np.asarray(distorted(picture, seed)) for seed in ((1, 2), (1, 2), (1, 3)))
    assert first.shape == (40, 60, 3)
    assert (first == again).all() and (first != other).any()
    for name in ("TURN", "STRETCH", "SHIFT"):
        monkeypatch.setattr(distort, name, 0.0)
    assert (np.asarray(distorted(picture, (1, 2))) == np.asarray(picture)).all()
    monkeypatch.setattr(distort, "SHIFT", 0.1)
    moved = np.asarray(distorted(picture, (1, 2)))[15:25, 25:35].astype(int) - np.asarray(picture)[15:25, 25:35]
    assert moved[..., 0].std() < 1 < abs(moved[..., 0].mean()) < 4 * 6.5, "all of it to one side"


def test_features_are_computed_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = read_folder(folder)
    heard: list[int] = []
    bank, seconds = fill(small_backbone(), collection, 2, 1, tmp_path, heard.append)
    assert heard == [1, 2, 3] and seconds >= 0
    assert bank.plain.shape == (2 * EACH, 4, 4, 4) and [len(copy) for copy in bank.copies] == [2 * EACH] * 2
    assert (bank.plain != bank.copies[0]).any()
    with monkeypatch.context() as patched:
        patched.setattr(type(collection), "pictures", lambda *_: pytest.fail("made again"))
        again, _ = fill(small_backbone(), collection, 2, 1, tmp_path, heard.append)
        assert all((a == b).all() for a, b in zip(again.copies, bank.copies, strict=True))
    fill(small_backbone(weights=Path("others")), collection, 0, 1, tmp_path, heard.append)
    assert len(list(tmp_path.glob("*.npy"))) == 4, "other weights make other features"


def test_an_epoch_takes_each_picture_once_in_any_look() -> None:
    plain = np.arange(10, dtype=np.float16)[:, None]
    taught = np.array([1, 3, 5, 7, 9])
    bank = Bank(plain, [plain[taught] + 100], taught, np.arange(10))
    drawn = list(bank.draw(np.array([3, 5, 7, 9]), range(6), 2, seed=4))
    assert all((values[:, 0] % 100 == labels).all() for values, labels in drawn)
    assert [sorted(np.concatenate([drawn[at][1], drawn[at + 1][1]])) for at in (0, 2, 4)] == [[3, 5, 7, 9]] * 3
    assert {int(value) // 100 for values, _ in drawn for value in values[:, 0]} == {0, 1}
    resumed = list(bank.draw(np.array([3, 5, 7, 9]), range(3, 6), 2, seed=4))
    assert all((a == b).all() for (a, _), (b, _) in zip(resumed, drawn[3:], strict=True))


def test_only_the_last_block_is_tuned_and_all_is_joined(tmp_path: Path) -> None:
    backbone = small_backbone()
    head(6, 2).save(tmp_path / "head.keras")
    model = tuned(backbone, tmp_path / "head.keras")
    pictures = np.random.default_rng(1).random((8, SIDE, SIDE, 3), np.float32)
    maps = backbone.lower(pictures)
    whole = joined(backbone, model)
    assert np.allclose(whole(pictures), model(maps), atol=1e-6)
    norm, first = model.get_layer("norm").get_weights(), backbone.whole.get_layer("first").get_weights()
    before = model.get_layer("last").get_weights()[0].copy()
    model.compile("sgd", loss="sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(keras.ops.convert_to_numpy(maps), np.arange(8) % 2, verbose=0)
    assert all((a == b).all() for a, b in zip(model.get_layer("norm").get_weights(), norm, strict=True))
    assert (model.get_layer("last").get_weights()[0] != before).any()
    after = joined(backbone, model)
    assert np.allclose(after(pictures), model(maps), atol=1e-6) and not np.allclose(after(pictures), whole(pictures))
    assert all((a == b).all() for a, b in zip(after.get_layer("first").get_weights(), first, strict=True))


@pytest.mark.usefixtures("small_backbones")
def test_a_folder_is_learnt_with_a_tiny_budget(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = ["--data", str(folder), "--runs", str(tmp_path), "--results", str(tmp_path)]
    command = ["clocks_or_crocs", "--epochs", "2", *places, "--progress-file", str(tmp_path / "said")]
    assert main(command) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in said[:2]] == ["finder, head alone", "finder, last block tuned"]
    assert "of 4); the ancestor 87.50%" in said[0] and "the ancestor 93.75%; wanted ≥ 94.0%" in said[1]
    run = tmp_path / "clocks_or_crocs" / "finder" / "split1"
    assert len((run / "tuned" / "log.jsonl").read_text().splitlines()) == 2
    last = json.loads((tmp_path / "said").read_text().splitlines()[-1])
    assert last["step"] == last["steps"] and last["epoch"] == 2
    monkeypatch.setattr(learning.Student, "leave", lambda *_: None)
    kept = {name: (run / name / "scores.json").read_bytes() for name in ("head", "tuned")}
    assert main(command) == 0, "what is done is not done again"
    assert kept == {name: (run / name / "scores.json").read_bytes() for name in kept}
    assert capsys.readouterr().out.splitlines() == said


def test_means_are_of_all_splits_together() -> None:
    both = transfer.together([{"right": 9, "n": 10}, {"right": 6, "n": 10}])
    assert (both["value"], both["right"], both["n"]) == (0.75, 15, 20) and both["low"] < 0.75 < both["high"]


def test_results_of_other_networks_on_the_same_data_stay(tmp_path: Path) -> None:
    def results(backbone: str | None, value: int, data: str = "same") -> dict[str, Any]:
        return {"data_sha256": data, "figures": [{"what": value} | ({"backbone": backbone} if backbone else {})]}

    file = tmp_path / "results.json"
    for given, values in (
        (results("finder", 1), [1]),
        (results("reader", 2), [1, 2]),
        (results("finder", 3), [2, 3]),
        (results(None, 4), [2, 3, 4]),
        (results(None, 5), [2, 3, 5]),
        (results("reader", 6, "other"), [6]),
    ):
        file.write_text(json.dumps(beside_others(file, given)))
        assert [figure["what"] for figure in json.loads(file.read_text())["figures"]] == values


def test_results_without_a_hash_of_their_data_are_written(tmp_path: Path) -> None:
    """Those of `sample_size`: the first time there is no file to stand beside, later there is one to replace."""
    file = tmp_path / "sample_size.json"
    for value in (1, 2):
        results = {"figures": [{"what": value}]}
        file.write_text(json.dumps(beside_others(file, results)))
        assert json.loads(file.read_text()) == results


def test_networks_that_are_not_known_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clocks_or_crocs", "--data", str(folder), "--backbone", "ResNet"]) == 1
    assert "expected a --backbone among reader, finder, VGG16" in capsys.readouterr().err
    assert main(["lenet", "--backbone", "finder"]) == 1
    assert "expected no --backbone or --weights for lenet" in capsys.readouterr().err


def test_a_version_of_pictures_is_told_alike_by_keras_tflite_and_the_browser(tmp_path: Path) -> None:
    """It is not published in place of one that tells both of two pictures, as it tells one."""
    run = tmp_path / "tuned"
    run.mkdir()
    head(6, 2).save(tmp_path / "head.keras")
    joined(small_backbone(), tuned(small_backbone(), tmp_path / "head.keras")).save(run / learning.WHOLE)
    pictures = np.random.default_rng(1).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)
    np.save(run / learning.PICTURES, pictures)
    share = {"value": 0.5, "low": 0.1, "high": 0.9, "right": 1, "n": 2}
    contents = {
        "options.json": {"recipe": "clocks_or_crocs", "data_sha256": "a" * 64},
        learning.CLASSES: {"clock": share, "crocodile": share},
        "scores.json": {"8": share},
        "log.jsonl": {"epoch": 8, "validation": 0.5, "seconds": 1.0},
    }
    for name, content in contents.items():
        (run / name).write_text(json.dumps(content) + "\n")
    command = [sys.executable, "-W", "ignore", "-m", "training.transfer.export", str(run)]
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    better = make_classifier(tmp_path / "model", 1, "clocks_or_crocs")
    figures = {"metrics": {"test": {"accuracy": share | {"right": 2}}}, "data": {"sha256": "a" * 64}}
    (better / "card.json").write_text(replace(ClassifierCard.load(better), **figures).to_json(), "utf-8")
    point_at(tmp_path / "model", better)
    places = ["--output", str(tmp_path / "model"), "--publish"]
    done = subprocess.run([*command, *places], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 1
    made = tmp_path / "model" / "clocks_or_crocs" / "2"
    assert f"{made} is made, but not published without --override" in done.stderr
    assert beside_in(tmp_path / "model", "clocks_or_crocs") == better
    card = ClassifierCard.load(made)
    card.verify(made)
    assert (card.classes, card.input.preparation, card.input.width) == (("clock", "crocodile"), PICTURE, SIDE)
    checks = card.metrics["export"]["numbers"]
    assert [checks[who]["same_reading"] for who in ("tflite", "tfjs_wasm")] == [5, 5]
    assert card.metrics["test"]["accuracy"]["n"] == 2
    golden = json.loads((made / "golden" / "golden.json").read_text())
    assert len(golden) == 4 and {entry["class"] for entry in golden} <= set(card.classes)
