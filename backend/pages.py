"""The few addresses that are not plain files."""

from __future__ import annotations

import json

from flask import Blueprint, Flask, Response, abort, current_app, request
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend.database import db
from backend.settings import get_settings

blueprint = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Add the addresses."""
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
def health() -> tuple[dict[str, str | None], int]:
    """Tell whether the process serves, with a working database and a published version; 503 when not."""
    version = published_version()
    try:
        db.session.execute(text("SELECT 1"))
        status = "ok" if version else "no version is published"
    except DBAPIError:
        current_app.logger.exception("the database does not answer")
        status = "the database does not answer"
    return {"status": status, "version": version}, 200 if status == "ok" else 503


@blueprint.get("/static/model/current.json")
def current_version() -> Response:
    """Serve the pointer to the published version, read in one go: it is replaced while the process runs."""
    path = get_settings().static / "model" / "current.json"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        abort(404, "No version is published.")
    response = Response(content, mimetype="application/json")
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


def published_version() -> str | None:
    """Return the published version as `name/version`, or None."""
    path = get_settings().static / "model" / "current.json"
    try:
        pointer = json.loads(path.read_bytes())
        return f"{pointer['name']}/{pointer['version']}"
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
