"""Recipes as runs: options, the call of the training side, the version that is registered and published, the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from backend.database import db
from backend.domain.classifier_card import ClassifierCard
from backend.domain.gates import FAILED, OPEN, PASSED
from backend.models import NeuralVersion, Run
from backend.services import archives, event_files, gates_beside, recipes, versions
from backend.services.classifying import available
from backend.services.parameters import ParameterError
from backend.services.reporter import Outcome, Reporter
from backend.services.versions import models_folder
from backend.settings import Settings, get_settings

from ..versions import make_classifier, make_version
from .accounts import csrf, login

pytestmark = pytest.mark.one_database(
    "sqlite", reason="the database is only asked for what is tested on both elsewhere"
)

NAME = "drawn_dense"


@pytest.fixture(autouse=True)
def reader(settings: Settings) -> Path:
    """A reader that is published."""
    models = settings.static / "model"
    folder = make_version(models, 1)
    (models / "current.json").write_text(json.dumps({"name": "tiny", "version": "1", "path": "tiny/1/"}))
    return folder


def give(folder: Path, right: int | None) -> None:
    """Let a version have told so many of 100 test pictures rightly."""
    card = ClassifierCard.load(folder)
    test = {"accuracy": {"value": right / 100, "right": right, "n": 100}} if right is not None else {}
    (folder / "card.json").write_text(
        replace(card, metrics={"test": test}, data={"sha256": "a" * 64}).to_json(), "utf-8"
    )


def fake_tool(seen: list[list[str]], right: int | None) -> Callable[..., None]:
    def run(command: list[str], said: Callable[[dict[str, Any]], None], report: Reporter) -> None:
        seen.append(command)
        said({"step": 500, "steps": 1000, "loss": 0.4})
        said({"step": 1000, "steps": 1000, "epoch": 1, "loss": 0.3, "validation": 0.9})
        number = int(command[command.index("--version") + 1])
        give(make_classifier(models_folder(), number, NAME), right)

    return run


def done(app: Flask, monkeypatch: pytest.MonkeyPatch, right: int | None, **given: Any) -> tuple[Outcome, list[str]]:
    """A run of the recipe whose version tells so many rightly, and the command line that it called."""
    seen: list[list[str]] = []
    monkeypatch.setattr(recipes, "run_tool", fake_tool(seen, right))
    parameters = recipes.check({"recipe": NAME, **given})
    outcome = recipes.do(parameters, "anna", Reporter(app, 1, "worker"))
    return outcome, seen[0]


def test_both_sides_know_the_same_recipes() -> None:
    from training import recipes as trained

    assert recipes.names() == trained.names()
    assert all(recipes.about(name) == trained.about(name) != "" for name in recipes.names())


def test_a_run_leaves_a_version_that_is_published(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        outcome, command = done(app, monkeypatch, 97, full="1", epochs="5")
        assert outcome.result == {"version": f"{NAME}/1", "accuracy": 0.97, "published": True}
        version = db.session.query(NeuralVersion).filter_by(slot=NAME).one()
        assert (version.id, version.path, version.created_by) == (outcome.version_id, f"{NAME}/1", "anna")
        assert version.changes == recipes.about(NAME) and version.published
        assert available()[NAME].metrics["test"]["accuracy"]["right"] == 97
        assert json.loads((models_folder() / "current.json").read_text())["path"] == "tiny/1/"
    line = " ".join(command)
    assert f"training.recipe {NAME} --export" in line and "--epochs 5" in line and "--full --results" in line
    assert not Path(command[command.index("--runs") + 1]).exists(), "a finished training is not gone on with"


def test_a_worse_version_does_not_take_its_place(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        for right, published, shown in ((97, True, "1"), (96, False, "1"), (None, False, "1"), (97, True, "4")):
            outcome, _ = done(app, monkeypatch, right)
            assert outcome.result["published"] is published
            assert available()[NAME].version == shown
        assert db.session.query(NeuralVersion).filter_by(slot=NAME).count() == 4


@pytest.mark.parametrize(
    ("right", "n", "data", "outcome"),
    [(97, 100, "a", PASSED), (96, 100, "a", FAILED), (20, 20, "a", OPEN), (99, 100, "b", OPEN)],
)
def test_only_equal_pictures_are_compared(
    app: Flask, monkeypatch: pytest.MonkeyPatch, right: int, n: int, data: str, outcome: str
) -> None:
    """Twenty of twenty is no better than 97 of 100."""
    with app.app_context():
        done(app, monkeypatch, 97)
        found = versions.published(db.session(), NAME)
        assert found
        before = NeuralVersion(
            id=1, slot=NAME, model=found.model, number=1, statistics=found.statistics, data_sha256="a" * 64
        )
        test = {"accuracy": {"value": right / n, "right": right, "n": n}}
        version = NeuralVersion(id=2, slot=NAME, statistics={"test": test}, data_sha256=data * 64)
        assert gates_beside.comparison(version, before).outcome == outcome


def test_unfinished_trainings_are_kept_to_go_on_with(app: Flask) -> None:
    with app.app_context():
        options = recipes.Options(NAME, full=True)
        place = recipes.own_folder(options)
        assert recipes.own_folder(options) == place != recipes.own_folder(recipes.Options(NAME))
        for epochs in range(1, 6):
            recipes.own_folder(recipes.Options(NAME, epochs=epochs))
        assert len(list(place.parent.iterdir())) == recipes.KEPT


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"recipe": "../lenet"}, "drawn_convolutional, drawn_dense, lenet, "),
        ({"recipe": NAME, "epochs": "0"}, "expected epochs"),
        ({"recipe": NAME, "limit": "5"}, "expected limit"),
        ({"recipe": NAME, "data": "/etc"}, "data"),
        ({}, "recipe"),
    ],
)
def test_options_are_checked(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        recipes.check(given)
    assert message in str(refusal.value)


def test_the_page_shows_and_starts_them(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        done(app, monkeypatch, 97)
    login(client, "viewer")
    page = client.get("/admin/recipes/").text
    assert f"{NAME}/1" in page and "97.00%" in page and "LeNet (1998)" in page and "Start the run" not in page
    login(client, "trainer", "boris")
    form = {"recipe": "lenet", "epochs": "3", "full": ""}
    answer = client.post("/admin/recipes/start", data=form, headers=csrf(client))
    with app.app_context():
        run = db.session.query(Run).one()
        assert answer.location == f"/admin/runs/{run.id}/"
        assert (run.kind, run.created_by, run.state) == ("recipe", "boris", "waiting")
        usual = {"full": False, "limit": None, "data": "", "backbone": "", "weights": ""}
        assert run.parameters == usual | {"recipe": "lenet", "epochs": 3}
    assert "Recipe" in client.get(f"/admin/runs/{run.id}/").text
    assert "lenet" in client.get("/admin/recipes/").text
    again = client.post("/admin/recipes/start", data=form | {"epochs": "x"}, headers=csrf(client))
    assert again.status_code == 400 and "whole number" in again.text
    login(client, "annotator")
    assert client.post("/admin/recipes/start", data=form, headers=csrf(client)).status_code == 403


def test_the_pages_of_versions_show_a_classifier(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        done(app, monkeypatch, 97)
        number = db.session.query(NeuralVersion).filter_by(slot=NAME).one().id
    login(client, "admin")
    assert NAME in client.get("/admin/versions/").text
    assert client.get(f"/admin/versions/{number}/").status_code == 200


def test_the_command_lists_and_refuses_in_one_line(app: Flask) -> None:
    listed = FlaskCliRunner(app).invoke(args=["recipe"])
    assert listed.exit_code == 0 and [line.partition(":")[0] for line in listed.output.splitlines()] == recipes.names()
    refused = FlaskCliRunner(app).invoke(args=["recipe", "none"])
    assert refused.exit_code == 1 and "expected a recipe among" in refused.output and "Traceback" not in refused.output


SVG = '<svg xmlns="http://www.w3.org/2000/svg"><title>a curve</title></svg>\n'


def fake_measuring(seen: list[list[str]], result: dict[str, Any]) -> Callable[..., None]:
    def run(command: list[str], said: Callable[[dict[str, Any]], None], report: Reporter) -> None:
        seen.append(command)
        said({"step": 1, "steps": 2, "samples": 40, "exact": 0.5})
        place = Path(command[command.index("--runs") + 1]) / "sample_size" / "result.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(result))

    return run


def answers(size: int | None, high: int | None = None) -> dict[str, Any]:
    row = {"size": size, "low": size, "high": high, "reached": 1.0}
    return {"answers": [{"accuracy": percent / 100, **row} for percent in range(50, 100)]}


def test_a_recipe_that_measures_leaves_plots(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    curves = {"together": answers(4321, 9876), "types": {"<b>gas</b>": answers(None), "water": answers(1234)}}
    result = {
        "plots": {"together": SVG, "<b>gas</b>": SVG, "water": SVG},
        "curves": curves,
        "smape": {"together": {}, "<b>gas</b>": {}, "water": {}},
    }
    seen: list[list[str]] = []
    monkeypatch.setattr(recipes, "run_tool", fake_measuring(seen, result))
    with app.app_context():
        folder = archives.imports_folder() / "some" / "displays"
        folder.mkdir(parents=True)
        (folder / "training.csv").touch()
        given = recipes.check({"recipe": "sample_size", "data": "some/displays"})
        outcome = recipes.do(given, "anna", Reporter(app, 1, "worker"))
        assert outcome.result == result and outcome.version_id is None
        assert seen[0][seen[0].index("--data") + 1] == str(folder.resolve()) and "--export" not in seen[0]
        run = Run(kind="recipe", state="done", parameters=given, result=outcome.result)
        db.session.add(run)
        db.session.commit()
        number = run.id
    login(client, "viewer")
    page = client.get("/admin/recipes/").text
    assert "4,321 samples in all (4,321 to 9,876)" in page
    assert page.count("1,234 samples in all (at least 1,234; no upper end can be said)") == 4
    assert "&lt;b&gt;gas" in page and page.count("Cannot be said from this.") == 4
    assert "/admin/recipes/#recipe-sample_size" in client.get(f"/admin/runs/{number}/").text
    plot = client.get(f"/admin/recipes/plots/{number}/1.svg")
    assert (plot.text, plot.mimetype) == (SVG, "image/svg+xml")
    assert plot.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src")
    assert client.get(f"/admin/recipes/plots/{number}/3.svg").status_code == 404
    assert client.get(f"/admin/recipes/plots/{2**40}/0.svg").status_code == 404


def test_event_files_stay_with_the_run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = fake_tool([], 97)

    def run(command: list[str], *rest: Any) -> None:
        tool(command, *rest)
        place = Path(command[command.index("--runs") + 1]) / NAME / "quick"
        for name in ("tensorboard/events.out.tfevents.1.host.2.v2", "checkpoint.keras"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(b"events")

    monkeypatch.setattr(recipes, "run_tool", run)
    monkeypatch.setattr(event_files, "KEPT", 2)
    with app.app_context():
        for number in (9, 10, 11):
            recipes.do(recipes.check({"recipe": NAME}), "anna", Reporter(app, number, "worker"))
        root = get_settings().instance.resolve() / "tensorboard"
        kept = sorted(file.relative_to(root).as_posix() for file in root.rglob("*.*"))
    name = f"{NAME}/quick/events.out.tfevents.1.host.2.v2"
    assert kept == [f"10/{name}", f"11/{name}"], "of the last runs, and nothing else"


def test_event_files_that_cannot_be_kept_do_not_fail_what_is_published(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(event_files, "keep", full)
    monkeypatch.setattr(recipes, "run_tool", fake_tool([], 97))
    with app.app_context():
        report = Reporter(app, 1, "worker")
        assert recipes.do(recipes.check({"recipe": NAME}), "anna", report).result["published"] is True
        assert "could not be kept: [Errno 28] No space left" in report.log_text()
        assert not list((get_settings().instance / "recipes").iterdir())
