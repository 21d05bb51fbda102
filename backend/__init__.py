"""The Flask side. Importing this package imports nothing else: training uses `backend.domain` without Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from backend.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; `flask --app backend` and gunicorn look for this name here."""
    from backend.app import create_app as create

    return create(settings)
