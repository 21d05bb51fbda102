"""The bot with the finder and the reader that are published, driven with photos of meters as people send them."""

import io
import json
import re
import shutil
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pytest
from flask import Flask

from backend.domain.reading import NO_DISPLAY
from backend.services.finding import read_photo
from backend.settings import ROOT, Settings
from tests.backend.readable import MODELS
from training.data import VALIDATE
from training.finder.data import read_outlines
from training.finder.golden import drawn_photo
from training.render import KINDS, render

from .bot_api import BotApi
from .conftest import Running

SHARED = ROOT.parent / "shared" / "data" / "photos"  # real ones, where they lie beside the checkout
COUNT = 6
TOLD = re.compile(r"(?:Not sure: perhaps )?([0-9.]+) \((\d+)% sure\)")


@dataclass(frozen=True)
class Photo:
    """A photo's file, and what its meter shows."""

    data: bytes
    text: str


def photos() -> list[Photo]:
    """Some that no network was taught with; drawn ones where there are none."""
    if SHARED.is_dir():
        kept = [each for each in read_outlines(SHARED) if each.type == VALIDATE]
        return [Photo(each.image.read_bytes(), each.correct_value) for each in kept[:: len(kept) // COUNT][:COUNT]]
    return [drawn(number) for number in range(COUNT)]


def drawn(number: int) -> Photo:
    """A drawn display on a wall, and its text."""
    kind = KINDS[number % len(KINDS)]
    picture, _ = drawn_photo(np.random.default_rng((5, number)), kind, (960, 800))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return Photo(buffer.getvalue(), render(np.random.default_rng((5, number)), kind).text)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With the shipped versions published instead."""
    models = settings.static / "model"
    pointer = json.loads((MODELS / "current.json").read_text("utf-8"))
    named = {key: pointer[key] for key in ("name", "version", "path", "card_sha256", "finder")}
    for path in (pointer["path"], pointer["finder"]["path"]):
        shutil.rmtree(models / path, ignore_errors=True)
        shutil.copytree(MODELS / path, models / path)
    (models / "current.json").write_text(json.dumps(named), "utf-8")
    return settings


def test_photos_of_meters_are_told_as_they_are_read(app: Flask, api: BotApi, running: Running) -> None:
    right = 0
    for number, photo in enumerate(photos(), 1):
        with app.app_context():
            found = read_photo(photo.data).reading
        api.show(photo.data)
        answer = api.wait(number)[-1]
        told = TOLD.match(answer.text)
        if told is None:
            assert found.reason == NO_DISPLAY and answer.text.startswith("I see no display")
            continue
        assert answer.picture
        assert told.groups() == (found.text, f"{100 * found.confidence:.0f}")
        assert answer.text.startswith("Not sure") is not found.accepted
        right += Decimal(told[1]) == Decimal(photo.text)
    assert 2 * right >= COUNT
