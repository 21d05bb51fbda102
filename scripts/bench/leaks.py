"""Whether all leaks of a snapshot are found: planted ones of all four kinds, in many places, and no other one.

Drawn displays, each of its own meter, stand on one side each: that is clean, and nothing is to be found. Then, in
many places, what is measured by gets a sample to teach with that has the same picture, a copy of it that was saved
again, brightened or shifted, such a copy with a mistyped value or under the name of another meter, another picture of
its meter, or a fragment of it in an augmentation to teach with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import insert, select

from backend.database import db
from backend.domain.leaking import FRAGMENT, LOOK, METER, PICTURE, Leak, alike, find
from backend.domain.perceptual import Small, small
from backend.models import Split, State, Training, TrainingAugmentation, TrainingElement
from backend.services import leaks
from scripts.bench import Figures, figure, installation
from scripts.bench.duplicates import SIZE, copied, row_of

Row = dict[str, Any]
MISTYPED, RENAMED, BOTH = "mistyped", "renamed", "both"
WORDS = {
    PICTURE: "the same picture",
    LOOK: "a look-alike",
    MISTYPED: "a look-alike with a mistyped value",
    RENAMED: "a look-alike under another meter's name",
    BOTH: "a look-alike with both",
    METER: "the same meter",
    FRAGMENT: "a fragment in an augmentation",
}
Drawn = tuple[Row, Row]  # a display and a copy of it
PARTS = 4  # fragments of an augmentation
SIDES = (Split.TEACH, Split.TEACH, Split.VALIDATE, Split.TEACH, Split.TEST)  # of the displays, in turn


def run(displays: int = 8000, each: int = 300) -> Figures:
    """Plant `each` leaks of each kind among the samples that `displays` drawn displays give."""
    with ProcessPoolExecutor() as pool:
        results = list(pool.map(two, range(displays), chunksize=20))
    drawn, smalls = [told for told, _ in results], {key: small for _, both in results for key, small in both.items()}
    with installation():
        clean = [row | side_of(place) for place, (row, _) in enumerate(drawn)]
        insert_rows(Training, clean)
        cut(range(1, displays + 1))
        taught = [place + 1 for place, row in enumerate(clean) if row["type"] == Split.TEACH]
        join(np.random.default_rng(0).choice(taught, (displays // 2, PARTS)).tolist())
        false = found(smalls)
        planted: dict[str, set[Leak]] = {kind: set() for kind in WORDS}
        for kind, leak in plant(drawn, clean, taught, each):
            planted[kind].add(leak)
        seen = found(smalls)
    figures = [figure("leaks found where there are none", "0", str(len(false)), not false)]
    for kind, own in planted.items():
        share = f"{len(own & seen)} of {len(own)}"
        figures.append(figure(f"planted leaks found: {WORDS[kind]}", "100%", share, own <= seen and len(own) == each))
    others = seen.difference(*planted.values())
    return {"figures": [*figures, figure("others found beside them", "0", str(len(others)), not others)]}


def two(seed: int) -> tuple[Drawn, dict[str, Small]]:
    """A drawn display and a copy of it, and the small pictures of both by the sha256 of their pixels."""
    from training.render import render

    rng = np.random.default_rng(seed)
    drawn = render(rng, "drums")
    image = drawn.image.convert("RGB").resize(SIZE)
    both = image, copied(image, rng)
    one, other = (row_of(each, drawn.text) for each in both)
    return (one, other), {row["sha256"]: small(each) for row, each in zip((one, other), both, strict=True)}


def side_of(place: int) -> Row:
    """The side and the meter of a display; of some nobody knows the meter."""
    return {"type": SIDES[place % len(SIDES)].value, "group": f"meter {place}" if place % 3 else ""}


def plant(drawn: list[Drawn], clean: list[Row], taught: list[int], each: int) -> Iterator[tuple[str, Leak]]:
    """Add leaks, and yield what is planted and what it has to be found as; ids are places, from 1 on."""
    measured = (place for place, row in enumerate(clean) if row["type"] != Split.TEACH and row["group"])
    new: list[Row] = []
    teach = {"type": Split.TEACH.value, "group": ""}
    for word in (PICTURE, LOOK, MISTYPED, RENAMED, BOTH):
        for place in islice(measured, each):
            row = drawn[place][word != PICTURE] | teach
            if word in (MISTYPED, BOTH):
                row["correct_value"] = mistyped(row["correct_value"], len(new))
            if word in (RENAMED, BOTH):
                row["group"] = f"another name of meter {place}"
            new.append(row)
            kind = PICTURE if word == PICTURE else LOOK
            yield word, Leak(kind, f"sample {len(clean) + len(new)}", f"sample {place + 1}")
    for place in islice(measured, each):
        name = clean[place]["group"]
        new.append(two(len(clean) + place)[0][0] | teach | {"group": name})
        yield METER, Leak(METER, f"meter {name!r}", f"meter {name!r}")
    insert_rows(Training, new)
    rng = np.random.default_rng(1)
    last = db.session.scalars(select(TrainingAugmentation.id).order_by(TrainingAugmentation.id.desc())).first() or 0
    db.session.commit()
    fragments = [(place + 1, rng.integers(PARTS)) for place in islice(measured, each)]
    mixed = [rng.choice(taught, PARTS).tolist() for _ in fragments]
    for number, ((sample, at), parts) in enumerate(zip(fragments, mixed, strict=True), start=1):
        parts[at] = sample
        yield FRAGMENT, Leak(FRAGMENT, f"augmentation {last + number}", f"sample {sample}")
    join(mixed)


def mistyped(value: str, number: int) -> str:
    """A value with its last digit or, every other time, its first one wrong."""
    places = [place for place, sign in enumerate(value) if sign.isdigit()]
    place = places[-1 if number % 2 else 0]
    return f"{value[:place]}{(int(value[place]) + 1 + number % 9) % 10}{value[place + 1 :]}"


def cut(samples: Iterable[int]) -> None:
    """Cut one fragment, of the same id, out of each sample."""
    about = {"part": 1, "meter_type_id": 1, "correct_value": "1"}
    insert_rows(TrainingElement, [fake(key) | about | {"training_id": key} for key in samples])


def join(parts: list[list[int]]) -> None:
    """Make augmentations to teach with of these fragments."""
    about = {"type": Split.TEACH.value, "meter_type_id": 1, "correct_value": "1111", "seed": 0}
    rows = [fake(0) | about | {"element_ids": "-".join(map(str, ids))} for ids in parts]
    insert_rows(TrainingAugmentation, rows)


def fake(number: int) -> Row:
    """Columns of a picture that nobody looks at."""
    name = f"{number:064x}"
    return {"image": f"00/{name}.png", "width": 20, "height": 30, "sha256": name, "pixels_sha256": name}


def insert_rows(table: Any, rows: list[Row]) -> None:
    """Add rows, a thousand at a time."""
    for start in range(0, len(rows), 1000):
        db.session.execute(insert(table), rows[start : start + 1000])
    db.session.commit()


def found(smalls: dict[str, Small]) -> set[Leak]:
    """The leaks of what is there."""
    prints = list(leaks.fingerprints(db.session(), Training.state == State.LABELLED.value))
    db.session.remove()
    result = find(prints, alike(prints, lambda each: smalls.get(each.picture)))
    assert len(set(result.found)) == len(result.found)
    return set(result.found)
