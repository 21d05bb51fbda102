"""The pages of runs: what they show of each, what can be started, what a page asks for again and again."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.database import db
from backend.domain.card import Card, file_entries
from backend.models import Run
from backend.services import archives, versions, work
from backend.services.reporter import Reporter
from backend.settings import Settings

from ..versions import make_version
from .accounts import csrf, login
from .folders import some_rows, write_folder

pytestmark = pytest.mark.one_database("sqlite", reason="the services below are tested on both")
CURVE = [{"epoch": n, "loss": 1 / n, "exact_box": n / 10, "exact_whole": n / 20} for n in (1, 2, 3)]


def add(app: Flask, **values: Any) -> int:
    now = datetime.now(timezone.utc)
    moments = {"started_at": now - timedelta(minutes=4), "heartbeat_at": now} if values["state"] == "running" else {}
    with app.app_context():
        run = Run(**{"kind": "training", "created_by": "me", "parameters": {}} | moments | values)
        db.session.add(run)
        db.session.commit()
        return run.id


def start(client: FlaskClient, **form: Any) -> Any:
    return client.post("/admin/runs/start", data=form, headers=csrf(client))


def runs(app: Flask) -> list[Run]:
    with app.app_context():
        return list(db.session.scalars(select(Run).order_by(Run.id)))


def test_a_run_is_shown_as_it_goes(app: Flask, client: FlaskClient) -> None:
    number = add(app, state="running", progress=0.5, log="<epoch 3>", worker="w", result={"curve": CURVE})
    login(client, "viewer")
    page = client.get(f"/admin/runs/{number}/").text
    assert "&lt;epoch 3&gt;" in page and 'data-value="0.3"' in page and "data-active" in page
    assert ">Stop<" not in page, "a viewer sees"
    live = client.get(f"/admin/runs/{number}/live")
    assert "4 minutes left" in live.text and "50.0%" in live.text
    again = client.get(f"/admin/runs/{number}/live", headers={"If-None-Match": live.headers["ETag"]})
    assert again.status_code == 304
    assert 'value="0.5"' in client.get("/admin/runs/live").text


def test_a_run_without_a_heart_is_shown_as_failed(app: Flask, client: FlaskClient) -> None:
    long_ago = datetime.now(timezone.utc) - timedelta(hours=1)
    number = add(app, state="running", worker="w", heartbeat_at=long_ago)
    login(client, "viewer")
    assert "its worker has ended without a word" in client.get(f"/admin/runs/{number}/live").text
    assert "failed" in client.get("/admin/runs/").text


def test_training_starts_with_the_options_of_the_command(app: Flask, client: FlaskClient) -> None:
    login(client, "trainer", "boris")
    given = {
        "model_name": "mercury",
        "epochs": "3",
        "architecture": "compact",
        "limit": "200",
        "steps": "",
        "seed": "7",
    }
    answer = start(client, kind="training", **given)
    (run,) = runs(app)
    assert answer.location == f"/admin/runs/{run.id}/"
    assert (run.kind, run.state, run.created_by) == ("training", "waiting", "boris")
    wanted = {"model_name": "mercury", "epochs": 3, "limit": 200, "steps": 25, "seed": 7, "learning_rate": None}
    assert {name: run.parameters[name] for name in wanted} == wanted
    page = client.get(f"/admin/runs/?again={run.id}").text
    assert 'value="mercury"' in page and 'value="200"' in page


def test_a_fine_tuning_starts_with_what_is_new(app: Flask, client: FlaskClient, settings: Settings) -> None:
    folder = make_version(settings.static / "model", 1, "mercury")
    (folder / "model.keras").write_bytes(b"weights")
    card = replace(Card.load(folder), files=file_entries(folder))
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    with app.app_context():
        versions.register(db.session(), "mercury/1", "me")
        db.session.commit()
    login(client, "trainer", "boris")
    page = client.get("/admin/runs/").text
    assert 'name="changes"' in page.partition('value="fine_tuning"')[2].partition("</form>")[0]
    given = {"model_name": "mercury", "epochs": "5", "changes": "200 photos at night", "steps": ""}
    answer = start(client, kind="fine_tuning", **given)
    (run,) = runs(app)
    assert answer.location == f"/admin/runs/{run.id}/"
    assert (run.kind, run.state, run.created_by) == ("fine_tuning", "waiting", "boris")
    wanted = {"model_name": "mercury", "epochs": 5, "changes": "200 photos at night", "architecture": "compact"}
    assert {name: run.parameters[name] for name in wanted} == wanted
    assert 'value="200 photos at night"' in client.get(f"/admin/runs/?again={run.id}").text
    assert start(client, kind="fine_tuning", **given | {"changes": ""}).status_code == 400


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"kind": "training", "model_name": "Not a name", "epochs": "3"}, "Expected a name of small letters"),
        ({"kind": "training", "model_name": "mine", "epochs": "many"}, "Expected epochs to be a whole number"),
        ({"kind": "training", "model_name": "mine", "epochs": "3", "trick": "1"}, "Expected parameters among"),
        ({"kind": "fine_tuning", "model_name": "nobody", "epochs": "3", "changes": "x"}, "Expected a model with"),
        ({"kind": "import"}, "Expected an uploaded archive or a folder"),
        ({"kind": "import", "folder": "../.."}, "Expected a folder with training.csv"),
    ],
)
def test_what_cannot_be_started_comes_back(app: Flask, client: FlaskClient, form: dict[str, str], message: str) -> None:
    login(client, "trainer")
    answer = start(client, **form)
    assert (answer.status_code, runs(app)) == (400, [])
    assert message in answer.text
    assert f'value="{form.get("epochs", "")}"' in answer.text


def test_other_kinds_are_not_started_here(app: Flask, client: FlaskClient) -> None:
    login(client, "trainer")
    assert start(client, kind="reading", version="compact/1").status_code == 400
    assert runs(app) == []


def test_an_archive_is_imported(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    folder, packed = write_folder(tmp_path / "data", some_rows()), BytesIO()
    with ZipFile(packed, "w") as archive:
        for file in folder.rglob("*.*"):
            archive.write(file, file.relative_to(folder))
    login(client, "trainer", "boris")
    assert start(client, kind="import", upload=(BytesIO(b"nothing"), "a.zip")).status_code == 400
    hostile = BytesIO()
    with ZipFile(hostile, "w") as archive:
        archive.writestr("training.csv", "image,type,correct_value,source\na.jpg,0,1,=1+1\n")
    answer = start(client, kind="import", upload=(BytesIO(hostile.getvalue()), "a.zip"))
    assert answer.status_code == 400 and "expected source to be plain text" in answer.text
    assert start(client, kind="import", upload=(BytesIO(packed.getvalue()), "a.zip")).status_code == 302
    (run,) = runs(app)
    with app.app_context():
        uploads = archives.imports_folder() / archives.UPLOADS
        assert [place.name for place in uploads.iterdir()] == [run.parameters["archive"]]
        outcome = work.do_import(run.parameters, run.created_by, Reporter(app, run.id, "w"))
        assert outcome.result["samples"] == 6
        assert list(uploads.iterdir()) == []


def test_stopping(app: Flask, client: FlaskClient) -> None:
    waiting, done = add(app, state="waiting"), add(app, state="done")
    login(client, "trainer", "boris")
    assert ">Stop<" in client.get(f"/admin/runs/{waiting}/").text
    for number in (waiting, done):
        assert client.post(f"/admin/runs/{number}/stop", headers=csrf(client)).status_code == 302
    assert [(run.state, run.error) for run in runs(app)] == [("stopped", "stopped by boris"), ("done", None)]
    assert "Expected a run that is waiting or running" in client.get("/admin/runs/").text
