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
every guess: expect tens of points.

`--guess FILE` uses what was measured before: it writes the guesses for the dataset's meter types.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.curve import write_json
from training.data import TEACH, DatasetError, dataset_hash, read_table
from training.learning_curve import FORMS, Fit, Point, fit

Floats = NDArray[np.float64]

FOUR = 4  # pictures that a guess is made from
DRAWS = 8  # times that four pictures of a family are drawn to measure the error of guessing
NEAREST = 3
RIDGE = 10.0  # on standardised features: there are far more of them than families
NAMES = ("A", "B", "C", "D")
TABLE, BASE = "families.json", "base.keras"
FOLDER = Path(__file__).parent / "guess"
SHOWN = (4, 8, 16, 32, 64, 128, 256, 512)  # samples at which a guessed curve is told

Family = dict[str, Any]  # {"name", "drawn", "pictures", "embeddings": (n, k), "points": [Point as a dict]}
Guesser = Callable[[Floats, Floats, Floats], Floats]  # embeddings (f, k), parameters (f, 4), one (k,) → (4,)


def parameters_of(points: Sequence[Point]) -> Floats:
    """A, B, ln C in samples, and D of the sigmoid that fits the points best, (4,)."""
    found = fit("sigmoid4", points)
    a, b, c, d = found.parameters
    return np.array([a, b, np.log(c * found.unit), d])


def curve_of(parameters: Floats, sizes: Sequence[float]) -> Floats:
    """The errors (n,) that parameters as of `parameters_of` mean at sizes (n,), within the form's bounds."""
    low, high = FORMS["sigmoid4"].lowest, FORMS["sigmoid4"].highest
    a, b, d = (float(np.clip(parameters[i], low[i], high[i])) for i in (0, 1, 3))
    return Fit("sigmoid4", (a, b, float(np.exp(parameters[2])), d), 1.0).error(sizes)


def by_mean(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """The mean of all families: the yardstick."""
    return np.asarray(parameters.mean(axis=0))


def by_nearest(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """The families whose embeddings are nearest, the nearer the more."""
    distances = np.linalg.norm(_standard(embeddings, embeddings) - _standard(embeddings, one), axis=1)
    nearest = np.argsort(distances)[:NEAREST]
    return np.asarray(np.average(parameters[nearest], axis=0, weights=1 / (distances[nearest] + 1e-9)))


def by_ridge(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
    """Ridge regression in its dual form, from standardised embeddings."""
    x, y = _standard(embeddings, embeddings), parameters - parameters.mean(axis=0)
    scale = x.shape[1]  # so that the ridge means the same for every length of embedding
    alpha = np.linalg.solve(x @ x.T / scale + RIDGE / len(x) * np.eye(len(x)), y)
    return np.asarray(parameters.mean(axis=0) + (_standard(embeddings, one) @ x.T / scale) @ alpha)


GUESSERS: dict[str, Guesser] = {"ridge": by_ridge, "nearest": by_nearest, "mean": by_mean}


def _standard(embeddings: Floats, these: Floats) -> Floats:
    return np.asarray((these - embeddings.mean(axis=0)) / (embeddings.std(axis=0) + 1e-6))


def judge(families: Sequence[Family], seed: int = 0) -> dict[str, Any]:
    """Each way's error when one family at a time is left out.

    `points`: mean distance of the guessed curve to the measured points, 0..1; `worst` that of the worst family;
    `parameters`: mean error of each parameter, in parts of its range over all families. Raises DatasetError.
    """
    if len(families) < NEAREST + 1:
        raise DatasetError(f"expected {NEAREST + 1} families with a curve to guess from, got {len(families)}")
    middles, true = _middles(families), _true(families)
    ranges = np.ptp(true, axis=0) + 1e-9
    found = {}
    for name, guesser in GUESSERS.items():
        rows, rng = [], np.random.default_rng(seed)
        for left_out, one in enumerate(families):
            others = np.arange(len(families)) != left_out
            for _ in range(DRAWS):
                told = guesser(middles[others], true[others], _four(one, rng))
                points = _points(one)
                off = np.abs(curve_of(told, [p.size for p in points]) - [p.error for p in points]).mean()
                rows.append((left_out, off, *(np.abs(told - true[left_out]) / ranges)))
        found[name] = _errors(np.array(rows))
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
    errors = judge(families)
    rows = [
        {
            "name": one["name"],
            "drawn": one["drawn"],
            "pictures": one["pictures"],
            "points": one["points"],
            "parameters": true.round(5).tolist(),
            "embedding": middle.round(4).tolist(),
        }
        for one, middle, true in zip(families, _middles(families), _true(families), strict=True)
    ]
    best = min(errors, key=lambda name: float(errors[name]["points"]))
    return about | {"method": best, "errors": errors, "families": rows}


def guess(table: dict[str, Any], embedding: Floats) -> dict[str, Any]:
    """The curve that an embedding (k,) of four pictures suggests, as text for people; its error is the table's."""
    embeddings = np.array([one["embedding"] for one in table["families"]])
    parameters = np.array([one["parameters"] for one in table["families"]])
    told = GUESSERS[table["method"]](embeddings, parameters, embedding)
    errors = curve_of(told, SHOWN)
    distances = np.linalg.norm(_standard(embeddings, embeddings) - _standard(embeddings, embedding), axis=1)
    values = (*told[:2], np.exp(told[2]), told[3])
    return {
        "parameters": {name: round(float(value), 4) for name, value in zip(NAMES, values, strict=True)},
        "line": [{"size": size, "error": round(float(e), 4)} for size, e in zip(SHOWN, errors, strict=True)],
        "like": [table["families"][i]["name"] for i in np.argsort(distances)[:NEAREST]],
    }


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
    table["base_sha256"] = guess_families.sha256(given.table / BASE)
    write_json(given.table / TABLE, table)
    families_told = [{k: v for k, v in one.items() if k != "embedding"} for one in table["families"]]
    return {**table, "families": families_told}


def guesses(given: argparse.Namespace) -> dict[str, Any]:
    """Guesses for every meter type of a dataset with at least four teaching samples."""
    from training import guess_families

    place, base = given.table / TABLE, given.table / BASE
    if not place.is_file() or not base.is_file():
        raise DatasetError(f"expected {TABLE} and {BASE} in {given.table}, got a folder without them")
    table = json.loads(place.read_text(encoding="utf-8"))
    if guess_families.sha256(base) != table["base_sha256"]:
        raise DatasetError(f"expected the {BASE} that {place} was measured with, got another")
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
    parser.add_argument("dataset", metavar="DATASET_DIR", help="folder with training.csv and images/")
    parser.add_argument("--base", metavar="MODEL.keras", default=str(FOLDER / BASE), help="the reader that looks")
    parser.add_argument("--per-kind", type=int, default=6, help="families of drawn displays of each kind")
    parser.add_argument("--table", type=Path, default=FOLDER, help="where the families and the reader are kept")
    parser.add_argument("--guess", type=Path, metavar="FILE", help="measure nothing, write guesses")
    parser.add_argument("--output", type=Path, default=Path("docs/results/first_guess.json"))
    parser.add_argument("--progress-file", metavar="FILE", help="for programs that start this one; nothing is said")
    given = parser.parse_args(arguments)
    try:
        if given.guess:
            write_json(given.guess, guesses(given))
            return 0
        result = measure(given)
    except DatasetError as error:
        print(f"training.first_guess: {error}", file=sys.stderr)
        return 1
    write_json(given.output, result)
    print("\n".join(lines(result)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
