"""The process that answers: it fetches updates, works on one a chat at a time, and sends what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError
from telegram import BotCommand
from telegram.error import Conflict

from backend.i18n import LANGUAGES
from backend.logs import logger
from backend.settings import get_settings
from backend.telegram import calls, inbox, sentences, webhook
from backend.telegram.calls import insist
from backend.telegram.work import Worker

POLL_SECONDS = 30  # how long Telegram waits for something to come
BATCH = 50  # updates fetched at once
CHATS = 100  # that are answered at once
THREADS = 4  # that work on answers; reading itself is limited further (services/reading.py)
LOOK_SECONDS = 1.0  # how often the inbox is looked at, for what came to the webhook
PAUSE_SECONDS = 2.0  # before the database is asked again, when it could not be reached
GRACE_SECONDS = 10.0  # for what is under way when the bot is stopped
KINDS = ["message", "callback_query"]
ALIVE = "bot.alive"  # file of the instance folder, touched at each look: scripts/healthy.py looks at it

log = logger(__name__)
T = TypeVar("T")


class MeterBot:
    """One bot of one application. What is not answered when it is stopped waits for the next run."""

    def __init__(self, app: Flask) -> None:
        settings = get_settings(app)
        self.app, self.public = app, settings.telegram_webhook
        self.bot = calls.connect(settings.telegram_token, settings.telegram_api)
        self.stop = asyncio.Event()
        self._news = asyncio.Event()
        self._threads = ThreadPoolExecutor(THREADS, "telegram")
        self._busy: dict[int | None, asyncio.Task[None]] = {}
        self._worker = Worker(self.bot, self.in_thread)

    async def run(self) -> None:
        """Answer until `stop` is set. Raises TelegramError when Telegram does not know the token."""
        try:
            await self._until_stopped(self._begin())
            if not self.stop.is_set():
                await self._until_stopped(self._work(), *([] if self.public else [self._poll()]))
        finally:
            if self._busy:
                await asyncio.wait(self._busy.values(), timeout=GRACE_SECONDS)
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)
            await asyncio.to_thread(self._threads.shutdown)
            await self.bot.shutdown()

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do something in a thread, within the application, with a session of its own."""

        def inside() -> T:
            with self.app.app_context():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, inside)

    async def _kept(self, work: Callable[[], T]) -> T:
        """Do something with the inbox; while the database cannot be reached, again and again.

        Raises as `work` does for all else. What has not been received comes again from Telegram.
        """
        while True:
            try:
                return await self.in_thread(work)
            except OperationalError as error:
                log.warning("the database cannot be reached", error=type(error.orig).__name__)
                await asyncio.sleep(PAUSE_SECONDS)

    async def _until_stopped(self, *parts: Coroutine[Any, Any, object]) -> None:
        """Do things side by side until one of them ends or the bot is stopped; then none goes on."""
        tasks = [asyncio.ensure_future(part) for part in (*parts, self.stop.wait())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self) -> None:
        """Tell Telegram the commands, and how updates are to come."""
        await insist(self.bot.initialize)
        for language in LANGUAGES:
            menu = await self.in_thread(partial(menu_in, language))
            code = None if language == "en" else language
            await insist(partial(self.bot.set_my_commands, menu, language_code=code))
        if not self.public:
            await insist(self.bot.delete_webhook)
            return
        address, secret = self.public + webhook.ADDRESS, webhook.secret(self.app)
        await insist(partial(self.bot.set_webhook, address, secret_token=secret, allowed_updates=KINDS))

    async def _poll(self) -> None:
        """Fetch updates. Asking for the next ones tells Telegram that those before are kept.

        They are taken as they come: one that the library cannot make sense of would keep all others from coming.
        """
        asked: dict[str, Any] = {"timeout": POLL_SECONDS, "limit": BATCH, "allowed_updates": json.dumps(KINDS)}
        while not self.stop.is_set():
            if await self._kept(inbox.is_full):
                await asyncio.sleep(LOOK_SECONDS)
                continue
            address = f"{self.bot.base_url}/getUpdates?{urlencode(asked)}"
            patience = POLL_SECONDS + calls.READ_TIMEOUT
            try:
                found: object = await insist(partial(self.bot.request.post, address, read_timeout=patience))
            except Conflict:
                log.warning("another process asks Telegram for this bot's updates")
                await asyncio.sleep(calls.LONGEST_PAUSE)
                continue
            updates = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
            numbers = [number for each in updates if (number := inbox.number_of(each)) is not None]
            if numbers:
                await self._kept(partial(inbox.receive, updates))
                asked["offset"] = max(numbers) + 1
                self._news.set()

    async def _work(self) -> None:
        """Work on what waits: the oldest update of each chat, many chats at once."""
        while not self.stop.is_set():
            self._news.clear()
            room = CHATS - len(self._busy)
            waiting = await self._kept(partial(self._look, list(self._busy), room))
            for number, chat_id in waiting:
                task = asyncio.create_task(self._worker.work(number))
                self._busy[chat_id] = task
                task.add_done_callback(partial(self._free, chat_id))
            news = asyncio.ensure_future(self._news.wait())
            await asyncio.wait([news], timeout=LOOK_SECONDS)  # `wait_for` may lose a cancellation before Python 3.12
            news.cancel()

    def _look(self, busy: list[int | None], room: int) -> list[tuple[int, int | None]]:
        """What waits, and that this bot has looked: its loop turns, and its database answers."""
        waiting = inbox.open_updates(busy, room)
        (get_settings().instance / ALIVE).touch()
        return waiting

    def _free(self, chat_id: int | None, task: asyncio.Task[None]) -> None:
        """The chat's next update may be worked on."""
        self._busy.pop(chat_id, None)
        self._news.set()


def menu_in(language: str) -> list[BotCommand]:
    """The commands in a language."""
    with force_locale(language):
        return [BotCommand(name, what) for name, what in sentences.menu()]
