"""`/api/`: what the page and others may ask for. No cookie counts here, so no site can use a visitor's login.

Browsers let pages of other sites use it only where `METER_API_ORIGINS` says so (`origins.py`). What the answers look
like is told by `/api/openapi.json` (`openapi.py`), and the tests hold every answer to it.
"""

from __future__ import annotations

from flask import Flask

from backend.accounts import csrf
from backend.api import origins, routes


def init_app(app: Flask) -> None:
    """Add the addresses. They take no cookie, so they need no CSRF token either."""
    app.register_blueprint(routes.blueprint)
    csrf.exempt(routes.blueprint)
    origins.init_app(app)
