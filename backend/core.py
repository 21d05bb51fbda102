"""The core of the application, without pages: what jobs need, in a third of the time that all of it takes to start."""

from __future__ import annotations

from flask import Flask

from backend import database, queue, storage
from backend.settings import Settings


def create_core(settings: Settings | None = None) -> Flask:
    """Make an application with settings (the environment's by default), database, storage and queue."""
    settings = settings or Settings()
    app = Flask("backend.app", instance_path=str(settings.instance), static_folder=None)
    app.config.from_mapping(settings.flask_config())
    app.extensions["settings"] = settings

    database.init_app(app)
    storage.init_app(app)
    queue.init_app(app)
    return app
