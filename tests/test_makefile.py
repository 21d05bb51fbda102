"""What the two commands do, step by step."""

from __future__ import annotations

import os
import subprocess

import pytest

from backend.settings import ROOT


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
    ],
    ids=" ".join,
)
def test_steps(arguments: list[str], steps: list[str]) -> None:
    """The environment first, then one command of it, which does all the rest."""
    given = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS", "PYTHON")  # by the make that runs the tests
    own = {name: value for name, value in os.environ.items() if name not in given}
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    told = subprocess.run(command, cwd=ROOT, env=own, check=True, capture_output=True, text=True).stdout
    assert [line.strip() for line in told.splitlines()] == steps
