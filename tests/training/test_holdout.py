"""Held-out positions: never shown in training, counted where they are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.domain.reading import decode, encode
from training.batches import Batches, load_material
from training.canvas import shows
from training.data import read_table
from training.holdout import HELD, drawn_pictures, tally


def test_positions_are_counted_from_the_end() -> None:
    assert shows("0097.4", HELD) == [(3, 9)]
    assert shows("12", HELD) == []
    assert shows("47", HELD) == [(1, 7), (2, 4)]


def test_training_never_shows_a_held_out_digit_there(drawn_dataset: Path) -> None:
    material = load_material(read_table(drawn_dataset))
    held = frozenset({(1, digit) for digit in range(5)})
    batches = Batches(material, (48, 192), 16, seed=1, aligned=True, heavy=True, never=held)
    free = Batches(material, (48, 192), 16, seed=1, aligned=True, heavy=True)

    def last_digits(made: Batches) -> set[int]:
        targets = made[0][1]["reading"]
        return {int(t[10].argmax()) for t in targets if t.max() > 0.5}

    assert last_digits(batches) <= {5, 6, 7, 8, 9}
    assert last_digits(free) & {0, 1, 2, 3, 4}


def test_each_pair_is_tallied_where_it_stands() -> None:
    outputs = np.stack([encode("47"), encode("41"), encode("900")])
    counts = tally(outputs, ["47", "47", "900"], HELD)
    assert counts["7 at 1"] == [1, 2] and counts["4 at 2"] == [2, 2] and counts["9 at 3"] == [1, 1]


def test_drawn_pictures_show_a_held_out_pair() -> None:
    pictures, texts = drawn_pictures((48, 192), 3, HELD)
    assert pictures.shape == (3, 48, 192, 3) and pictures.max() <= 1
    assert all(shows(text, HELD) and decode(encode(text)).text for text in texts)
