"""Fragments to generate pictures from."""

import numpy as np
from PIL import Image
from sqlalchemy import insert, select

from backend.database import db
from backend.models import Part, TrainingAugmentation, TrainingElement
from backend.services.pictures import describe, encode
from backend.storage import get_storage


def fragment(part: Part, value: str, size: tuple[int, int] = (12, 30), **changes: object) -> dict[str, object]:
    """Store a fragment's picture; returns its row."""
    rng = np.random.default_rng(abs(hash((part, value, size))))
    image = Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8))
    picture = describe(image, encode(image), b"")
    names = "width height sha256 pixels_sha256".split()
    row = {"part": part.value, "meter_type_id": 1, "correct_value": value, "training_id": None}
    return {
        **{name: getattr(picture, name) for name in names},
        "image": get_storage().put(picture.data, "png"),
        **row,
        **changes,
    }


def plant(*changed: dict[str, object]) -> None:
    """Fragments of the Mercury 201, which shows six digits, one of them behind the point: 4 · (4 · 3) · 4 sequences."""
    rows = [fragment(Part.START, f"0{n}", (24, 30 + n)) for n in range(4)]
    rows += [fragment(Part.MIDDLE, str(n)) for n in range(4)]
    rows += [fragment(Part.END, f"{n}.5", (20, 44)) for n in range(4)]
    db.session.execute(insert(TrainingElement), [*rows, *changed])
    db.session.commit()


def made() -> list[TrainingAugmentation]:
    return list(db.session.scalars(select(TrainingAugmentation).order_by(TrainingAugmentation.id)))
