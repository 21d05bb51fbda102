"""Small pictures laid on each other: a copy is told from a display that shows another number."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from backend.domain.leaking import ALIKE, FAR_BITS, Print, alike, find
from backend.domain.perceptual import likeness, phash, pixels_sha256, small
from scripts.bench.duplicates import SIZE, copied
from training.render import render

EACH = 12


def drawn(seed: int, text: str) -> Image.Image:
    return render(np.random.default_rng(seed), "drums", text).image.convert("RGB").resize(SIZE)


@pytest.fixture(scope="module")
def displays() -> list[tuple[Image.Image, Image.Image, Image.Image]]:
    """Displays, a copy of each, and each with another number, drawn the same to the pixel otherwise."""
    made = []
    for seed in range(EACH):
        rng = np.random.default_rng(seed)
        image = drawn(seed, f"12{seed % 10}456")
        made.append((image, copied(image, rng), drawn(seed, f"{890173 - 7 * seed}")))
    return made


def test_a_copy_is_like_its_picture_and_another_number_is_not(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]],
) -> None:
    pictures = np.stack([small(each) for three in displays for each in three])
    own = 3 * np.arange(EACH)
    assert likeness(pictures, own, own).min() == pytest.approx(1, abs=1e-3)
    assert likeness(pictures, own, own + 1).min() >= ALIKE
    assert likeness(pictures, own, own + 2).max() < ALIKE
    assert likeness(pictures, own, np.roll(own, 1)).max() < 0.5


def test_moved_and_brightened_is_the_same(displays: list[tuple[Image.Image, Image.Image, Image.Image]]) -> None:
    """By whole pixels of the small picture, as far as is looked."""
    first = small(displays[0][0])
    for down, across in ((0, 0), (2, -4), (-2, 4), (1, 3)):
        moved = np.roll(first, (down, across), axis=(0, 1)) // 2 + 60
        both = np.stack([first, moved]).astype(np.uint8)
        assert likeness(both, np.array([0]), np.array([1]))[0] > 0.98, (down, across)


def test_pictures_without_anything_are_like_nothing() -> None:
    flat = np.full((2, 32, 96), 90, np.uint8)
    assert likeness(flat, np.array([0]), np.array([1]))[0] < ALIKE


def test_copies_are_leaks_whatever_their_labels(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]],
) -> None:
    """Mistyped, and said to be of another meter; what shows another number, of a meter that nobody names, is none."""
    smalls, prints = {}, []

    def add(image: Image.Image, side: int, value: str, meter: str) -> None:
        key = pixels_sha256(image)
        smalls[key] = small(image)
        prints.append(Print(len(prints) + 1, side, key, key, phash(image), value, meter, ""))

    for number, (image, copy, other) in enumerate(displays):
        add(image, 2, str(number), f"meter {number}")
        add(copy, 0, f"{number}1", f"also {number}")
        add(other, 1, f"{number}2", "")
    assert max(_bits(prints[n], prints[n + 1]) for n in range(0, len(prints), 3)) <= FAR_BITS[0]
    pairs = alike(prints, lambda each: smalls[each.picture])
    wanted = {("look", f"sample {n + 1}", f"sample {n}") for n in range(1, len(prints), 3)}
    assert {tuple(leak) for leak in find(prints, pairs).found} == wanted
    assert len(find(prints).found) < len(wanted), "their hashes alone do not tell"
    assert alike(prints, lambda each: None) == [], "pictures that are gone tell nothing"


def _bits(one: Print, other: Print) -> int:
    return (int(one.look, 16) ^ int(other.look, 16)).bit_count()
