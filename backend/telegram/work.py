"""From one update to its answer, sent: each step is in the database before the next one begins."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

from flask_babel import force_locale, gettext
from telegram import Bot
from telegram.constants import ChatAction
from telegram.error import TelegramError

from backend.database import db
from backend.domain.imaging import ImageError
from backend.logs import logger
from backend.telegram import calls, chats, handling, inbox
from backend.telegram.inbox import Answer, Job
from backend.telegram.incoming import PICTURE, File, Incoming, understood
from backend.telegram.photos import MAX_BYTES, FetchError

FETCH_TRIES = 5
ANSWER_TRIES = 3  # a process may die of an update; then it is given up
AGAIN_SECONDS = 5.0  # until an update is tried again when the database does not answer

log = logger(__name__)
T = TypeVar("T")


class InThread(Protocol):
    """How something is done in a thread, within the application."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]:
        """Await what `work` returns."""


class Worker:
    """Works on updates."""

    def __init__(self, bot: Bot, in_thread: InThread) -> None:
        self.bot, self.in_thread = bot, in_thread

    async def work(self, number: int) -> None:
        """Answer an update. Whatever fails is logged; what the database does not keep is tried again."""
        try:
            job = await self.in_thread(partial(inbox.begin, number))
            answer = job.answer or await self._answer(job)
            if answer and job.chat_id is not None:
                message_id = await self._send(job.chat_id, answer)
                await self.in_thread(partial(inbox.sent, number, answer, message_id))
        except Exception:
            log.exception("an update could not be worked on")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _answer(self, job: Job) -> Answer | None:
        """Find the answer and keep it."""
        incoming = understood(job.content)
        if incoming is None or job.chat_id is None:
            await self.in_thread(partial(inbox.answered, job.id, None))
            return None
        if incoming.pressed_id is not None:
            await self._try(partial(self.bot.answer_callback_query, incoming.pressed_id))
        if incoming.kind == PICTURE:
            await self._try(partial(self.bot.send_chat_action, incoming.chat_id, ChatAction.UPLOAD_PHOTO))
        loop = asyncio.get_running_loop()

        def fetch(file: File) -> bytes:
            return asyncio.run_coroutine_threadsafe(self._fetch(file), loop).result()

        return await self.in_thread(partial(respond, job, incoming, fetch))

    async def _fetch(self, file: File) -> bytes:
        """A picture's bytes. Raises FetchError, or ImageError for one that is too large."""
        try:
            return await calls.download(self.bot, file.id, MAX_BYTES, FETCH_TRIES)
        except calls.TooLargeError:
            limit = MAX_BYTES // 1_000_000
            raise ImageError(
                "too_large", "expected a file of at most %(most)s MB, got %(got)s MB", most=limit, got=f"> {limit}"
            ) from None
        except TelegramError as error:
            log.warning("a picture could not be fetched", error=type(error).__name__)
            raise FetchError from None

    async def _send(self, chat_id: int, answer: Answer) -> int | None:
        """Send an answer; a chat that takes none (the bot was blocked, the chat is gone) gets none."""
        try:
            return await calls.send(self.bot, chat_id, answer)
        except TelegramError as error:
            log.warning("a chat takes no answer", error=type(error).__name__)
            return None

    async def _try(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Make a call that only is a courtesy."""
        try:
            await call()
        except TelegramError as error:
            log.debug("a courtesy failed", error=type(error).__name__)


def respond(job: Job, incoming: Incoming, fetch: Callable[[File], bytes]) -> Answer | None:
    """The answer to an update, kept with all that goes with it. A defect of ours is logged, and said."""
    if job.tries > ANSWER_TRIES:
        answer: Answer | None = failed(incoming)
    else:
        try:
            answer = handling.respond(incoming, fetch)
        except Exception:
            log.exception("an update could not be answered")
            db.session.rollback()
            answer = failed(incoming)
    if answer:
        answer = replace(answer, reply_to=None if incoming.pressed is not None else incoming.message_id)
    inbox.answered(job.id, answer)
    return answer


def failed(incoming: Incoming) -> Answer:
    """What is said when something is wrong here."""
    with force_locale(chats.of(incoming.chat_id, incoming.language).language):
        return Answer(gettext("Something went wrong here. It has been noted."))
