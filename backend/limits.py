"""How often somebody may try something: counted in this process's memory, or in Redis for all of them together."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from backend.settings import get_settings

# While Redis does not answer, each process counts for itself: nobody is shut out, and guessing stays slow.
limiter = Limiter(
    key_func=get_remote_address, strategy="moving-window", headers_enabled=True, in_memory_fallback_enabled=True
)


def init_app(app: Flask) -> None:
    """Begin to count."""
    app.config["RATELIMIT_STORAGE_URI"] = get_settings(app).redis_url or "memory://"
    limiter.init_app(app)
