"""How long `training_duplicate_removal` takes with 100,000 stored hashes, and whether it removes what it should.

Most hashes are random, but share a part of their bits as those of displays do. Among them are drawn displays, each with
a copy that was saved again, brightened or shifted (planted), and each with one of which one digit differs (never to be
removed). The rows have no files, which only the last step of removing would notice.
"""

from __future__ import annotations

import io
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance
from sqlalchemy import func, insert, select

from backend.database import db
from backend.domain.perceptual import phash, pixels_sha256
from backend.models import Training
from backend.services import duplicates
from scripts.bench import Figures, figure, installation

SECONDS = 10.0
FOUND = 0.99
SHARED = 0.3  # of the bits of the random hashes: pictures of one kind of meter
KINDS = 20
SIZE = (300, 100)

Row = dict[str, Any]


def run(hashes: int = 100_000, displays: int = 1000) -> Figures:
    """Compare `hashes` samples, three of which each of `displays` drawn displays gives."""
    with ProcessPoolExecutor() as pool:
        planted = list(pool.map(three, range(displays), chunksize=20))
    with installation():
        rows = [row for group in planted for row in group] + others(hashes - 3 * displays)
        for start in range(0, len(rows), 1000):
            db.session.execute(insert(Training), rows[start : start + 1000])
        db.session.commit()
        start_time = time.perf_counter()
        removed = duplicates.remove("bench")
        seconds = time.perf_counter() - start_time
        gone = {one.id for one in removed}
        stayed = db.session.scalar(select(func.count(Training.id))) or 0
        db.session.remove()
        start_time = time.perf_counter()
        pairs = duplicates.pairs()
        all_seconds = time.perf_counter() - start_time
    copies, different = set(range(2, 3 * displays, 3)), set(range(3, 3 * displays + 1, 3))
    share, wrong = len(gone & copies) / displays, len(gone & different)
    assert stayed == hashes - len(gone)
    return {
        "figures": [
            figure(
                f"training_duplicate_removal, {hashes:,} stored hashes",
                "≤ 10 s",
                f"{seconds:.1f} s",
                seconds <= SECONDS,
            ),
            figure("planted duplicates found", "≥ 99%", f"{share:.1%}", share >= FOUND),
            figure("samples that differ in one digit removed", "0", str(wrong), wrong == 0),
            figure("other samples removed", "0", str(len(gone - copies - different)), gone <= copies),
            figure("all pairs that look alike, for the page", "≤ 10 s", f"{all_seconds:.1f} s", all_seconds <= SECONDS),
        ],
        "pairs_found": len(pairs.pairs),
    }


def three(seed: int) -> list[Row]:
    """A drawn display, a copy of it, and the same display with one digit changed."""
    from training.render import render

    rng = np.random.default_rng(seed)
    text = "".join(map(str, rng.integers(0, 10, 6)))
    place = int(rng.integers(6))
    other = text[:place] + str((int(text[place]) + int(rng.integers(1, 10))) % 10) + text[place + 1 :]
    image, changed = (
        render(np.random.default_rng(seed), "drums", value).image.convert("RGB").resize(SIZE) for value in (text, other)
    )
    return [row_of(image, text), row_of(copied(image, rng), text), row_of(changed, other)]


def copied(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture once more: shifted by up to two pixels across or one down, brighter or darker, smaller, as a JPEG."""
    across, down = (rng.integers(-2, 3), 0) if rng.random() < 0.5 else (0, rng.integers(-1, 2))
    pixels = np.pad(np.asarray(image), ((2, 2), (2, 2), (0, 0)), mode="edge")
    image = Image.fromarray(np.roll(pixels, (down, across), axis=(0, 1))[2:-2, 2:-2])
    image = ImageEnhance.Brightness(image).enhance(float(rng.uniform(0.85, 1.15)))
    if rng.random() < 0.3:
        image = image.resize((image.width * 2 // 3, image.height * 2 // 3))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=int(rng.integers(60, 96)))
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def row_of(image: Image.Image, value: str) -> Row:
    """The row of a sample without a file."""
    return described(pixels_sha256(image), phash(image), value)


def described(pixels: str, perceptual: str, value: str) -> Row:
    """A labelled sample's columns."""
    hashes = {"sha256": pixels, "pixels_sha256": pixels, "phash": perceptual, "original_sha256": pixels}
    size = {"image": f"{pixels[:2]}/{pixels}.png", "width": SIZE[0], "height": SIZE[1]}
    return {**hashes, **size, "type": 0, "state": "labelled", "correct_value": value, "meter_type_id": 1}


def others(count: int) -> list[Row]:
    """Samples that are no duplicates: a tenth of them show one of 100 values, as a meter does that stands still."""
    rng = np.random.default_rng(0)
    bits = rng.integers(0, 2, (count, 256), dtype=np.uint8)
    kinds = rng.integers(0, 2, (KINDS, 256), dtype=np.uint8)
    shared = rng.random((count, 256)) < SHARED
    bits = np.where(shared, kinds[rng.integers(0, KINDS, count)], bits)
    perceptual = [row.tobytes().hex() for row in np.packbits(bits, axis=1)]
    values = [f"{rng.integers(100):06d}" if n % 10 == 0 else f"{rng.integers(10**6):06d}" for n in range(count)]
    return [described(rng.bytes(32).hex(), *both) for both in zip(perceptual, values, strict=True)]
