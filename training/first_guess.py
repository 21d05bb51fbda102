"""`python -m training.first_guess DATASET_DIR --base MODEL.keras`: a learning curve guessed from four pictures.

Idea: how fast a meter type is learned shows in how its displays look. Four of its pictures go through a reader's
convolutions; the mean of the penultimate features (over columns and pictures) is the type's embedding, from which the
four parameters of its learning curve, (A − D) / (1 + (x / C)^B) + D, are guessed. What is guessed from are families
whose curves were measured (`training.guess_families`): meter types of the dataset, and families of drawn displays.

A measured curve is the share of displays with a wrong digit of a linear classifier of digits, taught from nothing on so
many displays of the family alone, on the reader's frozen features. It says how hard a type is, not how well a network
reads that is trained as a whole.

Three ways to guess are compared by leaving out one family at a time: ridge regression, the three nearest families, and,
as a yardstick, the mean of all families, which looks at no picture. The best of them is used. Its error belongs to
every guess: some points on average, tens for the worst.

What is measured is kept in `training/guess/`: the table, the network, and the part of it that makes an embedding, with
which a page of the panel guesses from four photos.

`--guess FILE` uses what was measured before: it writes the guesses for the dataset's meter types. `--again` needs no
dataset: from what was measured before it says anew how far guesses are off.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.first_guess import FOUR, GUESSERS, NAMES, NEAREST, curve_of, guess, kept, told_by
from training.curve import write_json
from training.data import TEACH, DatasetError, dataset_hash, read_table
from training.learning_curve import Point, fit

Floats = NDArray[np.float64]

DRAWS = 8  # times that four pictures of a family are drawn to measure the error of guessing
TABLE, BASE = "families.json", "base.keras"
LOOK = "look.tflite"  # the base's way to an embedding, for the panel, which has no Keras
FOLDER = Path(__file__).parent / "guess"

Family = dict[str, Any]  # {"name", "drawn", "pictures", "embeddings": (n, k), "points": [Point as a dict]}


def parameters_of(points: Sequence[Point]) -> Floats:
    """A, B, ln C in samples, and D of the sigmoid that fits the points best, (4,)."""
    found = fit("sigmoid4", points)
    a, b, c, d = found.parameters
    return np.array([a, b, np.log(c * found.unit), d])


def refuse_few(families: Sequence[Family]) -> None:
    """Raises DatasetError for families that are too few to leave one out."""
    if len(families) < NEAREST + 1:
        raise DatasetError(f"expected {NEAREST + 1} families with a curve to guess from, got {len(families)}")


def judge(families: Sequence[Family], seed: int = 0) -> dict[str, Any]:
    """Each way's error when one family at a time is left out.

    `points`: mean distance of the guessed curve to the measured points, 0..1; `worst` that of the worst family;
    `parameters`: mean error of each parameter, in parts of its range over all families. Raises DatasetError.
    """
    refuse_few(families)
    true = _true(families)
    return _judged(families, true, _told(families, true, seed))


def _told(families: Sequence[Family], true: Floats, seed: int = 0) -> dict[str, Floats]:
    """What each way to guess tells of each family when it is left out, by several draws of four pictures, (f, d, 4)."""
    middles, found = _middles(families), {}
    for name in GUESSERS:
        rng, rows = np.random.default_rng(seed), []
        for left_out, one in enumerate(families):
            others = np.arange(len(families)) != left_out
            rows.append([told_by(name, middles[others], true[others], _four(one, rng)) for _ in range(DRAWS)])
        found[name] = np.array(rows)
    return found


def _judged(families: Sequence[Family], true: Floats, told: dict[str, Floats]) -> dict[str, Any]:
    """The errors of all ways to guess, from what they told and what is true, (f, 4)."""
    ranges, found = np.ptp(true, axis=0) + 1e-9, {}
    for name, guessed in told.items():
        rows = []
        for i, one in enumerate(families):
            points = _points(one)
            off = np.abs(curve_of(guessed[i], [p.size for p in points]) - [p.error for p in points]).mean(axis=1)
            rows.append(np.column_stack([np.full(len(off), i), off, np.abs(guessed[i] - true[i]) / ranges]))
        found[name] = _errors(np.concatenate(rows))
    return found


def _errors(rows: Floats) -> dict[str, Any]:
    each = [float(rows[rows[:, 0] == one, 1].mean()) for one in np.unique(rows[:, 0])]
    parameters = dict(zip(NAMES, rows[:, 2:].mean(axis=0).round(4).tolist(), strict=True))
    return {"points": round(float(np.mean(each)), 4), "worst": round(max(each), 4), "parameters": parameters}


def _true(families: Sequence[Family]) -> Floats:
    return np.stack([parameters_of(_points(one)) for one in families])


def _middles(families: Sequence[Family]) -> Floats:
    return np.stack([np.mean(one["embeddings"], axis=0) for one in families])


def _points(family: Family) -> list[Point]:
    return [Point(**point) for point in family["points"]]


def _four(family: Family, rng: np.random.Generator) -> Floats:
    """The embedding by four pictures of a family."""
    embeddings = np.asarray(family["embeddings"])
    return np.asarray(embeddings[rng.permutation(len(embeddings))[:FOUR]].mean(axis=0))


def table_of(families: Sequence[Family], about: dict[str, Any]) -> dict[str, Any]:
    """What is kept: the families with their curves, the errors of all ways to guess, and the best way."""
    refuse_few(families)
    true = _true(families)
    told = _told(families, true)
    errors = _judged(families, true, told)
    rows = [
        {
            "name": one["name"],
            "drawn": one["drawn"],
            "pictures": one["pictures"],
            "points": one["points"],
            "parameters": own.round(5).tolist(),
            "embedding": middle.round(4).tolist(),
        }
        for one, middle, own in zip(families, _middles(families), true, strict=True)
    ]
    best = min(errors, key=lambda name: float(errors[name]["points"]))
    return about | {"method": best, "errors": errors, "misses": _misses(true, told[best]), "families": rows}


def again(table: dict[str, Any]) -> dict[str, Any]:
    """A table measured before, with the misses and errors of what its way to guess tells now.

    What it told of a family left out is known from the misses; it goes no further out than the other families now. What
    the nearest families and the mean tell never did.
    """
    true = np.array([one["parameters"] for one in table["families"]])
    told = true[:, None] - np.array(table["misses"]).reshape(len(true), -1, len(NAMES))
    for i in range(len(true)):
        others = np.delete(true, i, axis=0)
        told[i] = kept(told[i], others.min(axis=0), others.max(axis=0))
    errors = table["errors"] | _judged(table["families"], true, {table["method"]: told})
    return table | {"errors": errors, "misses": _misses(true, told)}


def _misses(true: Floats, told: Floats) -> list[list[float]]:
    """By how much parameters (f, 4) of families that were left out were missed: what is true less what was told."""
    misses: list[list[float]] = (true[:, None] - told).reshape(-1, len(NAMES)).round(6).tolist()
    return misses


def figures(table: dict[str, Any]) -> dict[str, Any]:
    """What is written for the results: a table without what only guessing needs."""
    families = [{k: v for k, v in one.items() if k != "embedding"} for one in table["families"]]
    return {k: v for k, v in table.items() if k not in ("misses", "look")} | {"families": families}


def stored(given: argparse.Namespace) -> dict[str, Any]:
    """The table that was measured before. Raises DatasetError."""
    place = given.table / TABLE
    if not place.is_file() or not (given.table / BASE).is_file():
        raise DatasetError(f"expected {TABLE} and {BASE} in {given.table}, got a folder without them")
    table: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    if "misses" not in table:
        raise DatasetError(f"expected {place} with the misses of families left out, got one made before: make it anew")
    return table


def measure_again(given: argparse.Namespace) -> dict[str, Any]:
    """Bring a table measured before up to date, without a picture."""
    table = again(stored(given))
    write_json(given.table / TABLE, table)
    return figures(table)


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Measure the families' curves with a base network, and keep both in `--table`."""
    from training import guess_families  # Keras: not for those who only want the figures

    reader = guess_families.Reader(Path(given.base))
    families = guess_families.photographed(reader, given.dataset) + guess_families.drawn(reader, given.per_kind)
    about = {"dataset_sha256": dataset_hash(given.dataset), "base_sha256": guess_families.sha256(Path(given.base))}
    table = table_of(families, about)
    given.table.mkdir(parents=True, exist_ok=True)
    if Path(given.base).resolve() != (given.table / BASE).resolve():
        guess_families.keep(Path(given.base), given.table / BASE)
    guess_families.keep_look(reader, given.table / LOOK)
    table["base_sha256"] = guess_families.sha256(given.table / BASE)
    table["look"] = {"sha256": guess_families.sha256(given.table / LOOK), "input": asdict(reader.spec)}
    write_json(given.table / TABLE, table)
    return figures(table)


def guesses(given: argparse.Namespace) -> dict[str, Any]:
    """Guesses for every meter type of a dataset with at least four teaching samples."""
    from training import guess_families

    table, base = stored(given), given.table / BASE
    if guess_families.sha256(base) != table["base_sha256"]:
        raise DatasetError(f"expected the {BASE} that {given.table / TABLE} was measured with, got another")
    reader, found = guess_families.Reader(base), {}
    taught = [sample for sample in read_table(given.dataset) if sample.type == TEACH]
    for kind in sorted({sample.meter_type for sample in taught}):
        pictures = [sample for sample in taught if sample.meter_type == kind]
        if len(pictures) >= FOUR:
            four = guess_families.spread(pictures, FOUR)
            found[kind] = guess(table, reader.look(reader.crop(four))[0].mean(axis=0))
    return {"method": table["method"], "error": table["errors"][table["method"]], "types": found}


def lines(table: dict[str, Any]) -> list[str]:
    """The errors as text."""
    found = [f"{len(table['families'])} families; leaving out one at a time, mean error of the curve:"]
    for name, errors in table["errors"].items():
        each = ", ".join(f"{key} {value:.0%}" for key, value in errors["parameters"].items())
        found.append(f"{name:8} {100 * errors['points']:5.1f} points (worst {100 * errors['worst']:.0f}); {each}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when the result is written, 1 with one line on standard error when it cannot be."""
    parser = argparse.ArgumentParser(prog="python -m training.first_guess", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("dataset", metavar="DATASET_DIR", nargs="?", help="folder with training.csv and images/")
    parser.add_argument("--base", metavar="MODEL.keras", default=str(FOLDER / BASE), help="the reader that looks")
    parser.add_argument("--per-kind", type=int, default=6, help="families of drawn displays of each kind")
    parser.add_argument("--table", type=Path, default=FOLDER, help="where the families and the reader are kept")
    parser.add_argument("--guess", type=Path, metavar="FILE", help="measure nothing, write guesses")
    parser.add_argument("--again", action="store_true", help="look at no picture: judge what was measured before")
    parser.add_argument("--output", type=Path, default=Path("docs/results/first_guess.json"))
    parser.add_argument("--progress-file", metavar="FILE", help="for programs that start this one; nothing is said")
    given = parser.parse_args(arguments)
    if not given.dataset and not given.again:
        parser.error("expected a DATASET_DIR")
    try:
        if given.guess:
            write_json(given.guess, guesses(given))
            return 0
        result = measure_again(given) if given.again else measure(given)
    except DatasetError as error:
        print(f"training.first_guess: {error}", file=sys.stderr)
        return 1
    write_json(given.output, result)
    print("\n".join(lines(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
