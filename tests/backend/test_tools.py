"""What a command of the training side says, kept in a run's log."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from backend.services.reporter import JobError, Reporter
from backend.services.tools import run_tool


@pytest.fixture
def report(app: Flask) -> Reporter:
    return Reporter(app, 1, "worker")


def test_a_tool_that_fails_says_why(report: Reporter, tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = []
    tool = tmp_path / "tool.py"
    tool.write_text(
        "import sys\n"
        "with open(sys.argv[-1], 'a') as file: print('{\"step\": 1, \"steps\": 2}', file=file)\n"
        "print('working')\n"
        "sys.exit('tool: expected more, got less')\n"
    )
    with pytest.raises(JobError, match="tool: expected more, got less"):
        run_tool(["python", str(tool), "x"], lines.append, report)
    assert lines == [json.loads('{"step": 1, "steps": 2}')]
    assert report.log_text() == "working\ntool: expected more, got less\n"


def test_what_a_tool_says_itself_counts_for_more_than_noise_after_it(report: Reporter, tmp_path: Path) -> None:
    tool = tmp_path / "tool.py"
    tool.write_text("import sys\nprint('tool: expected a finite loss', flush=True)\nsys.exit('[[{{node PyFunc}}]]')\n")
    with pytest.raises(JobError, match=r"^tool: expected a finite loss$"):
        run_tool(["python", str(tool), "tool"], print, report)
    assert report.log_text() == "tool: expected a finite loss\n[[{{node PyFunc}}]]\n"
