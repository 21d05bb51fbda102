"""The application factory."""

from __future__ import annotations

from flask import Flask

from backend import (
    access,
    accounts,
    admin,
    api,
    cli,
    commands,
    errors,
    i18n,
    jobs,
    limits,
    metrics,
    pages,
    proxies,
    security,
    static,
    telegram,
)
from backend.core import create_core
from backend.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from `settings` (the environment's by default)."""
    app = create_core(settings)

    jobs.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    accounts.init_app(app)
    i18n.init_app(app)
    pages.init_app(app)
    api.init_app(app)
    telegram.init_app(app)
    metrics.init_app(app)
    admin.init_app(app)
    static.init_app(app)
    security.init_app(app)
    proxies.init_app(app)
    access.init_app(app)
    cli.init_app(app)
    commands.init_app(app)
    return app
