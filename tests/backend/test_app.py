"""The application as a whole: start, health, headers, errors, what it imports."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from backend.security import HEADERS
from backend.settings import ROOT, Settings


def test_health_names_the_published_version(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"status": "ok", "version": "drawn/1"}


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"name": "a"}'])
def test_health_is_bad_without_a_version(client: FlaskClient, settings: Settings, content: str | None) -> None:
    pointer = settings.static / "model" / "current.json"
    pointer.unlink() if content is None else pointer.write_text(content, encoding="utf-8")
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.get_json() == {"status": "no version is published", "version": None}


def test_health_is_bad_without_a_database(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        from sqlalchemy.exc import OperationalError

        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    monkeypatch.setattr("backend.pages.db.session.execute", fail)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.get_json()["status"] == "the database does not answer"


@pytest.mark.parametrize("url", ["/", "/js/main.js", "/static/model/current.json", "/healthz", "/nothing"])
def test_every_answer_has_the_security_headers(client: FlaskClient, url: str) -> None:
    response = client.get(url)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "Cross-Origin-Embedder-Policy" not in response.headers


def test_errors_are_json_for_programs(client: FlaskClient) -> None:
    for url, accept in [("/nothing", "*/*"), ("/nothing", ""), ("/api/nothing", "text/html")]:
        response = client.get(url, headers={"Accept": accept})
        assert response.status_code == 404
        assert set(response.get_json()) == {"error"}
        assert response.get_json()["error"]["code"] == "not_found"


def test_errors_are_a_page_for_people(client: FlaskClient) -> None:
    response = client.get("/nothing", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "<h1>Not Found</h1>" in response.text


def test_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.post("/healthz")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.get_json()["error"]["code"] == "method_not_allowed"
    assert client.post("/").get_json()["error"]["code"] == "not_found"


def test_a_message_cannot_become_markup(app: Flask) -> None:
    app.add_url_rule("/bad", view_func=lambda: abort(400, "<script>"))
    assert "<script>" not in app.test_client().get("/bad", headers={"Accept": "text/html"}).text


def test_a_defect_is_told_without_its_inside(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> str:
        raise ValueError("password is 1234")

    app.add_url_rule("/broken", view_func=broken)
    app.testing = False
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert response.get_json()["error"]["code"] == "internal_server_error"
    assert "1234" not in response.text
    assert "password is 1234" in caplog.text


def test_importing_backend_loads_neither_flask_nor_tensorflow() -> None:
    code = "import backend.domain, sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"flask", "sqlalchemy", "tensorflow", "keras"} & set(json.loads(loaded))


def test_the_web_process_does_not_load_tensorflow() -> None:
    code = "import backend.app, sys, json; print(json.dumps(sorted(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert not {"tensorflow", "keras", "training"} & set(json.loads(loaded))


def test_the_contract_on_training_names_every_part_of_backend() -> None:
    forbidden = set(
        re.findall(r'"(backend\.\w+)"', (ROOT / "pyproject.toml").read_text("utf-8").split("Training knows")[1])
    )
    parts = {p.stem for p in (ROOT / "backend").iterdir() if p.suffix == ".py" or (Path(p) / "__init__.py").exists()}
    assert {f"backend.{part}" for part in parts - {"__init__", "domain"}} <= forbidden
