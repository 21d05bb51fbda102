"""What commands do themselves is noted as a run, whatever becomes of it."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select

from backend.commands.noting import noted
from backend.database import db
from backend.domain.sentences import kept
from backend.models import Run, RunKind
from backend.services import runs

pytestmark = pytest.mark.both_databases


def the_run() -> Run:
    return db.session.scalars(select(Run)).one()


def test_a_refusal_is_noted_with_its_sentence(app: Flask, runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["generate_images", "nothing", "12", "--seed", "3"])
    assert result.exit_code == 1 and "expected a meter type such as" in result.output
    with app.app_context():
        run = the_run()
        assert (run.kind, run.state, run.worker is not None) == ("generation", "failed", True)
        assert run.parameters == {"meter_type": "nothing", "count": 12, "seed": 3}
        assert run.error and run.error in result.output
        assert run.result and str(kept(run.result[runs.REASON])) == run.error  # type: ignore[arg-type]


def test_what_is_done_is_noted(app: Flask) -> None:
    with app.app_context():
        with noted(RunKind.IMPORT, {"folder": "a"}, "importing") as work:
            work.progress(1, 2)
            during = runs.find(the_run().id)
            work.result = {"samples": 2}
        run = the_run()
    assert (during.state, run.state, run.progress, run.result) == ("running", "done", 1.0, {"samples": 2})


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the disk is gone")])
def test_what_breaks_off_is_noted(app: Flask, error: BaseException) -> None:
    def break_off() -> None:
        with noted(RunKind.IMPORT, {}, "importing") as work:
            work.progress(1, 4)
            raise error

    with app.app_context():
        with pytest.raises(type(error)):
            break_off()
        run = the_run()
        assert (run.state, run.progress) == ("failed", 0.25)
        assert run.error == f"{type(error).__name__}: {error}"
