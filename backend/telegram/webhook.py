"""Where Telegram sends updates, if a setting says so: an address of the web process, which keeps them for the bot.

Telegram repeats what is not answered with 200, so an update counts as received once it is in the database. Who sends
must know the secret that the bot told Telegram; it is made of this installation's own secret key, and never shown.
"""

from __future__ import annotations

import hashlib
import hmac

from flask import Blueprint, Flask, Response, abort, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from backend.accounts import csrf
from backend.settings import get_settings
from backend.telegram import inbox

ADDRESS = "/telegram/update"
MAX_BYTES = 1_000_000
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (the header's name)
RETRY_AFTER = 30  # seconds

blueprint = Blueprint("telegram", __name__)


def init_app(app: Flask) -> None:
    """Add the address. It takes no cookie, so it needs no CSRF token either."""
    app.register_blueprint(blueprint)
    csrf.exempt(blueprint)


def secret(app: Flask) -> str:
    """What Telegram shows as its proof: 64 hexadecimal digits, another one for each token and installation."""
    token = get_settings(app).telegram_token
    return hmac.new(str(app.config["SECRET_KEY"]).encode(), f"telegram {token}".encode(), hashlib.sha256).hexdigest()


@blueprint.post(ADDRESS)
def receive() -> Response:
    """Keep an update."""
    settings = get_settings()
    if not settings.telegram_token or not settings.telegram_webhook:
        abort(404)
    given = request.headers.get(SECRET_HEADER, "")
    if not hmac.compare_digest(given.encode(), secret(current_app).encode()):
        abort(403, "Expected Telegram's secret, got another.")
    request.max_content_length = MAX_BYTES  # also of a body that does not say how long it is
    try:
        request.get_data()
    except RequestEntityTooLarge:
        abort(413, "Expected an update of at most 1 MB, got more.")
    content = request.get_json(silent=True)
    if not isinstance(content, dict) or inbox.number_of(content) is None:
        abort(400, "Expected an update with its number, got something else.")
    if inbox.is_full():
        return Response(status=503, headers={"Retry-After": str(RETRY_AFTER)})
    inbox.receive([content])
    return Response(status=200)
