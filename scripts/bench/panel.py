"""A panel with many samples, and people who are logged in, for measuring its pages."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
from flask import Flask
from PIL import Image, ImageDraw
from sqlalchemy import insert

from backend.database import db, refresh_statistics
from backend.domain.reading import encode
from backend.models import MeterType, Role, Training, User
from backend.services import accounts
from backend.services.pictures import prepare
from backend.services.surprise import pack
from backend.storage import get_storage

PICTURES = 200  # different ones; the rows share them
SIZE = (300, 100)
METERS = 5  # samples that show one meter, about
SOURCES, METER_TYPES = 8, 6
AT_ONCE = 5000
STATES = {"new": 5, "proposed": 45, "labelled": 45, "unreadable": 3, "trash": 2}
TYPES = {0: 8, 1: 1, 2: 1}


def add_samples(count: int, states: dict[str, int] | None = None, seed: int = 1) -> None:
    """Add rows like those of a site that has been used for long. Needs an application's context."""
    chance = random.Random(seed)
    pictures = [stored(chance) for _ in range(min(PICTURES, count))]
    kinds = [MeterType(name=f"meter type {number}") for number in range(METER_TYPES)]
    db.session.add_all(kinds)
    db.session.flush()
    ids = [kind.id for kind in kinds]
    rows: list[dict[str, Any]] = []
    for row in made(count, chance, pictures, ids, states or STATES):
        rows.append(row)
        if len(rows) == AT_ONCE:
            db.session.execute(insert(Training), rows)
            rows = []
    if rows:
        db.session.execute(insert(Training), rows)
    db.session.commit()
    refresh_statistics()  # as every start does
    db.session.remove()


def stored(chance: random.Random) -> dict[str, Any]:
    """A drawn display in the storage: the columns of its picture."""
    image = Image.new("RGB", SIZE, (chance.randrange(180, 255),) * 3)
    ImageDraw.Draw(image).text((20, 25), f"{chance.randrange(10**6):06d}", fill="black", font_size=60)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    picture = prepare(buffer.getvalue())
    columns = ("width", "height", "sha256", "pixels_sha256", "phash", "original_sha256")
    key = get_storage().put(picture.data, picture.suffix)
    return {"image": key, **{name: getattr(picture, name) for name in columns}}


def made(
    count: int, chance: random.Random, pictures: list[dict[str, Any]], kinds: list[int], states: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Rows: every second one of a known meter, one label of twenty contradicted by the version."""
    for number in range(count):
        state = chance.choices(list(states), list(states.values()))[0]
        meter = chance.randrange(max(1, count // METERS)) if chance.random() < 0.5 else None
        value = f"{chance.randrange(10**6):06d}.{chance.randrange(10)}"
        read = value if chance.random() < 0.95 else f"{chance.randrange(10**6):06d}.1"
        proposed = state != "new"
        yield {
            **pictures[number % len(pictures)],
            "type": 0 if meter is not None else chance.choices(list(TYPES), list(TYPES.values()))[0],
            "meter_type_id": chance.choice(kinds),
            "group": "" if meter is None else f"meter {meter}",
            "source": f"source {chance.randrange(SOURCES)}",
            "state": state,
            "correct_value": value if state == "labelled" else None,
            "proposed_value": read if proposed else None,
            "proposed_confidence": 1 - chance.random() ** 4 if proposed else None,
            "proposed_probabilities": pack(0.9 * encode(read) + np.float32(0.01)) if proposed else None,
        }


def cookie(app: Flask, role: Role, name: str) -> str:
    """The session cookie of a new account."""
    user = User(name=name, key=accounts.key_of(name), role=role.value, password_hash="none", active=True)  # noqa: S106
    db.session.add(user)
    db.session.flush()
    token = accounts.begin_session(db.session(), user)
    db.session.commit()
    db.session.remove()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"_user_id": token, "_fresh": True, "language": "en"}))
