"""Sequences of fragments drawn at random, none twice, the more often the more their digits are missing."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from backend.domain.reading import DIGITS
from backend.models import Part
from backend.services.combinations import Form, Ids, Pool, Shape, parts
from backend.services.coverage import Counts, missing

KEEP = 0.1  # the part of each choice that is left to chance, so that no fragment is never chosen
CROWDED = 4  # list all sequences of a shape where more than one in so many is wanted or taken


def draw(pool: Pool, taken: set[Ids], count: int, seen: Counts, rng: np.random.Generator) -> list[Ids]:
    """Draw `count` different sequences that are not `taken`, the more often the more their digits are missing.

    `seen` is the coverage map. There have to be so many: see `left`. The same state of `rng` gives the same ones.
    """
    gone = Counter(shape for ids in taken if (shape := pool.shape_of(ids)))
    room = np.array([min(number - gone[shape], count) for shape, number in pool.shapes.items()])
    chances = Chances(pool, seen, count)
    drawn: list[Ids] = []
    for shape, quota in zip(pool.shapes, share_out(count, wishes(pool), room), strict=True):
        if quota:
            draw_some = listed if (quota + gone[shape]) * CROWDED > pool.shapes[shape] else tried
            drawn += draw_some(pool.slots(shape), chances.along(shape), quota, taken, rng)
    return [drawn[n] for n in rng.permutation(len(drawn))]


def wishes(pool: Pool) -> NDArray[np.float64]:
    """How often each shape is wished for: every number of middles alike, and among those each sequence alike."""
    of_length = Counter[int]()
    for shape, number in pool.shapes.items():
        of_length[len(shape)] += number
    return np.array([number / of_length[len(shape)] for shape, number in pool.shapes.items()])


def share_out(count: int, wish: NDArray[np.float64], room: NDArray[np.int64]) -> list[int]:
    """Divide `count` in whole numbers by wish, none above its room; the rooms make up at least `count`."""
    wish = np.maximum(wish, 1e-12)
    shares = np.zeros(len(room), np.int64)
    while rest := count - int(shares.sum()):
        open_ = np.where(shares < room, wish, 0.0)
        ideal = rest * open_ / open_.sum()
        more = np.minimum(ideal.astype(np.int64), room - shares)
        shares += more
        if not more.any():  # less than one for each: one for those that are furthest from what they were to have
            lack = np.where(shares < room, count * wish / wish.sum() - shares, -np.inf)
            shares[np.argsort(-lack, kind="stable")[: min(rest, np.count_nonzero(open_))]] += 1
    return [int(share) for share in shares]


class Chances:
    """How likely each fragment is to be chosen, by how far its digits are missing where they would stand."""

    def __init__(self, pool: Pool, seen: Counts, count: int) -> None:
        self.pool, self.seen, self.count = pool, seen, count
        self.known: dict[tuple[Part, Form, int], NDArray[np.float64]] = {}

    def along(self, shape: Shape) -> list[NDArray[np.float64]]:
        """The chances at each place of a shape, float64 (n,) for the n ids of its slot."""
        found, behind = [], DIGITS
        for part, form in zip(reversed(parts(len(shape))), reversed(shape), strict=True):
            key = (part, form, behind)
            if key not in self.known:
                self.known[key] = self._of(self.pool.ids[part, form], behind)
            found.append(self.known[key])
            behind -= form.digits
        return found[::-1]

    def _of(self, slot: list[int], behind: int) -> NDArray[np.float64]:
        """The chances of a slot whose last digit stands before row `behind` of the coverage map.

        Fragments that show the same share what their digits get, however many they are.
        """
        values = [self.pool.fragments[key].value.replace(".", "") for key in slot]
        digits = np.array([list(map(int, value)) for value in values])
        wanted = np.ones(len(slot))
        for column, place in enumerate(range(behind - digits.shape[1], behind)):
            there = np.unique(digits[:, column])
            lack = np.zeros(DIGITS)
            lack[there] = missing(self.seen[place, there], self.count)
            wanted *= lack[digits[:, column]]
        alike = Counter(values)
        wanted /= [alike[value] for value in values]
        even = np.full(len(slot), 1 / len(slot))
        return even if not wanted.any() else (1 - KEEP) * wanted / wanted.sum() + KEEP * even


def tried(
    slots: list[list[int]], chances: list[NDArray[np.float64]], quota: int, taken: set[Ids], rng: np.random.Generator
) -> list[Ids]:
    """Draw sequences and leave out what came before: for shapes with many more sequences than are wanted."""
    found: dict[Ids, None] = {}
    while len(found) < quota:
        size = 2 * (quota - len(found)) + 16
        columns = [rng.choice(slot, size, p=p).tolist() for slot, p in zip(slots, chances, strict=True)]
        for ids in zip(*columns, strict=True):
            if len(set(ids)) == len(ids) and ids not in taken and len(found) < quota:
                found[ids] = None
        # The likeliest may all be taken, so each round leaves more to chance.
        chances = [(p + 1 / len(p)) / 2 for p in chances]
    return list(found)


def listed(
    slots: list[list[int]], chances: list[NDArray[np.float64]], quota: int, taken: set[Ids], rng: np.random.Generator
) -> list[Ids]:
    """Draw from the list of all sequences, without giving any back (Efraimidis and Spirakis, 2006)."""
    likely = [dict(zip(slot, p.tolist(), strict=True)) for slot, p in zip(slots, chances, strict=True)]
    free = [ids for ids in product(*slots) if len(set(ids)) == len(ids) and ids not in taken]
    weights = np.array([prod(place[key] for place, key in zip(likely, ids, strict=True)) for ids in free])
    order = np.argsort(rng.exponential(size=len(free)) / weights, kind="stable")
    return [free[n] for n in order[:quota]]
