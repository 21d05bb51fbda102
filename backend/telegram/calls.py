"""Calls of the Bot API over a network that fails: what is tried again, and what is not.

A call that certainly did nothing (no connection, 429, 5xx, no answer at all) is made again, later each time, or when
Telegram says. One whose answer began with 200 has been done, even if the rest of it was cut off, and is not made again.
The token is part of every address, so no error of the library is logged as it is.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, TypeVar

# Before the library is imported: seconds as `timedelta`, as its next version has them; a warning otherwise.
os.environ.setdefault("PTB_TIMEDELTA", "true")

import httpx
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, ReplyParameters
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from backend.logs import logger
from backend.telegram.inbox import Answer

FIRST_PAUSE = 1.0  # seconds until the next try, doubled each time
LONGEST_PAUSE = 60.0
CONNECTIONS = 32
READ_TIMEOUT = 20.0  # seconds without a byte
DOWNLOAD_SECONDS = 60.0  # for one file, with all tries and pauses: a thread waits for it
CAPTION = 1024  # characters below a picture at most

log = logger(__name__)
T = TypeVar("T")
begun: ContextVar[list[int] | None] = ContextVar("begun", default=None)
most_bytes: ContextVar[int | None] = ContextVar("most_bytes", default=None)


class DoneError(Exception):
    """The call was done, but its answer was cut off."""


class TooLargeError(TelegramError):
    """A file of more bytes than are taken. (One of the library's, which hides all others.)"""


class Capped(httpx.AsyncByteStream):
    """The bytes of an answer as they come, up to so many. Raises TooLargeError at the first one more."""

    def __init__(self, inner: httpx.AsyncByteStream, most: int) -> None:
        self.inner, self.most = inner, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        came = 0
        async for block in self.inner:
            came += len(block)
            if came > self.most:
                raise TooLargeError(f"expected at most {self.most} bytes, got more")
            yield block

    async def aclose(self) -> None:
        """Let the connection go."""
        await self.inner.aclose()


def connect(token: str, api: str) -> Bot:
    """The bot, by a client that looks at an answer as soon as it begins."""
    options: dict[str, Any] = {
        "event_hooks": {"response": [note_status, cap]},
        "headers": {"Accept-Encoding": "identity"},  # what comes packed may unpack to any size
    }
    request = HTTPXRequest(CONNECTIONS, read_timeout=READ_TIMEOUT, pool_timeout=READ_TIMEOUT, httpx_kwargs=options)
    return Bot(token, base_url=f"{api}/bot", base_file_url=f"{api}/file/bot", request=request)


async def note_status(response: httpx.Response) -> None:
    """Keep the status for `insist`."""
    if (statuses := begun.get()) is not None:
        statuses.append(response.status_code)


async def cap(response: httpx.Response) -> None:
    """Take no more of a file than `most_bytes`, as it comes and without unpacking it."""
    if (most := most_bytes.get()) is not None:
        response.headers.pop("Content-Encoding", None)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = Capped(response.stream, most)


async def insist(call: Callable[[], Awaitable[T]], tries: int | None = None, repeatable: bool = True) -> T:
    """Make a call until it is done, or so many times.

    Raises BadRequest, Forbidden and what else is final, the last error when the tries are used up, and DoneError for a
    call that is not to be repeated and has been done.
    """
    pause, tried = FIRST_PAUSE, 0
    failure: TelegramError
    while True:
        statuses: list[int] = []
        begun.set(statuses)
        try:
            return await call()
        except BadRequest:
            raise
        except RetryAfter as error:
            failure, wait = error, seconds(error.retry_after)
        except (NetworkError, TelegramError) as error:
            if not isinstance(error, NetworkError) and not is_cut(error):
                raise
            if not repeatable and 200 in statuses:
                raise DoneError from None
            failure, wait = error, pause
            pause = min(2 * pause, LONGEST_PAUSE)
        tried += 1
        if tried == tries:
            raise failure
        log.warning("Telegram does not answer as it should", error=type(failure).__name__, again_in=round(wait, 1))
        await asyncio.sleep(wait)


def is_cut(error: TelegramError) -> bool:
    """Whether an answer could not be understood, as one without a length that was cut off."""
    return type(error) is TelegramError and "Invalid server response" in error.message


def seconds(pause: int | float | timedelta) -> float:
    """How long Telegram wants to be left alone."""
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


async def send(bot: Bot, chat_id: int, answer: Answer) -> int | None:
    """Send an answer; returns its message's number, None where that was lost on the way.

    A picture that Telegram does not take goes without. Raises TelegramError where the chat takes no messages.
    """
    try:
        return await send_once(bot, chat_id, answer)
    except DoneError:
        return None
    except BadRequest:
        if not answer.picture:
            raise
        log.warning("Telegram refuses a picture; its text is sent alone")
    return await send(bot, chat_id, Answer(answer.text, None, answer.buttons, answer.reply_to, answer.reading_id))


async def send_once(bot: Bot, chat_id: int, answer: Answer) -> int:
    """Send an answer as one message."""
    options: dict[str, Any] = {"chat_id": chat_id, "reply_markup": keyboard(answer)}
    if answer.reply_to is not None:
        options["reply_parameters"] = ReplyParameters(answer.reply_to, allow_sending_without_reply=True)

    async def call() -> int:
        if answer.picture:
            picture = InputFile(answer.picture, filename="display.jpg")
            message = await bot.send_photo(photo=picture, caption=answer.text[:CAPTION], **options)
        else:
            message = await bot.send_message(text=answer.text, **options)
        return message.message_id

    return await insist(call, repeatable=False)


def keyboard(answer: Answer) -> InlineKeyboardMarkup | None:
    """The answer's buttons."""
    rows = [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in answer.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


async def download(bot: Bot, file_id: str, most: int, tries: int) -> bytes:
    """A file's bytes, within DOWNLOAD_SECONDS however slowly they come.

    Raises TelegramError: TimedOut when that is not enough, TooLargeError for a file of more bytes than `most`.
    """

    async def call() -> bytes:
        file = await bot.get_file(file_id)
        if (file.file_size or 0) > most:
            raise TooLargeError(f"expected at most {most} bytes, got {file.file_size}")
        most_bytes.set(most)
        try:
            return bytes(await file.download_as_bytearray())
        finally:
            most_bytes.set(None)

    try:
        return await asyncio.wait_for(insist(call, tries), DOWNLOAD_SECONDS)
    except asyncio.TimeoutError:
        raise TimedOut(f"expected a file within {DOWNLOAD_SECONDS:.0f} s") from None
