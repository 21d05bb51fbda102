"""Fixtures for every test: the application on each database, a plain static server, a real browser."""

import json
import os
import shutil
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from backend import create_app
from backend.database import db
from backend.settings import Settings
from scripts.browser import find

from . import postgres
from .request_handler import QuietRequestHandler
from .versions import make_version

# With several threads a busy machine makes TensorFlow add up in another order now and then, and the last bits differ:
# a run that is repeated, or goes on, is compared bit by bit. Tests fill the cores with processes anyway.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# What converts networks turns these off (training/convert.py). Here they are off from the start: else a process begun
# by a test would compute otherwise than the test, whose TensorFlow another file may have imported before.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

ROOT = Path(__file__).resolve().parent.parent
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]


LONGEST = ("tests/training/", "tests/backend/test_neural.py")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--full`: nothing is left out for the sake of time."""
    parser.addoption("--full", action="store_true", help="the longest proofs too, and all tests on both databases")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest files come first: begun last, they would keep one process busy after all others have ended."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if config.getoption("--full"):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if not item.get_closest_marker("long")]


class StaticHandler(SimpleHTTPRequestHandler):
    """Serves `frontend/` at `/` and `static/` at `/static/`, as any static host would: no header of ours."""

    extensions_map = {  # noqa: RUF012 (the base class's own way)
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".json": "application/json",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
        ".bin": "application/octet-stream",
    }

    def translate_path(self, path: str) -> str:
        """Map a URL to a file: `/static/…` in `static/`, all else in `frontend/`."""
        inside_static = path.startswith("/static/")
        self.directory = str(ROOT / ("static" if inside_static else "frontend"))
        return super().translate_path(path.removeprefix("/static") if inside_static else path)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: pytest shows what matters."""


class StaticServer(ThreadingHTTPServer):
    """The server; a page that closes while a file is on its way is no error worth a traceback."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report anything but a connection that the browser dropped."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def static_server() -> Iterator[str]:
    """A plain static file server without the backend; yields its address, e.g. `http://127.0.0.1:43210`."""
    with served(StaticHandler) as address:
        yield address


@contextmanager
def served(handler: type[SimpleHTTPRequestHandler]) -> Iterator[str]:
    """A static server at work; yields its address."""
    server = StaticServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver, one for the whole run."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser's program; `make test` has installed one."""
    path = find()
    assert path, "no browser found: run `make test`, which installs one"
    return path


@pytest.fixture(scope="session")
def launch_browser(playwright: Playwright, browser_path: str) -> Iterator[Callable[..., Browser]]:
    """A function that starts a browser with further flags (a fake camera's file, say); all are closed at the end."""
    started: list[Browser] = []

    def launch(*flags: str) -> Browser:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=browser_path, args=[*BROWSER_FLAGS, *as_root, *flags])
        started.append(browser)
        return browser

    yield launch
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def browser(launch_browser: Callable[..., Browser]) -> Browser:
    """The shared browser; a test that needs flags of its own calls `launch_browser`."""
    return launch_browser()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser context: no cookies, no storage, English, 1280×800."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 800})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A fresh page in a fresh context."""
    return context.new_page()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each backend test that uses the application on SQLite or on PostgreSQL, with `--full` on both.

    Which one it is its name decides, for good. `@pytest.mark.one_database("sqlite", reason="…")` keeps a test on one,
    `@pytest.mark.both_databases` on both, for what the two do each in its own way.
    """
    inside = Path(metafunc.definition.path).is_relative_to(ROOT / "tests" / "backend")
    if inside and "app" in metafunc.fixturenames and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", databases_of(metafunc.definition), indirect=True)


def databases_of(test: pytest.Item) -> list[str]:
    """The databases that a test of the application runs on."""
    names = ["sqlite", "postgresql"]
    if marker := test.get_closest_marker("one_database"):
        return [marker.args[0]]
    if test.config.getoption("--full") or test.get_closest_marker("both_databases"):
        return names
    return [names[zlib.crc32(f"{test.path.name}:{test.name}".encode()) % 2]]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every migration applied, to be copied."""
    instance = tmp_path_factory.mktemp("migrated")
    migrate(Settings(instance=instance))
    return instance / "meter.db"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """A PostgreSQL server with an empty database with every migration applied, to be copied."""
    with postgres.running() as server:
        url = server.url(server.create(postgres.TEMPLATE, "template0"))
        migrate(Settings(instance=tmp_path_factory.mktemp("migrated"), database_url=url))
        yield server


def migrate(settings: Settings) -> None:
    """Apply every migration."""
    with create_app(settings).app_context():
        try:
            upgrade()
        finally:
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with every migration applied; empty for SQLite in the instance folder."""
    if getattr(request, "param", "sqlite") == "sqlite":
        (tmp_path / "instance").mkdir()
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "instance" / "meter.db")
        yield ""
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def settings(tmp_path: Path, database: str) -> Settings:
    """Settings of an application with folders of its own: an instance, a page and one published version."""
    frontend, model = tmp_path / "frontend", tmp_path / "static" / "model"
    make_version(model, 1, "drawn")
    (model / "current.json").write_text(json.dumps({"name": "drawn", "version": "1", "path": "drawn/1/"}), "utf-8")
    (frontend / "js").mkdir(parents=True)
    (frontend / "index.html").write_text("<!doctype html><title>page</title>" + "<p>text</p>" * 200, encoding="utf-8")
    (frontend / "js" / "main.js").write_text("export const a = 1;\n" * 200, encoding="utf-8")
    (frontend / "tf.wasm").write_bytes(b"\0asm" + bytes(3000))
    folders = {"instance": tmp_path / "instance", "frontend": frontend, "static": tmp_path / "static"}
    return Settings(**folders, database_url=database)


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all applications of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application on an empty database with every migration applied; in tests/backend on each kind of database."""
    app = create_app(settings)
    app.testing = True
    app.test_client_class = BufferedClient
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application itself with the real page and the published version; yields its address."""
    app = create_app(Settings(instance=tmp_path_factory.mktemp("instance")))
    with app.app_context():
        upgrade()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
    with app.app_context():
        db.engine.dispose()


class BufferedClient(FlaskClient):
    """Reads each answer to its end, so that files are closed when the test goes on."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make one request."""
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a browser."""
    return app.test_client()


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    """Runs commands of `flask --app backend`."""
    return app.test_cli_runner()
