"""What the results page says of whole photos, the camera and many photos, and the figures it is said from."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from scripts.bench_reader import camera, memory, pictures, spread
from training import reader_tables
from training.data import DatasetError

TIMES = {"work": spread([90.0, 100.0, 130.0]), "find": spread([60.0]), "decode": spread([20.0])}
PHOTOS = {"drawn": False, "finder_bytes": 334_841, "milliseconds": {**TIMES, "whole": spread([110.0])}}
CAMERA = {
    "a_second": 8.04,
    "milliseconds": spread([2000.0, 2900.0, 20_000.0]),
    "accepted": 2,
    "right": 2,
    "displays": 3,
}
YEARS = {
    "readings": 1000,
    "misread": 110,
    "alone": 590,
    "alone_wrong": 3,
    "accepted": 600,
    "wrong": 1,
    "beyond_last": 0,
    "blocked": 2,
    "meters": 20,
    "stuck": {"most": 7, "at_most_5": 19},
}
MEMORY = {"photos": 1000, "a_photo": {"heap": 422, "wasm": 0, "private": 9000}}


def test_what_is_said() -> None:
    assert reader_tables.work(PHOTOS) == ("100 ms (95% within 127 ms, 3 photos)", True)
    assert reader_tables.whole(PHOTOS)[0] == "110 ms (95% within 110 ms): decoding 20 ms, finding 60 ms"
    assert reader_tables.finder_bytes(PHOTOS) == ("335 kB", True)
    assert reader_tables.rate(CAMERA) == ("8.0 a second", True)
    assert reader_tables.taken(CAMERA) == ("2.9 s (95% within 18.3 s); 2 of 3 displays accepted, 2 right", True)
    each = [
        {"shows": "3.8", "read": "3.8", "milliseconds": 2000},
        {"shows": "54.3", "read": None, "milliseconds": 20_000},
    ]
    assert reader_tables.taken(CAMERA | {"each": each})[0].endswith("2 of 3 displays accepted (not 54.3), 2 right")
    assert reader_tables.years(YEARS | {"accepted": 1000}) == (
        "0.10% (1 of 1,000), 0 of them in more than the last drum; 11% misread, 100% accepted; "
        "0.51% of the 59% accepted without it",
        True,
    )
    assert reader_tables.stuck(YEARS) == ("7; at most 5 with 19 of 20 meters", False)
    fewer = YEARS | {"fewer_misread": YEARS | {"wrong": 0, "stuck": {"most": 5, "at_most_5": 20}}}
    assert reader_tables.fewer_years(fewer)[1]
    assert reader_tables.fewer_stuck(fewer) == ("5; at most 5 with 20 of 20 meters", True)
    assert reader_tables.blocked(fewer) == ("2", True)
    assert not reader_tables.blocked(fewer | {"blocked": 6})[1]
    assert reader_tables.memory(MEMORY) == (
        "scripts +0.4 kB, WebAssembly +0.0 kB, whole process, as the system counts +9.0 kB (1,000 photos)",
        True,
    )
    assert reader_tables.memory(MEMORY | {"files": 200})[0].endswith("(1,000 photos: 200 files again and again)")


@pytest.mark.parametrize(
    ("judge", "file", "changed"),
    [
        (reader_tables.work, PHOTOS, {"milliseconds": {"work": spread([121.0])}}),
        (reader_tables.finder_bytes, PHOTOS, {"finder_bytes": 500_001}),
        (reader_tables.rate, CAMERA, {"a_second": 7.9}),
        (reader_tables.taken, CAMERA, {"milliseconds": spread([3001.0])}),
        (reader_tables.years, YEARS, {}),
        (reader_tables.stuck, YEARS, {"stuck": {"most": 6, "at_most_5": 19}}),
        (reader_tables.memory, MEMORY, {"a_photo": {"heap": 2001, "wasm": 0, "private": 0}}),
        (reader_tables.memory, MEMORY, {"a_photo": {"heap": 0, "wasm": 1, "private": 0}}),
    ],
)
def test_what_is_missed(judge: Callable[[Any], Any], file: dict[str, Any], changed: dict[str, Any]) -> None:
    assert judge(file | changed)[1] is False


def test_growth_is_the_slope_over_the_looks() -> None:
    looks = [{"read": n, "heap": 3e6 + 400 * n, "wasm": 16_777_216, "private": 1e8 - n} for n in range(100, 1001, 100)]
    assert memory.growth(looks) == {"a_photo": {"heap": 400, "wasm": 0, "private": -1}}


def test_a_film_shakes(tmp_path: Path) -> None:
    content = camera.film(tmp_path / "film.mjpeg", Image.new("RGB", camera.SIZE, (90, 90, 90)), 1).read_bytes()
    frames = [b"\xff\xd8" + part for part in content.split(b"\xff\xd8")[1:]]
    assert len(frames) == camera.FRAMES
    assert len(set(frames)) == camera.FRAMES
    first = np.asarray(Image.open(BytesIO(frames[0])))
    assert first.shape == (camera.SIZE[1], camera.SIZE[0], 3)


def test_pictures_are_drawn_where_there_are_no_photos(tmp_path: Path) -> None:
    files = pictures(None, 2, tmp_path)
    for file in files:
        with Image.open(file) as picture:
            assert picture.size == (960, 1280)
    with pytest.raises(DatasetError, match=r"outlines\.csv"):
        pictures(tmp_path, 2, tmp_path)
