"""The command that answers in Telegram."""

from __future__ import annotations

import asyncio
import logging
import re
import signal

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from backend import logs
from backend.settings import get_settings

TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
HIDDEN = "<token>"


def init_app(app: Flask) -> None:
    """Add the command."""
    app.cli.add_command(telegram_bot)


@click.command("telegram_bot")
@with_appcontext
def telegram_bot() -> None:
    """Read meters for people who send photos to a Telegram bot, until stopped. One process for each bot.

    Needs METER_TELEGRAM_TOKEN. Asks Telegram for what was sent; with METER_TELEGRAM_WEBHOOK Telegram sends it to the
    web process (`make run`), and this one answers.

    Example: METER_TELEGRAM_TOKEN=123456:ABC-def flask --app backend telegram_bot
    """
    settings = get_settings()
    if not TOKEN.fullmatch(settings.telegram_token):
        raise click.ClickException(
            "expected METER_TELEGRAM_TOKEN to be a bot's token such as 123456:ABC-def, as BotFather gives it"
        )
    logs.configure(settings.log_level)
    hide_in_logs(settings.telegram_token)
    upgrade()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        asyncio.run(answer(app))
    except Exception as error:
        if not type(error).__module__.startswith("telegram."):
            raise
        text = str(error).replace(settings.telegram_token, HIDDEN)
        raise click.ClickException(f"Telegram refuses to work with this bot: {text}") from None


async def answer(app: Flask) -> None:
    """Run the bot until this process is told to end."""
    from backend.telegram.bot import MeterBot  # half a second: only here

    bot = MeterBot(app)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, bot.stop.set)
    click.echo("The bot answers (Ctrl+C stops it).")
    await bot.run()


class Hiding(logging.Formatter):
    """Formats as another formatter does, and leaves out a secret."""

    def __init__(self, inner: logging.Formatter, hidden: str) -> None:
        super().__init__()
        self.inner, self.hidden = inner, hidden

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        return self.inner.format(record).replace(self.hidden, HIDDEN)


def hide_in_logs(secret: str) -> None:
    """Leave a secret out of every line: the token is part of each address that a library may log."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Hiding(handler.formatter or logging.Formatter(), secret))
