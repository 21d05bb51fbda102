"""Leaks between teaching and measuring: what counts as one, found in the fingerprints of pictures.

What counts as the same picture by its hash is said in `lookalikes`. Two pictures further apart, whatever their labels
and their meters are said to be, are the same when they are alike once one is laid on the other (`perceptual.likeness`).
Measured on 3,133 photographed displays: of copies shifted by up to two pixels across or one down, brighter or darker by
15%, made smaller and saved again, 993 in 1000 are alike by 0.91 and more, and none is more than 82 bits away; of two
displays of different meters none are, 0.89 at most. One picture with a single digit changed may count as the same: it
is of the same meter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from backend.domain.imaging import ImageError, load
from backend.domain.lookalikes import Indices, Looks
from backend.domain.perceptual import Small, likeness, small

TEACH, MEASURE = 0, 2  # of the types of samples
UNKNOWN = "?"  # in the place of a sample that nobody knows
MOST = 100_000
FAR_BITS = (96, 80, 64, 48)  # how far apart pictures may be that are compared themselves: the first with few pairs
MOST_COMPARED = 200_000
ALIKE = 0.91
AT_ONCE = 2000  # pairs
PICTURE, LOOK, METER, FRAGMENT = KINDS = ("picture", "look", "meter", "fragment")

Pair = tuple[str, str]  # two pictures, the one that is taught with first
NOT_ALL: Pair = (UNKNOWN, UNKNOWN)  # among pairs that are alike: there were too many to compare them all


class Print(NamedTuple):
    """What a picture of a snapshot is recognised by.

    `picture` and `pixels` are sha256 of the file and of its pixels, `look` is the perceptual hash of a sample, empty
    for an augmentation, whose `made_of` has instead the samples' `picture`s that its fragments were cut from.
    """

    id: int
    type: int
    picture: str
    pixels: str
    look: str
    value: str
    meter: str
    made_of: str

    @property
    def taught(self) -> bool:
        """Whether it is for teaching; else something is measured by it."""
        return self.type == TEACH

    def __str__(self) -> str:
        """Its row in the database, in words."""
        return f"{'sample' if self.look else 'augmentation'} {self.id}"


class Leak(NamedTuple):
    """One thing on both sides: what is taught and what is measured by; of a meter only its name, twice."""

    kind: str
    taught: str
    measured: str


@dataclass(frozen=True)
class Leaks:
    """All leaks of a snapshot, and how many augmentations have fragments of which nobody knows the sample.

    `compared` tells whether all pictures were compared that are near enough; else there may be more.
    """

    found: list[Leak]
    untraced: int
    compared: bool = True

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        return dict.fromkeys(KINDS, 0) | Counter(leak.kind for leak in self.found)

    def __add__(self, other: Leaks) -> Leaks:
        """Those of both together; what both tell of counts once."""
        return Leaks(
            list(dict.fromkeys([*self.found, *other.found])),
            self.untraced + other.untraced,
            self.compared and other.compared,
        )


def find(prints: Iterable[Print], alike: Collection[Pair] = (), name: Callable[[Print], str] = str) -> Leaks:
    """All leaks, each once: a pair of pictures, a meter, an augmentation; `alike` are pairs of pictures that are so."""
    prints = list(prints)
    samples = [each for each in prints if each.look]
    joined = [each for each in prints if not each.look]
    found = [*same_pictures(samples, alike, name), *same_meters(samples), *same_fragments(samples, joined, name)]
    return Leaks(found, sum(UNKNOWN in each.made_of.split() for each in joined), NOT_ALL not in alike)


def find_across(
    taught: Iterable[Print],
    measured: Iterable[Print],
    small_of: Callable[[Print], Small | None],
    name: Callable[[Print], str] = str,
) -> Leaks:
    """All leaks between what one data set teaches and what another one measures by; `small_of` as of `alike`.

    With a picture gone that would have to be compared, not all were.
    """
    prints = across(taught, measured)
    gone = False

    def there(each: Print) -> Small | None:
        nonlocal gone
        found = small_of(each)
        gone |= found is None
        return found

    pairs = alike(prints, there)
    return find(prints, [*pairs, NOT_ALL] if gone else pairs, name)


def across(taught: Iterable[Print], measured: Iterable[Print]) -> list[Print]:
    """What is taught of one data set beside what another one measures by, which becomes one side."""
    return [
        *(each for each in taught if each.taught),
        *(each._replace(type=MEASURE) for each in measured if not each.taught),
    ]


def alike(prints: Iterable[Print], small_of: Callable[[Print], Small | None]) -> list[Pair]:
    """Pairs of pictures across the sides that are the same to look at, however they are labelled, each once.

    NOT_ALL is one of them when more pictures are near to each other than can be compared.
    `small_of` gives a picture as `perceptual.small` makes it, or None where it is gone. It is asked for those alone
    that may be somebody's copy.
    """
    samples = [each for each in prints if each.look]
    first, second, complete = candidates(looks_of(samples))
    wanted = {samples[n].picture: samples[n] for n in np.unique([first, second])}
    pictures = {key: found for key, each in wanted.items() if (found := small_of(each)) is not None}
    pairs = [(samples[one], samples[other]) for one, other in zip(first, second, strict=True)]
    keys = dict.fromkeys((one.picture, other.picture) for one, other in pairs)
    there = [pair for pair in keys if set(pair) <= pictures.keys()]
    same = [pair for pair, score in zip(there, scores(there, pictures), strict=True) if score >= ALIKE]
    return same if complete else [*same, NOT_ALL]


def smalls(images: Path) -> Callable[[Print], Small | None]:
    """How `alike` gets pictures from a folder where each is named by the sha256 of its file.

    A damaged one is as good as gone.
    """
    files = {file.stem: file for file in images.glob("*")}

    def small_of(each: Print) -> Small | None:
        file = files.get(each.picture)
        try:
            return small(load(file)) if file else None
        except ImageError:
            return None

    return small_of


def candidates(looks: Looks) -> tuple[Indices, Indices, bool]:
    """Pairs of which one is taught and the other kept for measuring that are not too far apart, the former first.

    And whether these are all, by the least of the limits at least.
    """
    first, second, complete = *np.empty((2, 0), np.int64), False
    for limit in FAR_BITS:
        (first, second, _), complete = looks.across(limit, looks.apart, MOST_COMPARED)
        if complete:
            break
    taught, measured = np.where(looks.taught[first], [first, second], [second, first])
    return taught, measured, complete


def scores(pairs: Sequence[Pair], pictures: dict[str, Small]) -> Iterator[float]:
    """How alike each pair is."""
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        place = {key: n for n, key in enumerate({key for pair in some for key in pair})}
        first, second = np.array([[place[key] for key in pair] for pair in some]).T
        yield from likeness(np.stack([pictures[key] for key in place]), first, second).tolist()


def looks_of(samples: Sequence[Print]) -> Looks:
    """Samples side by side."""
    return Looks(
        [each.look for each in samples],
        [each.pixels for each in samples],
        [each.value for each in samples],
        [each.meter for each in samples],
        [each.taught for each in samples],
    )


def same_pictures(samples: Sequence[Print], alike: Collection[Pair], name: Callable[[Print], str]) -> Iterator[Leak]:
    """Pairs of samples with one picture: the same to the pixel, or the same to look at."""
    looks = looks_of(samples)
    (first, second, _), _ = looks.leaks(MOST)
    taught, measured = np.where(looks.taught[first], [first, second], [second, first])
    said = set()
    for one, other, same in zip(taught, measured, looks.same_pixels(first, second), strict=True):
        pair = samples[one], samples[other]
        said.add(pair)
        yield Leak(PICTURE if same else LOOK, *map(name, pair))
    by_picture: dict[str, list[Print]] = {}
    for each in samples:
        by_picture.setdefault(each.picture, []).append(each)
    for keys in alike:
        for one, other in ((a, b) for a in by_picture.get(keys[0], ()) for b in by_picture.get(keys[1], ())):
            if one.taught and not other.taught and (one, other) not in said:
                said.add((one, other))
                yield Leak(LOOK, name(one), name(other))


def same_meters(samples: Iterable[Print]) -> Iterator[Leak]:
    """Meters with samples on several sides; test and validation are two, since limits are fitted on one of them."""
    sides: dict[str, set[int]] = {}
    for each in samples:
        if each.meter:
            sides.setdefault(each.meter, set()).add(each.type)
    for meter, types in sides.items():
        if len(types) > 1:
            yield Leak(METER, f"meter {meter!r}", f"meter {meter!r}")


def same_fragments(samples: Iterable[Print], joined: Iterable[Print], name: Callable[[Print], str]) -> Iterator[Leak]:
    """Augmentations with a fragment of a sample on the other side, or with such a sample's pixels."""
    by_picture: dict[str, list[Print]] = {}
    for each in samples:
        for key in {each.picture, each.pixels}:
            by_picture.setdefault(key, []).append(each)
    for each in joined:
        other = (one for key in (each.pixels, *each.made_of.split()) for one in by_picture.get(key, ()))
        across = next((one for one in other if one.taught != each.taught), None)
        if across:
            taught, measured = (each, across) if each.taught else (across, each)
            yield Leak(FRAGMENT, name(taught), name(measured))
