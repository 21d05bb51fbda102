"""The Telegram bot: photos of meters (and of digits) in, readings out, with a history and corrections by reply.

What is sent to the bot is first kept (`inbox`), then understood (`incoming`), answered (`handling`, which calls the
same services as the API does), and sent (`calls`, `bot`). A process that dies in between goes on where it was. Updates
come by long polling, or to `webhook`, an address of the web process.
"""

from __future__ import annotations

from flask import Flask

from backend.telegram import webhook


def init_app(app: Flask) -> None:
    """Add the address that Telegram may send to."""
    webhook.init_app(app)
