"""What happened, line by line: JSON where a program reads it, coloured text in a terminal.

Lines of libraries come the same way. Neither pictures nor values, neither addresses nor names of people are written.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any

import structlog

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
        "loggers": {
            "gunicorn.error": {"handlers": [], "propagate": True},
            **dict.fromkeys(("alembic", "PIL", "httpcore", "httpx", "telegram"), quiet),
        },
    }


def configure(level: str, terminal: bool | None = None) -> None:
    """Write lines to the standard error output: for processes that serve or work, not for commands."""
    logging.config.dictConfig(configuration(level, terminal))


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines have names and values of their own."""
    found: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return found
