"""Proxies in front: who really asks, by which scheme and host, when it is known how many of them there are."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.settings import get_settings


def init_app(app: Flask) -> None:
    """Believe as many proxies as there are, and nobody else: anybody can send such a header."""
    count = get_settings(app).proxies
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
