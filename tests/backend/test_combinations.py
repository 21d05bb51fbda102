"""Sequences of fragments: counted exactly, drawn without repeating one, aimed at what is missing."""

import random
from collections import Counter
from itertools import permutations

import numpy as np
import pytest

from backend.domain.reading import encode
from backend.models import Part
from backend.services.combinations import Fit, Fragment, Ids, Pool, left
from backend.services.coverage import count_digits
from backend.services.drawing import draw, share_out

NOTHING = np.zeros((10, 10), int)


def some_fragments(rng: random.Random) -> list[Fragment]:
    """A few fragments with values of all kinds, also such as fit nowhere."""
    found = []
    for key in range(1, rng.randint(4, 13)):
        digits = "".join(rng.choice("0123456789") for _ in range(rng.choice([1, 1, 1, 2, 3, 5])))
        point = rng.randint(0, len(digits))
        value = f"{digits[:point]}.{digits[point:]}" if rng.random() < 0.3 else digits
        found.append(Fragment(key, Part(rng.choice([0, 1, 1, 1, 2])), value))
    return found


def every(fragments: list[Fragment], fit: Fit) -> set[Ids]:
    """All sequences that are readings and fit, by trying all."""
    start, middle, end = ([one for one in fragments if one.part is part] for part in Part)
    sequences = [
        (first, *between, last)
        for first in start
        for count in (1, 2, 3)
        for between in permutations(middle, count)
        for last in end
    ]
    return {tuple(one.id for one in sequence) for sequence in sequences if fits(sequence, fit)}


def fits(sequence: tuple[Fragment, ...], fit: Fit) -> bool:
    text = "".join(one.value for one in sequence)
    try:
        encode(text)
    except ValueError:
        return False
    digits, decimals = len(text.replace(".", "")), len(text.partition(".")[2])
    enough = fit.digits is None or digits == fit.digits or (digits < fit.digits and not fit.exact)
    return enough and (fit.decimals is None or decimals == fit.decimals)


@pytest.mark.parametrize("seed", range(40))
def test_the_count_is_that_of_trying_all(seed: int) -> None:
    rng = random.Random(seed)
    fragments = some_fragments(rng)
    for fit in (Fit(), Fit(5), Fit(6, 1), Fit(8, None, exact=False), Fit(None, 2)):
        all_of_them = every(fragments, fit)
        pool = Pool(fragments, fit)
        assert pool.total == len(all_of_them)
        taken = set(rng.sample(sorted(all_of_them), len(all_of_them) // 2)) | {(1, 2, 99), (1, 1, 1)}
        room = left(pool, taken)
        assert room == len(all_of_them - taken)
        for count in {0, room // 5, room}:
            drawn = draw(pool, taken, count, NOTHING, np.random.default_rng(seed))
            assert len(set(drawn)) == len(drawn) == count
            assert set(drawn) <= all_of_them - taken


def test_thousands_of_fragments_are_counted_without_being_listed() -> None:
    fragments = [Fragment(key, Part(key % 3), str(key % 10)) for key in range(1, 6001)]
    pool = Pool(fragments, Fit())
    middles = 2000 + 2000 * 1999 + 2000 * 1999 * 1998
    assert pool.total == 2000 * middles * 2000
    drawn = draw(pool, set(), 3000, NOTHING, np.random.default_rng(1))
    assert len(set(drawn)) == 3000
    assert Counter(map(len, drawn)) == {3: 1000, 4: 1000, 5: 1000}


def test_missing_digits_come_more_often() -> None:
    fragments = [Fragment(key, Part(key % 3), str(key // 3 % 10)) for key in range(3, 153)]
    pool = Pool(fragments, Fit(4))
    seen = count_digits(" ".join(["0009", "0008", "0007"] * 300))
    texts = [pool.text(ids) for ids in draw(pool, set(), 1000, seen, np.random.default_rng(3))]
    first, last = (Counter(text[place] for text in texts) for place in (0, -1))
    assert 5 <= first["0"] <= 50  # with 900 more than the others it is only there by chance
    assert all(first[digit] > 70 for digit in "123456789")
    assert max(last[digit] for digit in "789") < min(last[digit] for digit in "0123456")
    even = Counter(pool.text(ids)[0] for ids in draw(pool, set(), 1000, NOTHING, np.random.default_rng(3)))
    assert even["0"] > 60


def test_shares_are_whole_and_within_their_room() -> None:
    assert share_out(10, np.array([1.0, 1.0]), np.array([3, 100])) == [3, 7]
    assert share_out(5, np.array([1e-9, 1.0]), np.array([3, 2])) == [3, 2]
    assert share_out(2, np.array([0.2, 0.5, 0.3]), np.array([9, 9, 9])) == [0, 1, 1]
    assert share_out(0, np.array([1.0]), np.array([0])) == [0]
