"""The network that a recipe of transfer learning begins with: what may be named, where its weights lie, the form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from backend.database import db
from backend.models import Run
from backend.services import archives, backbones, recipes
from backend.services.parameters import ParameterError
from backend.services.reporter import Reporter

from .accounts import csrf, login

pytestmark = pytest.mark.one_database(
    "sqlite", reason="the database is only asked for what is tested on both elsewhere"
)

FILE = "lite/half.weights.h5"


@pytest.fixture
def weights(app: Flask, tmp_path: Path) -> Path:
    """A file of weights among those for imports; beside it a link that leads out."""
    with app.app_context():
        place = archives.imports_folder() / FILE
    place.parent.mkdir(parents=True)
    place.write_bytes(b"weights")
    (tmp_path / "outside.h5").touch()
    (place.parent / "link.h5").symlink_to(tmp_path / "outside.h5")
    return place


@pytest.mark.parametrize(
    ("recipe", "given", "message"),
    [
        (
            "lenet",
            {"backbone": "VGG16"},
            "expected a backbone for clocks_or_crocs, meter_or_not only, got lenet, which",
        ),
        (
            "sample_size",
            {"weights": FILE},
            "expected a backbone for clocks_or_crocs, meter_or_not only, got sample_size",
        ),
        ("meter_or_not", {"backbone": "../VGG"}, "expected a backbone among reader, finder, VGG16, "),
        ("meter_or_not", {"backbone": "finder", "weights": FILE}, "expected no weights for finder, which is published"),
        (
            "meter_or_not",
            {"backbone": "EfficientNetLite0"},
            "expected a file with the weights of EfficientNetLite0, got",
        ),
        *(
            ("clocks_or_crocs", {"backbone": "VGG16", "weights": name}, "expected a file of weights (.h5) among those")
            for name in ("/etc/passwd", "../outside.h5", "lite/link.h5", "lite", "none.h5", "a\0.h5")
        ),
    ],
)
def test_what_does_not_go_together_is_refused(
    app: Flask, weights: Path, recipe: str, given: dict[str, str], message: str
) -> None:
    with app.app_context(), pytest.raises(ParameterError) as refusal:
        recipes.check({"recipe": recipe, **given})
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        ({}, []),
        ({"backbone": "MobileNetV2"}, ["--backbone", "MobileNetV2"]),
        ({"backbone": "EfficientNetLite0Half", "weights": FILE}, ["--backbone", "EfficientNetLite0Half", "--weights"]),
        ({"weights": FILE}, ["--weights"]),
    ],
)
def test_the_training_side_is_told(
    app: Flask, weights: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], flags: list[str]
) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(recipes, "run_tool", lambda command, *_: seen.append(command))
    with app.app_context():
        options = recipes.Options.of(recipes.check({"recipe": "clocks_or_crocs", **given}))
        recipes.train(options, weights.parent, 1, Reporter(app, 1, "worker"))
        assert recipes.own_folder(options).name.startswith("clocks_or_crocs-")
    wanted = [*flags, str(weights.resolve())] if "weights" in given else flags
    assert seen[0][seen[0].index("--runs") + 2 :] == wanted


def test_the_form_offers_and_refuses(app: Flask, client: FlaskClient, weights: Path) -> None:
    login(client, "trainer", "boris")
    page = client.get("/admin/recipes/").text
    assert all(f"<option>{name}</option>" in page for name in (*backbones.NAMES, FILE)) and "link.h5" not in page
    form = {"recipe": "clocks_or_crocs", "backbone": "EfficientNetLite0Half", "weights": FILE}
    answer = client.post("/admin/recipes/start", data=form, headers=csrf(client))
    with app.app_context():
        run = db.session.query(Run).one()
        assert run.parameters["backbone"] == "EfficientNetLite0Half" and run.parameters["weights"] == FILE
    assert "Network to begin with" in client.get(answer.location).text
    again = client.post("/admin/recipes/start", data=form | {"recipe": "lenet"}, headers=csrf(client))
    assert again.status_code == 400 and "which begins with no other network" in again.text
    assert "<option selected>EfficientNetLite0Half</option>" in again.text
    outside = client.post("/admin/recipes/start", data=form | {"weights": "/etc/passwd"}, headers=csrf(client))
    assert outside.status_code == 400 and "Expected a file of weights" in outside.text


def test_the_command_refuses_in_one_line(app: Flask) -> None:
    refused = FlaskCliRunner(app).invoke(args=["recipe", "lenet", "--backbone", "VGG16"])
    assert refused.exit_code == 1
    assert refused.output == (
        "Error: expected a backbone for clocks_or_crocs, meter_or_not only, got lenet, which begins with no other "
        "network\n"
    )
