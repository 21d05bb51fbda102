"""Security headers on every answer: static files, pages, errors.

The page may run its own scripts and WebAssembly and reach this origin only. No Cross-Origin-Embedder-Policy:
with it, TensorFlow.js needs blob: scripts for WASM.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "worker-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "style-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# The panel: scripts with the answer's own number, and styles in attributes (the width of a bar).
PANEL_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'nonce-{nonce}'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HANDLERS = "; script-src-attr 'unsafe-inline'"  # the lists of Flask-Admin have `onclick` in their buttons
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
}


def init_app(app: Flask) -> None:
    """Wrap the whole application, so that no answer goes out without the headers."""
    app.after_request(set_panel_policy)
    app.wsgi_app = SecurityHeaders(app.wsgi_app)  # type: ignore[method-assign]


def set_panel_policy(response: Response) -> Response:
    """Let the scripts of a page of the panel run: it has drawn a number for them. No cache keeps such a page."""
    if "csp_nonce" in g:
        policy = PANEL_POLICY.format(nonce=g.csp_nonce)
        response.headers["Content-Security-Policy"] = policy + (HANDLERS if g.get("csp_handlers") else "")
    if request.path.startswith("/admin/") and response.mimetype == "text/html":
        response.cache_control.no_store = True
    return response


class SecurityHeaders:
    """Adds each header that an answer does not set itself."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            present = {name.lower() for name, _ in headers}
            missing = [(name, value) for name, value in HEADERS.items() if name.lower() not in present]
            return start_response(status, headers + missing, *rest)

        return self.application(environ, start)
