"""`/metrics`: what is counted, who may see it, several processes added up."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from backend import create_app, metrics
from backend.database import db
from backend.models import Run
from backend.settings import ROOT, Settings

from .readable import copy_version, goldens, point_at


def figures(client: FlaskClient, **headers: str) -> dict[str, float]:
    """Each line's figure by its name and labels."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def more(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


@pytest.mark.one_database("sqlite", reason="nothing here touches the database")
def test_requests_and_readings_are_counted(app: Flask, client: FlaskClient, settings: Settings) -> None:
    point_at(copy_version(settings.static / "model", threshold=0.0, unreadable=0.0))
    before = figures(client)
    client.get("/js/main.js")
    client.get("/nothing/of/the/kind")
    for picture in (goldens()[0].data, b"<svg/>"):
        client.post("/api/read", data={"picture": (io.BytesIO(picture), "a.png")})
    client.post("/api/feedback")
    after = figures(client)
    for name in (
        'meter_requests_total{endpoint="static",method="GET",status="200"}',
        'meter_requests_total{endpoint="none",method="GET",status="404"}',
        'meter_requests_total{endpoint="api.read",method="POST",status="200"}',
        'meter_requests_total{endpoint="api.read",method="POST",status="415"}',
        'meter_readings_total{outcome="accepted"}',
        'meter_readings_total{outcome="refused"}',
        'meter_feedback_total{outcome="refused"}',
    ):
        assert more(before, after, name) == 1, name
    assert more(before, after, 'meter_request_seconds_count{endpoint="api.read"}') == 2
    assert more(before, after, 'meter_request_seconds_bucket{endpoint="api.read",le="+Inf"}') == 2


def test_runs_and_the_queue(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        db.session.add_all([Run(kind="import", state=state) for state in ("waiting", "waiting", "failed")])
        db.session.commit()
    found = figures(client)
    states = {"waiting": 2, "running": 0, "done": 0, "failed": 1, "stopped": 0}
    assert {state: found[f'meter_runs{{state="{state}"}}'] for state in states} == states
    assert (found["meter_queue_length"], found["meter_database_up"]) == (2, 1)


@pytest.mark.one_database("sqlite", reason="the database does not answer")
def test_the_rest_is_told_without_a_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    monkeypatch.setattr(metrics, "reading_session", fail)
    found = figures(client)
    assert found["meter_database_up"] == 0
    assert "meter_queue_length" not in found
    assert any(name.startswith("meter_requests_total") for name in found)


@pytest.mark.one_database("sqlite", reason="nothing here touches the database")
def test_who_may_see_the_figures(app: Flask, client: FlaskClient, settings: Settings) -> None:
    def status(client: FlaskClient, address: str, **headers: str) -> int:
        return client.get("/metrics", environ_base={"REMOTE_ADDR": address}, headers=headers).status_code

    assert [status(client, address) for address in ("127.0.0.1", "127.9.9.9", "::1")] == [200] * 3
    assert [status(client, address) for address in ("192.0.2.1", "2001:db8::1", "localhost", "")] == [403] * 4
    assert status(client, "127.0.0.1", **{"X-Forwarded-For": "192.0.2.1"}) == 403  # a proxy on this machine
    open_to_some = create_app(settings.model_copy(update={"metrics_token": "a secret"})).test_client()
    assert status(open_to_some, "192.0.2.1", Authorization="Bearer a secret") == 200
    for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic a secret"}):
        assert status(open_to_some, "127.0.0.1", **headers) == 403
    refused = client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert refused.get_json()["error"]["code"] == "forbidden"
    assert "a secret" not in repr(settings.model_copy(update={"metrics_token": "a secret"}))


def test_processes_are_added_up(tmp_path: Path) -> None:
    """Two processes count, a third one tells."""
    shared = metrics.prepare(Settings(instance=tmp_path))
    assert metrics.prepare(Settings(instance=tmp_path)) == shared
    count = "from backend.metrics import READINGS; READINGS.labels('accepted').inc(3)"
    tell = "from backend import metrics; from prometheus_client import generate_latest as g\n"
    tell += "print(g(metrics.all_processes()).decode())"
    environment = {**os.environ, **shared}

    def run(code: str) -> str:
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    run(count), run(count)
    assert 'meter_readings_total{outcome="accepted"} 6.0' in run(tell)
    metrics.prepare(Settings(instance=tmp_path))
    assert "accepted" not in run(tell)
