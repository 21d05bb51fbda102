"""Dataset folders: `training.csv` + `images/` → samples, split by meter.

Columns: `image`, `type` (0 teach, 1 test, 2 validate), `correct_value`; optional `meter_type`, `group` (the meter),
`source`, `x,y,w,h` (the display's box in the stored picture) and `also_accepted` (other readings, separated by spaces).
Without a `type` the split follows from a hash of the meter, so that a meter never stands on two sides.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

from backend.domain.imaging import Box
from backend.domain.reading import encode

TEACH, TEST, VALIDATE = 0, 1, 2
SPLITS = {"teach": TEACH, "test": TEST, "validate": VALIDATE}
FINGERPRINTS = "fingerprints.csv"  # of a snapshot of the panel, which looks for leaks by them: the version's gates tell


class DatasetError(ValueError):
    """A dataset folder that cannot be used, with every bad row named."""


@dataclass(frozen=True)
class Sample:
    """One labelled display. `box` is in pixels of the upright picture; `correct_value` is the text as displayed."""

    image: Path
    type: int
    correct_value: str
    meter_type: str
    group: str
    source: str
    box: Box | None
    also_accepted: tuple[str, ...]


def share(key: str) -> float:
    """A number in 0..1 that depends on the text alone: the same meter always falls on the same side."""
    return int(hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) / 0x1_0000_0000


def split_by_hash(group: str) -> int:
    """Type of a meter without a given one: 75% teach, 10% test, 15% validate."""
    position = share(group)
    return TEACH if position < 0.75 else TEST if position < 0.85 else VALIDATE


def read_table(dataset_dir: str | Path) -> list[Sample]:
    """All samples of a dataset folder, in the table's order.

    Raises DatasetError when the table is missing, or naming the line and the reason of every bad row (at most ten).
    """
    folder = Path(dataset_dir)
    table = folder / "training.csv"
    if not table.is_file():
        raise DatasetError(f"expected a dataset folder with training.csv and images/, got {folder}")
    samples, problems = [], []
    with table.open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                samples.append(_sample(folder, row))
            except (ValueError, KeyError) as error:
                problems.append(f"line {line}: {error}")
    if problems:
        raise DatasetError(f"{table}: {len(problems)} bad rows: " + "; ".join(problems[:10]))
    if not samples:
        raise DatasetError(f"expected at least one row in {table}, got none")
    if not (folder / FINGERPRINTS).is_file():
        _refuse_leaks(samples)
    return samples


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    image = folder / "images" / row["image"]
    if not image.is_file():
        raise ValueError(f"expected a picture images/{row['image']}, got none")
    value = row["correct_value"]
    also = tuple((row.get("also_accepted") or "").split())
    for text in (value, *also):
        encode(text)
    source = row.get("source") or "unknown"
    group = row.get("group") or image.stem
    kind = row.get("type")
    if kind not in (None, "", "0", "1", "2"):
        raise ValueError(f"expected a type of 0, 1 or 2, got {kind!r}")
    return Sample(
        image=image,
        type=int(kind) if kind else split_by_hash(group),
        correct_value=value,
        meter_type=row.get("meter_type") or source,
        group=group,
        source=source,
        box=_box(row),
        also_accepted=also,
    )


def _box(row: dict[str, str]) -> Box | None:
    values = [row.get(key) or "" for key in ("x", "y", "w", "h")]
    if not all(values):
        return None
    x, y, width, height = (float(value) for value in values)
    if width <= 0 or height <= 0:
        raise ValueError(f"expected a box with a width and a height, got {width}×{height}")
    return Box(x, y, width, height)


def _refuse_leaks(samples: list[Sample]) -> None:
    sides: dict[str, int] = {}
    for sample in samples:
        if sides.setdefault(sample.group, sample.type) != sample.type:
            raise DatasetError(f"expected every meter on one side of the split, got {sample.group!r} on two")


def dataset_hash(dataset_dir: str | Path) -> str:
    """Sha256 over the table and over every picture it names, in the table's order."""
    samples = read_table(dataset_dir)
    digest = hashlib.sha256((Path(dataset_dir) / "training.csv").read_bytes())
    for sample in samples:
        digest.update(hashlib.sha256(sample.image.read_bytes()).digest())
    return digest.hexdigest()
