"""How much training data: learning curves on any dataset folder, with plots, and how many samples a target takes.

Ancestor: a program for the size of a sample, which fits (A − D) / (1 + (x / C)^B) + D to the accuracies of a few
trainings and guesses the four parameters of an unseen data set from four of its pictures. What accuracies it reached is
not known; its guesses had parameters that were 1–19% off and missed the curve by tens of points.

Here three forms are fitted to runs on nested subsets (`training.curve`), each with its SMAPE, and the one that
foretells the largest sizes best answers, with an interval, or says that it cannot be said. Beside them stands, for each
meter type, the guess from four of its pictures, as a page of the panel has it: `training.first_guess` measures what it
is made from, and its error. It is the curve of a linear reader of that type alone, so it tells how hard a type is, and
not what a network reaches that is trained on all types together.

The plots are written beside the runs: `plots/*.svg`. Runs begin with a network that has seen no photographed
display: `training/guess` has one; while it has none, the recipe trains one first.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.curve_plot import Line, plot
from backend.domain.figures import wilson
from backend.domain.first_guess import NAMES as PARAMETERS
from backend.domain.first_guess import curve_of
from training import curve, first_guess
from training.curve_figures import AHEAD, points_of
from training.curve_tables import BASE
from training.data import TEACH, VALIDATE, read_table
from training.first_guess import FOLDER, TABLE
from training.learning_curve import FORMS, LEAST, Fit, Point, fit
from training.recipes import Ancestor, Asked, RecipeError
from training.subsets import write_subset

USUAL = Path("../shared/data/displays")  # where a dataset folder lies beside a checkout
QUICK = {"sizes": 4, "repeats": 1, "epochs": 1, "steps": 20, "batch": 32, "base_epochs": 1, "workers": 0}
NAMES = {"power3": "power law, 3 parameters", "power4": "power law, 4 parameters", "sigmoid4": "sigmoid, 4 parameters"}
RESULT = "result.json"  # in the run's folder: the results with the plots' texts, for the panel
MOST = 12  # curves of meter types that are drawn, those with most samples
STEPS = 60  # places at which a curve is drawn

Floats = NDArray[np.float64]


def smape(told: Floats, measured: Floats) -> float:
    """Symmetric mean absolute percentage error of shares (n,): 0 where they are the same, at most 2."""
    half = (np.abs(told) + np.abs(measured)) / 2
    return float(np.mean(np.divide(np.abs(told - measured), half, out=np.zeros_like(half), where=half > 0)))


def fitted(points: list[Point]) -> dict[str, dict[str, Any]]:
    """Every form fitted to all points, with the SMAPE of its accuracies against the runs'."""
    sizes, accuracies = [p.size for p in points], 1 - np.array([p.error for p in points])
    found: dict[str, dict[str, Any]] = {}
    for name in FORMS:
        one = fit(name, points)
        off = smape(1 - one.error(sizes), accuracies)
        found[name] = {"smape": round(off, 5), "parameters": list(one.parameters), "unit": one.unit}
    return found


def guesses(data: Path) -> dict[str, Any]:
    """What four pictures of each meter type suggest; nothing where no families were measured to guess from."""
    if not (FOLDER / TABLE).is_file():
        return {}
    return first_guess.guesses(argparse.Namespace(dataset=data, table=FOLDER))


def guessed_line(guessed: dict[str, Any], name: str, sizes: Floats) -> list[Line]:
    """The guess for a meter type at the plot's sizes, with its usual error in the legend; none without a guess."""
    if name not in guessed.get("types", {}):
        return []
    a, b, c, d = (guessed["types"][name]["parameters"][each] for each in PARAMETERS)
    shares = 1 - curve_of(np.array([a, b, np.log(max(c, 1e-4)), d]), sizes)
    return [Line(f"guess from four pictures ({100 * guessed['error']['points']:.1f} points off as a rule)", shares)]


def drawn(title: str, described: dict[str, Any], forms: dict[str, dict[str, Any]], guessed: dict[str, Any]) -> str:
    """The plot of one curve as SVG; the form that was chosen comes with the interval of its refits."""
    points = [(float(p["size"]), 1 - float(p["error"])) for p in described["points"]]
    smallest, largest = min(size for size, _ in points), max(size for size, _ in points)
    sizes = np.geomspace(smallest, AHEAD * largest, STEPS)
    band = np.array([[row["size"], 1 - row["high"], 1 - row["low"]] for row in described["line"]]).T
    lines = []
    for name, one in forms.items():
        shares = 1 - Fit(name, tuple(one["parameters"]), one["unit"]).error(sizes)
        chosen = name == described["form"]
        ends = [np.interp(np.log(sizes), np.log(band[0]), row) for row in band[1:]] if chosen else [None, None]
        legend = f"{NAMES[name]}: SMAPE {one['smape']:.1%}{' (chosen)' if chosen else ''}"
        lines.append(Line(legend, shares, *ends))
    return plot(f"Exactly read, {title}", sizes, [*lines, *guessed_line(guessed, title, sizes)], points)


def figures(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was read right with all samples, in the first of the runs on them, together and by meter type."""
    run = max(runs, key=lambda one: sum(one["sizes"].values()))
    kinds = [("together", run["sizes"], run["n"]), *((kind, [kind], [kind]) for kind in sorted(run["n"]))]
    found = []
    for name, taught, judged in kinds:  # a type may be taught that nothing judges
        size = sum(run["sizes"].get(kind, 0) for kind in taught)
        right, n = (sum(run[key].get(kind, 0) for kind in judged) for key in ("right", "n"))
        if n and size:
            low, high = wilson(right, n)
            share = {"value": right / n, "low": low, "high": high, "right": right, "n": n}
            found.append({"what": f"{name}, {size:,} samples", "measured": share, "ancestor": None, "target": None})
    return found


class SampleSize:
    """The recipe."""

    ancestor = Ancestor("a program that foretells accuracies by a sigmoid of four parameters")

    def run(self, asked: Asked) -> dict[str, Any]:
        """Do the runs, or go on with them; fit, draw, and write the plots. Raises DatasetError or RecipeError."""
        if asked.backbone or asked.weights:
            raise RecipeError("expected no --backbone or --weights for sample_size, which has a base of its own")
        options = self.options(asked)
        measured, guessed = curve.run(options, asked.progress), guesses(Path(options.dataset))
        told = {"together": measured["together"], **measured["types"]}
        forms, plots = {}, {}
        for name, described in told.items():
            if described["sizes"] >= LEAST and name in self.most(told):
                kind = None if name == "together" else name
                forms[name] = fitted(points_of(measured["runs"], kind))
                plots[name] = drawn(name, described, forms[name], guessed)
        for name, place in self.write(plots, asked.run / "plots").items():
            print(f"{name}: {place}", flush=True)
        results = {
            "figures": figures(measured["runs"]),
            "about": self.about(measured, forms, guessed),
            "smape": {name: {form: one["smape"] for form, one in these.items()} for name, these in forms.items()},
            "guesses": guessed,
            "curves": {name: measured[name] for name in ("together", "types")},
            "protocol": measured["protocol"],
        }
        curve.write_json(asked.run / RESULT, results | {"plots": plots})
        return results

    def most(self, told: dict[str, Any]) -> list[str]:
        """The names of the curves that are drawn, that of all together first."""

        def samples(name: str) -> int:
            return max((int(point["size"]) for point in told[name]["points"]), default=0)

        return sorted(told, key=samples, reverse=True)[: MOST + 1]

    def options(self, asked: Asked) -> Any:
        """The options of `training.curve`. Raises DatasetError."""
        data, base = asked.data or USUAL, BASE
        if asked.limit:
            data = limited(data, asked.limit, asked.run / "data")
        given = curve.parser().parse_args([str(data), "--runs", str(asked.run), "--name", "curve"])
        given.base = str(base) if base.is_file() else None
        for name, value in ({} if asked.full else QUICK).items():
            setattr(given, name, value)
        given.epochs = asked.epochs or given.epochs or curve.EPOCHS[given.how]
        return given

    def write(self, plots: dict[str, str], folder: Path) -> dict[str, Path]:
        """A file for each plot, named after its curve."""
        folder.mkdir(parents=True, exist_ok=True)
        places = {}
        for number, (name, picture) in enumerate(plots.items()):
            places[name] = folder / f"{number}-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-') or 'type'}.svg"
            places[name].write_text(picture, encoding="utf-8")
        return places

    def about(
        self, measured: dict[str, Any], forms: dict[str, dict[str, dict[str, Any]]], guessed: dict[str, Any]
    ) -> str:
        """What the results page says beside the figures."""
        text = f"Runs on nested subsets of {measured['protocol']['dataset_sha256'][:12]}, trainings from a base."
        if "together" in forms:
            each = ", ".join(f"{NAMES[form]} {one['smape']:.1%}" for form, one in forms["together"].items())
            text += f" SMAPE of the accuracies, all meter types together: {each}."
        tested = measured["together"].get("half_to_all")
        if tested:
            text += f" From half the data, all of it is {100 * tested['chosen']:+.1f} points off."
        if guessed:
            error = guessed["error"]
            text += (
                f" The guesses from four pictures, of {len(guessed['types'])} meter types, are of a reader of one type "
                f"alone; of families left out they are {100 * error['points']:.1f} points off, "
                f"{100 * error['worst']:.0f} the worst."
            )
        return text

    def export(self, asked: Asked, output: Path, number: int | None = None) -> Path:
        """Raises RecipeError: curves are no network."""
        raise RecipeError("sample_size makes curves and plots, which are no version; leave --export away")


def limited(data: Path, limit: int, place: Path) -> Path:
    """A dataset folder with the first so many samples to teach and to judge with. Raises DatasetError."""
    samples = read_table(data)
    taught, judges = ([sample for sample in samples if sample.type == side][:limit] for side in (TEACH, VALIDATE))
    return write_subset(place, data / "images", taught, judges)


RECIPE = SampleSize()
