"""What happened, line by line: JSON where a program reads it, coloured text in a terminal.

One line for each request: which address (by its pattern, since a link may be a secret), what was answered, how long it
took. Each line that a request causes has its number, which the answer names too (`X-Request-ID`). Neither pictures nor
what was asked for, neither addresses nor names of people are written.
"""

from __future__ import annotations

import logging
import logging.config
import re
import secrets
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, request, request_started
from werkzeug.wsgi import ClosingIterator

from backend import metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
ENDPOINT, PATTERN = "meter.endpoint", "meter.pattern"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
structlog.configure(
    processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=False,
)
log: structlog.stdlib.BoundLogger = structlog.get_logger("backend.access")


def configuration(level: str, terminal: bool | None = None) -> dict[str, Any]:
    """How the standard library's logging is set up, as `logging.config` takes it; by whether a terminal listens."""
    terminal = sys.stderr.isatty() if terminal is None else terminal
    if terminal:
        rendering: list[Any] = [structlog.dev.ConsoleRenderer()]
    else:
        rendering = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        "foreign_pre_chain": SHARED,
    }
    quiet = {"level": "WARNING"}  # they tell more than anybody reads
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": level.upper(), "handlers": ["stderr"]},
        "loggers": {"gunicorn.error": {"handlers": [], "propagate": True}, "alembic": quiet, "PIL": quiet},
    }


def configure(level: str, terminal: bool | None = None) -> None:
    """Write lines to the standard error output: for processes that serve or work, not for commands."""
    logging.config.dictConfig(configuration(level, terminal))


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
