"""Commands on a database that nobody has prepared, or that another program has: one line, status 1, nothing begun."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from flask_migrate import downgrade
from sqlalchemy import text

from backend import create_app
from backend.commands import preparing
from backend.database import db
from backend.settings import Settings

COMMAND = "flask --app backend db upgrade"
ARGUMENTS = {  # those that a command cannot do without
    "generate_images": ["gas", "3"],
    "export_dataset": ["dataset"],
    "publish": ["drawn/1"],
    "neural_training": ["first"],
    "neural_pre_training": ["first"],
    "learning_curve": ["first"],
    "recipe": ["lenet"],
}


@pytest.fixture
def older(app: Flask) -> Flask:
    """The application on a database of an older program: the last migration is taken back."""
    with app.app_context():
        db.session.remove()
        downgrade()
    return app


@pytest.mark.one_database("sqlite", reason="there a database that nobody has made is a missing file")
def test_every_command_asks_for_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    app = create_app(Settings(instance=tmp_path / "new"))
    asking = sorted(app.cli.commands.keys() - preparing.PREPARE - {"db", "limiter"})
    assert "worker" in asking and len(asking) > 15
    for name in asking:
        result = app.test_cli_runner().invoke(args=[name, *ARGUMENTS.get(name, [])])
        told = f"Error: expected a database prepared by `{COMMAND}` or `make run`, got one without tables\n"
        assert (result.exit_code, result.output) == (1, told), name
        assert app.test_cli_runner().invoke(args=[name, "--help"]).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["new"], "a refused command leaves nothing"


@pytest.mark.both_databases
def test_a_database_of_an_older_program_is_told(older: Flask) -> None:
    with older.app_context():
        before = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        db.session.remove()
    result = FlaskCliRunner(older).invoke(args=["check"])
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: expected a database prepared by `{COMMAND}`")
    assert f"got one of an older program (migration {before})" in result.output
    assert FlaskCliRunner(older).invoke(args=["db", "upgrade"]).exit_code == 0
    assert FlaskCliRunner(older).invoke(args=["check"]).exit_code == 0


@pytest.mark.both_databases
def test_a_database_of_a_newer_program_is_told(app: Flask, runner: FlaskCliRunner) -> None:
    with app.app_context():
        db.session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
        db.session.commit()
    result = runner.invoke(args=["check"])
    assert result.exit_code == 1
    assert "got one of a newer program (migration 9999_future): update this one" in result.output


@pytest.mark.one_database("sqlite", reason="both are told by the same line")
def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    (tmp_path / "meter.db").write_bytes(b"not a database" * 100)
    result = create_app(Settings(instance=tmp_path)).test_cli_runner().invoke(args=["check"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: expected a database that answers, got: file is not a database\n",
    )


def test_what_needs_no_database_asks_for_none(tmp_path: Path) -> None:
    result = create_app(Settings(instance=tmp_path)).test_cli_runner().invoke(args=["recipe"])
    assert result.exit_code == 0 and "lenet: " in result.output
