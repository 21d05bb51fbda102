"""Which sites' pages may use `/api/` from a browser: this one's own, and those that a setting names.

A browser says for whom it asks (`Sec-Fetch-Site`, `Origin`). Others are refused before anything is done, so that no
page can spend its visitors' share of requests or send corrections in their name. What is no browser says nothing, and
may ask: nothing here is behind a login.
"""

from __future__ import annotations

from flask import Flask, Response, request

from backend.api.refusals import Refusal
from backend.settings import get_settings

PREFIX = "/api/"
FOREIGN = {"cross-site", "same-site"}
ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Idempotency-Key, X-Request-ID",
    "Access-Control-Expose-Headers": "Retry-After, X-Request-ID",
    "Access-Control-Max-Age": "600",
}


def init_app(app: Flask) -> None:
    """Tell browsers, on errors too."""
    app.after_request(tell)


def is_known(origin: str | None) -> bool:
    """Tell whether the settings name this origin."""
    named = get_settings().api_origins.split()
    return origin is not None and ("*" in named or origin in named)


def require_known_origin() -> None:
    """Refuse a browser that asks for the page of a site that is not named."""
    if request.headers.get("Sec-Fetch-Site") in FOREIGN and not is_known(request.headers.get("Origin")):
        raise Refusal(403, "foreign_origin", "expected a page of this site, or of one that METER_API_ORIGINS names")


def tell(response: Response) -> Response:
    """Let a browser hand the answer to the page of a site that is named."""
    if request.path.startswith(PREFIX) and get_settings().api_origins:
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin and is_known(origin):
            response.headers.update({"Access-Control-Allow-Origin": origin, **ALLOWED})
    return response
