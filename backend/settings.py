"""Every option of the web process, once: read from environment variables named `METER_…`, validated at start."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from limits import parse_many
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


class Settings(BaseSettings):
    """The options; each can be given as an environment variable, e.g. `METER_PORT=8000 make run`."""

    model_config = SettingsConfigDict(env_prefix="METER_", frozen=True)

    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 for every network of this machine")
    port: int = Field(5000, ge=1, le=65535, description="port to listen on")
    workers: int = Field(2, ge=1, le=64, description="web processes")
    threads: int = Field(8, ge=1, le=256, description="threads in each web process")
    instance: Path = Field(ROOT / "instance", description="folder for the database, the secret key and other state")
    database_url: str = Field(
        "", description="SQLAlchemy URL (postgresql+psycopg://…); empty for SQLite in the instance folder"
    )
    files: str = Field("", description="folder or fsspec URL of the pictures; empty for files/ in the instance folder")
    redis_url: str = Field(
        "", description="Redis for the queue and the limits (redis://host:6379/0); empty to do without one"
    )
    embedded_worker: bool = Field(True, description="whether `make run` does jobs too, in a process of its own")
    jobs: int = Field(2, ge=1, le=64, description="jobs that a worker does at once; of trainings one")
    imports: str = Field("", description="folder to import from; empty for imports/ in the instance folder")
    secret_key: str = Field(
        "",
        repr=False,
        description="signs sessions; empty to make one at first start and keep it in the instance folder",
    )
    proxies: int = Field(0, ge=0, le=8, description="proxies in front whose X-Forwarded-… headers are believed")
    api_origins: str = Field("", description="other sites that may use /api/ from browsers, or *; empty for none")
    read_limit: str = Field("120 per minute", description="readings for one address; empty for any number")
    feedback_limit: str = Field("10 per minute; 100 per day", description="corrections from one address")
    feedback_total: str = Field("5000 per day", description="corrections from all addresses together")
    telegram_token: str = Field("", repr=False, description="the Telegram bot's token; empty for no bot")
    telegram_webhook: str = Field(
        "",
        description="this site's public address (https://example.org), to which Telegram sends; empty to ask Telegram",
    )
    telegram_api: str = Field(
        "https://api.telegram.org", description="the Bot API: Telegram's, or a server of one's own"
    )
    telegram_limit: str = Field("20 per minute", description="messages of one chat; empty for any number")
    metrics_token: str = Field("", repr=False, description="opens /metrics; empty for this machine only")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="what is logged at least")
    frontend: Path = Field(ROOT / "frontend", description="folder served at /")
    static: Path = Field(ROOT / "static", description="folder served at /static/; its model/ holds the versions")

    def environment(self) -> dict[str, str]:
        """Return these options as environment variables, for processes that this one starts."""
        given = ((name, value.resolve() if isinstance(value, Path) else value) for name, value in self)
        return {f"METER_{name.upper()}": str(value) for name, value in given}

    @field_validator("read_limit", "feedback_limit", "feedback_total", "telegram_limit")
    @classmethod
    def check_limit(cls, value: str) -> str:
        """Refuse at start what is no limit."""
        if value:
            parse_many(value)
        return value

    @field_validator("api_origins")
    @classmethod
    def check_origins(cls, value: str) -> str:
        """Refuse at start what is no list of origins."""
        for origin in value.split():
            if origin != "*" and not ORIGIN.fullmatch(origin):
                raise ValueError(f"expected origins such as https://example.org, got {origin!r}")
        return value

    @field_validator("telegram_webhook", "telegram_api")
    @classmethod
    def check_address(cls, value: str) -> str:
        """Refuse at start what is no address of a site."""
        if value and not ORIGIN.fullmatch(value):
            raise ValueError(f"expected an address such as https://example.org, got {value!r}")
        return value

    def flask_config(self) -> dict[str, Any]:
        """Return Flask's own configuration; makes the instance folder and the secret key when they are missing."""
        self.instance.mkdir(parents=True, exist_ok=True)
        return {
            "SECRET_KEY": self.secret_key or kept_secret(self.instance / "secret_key"),
            "SQLALCHEMY_DATABASE_URI": self.database_url or f"sqlite:///{self.instance.resolve() / 'meter.db'}",
            "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},  # what is in a row is no business of the log
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
        }


def kept_secret(path: Path) -> str:
    """Return the secret in `path`, made on first use and readable by its owner only.

    The file appears complete or not at all, so processes that start together agree on one secret.
    """
    if not path.exists():
        own = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
        descriptor = os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(own, path)  # fails where another process was first: its secret counts
        except FileExistsError:
            pass
        finally:
            own.unlink()
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < 32:
        raise ValueError(f"expected a secret of at least 32 characters in {path}, got {len(secret)}; delete the file")
    return secret


def get_settings(app: Flask | None = None) -> Settings:
    """Return the settings of `app`, or of the current application."""
    settings = (app or current_app).extensions["settings"]
    assert isinstance(settings, Settings)
    return settings
