"""The API behind a real gunicorn with two processes: a version published meanwhile, figures added up, a clean end."""

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from backend.settings import Settings
from scripts.bench.reading import BOUNDARY, ask, form
from scripts.bench.server import free_port, served

from .readable import copy_version, goldens, point_at

SENT = {"value": "123.4", "version": "compact/1", "consent": "yes"}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("server")
    point_at(copy_version(folder / "static" / "model"))
    copy_version(folder / "static" / "model", 2)
    return Settings(instance=folder / "instance", static=folder / "static", port=free_port(), read_limit="", threads=4)


@pytest.fixture(scope="module")
def log(settings: Settings) -> Path:
    return settings.instance / "lines.log"


@pytest.fixture(scope="module")
def server(settings: Settings, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings.instance.mkdir()
    with served(settings, log) as process:
        yield process


def get(settings: Settings, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text


def test_eight_clients_and_a_version_published_meanwhile(settings: Settings, server: subprocess.Popen[bytes]) -> None:
    forms = [form(golden.data, golden.fields) for golden in goldens()[:3]]
    model = next(settings.static.glob("model/*/1")).parent
    ask(settings.port, forms, 24, clients=8)
    assert {json.loads(get(settings, "/api/model"))["version"] for _ in range(6)} == {"1"}
    point_at(model / "2")
    ask(settings.port, forms, 24, clients=8)
    assert {json.loads(get(settings, "/api/model"))["version"] for _ in range(6)} == {"2"}
    for _ in range(4):  # whichever process answers, it knows of both
        lines = get(settings, "/metrics").splitlines()
        counted = [line for line in lines if line.startswith("meter_readings_total")]
        assert sum(float(line.split()[-1]) for line in counted) == 48


def test_the_end_loses_nothing(settings: Settings, server: subprocess.Popen[bytes], log: Path) -> None:
    """Asked to end while a correction is under way, it takes the correction, answers, and ends."""
    body, _ = form(goldens()[0].data, SENT)
    with socket.create_connection(("127.0.0.1", settings.port), timeout=60) as connection:
        head = [
            "POST /api/feedback HTTP/1.1",
            "Host: localhost",
            "Connection: close",
            "X-Request-ID: under-way-1",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            f"Content-Length: {len(body)}",
            "Expect: 100-continue",
        ]
        connection.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        assert b"100 Continue" in connection.recv(100)  # now a thread waits for the rest
        connection.sendall(body[:1000])
        server.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            server.wait(1)
        connection.sendall(body[1000:])
        answer = b""
        while part := connection.recv(1000):
            answer += part
    assert answer.startswith(b"HTTP/1.1 201")
    assert server.wait(60) == 0
    engine = sa.create_engine(f"sqlite:///{settings.instance / 'meter.db'}")
    with engine.connect() as database:
        assert database.execute(sa.text("SELECT value FROM feedback")).all() == [("123.4",)]
    engine.dispose()
    lines = written(log)
    mine = [line for line in lines if line.get("request_id") == "under-way-1"]
    assert [(line["address"], line["status"]) for line in mine] == [("/api/feedback", 201)]
    assert {line["level"] for line in lines} <= {"info", "warning"}


def written(log: Path) -> list[dict[str, Any]]:
    """The lines of the web processes; what libraries of others print without logging is left out."""
    return [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
