"""`meter_or_not`: pictures of meters, split by meter, and of other things."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.training.small_backbone import paint
from training import recipes
from training.data import TEACH, TEST, VALIDATE
from training.recipe import main
from training.recipes import Asked
from training.recipes.meter_or_not import gather
from training.transfer import learning
from training.transfer import recipe as transfer


def write_meters(folder: Path) -> list[int]:
    """Twenty meters, every second one with a photo, each with displays, and pictures of other things: their sides."""
    kinds = [TEACH] * 12 + [TEST] * 4 + [VALIDATE] * 4
    rows = [{"type": kind, "correct_value": "1", "group": f"meter{n}"} for n, kind in enumerate(kinds)]
    corners = {f"{axis}{n}": 1 for n in range(4) for axis in "xy"}
    tables = {
        "photos/outlines.csv": [row | {"image": f"p{n}.png"} | corners for n, row in enumerate(rows) if n % 2],
        "displays/training.csv": [row | {"image": f"d{n}{again}.png"} for n, row in enumerate(rows) for again in "ab"],
    }
    for name, lines in tables.items():
        place = (folder / name).parent / "images"
        for number, line in enumerate(lines):
            paint(place / str(line["image"]), number)
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, lines[0])
            writer.writeheader()
            writer.writerows(lines)
    for number in range(20):
        paint(folder / "not_meters" / "images" / f"{number}.png", number)
    return kinds


@pytest.mark.usefixtures("small_backbones")
def test_meter_or_not_is_learnt_with_a_tiny_budget(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_meters(tmp_path / "data")
    places = ["--data", str(tmp_path / "data"), "--runs", str(tmp_path), "--results", str(tmp_path / "results")]
    assert main(["meter_or_not", "--epochs", "1", *places]) == 0
    told = [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()]
    classes = [f"finder, of these the {each} ones" for each in ("meter", "other")]
    assert told == ["finder, head alone", "finder, last block tuned", *classes]
    assert main(["meter_or_not", "--full", "--backbone", "reader", *places]) == 0
    figures = json.loads((tmp_path / "results" / "meter_or_not.json").read_text())["figures"]
    assert {figure["backbone"] for figure in figures} == {"reader"}
    split = gather(tmp_path / "data", None).split(1)
    assert {figure["measured"]["n"] for figure in figures if "of these" not in figure["what"]} == {len(split.test)}
    run = tmp_path / "meter_or_not" / "reader" / "split1"
    epochs = [len((run / phase / "log.jsonl").read_text().splitlines()) for phase in ("head", "tuned")]
    assert epochs == [learning.HEAD.epochs, learning.TUNED.epochs] == [20, 8]


def test_all_of_it_begins_with_what_there_is(tmp_path: Path) -> None:
    """The own networks, and the one whose weights are given; a quick try with one of them."""
    recipe = recipes.open_recipe("meter_or_not")
    assert isinstance(recipe, transfer.TransferRecipe)
    weights = tmp_path / "lite.weights.h5"
    assert recipe.backbones(Asked(tmp_path, full=True)) == ("reader", "finder")
    assert recipe.backbones(Asked(tmp_path, full=True, weights=weights)) == (
        "reader",
        "finder",
        "EfficientNetLite0Half",
    )
    assert recipe.backbones(Asked(tmp_path)) == ("finder",)
    assert recipe.backbones(Asked(tmp_path, weights=weights)) == ("EfficientNetLite0Half",)


def test_meters_are_split_by_meter(tmp_path: Path) -> None:
    kinds = write_meters(tmp_path)
    collection = gather(tmp_path, None)
    split = collection.split(5)
    assert collection.classes == ("meter", "other") and (collection.taught == split.teach).all()
    used: dict[str, set[int]] = {kind: set() for kind in ("teach", "validation", "test")}
    for kind, found in used.items():
        for place in getattr(split, kind):
            file = collection.files[place]
            if collection.labels[place] == 0:
                number = int(file.stem.strip("pdab"))
                assert kinds[number] == {"teach": TEACH, "validation": VALIDATE, "test": TEST}[kind]
                assert file.stem.startswith("p") == bool(number % 2), "a meter with a photo is left to it"
                assert number not in found, "a meter has one picture"
                found.add(number)
    assert used["test"] == {12, 13, 14, 15}, "all meters to test with"
    assert len(split.test) + len(split.validation) + len(split.teach) == len(collection.files)
    assert set(recipes.names()) >= {"clocks_or_crocs", "meter_or_not"}
