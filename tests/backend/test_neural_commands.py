"""`neural_training` and `neural_pre_training` on the command line: what they refuse, and what they tell."""

import dataclasses

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from backend.commands import neural as commands
from backend.database import db
from backend.domain.card import Card, file_entries
from backend.models import NeuralVersion, Run
from backend.models.base import SYSTEM
from backend.services import neural
from backend.settings import Settings

from ..versions import make_version


def test_the_command_keeps_a_run(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["neural_training", "mercury", "1", "--steps", "3"])
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "Error: expected labelled samples of the type teach, got none"
    with app.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.kind, run.state, run.parameters["steps"]) == ("training", "failed", 3)
        assert run.error == "expected labelled samples of the type teach, got none"
        db.session.commit()
        assert app.extensions["queue"].huey.pending_count() == 0  # no worker shall do it again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["neural_training", "drawn", "1"], "expected a new name, got drawn, which has versions"),
        (["neural_training", "new", "0"], "expected epochs to be a whole number from 1 to 10000, got '0'"),
        (["neural_pre_training", "no", "1", "why"], "expected a model with a version, got 'no'"),
        (["neural_training", "new"], "expected epochs to be a whole number from 1 to 10000, got 'None'"),
        (["neural_training", "drawn", "--epochs", "1"], "expected a new name, got drawn, which has versions"),
        (["neural_pre_training", "no", "--epochs", "x", "why"], "expected epochs to be a whole number from 1 to 10000"),
        (["neural_pre_training", "no", "1"], "expected changes to be a text, got 'None'"),
        (["neural_pre_training", "no", "1", " "], "expected changes to be a text of 1 to 2000 characters, got 0"),
        (
            ["neural_pre_training", "no", "1", "a" * 2100],
            "expected changes to be a text of 1 to 2000 characters, got 2100",
        ),
    ],
)
def test_what_cannot_be_trained_is_one_line(runner: FlaskCliRunner, arguments: list[str], message: str) -> None:
    result = runner.invoke(args=arguments)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {message}") and result.output.count("\n") == 1


def test_a_version_without_weights_cannot_be_continued(app: Flask, runner: FlaskCliRunner) -> None:
    assert runner.invoke(args=["publish", "drawn/1"]).exit_code == 0
    result = runner.invoke(args=["neural_pre_training", "drawn", "1", "why"])
    assert result.output == "Error: expected drawn/1 to hold model.keras to go on from, got a version without it\n"


def test_what_only_folders_are_there_of_can_be_continued(
    app: Flask, runner: FlaskCliRunner, settings: Settings
) -> None:
    """As a model that came with the code: there is no other command that would register it without publishing it."""
    models = settings.static / "model"
    for number in (2, 9, 10):
        folder = make_version(models, number, "large")
        (folder / "model.keras").write_bytes(b"weights")
        card = dataclasses.replace(Card.load(folder), files=file_entries(folder))
        (folder / "card.json").write_text(card.to_json(), "utf-8")
    (models / "large" / "11.old").mkdir()
    told = runner.invoke(args=["neural_training", "large", "1"]).output
    assert told == "Error: expected a new name, got large, which has versions; neural_pre_training continues one\n"
    result = runner.invoke(args=["neural_pre_training", "large", "1", "why"])
    assert result.output.splitlines()[-1] == "Error: expected labelled samples of the type teach, got none", "it began"
    with app.app_context():
        found = db.session.scalars(select(NeuralVersion).where(~NeuralVersion.published)).one()
        assert (found.path, found.created_by) == ("large/10", SYSTEM)
        assert neural.last_version("large")[1] == (models / "large" / "10" / "model.keras").resolve()


def test_of_folders_that_are_not_whole_the_reason_is_told(runner: FlaskCliRunner, settings: Settings) -> None:
    (make_version(settings.static / "model", 1, "large") / "model.json").write_text("{}")
    result = runner.invoke(args=["neural_pre_training", "large", "1", "why"])
    assert result.output.startswith("Error: large/1 is not as its card says: expected model.json")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


@pytest.mark.parametrize("command", ["neural_training mercury 1", "neural_pre_training mercury 1 why"])
def test_the_commands_tell_what_became_of_it(
    runner: FlaskCliRunner, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    rows = [{"characters": 0, "readings": 3, "share": 0.75}, {"characters": 2, "readings": 1, "share": 0.25}]
    exact = {"right": 3, "n": 4, "value": 0.75}
    result = {
        "version": "mercury/7",
        "validate": {"exact": exact, "mismatches": rows},
        "gates_not_passed": "leaks, kept",
    }
    monkeypatch.setattr(commands, "do_run", lambda kind, *_: Run(id=5, kind=kind.value, result=result))
    told = runner.invoke(args=command.split())
    assert told.exit_code == 0
    assert told.output.splitlines() == [
        "mercury/7 is made; run 5 keeps its curve and log.",
        "Gates not passed: leaks, kept. The log says why; to publish it takes an override.",
        "Exact on validation: 3 of 4 (75.0%).",
        "  0 mismatched:     3 (75.0%)",
        "  2 mismatched:     1 (25.0%)",
    ]
