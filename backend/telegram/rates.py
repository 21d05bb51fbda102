"""How often a chat may ask. Only one process at a time answers for a bot, so it counts in its own memory."""

from __future__ import annotations

from flask import current_app
from limits import RateLimitItemPerMinute, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from backend.settings import get_settings

TOLD = RateLimitItemPerMinute(1)


def allow(chat_id: int) -> bool:
    """Count a message of a chat; False when there were too many."""
    return hit(get_settings().telegram_limit, "asked", str(chat_id))


def allow_telling(chat_id: int) -> bool:
    """Whether a chat is to be told that it asks too often: once a minute, not each time."""
    return limiter().hit(TOLD, "told", str(chat_id))


def allow_feedback(chat_id: int) -> bool:
    """Count a correction that is to be given, of the chat and of all of them."""
    settings = get_settings()
    return hit(settings.feedback_limit, "feedback", str(chat_id)) and hit(settings.feedback_total, "feedback", "all")


def hit(limit: str, *what: str) -> bool:
    """Count by a limit such as "20 per minute; 300 per day"; an empty one allows everything."""
    return not limit or all(limiter().hit(item, *what) for item in parse_many(limit))


def limiter() -> MovingWindowRateLimiter:
    """The current application's counts."""
    found = current_app.extensions.setdefault("telegram_rates", MovingWindowRateLimiter(MemoryStorage()))
    assert isinstance(found, MovingWindowRateLimiter)
    return found
