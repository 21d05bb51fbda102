"""Limits hold in one process by its memory, in all of them by a real Redis."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from backend import create_app
from backend.database import db
from backend.settings import Settings

from .redis_server import redis_server

ALLOWED = 3


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "redis").mkdir()
    with redis_server(tmp_path / "redis") as url:
        yield url


def another(folder: Path, redis_url: str) -> Flask:
    """Another process on another machine: nothing in common but Redis."""
    app = create_app(Settings(instance=folder, redis_url=redis_url, read_limit=f"{ALLOWED} per minute"))
    with app.app_context():
        db.engine.dispose()
    return app


def ask(app: Flask, address: str = "192.0.2.1") -> int:
    """The status of a request that is counted, although nothing can be read in it."""
    return app.test_client().post("/api/read", environ_base={"REMOTE_ADDR": address}).status_code


def test_redis_counts_for_all_processes(tmp_path: Path, redis_url: str) -> None:
    first = another(tmp_path / "a", redis_url)
    assert 429 not in [ask(first) for _ in range(ALLOWED)]
    assert ask(first) == 429
    second = another(tmp_path / "b", redis_url)
    assert ask(second) == 429
    assert ask(second, "192.0.2.2") != 429


def test_without_redis_each_process_counts_its_own(tmp_path: Path) -> None:
    first = another(tmp_path / "a", "")
    assert 429 not in [ask(first) for _ in range(ALLOWED)]
    assert ask(first) == 429
    assert ask(another(tmp_path / "b", "")) != 429
