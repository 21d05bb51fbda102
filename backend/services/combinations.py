"""Which sequences of fragments make a reading, and how many there are.

Fragments whose values have the same form (how many digits, where the point) can stand for each other, so what may
follow what depends on forms alone. There are never more than some thousands of valid sequences of forms, while the
sequences of fragments, which are counted by multiplying and never listed, may be 10^20.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from backend.domain.reading import DIGITS
from backend.models import Part

MOST_MIDDLES = 3

Ids = tuple[int, ...]


@dataclass(frozen=True)
class Fragment:
    """What matters of a fragment here."""

    id: int
    part: Part
    value: str


@dataclass(frozen=True, order=True)
class Form:
    """Of a value: its digits before and behind the point, or all its digits and -1 without a point."""

    whole: int
    decimals: int = -1

    @classmethod
    def of(cls, value: str) -> Form:
        """The form of a fragment's value, such as (1, 0) of "2."."""
        whole, point, decimals = value.partition(".")
        return cls(len(whole), len(decimals)) if point else cls(len(whole))

    @property
    def digits(self) -> int:
        """How many digits there are."""
        return self.whole + max(0, self.decimals)

    def then(self, other: Form) -> Form | None:
        """The form of both in a row; None with two points."""
        if self.decimals < 0:
            return Form(self.whole + other.whole, other.decimals)
        return None if other.decimals >= 0 else Form(self.whole, self.decimals + other.whole)


@dataclass(frozen=True)
class Fit:
    """What a reading must be like: its digits (`exact`, or at most so many) and its decimals; None for any."""

    digits: int | None = None
    decimals: int | None = None
    exact: bool = True

    @property
    def most(self) -> int:
        """How many digits there can be."""
        return DIGITS if self.digits is None else min(DIGITS, self.digits)

    def takes(self, form: Form) -> bool:
        """Tell whether a reading of this form is one, and fits."""
        enough = self.digits is None or not self.exact or form.digits == self.digits
        right = self.decimals is None or max(0, form.decimals) == self.decimals
        is_reading = form.decimals < 0 or (form.whole >= 1 and form.decimals >= 1)
        return 1 <= form.digits <= self.most and is_reading and enough and right


Shape = tuple[Form, ...]  # of a start, one to three middles and an end


class Pool:
    """The fragments of one meter type, by part and form."""

    def __init__(self, fragments: list[Fragment], fit: Fit) -> None:
        self.fit = fit
        self.fragments = {one.id: one for one in sorted(fragments, key=lambda one: one.id)}
        self.ids: dict[tuple[Part, Form], list[int]] = defaultdict(list)
        for one in self.fragments.values():
            self.ids[one.part, Form.of(one.value)].append(one.id)
        self.shapes: dict[Shape, int] = {}  # each with the number of its sequences
        for middles in range(1, MOST_MIDDLES + 1):
            self._find((), None, parts(middles + 2))
        # Small numbers for parts with forms, because looking up 100,000 sequences by what they are takes seconds.
        codes = {kind: number for number, kind in enumerate(self.ids)}
        self.codes = {key: codes[kind] for kind, keys in self.ids.items() for key in keys}
        self.coded = {
            tuple(codes[kind] for kind in zip(parts(len(shape)), shape, strict=True)): shape for shape in self.shapes
        }

    @property
    def total(self) -> int:
        """How many sequences there are, no fragment twice in one."""
        return sum(self.shapes.values())

    def slots(self, shape: Shape) -> list[list[int]]:
        """The ids that can stand at each place of a shape."""
        return [self.ids[part, form] for part, form in zip(parts(len(shape)), shape, strict=True)]

    def shape_of(self, ids: Ids) -> Shape | None:
        """The shape of a sequence; None for one that these fragments cannot give."""
        shape = self.coded.get(tuple([self.codes.get(key, -1) for key in ids]))
        return shape if len(set(ids)) == len(ids) else None

    def text(self, ids: Ids) -> str:
        """What a sequence shows."""
        return "".join(self.fragments[key].value for key in ids)

    def _find(self, begun: Shape, joined: Form | None, wanted: list[Part]) -> None:
        """Go through every way to continue what has begun, and keep what becomes a reading that fits."""
        if len(begun) == len(wanted):
            if joined and self.fit.takes(joined):
                self.shapes[begun] = self._count(begun, wanted)
            return
        to_come = len(wanted) - len(begun) - 1
        for form in self._forms(wanted[len(begun)]):
            more = joined.then(form) if joined else form
            if more and more.digits + to_come <= self.fit.most and self._count((*begun, form), wanted):
                self._find((*begun, form), more, wanted)

    def _forms(self, part: Part) -> list[Form]:
        return sorted(form for other, form in self.ids if other is part)

    def _count(self, begun: Shape, wanted: list[Part]) -> int:
        """How many sequences begin like this: a middle that stands at one place is gone for the next."""
        used = Counter[Form]()
        count = 1
        for part, form in zip(wanted, begun, strict=False):
            count *= max(0, len(self.ids[part, form]) - (used[form] if part is Part.MIDDLE else 0))
            used[form] += part is Part.MIDDLE
        return count


def parts(length: int) -> list[Part]:
    """The parts of a sequence of fragments."""
    return [Part.START, *[Part.MIDDLE] * (length - 2), Part.END]


def left(pool: Pool, taken: set[Ids]) -> int:
    """How many sequences are not taken."""
    return pool.total - sum(pool.shape_of(ids) is not None for ids in taken)
