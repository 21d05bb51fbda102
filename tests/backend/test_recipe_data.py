"""Folders for recipes: which are offered and taken, what is said of the others, and one trained to the end."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from PIL import Image

from backend.database import db
from backend.models import NeuralVersion, Run
from backend.services import archives, recipe_data, recipes
from backend.services.classifying import available
from backend.services.parameters import ParameterError
from backend.services.reporter import JobError, Reporter
from backend.settings import get_settings

from .accounts import login

pytestmark = pytest.mark.one_database(
    "sqlite", reason="the database is only asked for what is tested on both elsewhere"
)


def test_data_stay_inside_the_folder_for_imports(app: Flask) -> None:
    with app.app_context():
        for data, message in (("../..", "expected a folder with training.csv"), ("none", "among those for imports")):
            with pytest.raises(ValueError, match=message):
                recipes.check({"recipe": "sample_size", "data": data})
        with pytest.raises(ParameterError, match="expected data for sample_size, clocks_or_crocs, meter_or_not only"):
            recipes.check({"recipe": "lenet", "data": "displays"})


@pytest.fixture
def pets(app: Flask, tmp_path: Path) -> Path:
    """A folder of classes among those for imports; beside it what is none, and one with a link that leads out."""
    with app.app_context():
        root = archives.imports_folder()
    outside = tmp_path / "outside"
    for place in (root / "pets" / "cats", root / "pets" / "dogs", root / "alone" / "cats", outside, root / "led" / "a"):
        place.mkdir(parents=True)
        (place / "1.JPG").write_bytes(b"a")
    (root / "led" / "b").symlink_to(outside)
    (root / "away").symlink_to(outside.parent)
    (root / "circle").mkdir()
    (root / "circle" / "cats").symlink_to(root / "circle" / "cats")
    for part in ("meters/displays", "meters/photos", "meters/not_meters/images", "elsewhere"):
        (root / part).mkdir(parents=True)
    for table in ("displays/training.csv", "photos/outlines.csv"):
        (root / "meters" / table).touch()
    shutil.copytree(root / "meters", tmp_path / "others")
    for part in ("displays", "photos", "not_meters"):
        (root / "elsewhere" / part).symlink_to(tmp_path / "others" / part)
    return root / "pets"


@pytest.mark.parametrize(
    ("recipe", "name", "taken"),
    [
        ("clocks_or_crocs", "pets", True),
        ("meter_or_not", "meters", True),
        ("sample_size", "meters/displays", True),
        *(
            ("clocks_or_crocs", name, False)
            for name in ("alone", "led", "away", "../outside", "meters", "no", ".", "a\0", "circle", "circle/cats")
        ),
        *((recipe, "a" * 256, False) for recipe in ("sample_size", "clocks_or_crocs", "meter_or_not")),
        ("meter_or_not", "pets", False),
        ("meter_or_not", "elsewhere", False),
        ("sample_size", "meters", False),
    ],
)
def test_a_recipe_takes_folders_of_its_own_kind(app: Flask, pets: Path, recipe: str, name: str, taken: bool) -> None:
    with app.app_context():
        if taken:
            assert recipes.check({"recipe": recipe, "data": name})["data"] == name
            assert name in recipe_data.offered()[recipe]
        else:
            with pytest.raises(ParameterError, match=r"expected a folder .*among those for imports"):
                recipes.check({"recipe": recipe, "data": name})
            assert name not in recipe_data.offered()[recipe]


def test_a_folder_that_cannot_be_read_hides_no_other(app: Flask, pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of large folders little is read: nothing inside one of many files, and of one that fits only its tables."""
    scan = os.scandir

    def refuse(place: Path) -> Any:
        if place.name in ("alone", "images"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    (pets / "cats" / "deeper").mkdir()
    for table in ("dogs", "cats/deeper"):
        (pets / table / "training.csv").touch()
    monkeypatch.setattr(os, "scandir", refuse)
    with app.app_context():
        every = recipe_data.offered()
        monkeypatch.setattr(recipe_data, "MANY", 20)
        for number in range(20):
            (pets.parent / "meters" / f"{number}.txt").touch()
        fewer = recipe_data.offered()
    assert every == {
        "sample_size": ["meters/displays", "pets/dogs"],
        "clocks_or_crocs": ["pets"],
        "meter_or_not": ["meters"],
    }
    assert fewer == every | {"sample_size": ["pets/dogs"]}


def test_transfer_learning_is_told_its_folder_and_begins_anew_when_that_changes(
    app: Flask, pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []

    def fail(command: list[str], *_: object) -> None:
        seen.append(command)
        raise JobError("interrupted")

    monkeypatch.setattr(recipes, "run_tool", fail)
    with app.app_context():
        given = recipes.check({"recipe": "clocks_or_crocs", "data": "pets"})
        for content in (b"a", b"a", b"other"):
            (pets / "cats" / "1.JPG").write_bytes(content)
            os.utime(pets / "cats" / "1.JPG", ns=(1, len(content)))
            with pytest.raises(JobError):
                recipes.do(given, "anna", Reporter(app, 1, "worker"))
    first, again, changed = (Path(command[command.index("--runs") + 1]) for command in seen)
    assert first == again != changed and first.parent == changed.parent
    assert all(command[command.index("--data") + 1] == str(pets) for command in seen)


def test_the_form_offers_folders_by_recipe(client: FlaskClient, pets: Path) -> None:
    login(client, "trainer")
    page = client.get("/admin/recipes/").text
    assert '<optgroup label="clocks_or_crocs"><option>pets</option></optgroup>' in page
    assert '<optgroup label="meter_or_not"><option>meters</option></optgroup>' in page


def test_the_command_takes_a_folder(app: Flask, pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an argument or an option, and says of a version that stays unpublished what the run's log says."""
    asked: list[dict[str, Any]] = []

    def do_run(kind: object, given: dict[str, Any], *_: object) -> Run:
        asked.append(given)
        return Run(id=5, result={"version": "clocks_or_crocs/2", "accuracy": 0.5, "published": False})

    monkeypatch.setattr("backend.commands.recipes.do_run", do_run)
    runner = FlaskCliRunner(app)
    for words in (["pets"], ["--data", "pets"], ["pets", "--data", "pets"]):
        done = runner.invoke(args=["recipe", "clocks_or_crocs", *words])
        assert done.exit_code == 0, done.output
        last = "clocks_or_crocs/2 is kept: it is not known to be as good as the published one."
        assert done.output.splitlines()[-1] == last
    assert [given["data"] for given in asked] == ["pets"] * 3
    refused = runner.invoke(args=["recipe", "clocks_or_crocs", "pets", "--data", "others"])
    assert refused.exit_code == 2 and "expected DATA once, got two" in refused.output


def test_the_command_trains_a_folder_and_makes_its_version(app: Flask) -> None:
    """Nothing stands in for anything: training, export and browser, on a handful of painted pictures."""
    with app.app_context():
        root = archives.imports_folder()
    rng = np.random.default_rng(1)
    for kind, redness in (("grey", 0), ("red", 120)):
        (root / "colours" / kind).mkdir(parents=True)
        for number in range(10):
            pixels = rng.integers(0, 120, (24, 24, 3), np.uint8)
            pixels[..., 0] += redness
            Image.fromarray(pixels).save(root / "colours" / kind / f"{number}.png")
    done = FlaskCliRunner(app).invoke(args=["recipe", "clocks_or_crocs", "colours", "--epochs", "1"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        run = db.session.query(Run).one()
        version = db.session.query(NeuralVersion).filter_by(slot="clocks_or_crocs").one()
        told = f"clocks_or_crocs/1 is made; run {run.id} keeps its log. It tells {run.result['accuracy']:.2%} of the"
        assert told in done.output
        assert (run.state, run.version_id, run.result["published"]) == ("done", version.id, True)
        card = available()["clocks_or_crocs"]
        assert (card.classes, card.metrics["test"]["accuracy"]["n"]) == (("grey", "red"), 4)
        logs = get_settings().instance.resolve() / "tensorboard" / str(run.id)
        names = {file.parent.relative_to(logs).as_posix() for file in logs.rglob("events.*")}
        assert names == {f"clocks_or_crocs/finder/split1/{phase}" for phase in ("head", "tuned")}
        folder = get_settings().instance.resolve() / "recipes"
        assert not list(folder.iterdir()), "nothing of the training is left"
