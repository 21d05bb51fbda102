"""How fast `generate_images` is beside the descendant's way, measured in turn on the same fragments.

The descendant's way is what its name says: for each picture open each fragment's file, resize it, paste it, save the
result as Pillow does by default, and insert and commit one row. It is not made slower than that: it neither syncs its
files nor looks for sequences that were there before.
"""

from __future__ import annotations

import hashlib
import io
import time
from pathlib import Path

import numpy as np
from PIL import Image
from sqlalchemy import insert

from backend.database import db, reading_session
from backend.domain.perceptual import pixels_sha256
from backend.models import Part, Split, TrainingAugmentation, TrainingElement
from backend.services import generation
from backend.services.combinations import Ids
from backend.services.drawing import draw
from backend.services.pictures import describe, encode
from backend.storage import get_storage
from scripts.bench import Figures, figure, installation

FRAGMENTS = 150
FASTER = 10.0
METER_TYPE = "Mercury 201"
HEIGHT, WIDTH = 64, 44  # pixels of a fragment as it comes: more than one height, so that both ways have to resize


def run(pictures: int = 5000, one_at_a_time: int = 300) -> Figures:
    """Generate `pictures` in bulk and `one_at_a_time` in the descendant's way, half of them before and half after."""
    with installation():
        plant()
        half = one_at_a_time // 2
        before = descendant(half, seed=1)
        start = time.perf_counter()
        generation.generate(METER_TYPE, pictures, 2, "bench")
        bulk = pictures / (time.perf_counter() - start)
        after = descendant(half, seed=3)
    single = 2 / (1 / before + 1 / after)
    return {
        "figures": [
            figure("generate_images, pictures a second", "", f"{bulk:,.0f}", None),
            figure("the descendant's way, pictures a second", "", f"{single:,.0f}", None),
            figure(
                "generate_images beside the descendant's way",
                f"≥ {FASTER:.0f} times",
                f"{bulk / single:.1f} times",
                bulk >= FASTER * single,
            ),
        ],
        "fragments": FRAGMENTS,
        "pictures": pictures,
    }


def plant() -> None:
    """Add fragments with the noise of a photo, which compresses like one: six digits, the last with the point."""
    rng, storage, rows = np.random.default_rng(0), get_storage(), []
    for n in range(FRAGMENTS):
        part = Part(n % 3)
        digit, height = str(rng.integers(10)), HEIGHT + int(rng.integers(-12, 24))
        value = {Part.START: f"{digit}{n % 10}", Part.MIDDLE: digit, Part.END: f"{digit}.{n % 10}"}[part]
        light = np.linspace(60, 180, WIDTH * len(value.replace(".", "")))[None, :, None]
        noise = np.clip(rng.normal(light, 6, (height, light.shape[1], 3)), 0, 255).astype(np.uint8)
        image = Image.fromarray(noise)
        data = encode(image)
        picture = describe(image, data, data)
        key = storage.put(data, picture.suffix)
        hashes = {"sha256": picture.sha256, "pixels_sha256": picture.pixels_sha256}
        size = {"width": image.width, "height": image.height}
        rows.append({**hashes, **size, "image": key, "part": part.value, "correct_value": value, "meter_type_id": 1})
    db.session.execute(insert(TrainingElement), rows)
    db.session.commit()


def descendant(count: int, seed: int) -> float:
    """Make pictures one at a time; returns how many a second."""
    root = Path(get_storage().root)
    with reading_session() as session:
        stock = generation.take_stock(session, METER_TYPE, Split.TEACH)
    plan = draw(stock.pool, stock.taken, count, stock.seen, np.random.default_rng(seed))
    start = time.perf_counter()
    for ids in plan:
        one(root, ids, stock.pool.text(ids), seed)
    return count / (time.perf_counter() - start)


def one(root: Path, ids: Ids, value: str, seed: int) -> None:
    """Make one picture in the descendant's way."""
    pieces = []
    for key in ids:
        element = db.session.get_one(TrainingElement, key)
        with Image.open(root / element.image) as image:
            pieces.append(image.convert("RGB").resize((round(image.width * HEIGHT / image.height), HEIGHT)))
    joined = Image.new("RGB", (sum(piece.width for piece in pieces), HEIGHT))
    left = 0
    for piece in pieces:
        joined.paste(piece, (left, 0))
        left += piece.width
    buffer = io.BytesIO()
    joined.save(buffer, "PNG")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    place = root / digest[:2] / f"{digest}.png"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(buffer.getvalue())
    row = {"type": 0, "meter_type_id": 1, "correct_value": value, "element_ids": "-".join(map(str, ids)), "seed": seed}
    hashes = {"sha256": digest, "pixels_sha256": pixels_sha256(joined)}
    size = {"width": joined.width, "height": joined.height}
    db.session.add(TrainingAugmentation(**row, **hashes, **size, image=f"{digest[:2]}/{digest}.png"))
    db.session.commit()
