"""Learning curves: what the page answers from a run's result, and the road from samples to that result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

from backend.database import db
from backend.domain.leaking import Leaks
from backend.models import NeuralModel, Run
from backend.services import curves, neural
from backend.services.parameters import ParameterError
from backend.services.reporter import Reporter
from backend.services.snapshots import Snapshot

from .accounts import csrf, login
from .samples import add_samples, row

POINTS = [{"size": s, "error": e, "n": 400} for s, e in ((100, 0.5), (200, 0.4), (400, 0.3), (400, 0.2))]
ANSWERS = [
    {"accuracy": 0.8, "size": 410, "low": 380, "high": 500, "reached": 1.0},
    {"accuracy": 0.95, "size": 1400, "low": 900, "high": 3000, "reached": 0.97},
    {"accuracy": 0.99, "size": None, "low": None, "high": None, "reached": 0.12},
]
LINE = [
    {"size": 100.0, "error": 0.5, "low": 0.45, "high": 0.55},
    {"size": 1600.0, "error": 0.1, "low": 0.0, "high": 0.2},
]
CURVE = {
    "points": POINTS,
    "sizes": 4,
    "form": "power3",
    "line": LINE,
    "answers": ANSWERS,
    "half_to_all": {"sigmoid4": 0.031, "chosen": -0.012},
}
FEW = {"points": POINTS[:1], "sizes": 1}
GUESS = {"line": [{"size": 4, "error": 0.9}, {"size": 64, "error": 0.3}], "like": ["drawn lcd"], "parameters": {}}
RESULT = {
    "curves": {"together": CURVE, "types": {"Mercury 201": CURVE, "<b>rare</b>": FEW}},
    "guesses": {"error": {"points": 0.21, "worst": 0.5}, "types": {"Mercury 201": GUESS, "<b>rare</b>": GUESS}},
}


def add_run(app: Flask, **values: Any) -> int:
    with app.app_context():
        parameters = {"model_name": "mercury", "how": "tuned"}
        run = Run(**{"kind": "learning_curve", "state": "done", "parameters": parameters, "result": RESULT} | values)
        db.session.add(run)
        db.session.commit()
        return run.id


def add_model(name: str = "mercury", structure: str = "compact") -> None:
    db.session.add(NeuralModel(name=name, structure=structure))
    db.session.commit()


@pytest.fixture
def based(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Something in the place of the base network."""
    file = tmp_path / "base.keras"
    file.write_bytes(b"")
    monkeypatch.setattr(curves, "BASE", file)
    return file


@pytest.fixture
def unbased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "BASE", curves.ROOT / "training" / "guess" / "none.keras")


def test_what_a_curve_answers() -> None:
    assert curves.needed(CURVE, 95) == curves.Needed(1000, 500, 2600, 0.97)
    assert curves.needed(CURVE, 80) == curves.Needed(10, 0, 100, 1.0)
    assert curves.needed(CURVE, 99) == curves.Needed(None, None, None, 0.12)
    assert curves.needed(FEW, 95) is None
    row = {"accuracy": 0.95, "size": 1400, "low": 900, "high": None, "reached": 0.97}
    endless = {**CURVE, "answers": [row]}
    assert curves.needed(endless, 95) == curves.Needed(1000, 500, None, 0.97)
    assert curves.mean_errors(POINTS) == [(100, 0.5), (200, 0.4), (400, 0.25)]


def test_types_with_fewest_samples_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "MOST_TYPES", 1)
    types = {"rare": FEW, "often": CURVE, "never": {"points": [], "sizes": 0}}
    assert set(curves.kept_types({"together": CURVE, "types": types})["types"]) == {"often"}


@pytest.mark.one_database("sqlite", reason="the pages read what is tested on both elsewhere")
def test_the_page_answers_and_says_what_it_cannot(app: Flask, client: FlaskClient) -> None:
    add_run(app)
    login(client, "viewer")
    page = client.get("/admin/learning-curves/").text
    assert "1,000" in page and "500 to 2,600" in page and "off by -1.2 points; the sigmoid alone by +3.1" in page
    assert 'data-value="0.75"' in page and "Too few sizes with runs for a curve: 1." in page
    assert "missed the curve by 21 points on average and 50 at worst" in page
    assert page.count("looks most like") == 1 and "&lt;b&gt;rare&lt;/b&gt;" in page and "<b>rare" not in page
    assert page.count("drawn lcd") == 1, "no guess where there is a curve"
    assert "Start the runs" not in page, "a viewer sees"
    high = client.get("/admin/learning-curves/?target=99").text
    assert "Cannot be said from this" in high and "12%" in high
    for address in ("target=101", "target=٩٥", "target=", "run=99", "run=x"):
        assert client.get(f"/admin/learning-curves/?{address}").status_code in (400, 404)


@pytest.mark.one_database("sqlite", reason="the pages read what is tested on both elsewhere")
def test_the_page_says_which_cells_to_fill(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        values = ("00123.4", "00133.5", "00143.6")
        add_samples(*(row(i, correct_value=value, state="labelled") for i, value in enumerate(values)))
    add_run(app)
    login(client, "viewer")
    page = client.get("/admin/learning-curves/").text
    assert "Most worth photographing" in page and "/admin/augmentations/?meter_type=1" in page
    assert "at the place of 0.1 the digits 0, 1, 2, 3, 7, 8, 9" in page


@pytest.mark.one_database("sqlite", reason="the pages read what is tested on both elsewhere")
def test_a_run_is_started_from_the_page(app: Flask, client: FlaskClient, based: Path) -> None:
    with app.app_context():
        add_model()
    login(client, "trainer", "boris")
    form = {"model_name": "mercury", "how": "tuned", "sizes": "5", "repeats": "", "epochs": "", "steps": "50"}
    assert "No learning curve yet" in client.get("/admin/learning-curves/").text
    answer = client.post("/admin/learning-curves/start", data=form, headers=csrf(client))
    with app.app_context():
        run = db.session.query(Run).one()
        assert answer.location == f"/admin/runs/{run.id}/"
        assert (run.kind, run.created_by, run.state) == ("learning_curve", "boris", "waiting")
        assert run.parameters == {**curves.asdict(curves.Options("mercury", "tuned", 5, epochs=10)), "steps": 50}
    again = client.post("/admin/learning-curves/start", data=form | {"sizes": "99"}, headers=csrf(client))
    assert again.status_code == 400 and "a whole number from 4 to 10" in again.text
    assert f"/admin/runs/{run.id}/" in client.get("/admin/learning-curves/").text
    assert "Learning curve" in client.get(f"/admin/runs/{run.id}/").text
    login(client, "annotator")
    assert client.post("/admin/learning-curves/start", data=form, headers=csrf(client)).status_code == 403


def test_options_are_checked(app: Flask, based: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        add_model()
        add_model("old", "baseline")
        assert curves.check({"model_name": "mercury"})["how"] == "tuned"
        with pytest.raises(ParameterError, match="expected a model that reads displays, got 'none'"):
            curves.check({"model_name": "none"})
        with pytest.raises(ParameterError, match="architecture compact for curves from a base, got one of base"):
            curves.check({"model_name": "old"})
        with pytest.raises(ParameterError, match="tuned or train, got 'fast'"):
            curves.check({"model_name": "mercury", "how": "fast"})


def test_without_a_base_only_whole_trainings(app: Flask, unbased: None) -> None:
    with app.app_context():
        add_model()
        assert curves.check({"model_name": "mercury"})["how"] == "train"
        with pytest.raises(ParameterError, match=r"expected training/guess/none.keras"):
            curves.check({"model_name": "mercury", "how": "tuned"})


def fake_tool(seen: list[list[str]]) -> Callable[..., None]:
    def run(command: list[str], said: Callable[[dict[str, Any]], None], report: Reporter) -> None:
        seen.append(command)
        flag = "--output" if "training.curve" in command else "--guess"
        place = Path(command[command.index(flag) + 1])
        if flag == "--output":
            said({"step": 1, "steps": 2, "samples": 50, "exact": 0.4})
            said({"step": 2, "steps": 2, "samples": 100, "exact": 0.5})
        content = RESULT["curves"] | {"runs": []} if flag == "--output" else RESULT["guesses"]
        place.write_text(json.dumps(content))

    return run


@pytest.mark.one_database("sqlite", reason="what is tested is the call of another process")
def test_a_run_calls_the_tools_and_keeps_their_result(
    app: Flask, based: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    snapshot = Snapshot(tmp_path, "ab" * 32, 10, 0, Leaks([], 0))
    monkeypatch.setattr(curves, "run_tool", fake_tool(seen))
    monkeypatch.setattr(neural, "take_snapshot", lambda _report: snapshot)
    with app.app_context():
        add_model()
        report = Reporter(app, 1, "worker")
        outcome = curves.do(curves.check({"model_name": "mercury", "steps": 3}), "anna", report)
    assert outcome.result == {**RESULT, "data_sha256": "ab" * 32}
    assert [point["samples"] for point in report.curve] == [50, 100] and report.fraction == pytest.approx(0.97)
    first = " ".join(seen[0])
    assert "--how tuned" in first and "--steps 3" in first and f"--base {based}" in first
    assert len(seen) == 2 and "training.first_guess" in seen[1]


@pytest.mark.one_database("sqlite", reason="what is tested is folders")
def test_unfinished_curves_are_kept_to_go_on_with(app: Flask) -> None:
    with app.app_context():
        options, other = curves.Options("mercury", "train"), curves.Options("mercury", "train", seed=2)
        snapshot = Snapshot(Path(), "ab" * 32, 10, 0, Leaks([], 0))
        place = curves.own_folder(options, snapshot)
        assert curves.own_folder(options, snapshot) == place != curves.own_folder(other, snapshot)
        for seed in range(3, 8):
            curves.own_folder(curves.Options("mercury", "train", seed=seed), snapshot)
        assert len(list(place.parent.iterdir())) == curves.KEPT


@pytest.mark.one_database("sqlite", reason="what is tested is other processes")
def test_the_command_refuses_in_one_line(app: Flask) -> None:
    answer = FlaskCliRunner(app).invoke(args=["learning_curve", "nobody"])
    assert answer.exit_code == 1 and "expected a model that reads displays, got 'nobody'" in answer.output
    assert "Traceback" not in answer.output
