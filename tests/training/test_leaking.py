"""A dataset folder's leaks are found, told before the training, and stand in the way of publishing its version."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from backend.domain.leaking import Leak, Print
from tests.training.test_export import export
from tests.training.tiny import tiny_model, tiny_run
from training.data import FINGERPRINTS, DatasetError, dataset_hash, read_table
from training.leaking import gate, leaks_of, tell
from training.lineage import began_with, beside_parent, parent_of


def planted(dataset: Path, folder: Path) -> Path:
    """The folder with copies of three validation pictures to teach with, of other meters; one is mistyped, too."""
    shutil.copytree(dataset, folder)
    with (folder / "training.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    measured = [row for row in rows if row["type"] == "2"][:3]
    for row, name, change in zip(measured, ("same", "saved", "brighter"), (same, saved, brighter), strict=True):
        (folder / "images" / f"{name}.png").write_bytes(change((folder / "images" / row["image"]).read_bytes()))
        value = "0000" if name == "brighter" else row["correct_value"]
        rows.append(row | {"image": f"{name}.png", "type": "0", "group": f"other {name}", "correct_value": value})
    with (folder / "training.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


def same(data: bytes) -> bytes:
    return data


def saved(data: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(buffer, "JPEG", quality=75)
    return buffer.getvalue()


def brighter(data: bytes) -> bytes:
    buffer = io.BytesIO()
    image = ImageEnhance.Brightness(Image.open(io.BytesIO(data)).convert("RGB")).enhance(1.15)
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def leaky(drawn_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(drawn_dataset, tmp_path_factory.mktemp("leaky") / "data")


def test_copies_are_found_and_nothing_else(drawn_dataset: Path, leaky: Path) -> None:
    assert leaks_of(drawn_dataset).found == []
    found = leaks_of(leaky)
    assert set(found.found) == {
        Leak("picture", "same.png", "038.png"),
        Leak("look", "saved.png", "039.png"),
        Leak("look", "brighter.png", "040.png"),
    }
    assert (found.counts["picture"], found.counts["look"], found.untraced) == (1, 2, 0)


def test_leaks_are_told_before_the_training(
    drawn_dataset: Path, leaky: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(drawn_dataset)
    assert capsys.readouterr().err == ""
    tell(leaky)
    said = capsys.readouterr().err.splitlines()
    assert "Leak (picture): same.png is taught, 038.png is measured by." in said
    assert said[-1] == "3 leaks: a version takes a written override to be published."


def test_a_gate_is_for_the_folder_that_was_taught_with(drawn_dataset: Path, leaky: Path) -> None:
    assert gate(drawn_dataset, dataset_hash(drawn_dataset))["outcome"] == "passed"
    found = gate(leaky, dataset_hash(leaky))
    assert found == {"outcome": "failed", "picture": 1, "look": 2, "meter": 0, "fragment": 0, "untraced": 0}
    for taught in (dataset_hash(leaky), None):
        assert gate(drawn_dataset, taught)["outcome"] == "open", "nobody has looked"


def test_a_snapshot_is_asked_by_its_fingerprints(
    leaky: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They know the fragments of augmentations; its leaks were told by the panel."""
    folder = shutil.copytree(leaky, tmp_path / "snapshot")
    prints = []
    for number, each in enumerate(read_table(folder)):
        key = hashlib.sha256(each.image.read_bytes()).hexdigest()
        look = f"{0x9E3779B97F4A7C15F39CC0605CEDC8341082276BF3A27251F86C6A11D0C18E95 * (number + 1) % 2**256:064x}"
        prints.append(Print(number, each.type, key, str(number), look, str(number), "", ""))
    measured, joined = prints[38], len(prints) - 1
    assert measured.type == 2 and prints[joined].type == 0
    prints[joined] = prints[joined]._replace(look="", made_of=measured.picture)
    write(folder, prints)
    wanted = Leak("fragment", f"augmentation {joined}", "sample 38")
    assert wanted in leaks_of(folder).found
    tell(folder)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("wrong", ["pictures", "side", "text"])
def test_fingerprints_of_something_else_are_not_believed(leaky: Path, tmp_path: Path, wrong: str) -> None:
    """The pictures are looked at: no hash in a card covers the fingerprints."""
    folder = shutil.copytree(leaky, tmp_path / "data")
    samples = read_table(folder)
    prints = [
        Print(n, 0, hashlib.sha256(each.image.read_bytes()).hexdigest(), str(n), "", str(n), "", "")
        for n, each in enumerate(samples)
    ]
    if wrong == "text":
        (folder / FINGERPRINTS).write_text("id,type\n1\n")
    else:
        write(folder, prints if wrong == "side" else prints[:1])
    assert len(leaks_of(folder).found) == 3
    assert gate(folder, dataset_hash(folder))["outcome"] == "failed"


def write(folder: Path, prints: list[Print]) -> None:
    with (folder / FINGERPRINTS).open("w", newline="") as file:
        csv.writer(file).writerows([Print._fields, *prints])


def test_what_is_no_picture_is_named(drawn_dataset: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(drawn_dataset, tmp_path / "data")
    (folder / "images" / "007.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"007\.png: expected"):
        leaks_of(folder)


def test_training_tells(leaky: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from training import train

    told: list[Path] = []
    monkeypatch.setattr(train, "tell", told.append)
    began: list[Path] = []
    monkeypatch.setattr(train, "tell_inherited", lambda dataset, sha256, files: began.extend(files))
    monkeypatch.setattr(train, "train", lambda command: None)
    given = [str(leaky), "--runs", str(tmp_path)]
    start, taught = (tiny_run(tmp_path / name) / "model.keras" for name in ("start", "taught"))
    assert train.main([*given, "--from", str(start), "--teachers", str(taught)]) == 0 and told == [leaky]
    assert began == [start, taught]
    assert train.main([*given, "--no-export"]) == 0 and told == [leaky], "as a learning curve trains"
    (tmp_path / "compact").mkdir()
    (tmp_path / "compact" / "checkpoint.keras").touch()
    assert train.main(given) == 0 and told == [leaky], "a run that goes on has told"


def test_a_leaky_folders_version_is_not_published_without_a_word(leaky: Path, tmp_path: Path) -> None:
    """Nor one that has lost what its given parent read; both are in its card."""
    run, parent = tiny_run(tmp_path / "run"), tiny_run(tmp_path / "parent")
    tiny_model(seed=2).save(parent / "model.keras")
    options = {"architecture": "tiny", "seed": 1, "dataset_sha256": dataset_hash(leaky)}
    (run / "options.json").write_text(json.dumps(options | {"start": str(parent / "model.keras")}))
    given = (run, "--name", "tiny", "--output", tmp_path / "model", "--dataset", leaky, "--few", "--pictures", "12")
    done = export(*given, "--publish", "--parent", parent)
    assert done.returncode == 1, done.stderr
    assert "tiny/1 is made, but not published, for it has not passed: leaks" in done.stderr
    assert not (tmp_path / "model" / "current.json").exists()
    card = json.loads((tmp_path / "model" / "tiny" / "1" / "card.json").read_text())
    found, beside = card["metrics"]["gates"], card["metrics"]["parent"]
    assert (found["leaks"]["outcome"], found["leaks"]["look"], found["leaks"]["picture"]) == ("failed", 2, 1)
    assert (found["inherited"]["outcome"], found["inherited"]["unknown"]) == ("unknown", ["parent/run"])
    assert (beside["version"], card["training"]["parent"]) == ("parent/run", "parent/run")
    assert found["kept"] == {"outcome": "passed", "right": beside["right"], "lost": beside["lost"]}
    assert card["training"]["budget"]["all"]["trainings"] == 2


def test_an_earlier_stage_is_no_parent_to_be_judged_by(tmp_path: Path) -> None:
    """What it read was never published; a version was, or could have been, and what is gone may have been one."""
    run, stage, version = (tiny_folder(tmp_path / name) for name in ("run", "stage", "version"))
    (version / "card.json").write_text("{}")
    for start, parent in ((stage, None), (version, version), (tmp_path / "gone", tmp_path / "gone")):
        (run / "options.json").write_text(json.dumps({"start": str(start / "model.keras")}))
        assert (began_with(run, None), parent_of(run, None)) == (start, parent)
        assert parent_of(run, stage) == stage, "it was given"
    (run / "options.json").write_text(json.dumps({"start": "model.keras"}))
    assert (began_with(run, None), parent_of(run, None)) == (None, None)


def tiny_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_a_parent_that_is_gone_is_unknown(tmp_path: Path) -> None:
    outputs = np.zeros((0, 11, 10), np.float32)
    found = beside_parent(tmp_path / "compact-4", False, [], outputs)
    assert found["version"] == "compact-4/run" and "expected a version folder" in found["reason"]
    with pytest.raises(ValueError, match="expected a version folder"):
        beside_parent(tmp_path / "compact-4", True, [], outputs)
