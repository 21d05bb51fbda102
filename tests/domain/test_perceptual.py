"""Small pictures laid on each other: a copy is told from a display that shows another number."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.domain import gates, leaking
from backend.domain.leaking import ALIKE, FAR_BITS, NOT_ALL, Leak, Print, alike, find, find_across, smalls
from backend.domain.perceptual import Small, likeness, phash, pixels_sha256, small
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
    assert likeness(pictures, own, np.roll(own, 1)).max() < 0.6


def test_moved_and_brightened_is_the_same(displays: list[tuple[Image.Image, Image.Image, Image.Image]]) -> None:
    """By whole pixels of the small picture, as far as is looked."""
    first = small(displays[0][0])
    for down, across in ((0, 0), (2, -4), (-2, 4), (1, 3)):
        moved = np.roll(first, (down, across), axis=(0, 1)) // 2 + 60
        both = np.stack([first, moved]).astype(np.uint8)
        assert likeness(both, np.array([0]), np.array([1]))[0] > 0.98, (down, across)


def test_moved_by_parts_of_a_pixel_is_the_same(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]],
) -> None:
    """By pixels of the picture, of which the small one has a third each way."""
    for image in (three[0] for three in displays):
        pixels = np.asarray(image)
        moved = [np.roll(pixels, (down, across), axis=(0, 1)) for down, across in ((0, 0), (1, 0), (1, 2), (-2, 4))]
        smalls = np.stack([small(Image.fromarray(each)) for each in moved])
        assert likeness(smalls, np.zeros(3, int), np.arange(1, 4)).min() > 0.95


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


def test_a_pair_is_one_leak_however_often_its_pictures_are_there(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]],
) -> None:
    """Two rows with one picture are two samples: each of them leaks once."""
    image, copy, _ = displays[0]
    prints = [
        Print(number, side, key, key, phash(each), str(number), str(number), "")
        for number, (side, key, each) in enumerate([(0, "a", image), (0, "a", image), (2, "b", copy)])
    ]
    pairs = alike(prints, lambda each: small(image if each.picture == "a" else copy))
    assert pairs == [("a", "b")]
    prints = [each._replace(look=f"{'f' if each.type else '0'}" * 64) for each in prints]
    found = find(prints, [*pairs, *pairs]).found
    assert found == [Leak("look", f"sample {n}", "sample 2") for n in range(2)]


def test_what_is_too_much_to_compare_is_not_called_clean(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [("a", 0), ("b", 2), ("c", 2)]
    look = phash(displays[0][0])
    prints = [Print(n, side, key, key, look[:-16] + key * 16, key, key, "") for n, (key, side) in enumerate(keys)]
    flat = np.zeros((32, 96), np.uint8)
    assert alike(prints, lambda each: flat) == []
    monkeypatch.setattr(leaking, "MOST_COMPARED", 1)
    pairs = alike(prints, lambda each: flat)
    assert pairs == [NOT_ALL]
    for some, outcome in (([], "passed"), (pairs, "unknown")):
        found = find([each for each in prints if each.type], some)
        assert gates.leak(found.counts, found.untraced, found.compared)["outcome"] == outcome


def test_what_one_data_set_teaches_is_looked_for_in_what_another_measures_by(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]],
) -> None:
    """A copy, a meter and a fragment; nothing else of either is asked. One that is gone may be a copy, too."""
    looks = [[int(phash(each), 16) for each in three] for three in displays]
    furthest = max(range(EACH), key=lambda n: bin(looks[n][0] ^ looks[n][1]).count("1"))  # its hash alone does not tell
    image, copy, other = displays[furthest]
    pictures = {"a": image, "b": copy, "c": other, "d": displays[furthest - 1][0], "e": displays[furthest - 2][0]}

    def seen(number: int, side: int, key: str, meter: str = "") -> Print:
        return Print(number, side, key, key, phash(pictures[key]), str(number), meter, "")

    def without(gone: str) -> Callable[[Print], Small | None]:
        return lambda each: None if each.picture == gone else small(pictures[each.picture])

    taught = [seen(1, 0, "b"), seen(2, 0, "d", "one"), seen(3, 2, "c"), Print(4, 0, "f", "f", "", "1", "", "e")]
    measured = [
        seen(5, 2, "a"),
        seen(6, 1, "e", "one"),
        seen(7, 2, "c", "two"),
        seen(8, 1, "c", "two"),
        seen(9, 0, "d"),
    ]
    meter, fragment = Leak("meter", "meter 'one'", "meter 'one'"), Leak("fragment", "augmentation 4", "sample 6")
    found = find_across(taught, measured, without(""))
    assert (set(found.found), found.compared) == ({Leak("look", "sample 1", "sample 5"), meter, fragment}, True)
    gone = find_across(taught, measured, without("b"))
    assert (set(gone.found), gone.compared) == ({meter, fragment}, False)
    there = find_across(taught[1:], measured, without("a"))
    assert (set(there.found), there.compared) == ({meter, fragment}, True), "nobody asks for what nothing is near to"
    both = gone + there
    assert (len(both.found), both.untraced, both.compared) == (2, 0, False), "what both tell of counts once"


def test_pictures_are_found_by_their_names_and_a_damaged_one_is_gone(
    displays: list[tuple[Image.Image, Image.Image, Image.Image]], tmp_path: Path
) -> None:
    displays[0][0].save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:200])
    small_of = smalls(tmp_path)
    there, *gone = (small_of(Print(1, 0, key, key, "0" * 64, "1", "", "")) for key in "abc")
    assert there is not None and (there == small(displays[0][0])).all()
    assert gone == [None, None]
    assert smalls(tmp_path / "none")(Print(1, 0, "a", "a", "0" * 64, "1", "", "")) is None


def _bits(one: Print, other: Print) -> int:
    return (int(one.look, 16) ^ int(other.look, 16)).bit_count()
