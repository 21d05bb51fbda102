"""One line and one count for each request, static files included.

The line says which address was asked for (by its pattern, since a link may be a secret), what was answered and how long
it took. Each line that a request causes has its number, which the answer names too (`X-Request-ID`).
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request, request_started
from werkzeug.wsgi import ClosingIterator

from backend import logs, metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
ENDPOINT, PATTERN = "meter.endpoint", "meter.pattern"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

log = logs.logger("backend.access")


def init_app(app: Flask) -> None:
    """Observe every request, static files included: the last one to wrap the application."""
    request_started.connect(note_address, app)  # before anything may refuse the request
    app.wsgi_app = Observed(app.wsgi_app)  # type: ignore[method-assign]


def note_address(app: Flask, **_: object) -> None:
    """Note for the line at the end which address was asked for."""
    request.environ[ENDPOINT] = request.endpoint or "none"
    request.environ[PATTERN] = request.url_rule.rule if request.url_rule else None


class Observed:
    """Gives each request its number, and counts and notes each answer."""

    def __init__(self, application: WSGIApplication) -> None:
        self.application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        answer = Answer(environ)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=answer.request_id)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            answer.status = status[:3]
            return start_response(status, [*headers, ("X-Request-ID", answer.request_id)], *rest)

        try:
            body = self.application(environ, start)
        except BaseException:
            answer.finish()
            raise
        if is_file(body, environ):
            answer.finish()
            return body
        return ClosingIterator(body, [answer.finish])


def is_file(body: Iterable[bytes], environ: WSGIEnvironment) -> bool:
    """Tell whether the server sends a file by itself, which it does only for what is not wrapped."""
    return isinstance(body, environ.get("wsgi.file_wrapper", ()))


class Answer:
    """What is noted about one request."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        self.environ, self.begun, self.status = environ, time.perf_counter(), "500"
        self.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)

    def finish(self) -> None:
        """Count it and write its line."""
        seconds = time.perf_counter() - self.begun
        endpoint = self.environ.get(ENDPOINT, "static")
        pattern = self.environ.get(PATTERN)
        method = self.environ.get("REQUEST_METHOD", "")
        method = method if method in METHODS else "other"
        metrics.REQUESTS.labels(endpoint, method, self.status).inc()
        metrics.LATENCY.labels(endpoint).observe(seconds)
        if endpoint == "static":
            pattern = self.environ.get("PATH_INFO", "")[:200]  # a file that everybody may have
        milliseconds = round(1000 * seconds, 1)
        log.info("request", method=method, address=pattern, status=int(self.status), milliseconds=milliseconds)
        structlog.contextvars.clear_contextvars()
