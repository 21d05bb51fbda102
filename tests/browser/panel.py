"""The panel in a real browser: a server with an application of its own, people with roles, what a page complains of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import ConsoleMessage, Page, Request
from werkzeug.serving import make_server

from backend import create_app
from backend.database import db
from backend.settings import Settings
from tests.backend.accounts import token_for
from tests.request_handler import QuietRequestHandler

SERVED: dict[str, Flask] = {}  # by address
GIVEN_UP = "net::ERR_ABORTED"  # what a page that is left was still asking for, a live page's next look say


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve an application on an empty database with every migration applied; yields its address."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    SERVED[address] = app
    yield address
    del SERVED[address]
    server.shutdown()
    server.server_close()
    thread.join()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def panel_settings(folder: Path) -> Settings:
    """Settings with an instance of its own inside `folder`, and nothing published."""
    (folder / "static").mkdir(exist_ok=True)
    return Settings(instance=folder / "instance", static=folder / "static")


def browser_login(page: Page, base_url: str, role: str, language: str = "en") -> None:
    """Log the browser of `page` in at a served application, with a role and a language."""
    app = SERVED[base_url]
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    content = {"_user_id": token_for(app, role), "_fresh": True, "language": language}
    page.context.add_cookies([{"name": "session", "value": signer.dumps(content), "url": base_url, "httpOnly": True}])


def complaints(page: Page) -> list[str]:
    """A list that fills with what goes wrong from now on: errors, violations of the policy, failed requests."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(f"{page.url}: {message.text}")

    def fail(request: Request) -> None:
        if request.failure != GIVEN_UP:
            found.append(f"{page.url}: {request.url} {request.failure}")

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
    page.on("requestfailed", fail)
    return found
