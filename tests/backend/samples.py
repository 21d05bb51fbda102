"""Rows of samples without files, as many as a test needs."""

import hashlib

import numpy as np
from sqlalchemy import insert

from backend.database import db
from backend.domain.reading import encode
from backend.models import Training
from backend.services.surprise import calibrated, pack


def row(number: int, **values: object) -> dict[str, object]:
    """A sample of its own; `values` say what is different."""
    hashes = {name: hashlib.sha256(f"{name} {number}".encode()).hexdigest() for name in ("sha256", "pixels_sha256")}
    rest = {"phash": "c" * 64, "original_sha256": "d" * 64, "type": 0, "meter_type_id": 1, "state": "proposed"}
    empty = {"correct_value": None, "proposed_value": None, "proposed_confidence": None, "group": "", "source": ""}
    picture = {"image": f"{hashes['sha256'][:2]}/{hashes['sha256']}.png", "width": 90, "height": 30}
    return {**picture, **hashes, **rest, **empty, "proposed_probabilities": None, **values}


def add_samples(*rows: dict[str, object]) -> list[int]:
    """Add rows; returns their ids in order."""
    ids = [db.session.execute(insert(Training).returning(Training.id), [one]).scalar_one() for one in rows]
    db.session.commit()
    return ids


def probabilities(value: str, *doubts: tuple[int, float]) -> bytes:
    """Stored probabilities that say a value; `doubts` are rows (0 the point, 1 to 10 digits) and how sure they are."""
    array = encode(value)
    for place, sure in doubts:
        best = int(array[place].argmax())
        array[place] = (1 - sure) / 9
        array[place, best] = sure
    return pack(calibrated(np.asarray([array]), 1.0)[0])
