"""The application factory."""

from __future__ import annotations

from flask import Flask

from backend import accounts, admin, cli, commands, database, errors, i18n, limits, pages, security, static, storage
from backend.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application from `settings` (the environment's by default)."""
    settings = settings or Settings()
    app = Flask(__name__, instance_path=str(settings.instance), static_folder=None)
    app.config.from_mapping(settings.flask_config())
    app.extensions["settings"] = settings

    database.init_app(app)
    storage.init_app(app)
    errors.init_app(app)
    limits.init_app(app)
    accounts.init_app(app)
    i18n.init_app(app)
    pages.init_app(app)
    admin.init_app(app)
    static.init_app(app)
    security.init_app(app)
    cli.init_app(app)
    commands.init_app(app)
    return app
