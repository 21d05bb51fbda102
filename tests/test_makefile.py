"""What the commands do, step by step."""

from __future__ import annotations

import os
import subprocess

import pytest

from backend.settings import ROOT

FLASK = ".venv/bin/flask --app backend"


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [
        (["run"], ["python3 scripts/environment.py web", ".venv/bin/flask --app backend serve"]),
        (
            ["run", "PYTHON=python3.12"],
            ["python3.12 scripts/environment.py web", ".venv/bin/flask --app backend serve"],
        ),
        (["test"], ["python3 scripts/environment.py web train dev", ".venv/bin/python -m scripts.check"]),
        (
            ["test", "ARGS=--full"],
            ["python3 scripts/environment.py web train dev", ".venv/bin/python -m scripts.check --full"],
        ),
        (
            ["train", "DATA=some/folder", "ARGS=--name first"],
            ["python3 scripts/environment.py web train", ".venv/bin/python -m training.train some/folder --name first"],
        ),
        (
            ["train", "MODEL=mercury", "EPOCHS=20"],
            ["python3 scripts/environment.py web train dev", f"{FLASK} neural_training mercury 20"],
        ),
        (
            ["train", "MODEL=mercury", "EPOCHS=5", "CHANGES=200 photos at night", "ARGS=--limit 200"],
            [
                "python3 scripts/environment.py web train dev",
                f'{FLASK} neural_pre_training --limit 200 mercury 5 "200 photos at night"',
            ],
        ),
    ],
    ids=" ".join,
)
def test_steps(arguments: list[str], steps: list[str]) -> None:
    """The environment first, then one command of it, which does all the rest."""
    given = (
        "MAKEFLAGS MAKELEVEL MFLAGS ARGS PYTHON DATA MODEL EPOCHS CHANGES".split()
    )  # by the make that runs the tests
    own = {name: value for name, value in os.environ.items() if name not in given}
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    told = subprocess.run(command, cwd=ROOT, env=own, check=True, capture_output=True, text=True).stdout
    assert [" ".join(line.split()) for line in told.splitlines()] == steps
