"""Fixtures: the application with a reader and a finder, the Bot API on this machine, the bot in a thread."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from backend.domain.imaging import load
from backend.domain.outline import Outline
from backend.services import finding
from backend.settings import ROOT, Settings
from backend.telegram import bot, calls
from backend.telegram.bot import MeterBot
from tests.backend.readable import copy_version, point_at

from .bot_api import BotApi
from .connections import TOKEN

PHOTOS = ROOT / "static" / "model" / "finder" / "1" / "golden"


@pytest.fixture
def api() -> Iterator[BotApi]:
    server = BotApi()
    yield server
    server.close()


@pytest.fixture
def settings(settings: Settings, api: BotApi) -> Settings:
    """With a version published that can be read with, and a bot."""
    point_at(copy_version(settings.static / "model"))
    return settings.model_copy(update={"telegram_token": TOKEN, "telegram_api": api.url, "telegram_limit": ""})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(bot, "LOOK_SECONDS", 0.05)


class KnownFinder:
    """Finds what the shipped finder found in its golden pictures, and nothing in any other."""

    def __init__(self) -> None:
        entries = json.loads((PHOTOS / "golden.json").read_text("utf-8"))
        pictures = ((load(PHOTOS / entry["image"]), entry["corners"]) for entry in entries)
        self.known = {picture.tobytes(): np.array(corners) for picture, corners in pictures}

    def see(self, picture: Image.Image) -> Outline | None:
        corners = self.known.get(picture.tobytes())
        return None if corners is None else Outline(corners, 1.0)

    def predict(self, pixels: Any) -> Any:
        """Nothing, when it looks closer."""
        return np.zeros((48, 48, 4)), -9.0


@pytest.fixture
def finder(monkeypatch: pytest.MonkeyPatch) -> KnownFinder:
    """Publish a finder; what the network itself finds is tested where it is exported."""
    found = KnownFinder()
    monkeypatch.setattr(finding.Finders, "finder", lambda self: found)
    return found


class Running:
    """A bot in a thread."""

    def __init__(self, app: Flask, api: BotApi) -> None:
        self.bot, self.api = MeterBot(app), api
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        async def run() -> None:
            self.loop = asyncio.get_running_loop()
            await self.bot.run()

        try:
            asyncio.run(run())
        except BaseException as error:
            with self.api.changed:
                self.api.failure = error
                self.api.changed.notify_all()

    def stop(self) -> None:
        """Stop as at a signal; raises what the bot ended with."""
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.bot.stop.set)
        self.thread.join()
        if self.api.failure:
            raise self.api.failure


@pytest.fixture
def running(app: Flask, api: BotApi) -> Iterator[Running]:
    """The bot, while the test lasts."""
    started = Running(app, api)
    yield started
    started.stop()


def whole_photo() -> bytes:
    return Path(PHOTOS / "00.png").read_bytes()
