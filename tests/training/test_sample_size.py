"""How much training data: forms and their SMAPE, plots as files, runs on any dataset folder that go on."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from backend.domain.curve_plot import Line, plot, ticks, x_of
from backend.domain.first_guess import FOUR, guess
from training import curve_runs, first_guess, learning_curve, recipe
from training.data import TEACH, read_table
from training.first_guess import FOLDER, TABLE
from training.learning_curve import FORMS, Point
from training.recipes import Asked, RecipeError, open_recipe
from training.recipes.sample_size import QUICK, figures, fitted, guessed_line, smape

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (75, 150, 300, 600, 1200, 2400)


def test_smape_is_between_nothing_and_two() -> None:
    measured = np.array([0.5, 0.8])
    assert smape(measured, measured) == 0 == smape(np.zeros(2), np.zeros(2))
    assert smape(np.array([0.4, 0.8]), measured) == pytest.approx(0.1 / 0.45 / 2)
    assert smape(np.zeros(2), measured) == 2


def test_every_form_is_fitted_and_the_right_one_fits_best() -> None:
    true = FORMS["sigmoid4"].curve(np.array(SIZES) / 2400, np.array([0.9, 3.0, 0.2, 0.1]))
    found = fitted([Point(size, float(error), 100_000) for size, error in zip(SIZES, true, strict=True)])
    assert set(found) == set(FORMS)
    assert found["sigmoid4"]["smape"] < 0.002 < found["power3"]["smape"]


def test_a_plot_has_a_logarithmic_axis_its_points_and_a_legend() -> None:
    sizes = np.geomspace(10, 1000, 3)
    shares = np.array([0.1, 0.5, 0.9])
    lines = [Line("one & only", shares, shares - 0.1, shares + 0.1), Line("two", shares / 2)]
    root = Xml.fromstring(plot("<b>gas</b>", sizes, lines, [(10, 0.1), (100, 0.4), (1000, 0.8)]))
    xs = [float(dot.get("cx", "")) for dot in root.iter(f"{SVG}circle")]
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1], abs=0.2) and x_of(np.array(10.0), 10, 1000) == xs[0]
    words = [element.text for element in root.iter(f"{SVG}text")]
    assert {"<b>gas</b>", "one & only", "two", "20", "1,000", "100%"} <= set(words)
    assert len([*root.iter(f"{SVG}polygon")]) == 1
    assert ticks(8, 110) == [10, 20, 50, 100]
    with pytest.raises(ValueError, match="at most 4 lines over sizes above 0, got 1, 0"):
        plot("none", np.array([0.0, 1.0]), lines[:1], [])


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the runs; each reads as many validation samples right as it was taught, in parts of all."""
    seen: list[int] = []

    def teacher(given: Any, samples: Any, folder: Path) -> Any:
        judges = sum(sample.type == 2 for sample in samples)

        def teach(subset: Any, seed: int) -> Any:
            seen.append(len(subset))
            return np.arange(judges) < judges * (1 - 8 / (8 + len(subset)))

        return teach

    monkeypatch.setattr(curve_runs, "teacher", teacher)
    monkeypatch.setattr(learning_curve, "REDRAWS", 4)
    monkeypatch.setitem(QUICK, "sizes", 3)
    monkeypatch.setattr("training.recipes.sample_size.LEAST", 3)
    monkeypatch.setattr("training.curve_figures.LEAST", 3)
    monkeypatch.setattr(learning_curve, "LEAST", 3)
    monkeypatch.setattr("training.learning_curve.choose", lambda points: (learning_curve.fit("power3", points), {}))
    monkeypatch.setattr("training.curve_figures.choose", lambda points: (learning_curve.fit("power3", points), {}))
    return seen


def test_the_recipe_draws_the_curves_of_a_folder(
    drawn_dataset: Path, tmp_path: Path, taught: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["sample_size", "--data", str(drawn_dataset), "--runs", str(tmp_path)]
    assert recipe.main(given) == 0
    output = capsys.readouterr().out
    assert "together, 32 samples: " in output and "together: " in output and ".svg" in output
    assert taught == [8, 16, 32]
    plots = sorted((tmp_path / "sample_size" / "plots").iterdir())
    assert plots[0].name == "0-together.svg"
    root = Xml.parse(plots[0]).getroot()
    assert len([*root.iter(f"{SVG}circle")]) == 3 and "chosen" in plots[0].read_text()
    results = json.loads((tmp_path / "sample_size" / "result.json").read_text())
    assert set(results["smape"]["together"]) == set(FORMS) and "SMAPE" in results["about"]
    assert results["figures"][0]["measured"]["n"] == sum(f["measured"]["n"] for f in results["figures"][1:]) == 10
    assert results["plots"]["together"] == plots[0].read_text()


def test_a_tiny_budget_really_trains(drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Base, nested subsets, networks and judgement as they are; only few steps, sizes and refits."""
    for name, value in (("sizes", 3), ("steps", 2), ("batch", 4)):
        monkeypatch.setitem(QUICK, name, value)
    for place in ("training.recipes.sample_size", "training.curve_figures", "training.learning_curve"):
        monkeypatch.setattr(f"{place}.LEAST", 3)
    monkeypatch.setattr(learning_curve, "REDRAWS", 4)
    monkeypatch.setattr("training.learning_curve.choose", lambda points: (learning_curve.fit("power3", points), {}))
    monkeypatch.setattr("training.curve_figures.choose", lambda points: (learning_curve.fit("power3", points), {}))
    results = open_recipe("sample_size").run(Asked(tmp_path, drawn_dataset))
    assert results["figures"][0]["measured"]["n"] == 10
    points = [json.loads(file.read_text()) for file in (tmp_path / "curve" / "points").rglob("*.json")]
    assert len(points) == 3
    assert len([*tmp_path.rglob("events.out.tfevents.*")]) >= 3  # each was trained, and TensorBoard shows it
    assert (tmp_path / "plots" / "0-together.svg").is_file()


def test_beside_what_was_measured_stands_the_guess_from_four_pictures(
    drawn_dataset: Path, tmp_path: Path, taught: list[int]
) -> None:
    assert recipe.main(["sample_size", "--data", str(drawn_dataset), "--runs", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "sample_size" / "result.json").read_text())
    guessed, table = results["guesses"], json.loads((FOLDER / TABLE).read_text())
    counts = Counter(sample.meter_type for sample in read_table(drawn_dataset) if sample.type == TEACH)
    kinds = {kind for kind, count in counts.items() if count >= FOUR}
    assert set(guessed["types"]) == kinds and guessed["error"] == table["errors"][table["method"]]
    told = first_guess.guesses(argparse.Namespace(dataset=drawn_dataset, table=FOLDER))
    assert guessed == json.loads(json.dumps(told)), "the same as the command and the panel guess"
    plots = {name: Xml.fromstring(text) for name, text in results["plots"].items()}
    legends = {
        name: [e.text for e in root.iter(f"{SVG}text") if "four pictures" in e.text] for name, root in plots.items()
    }
    legend = f"guess from four pictures ({100 * guessed['error']['points']:.1f} points off as a rule)"
    assert legends == {name: [legend] if name in kinds else [] for name in plots} and len(plots) > 1
    assert "The guesses from four pictures, of" in results["about"]


def test_a_guess_is_drawn_as_it_is_told() -> None:
    """Its line on a plot goes through what it tells at some sizes."""
    table = json.loads((FOLDER / TABLE).read_text())
    told = guess(table, np.array(table["families"][0]["embedding"]))
    guessed = {"error": {"points": 0.062}, "types": {"gas": told}}
    (line,) = guessed_line(guessed, "gas", np.array([float(row["size"]) for row in told["line"]]))
    assert line.shares == pytest.approx([1 - row["error"] for row in told["line"]], abs=2e-3)
    assert guessed_line(guessed, "water", np.array([4.0])) == []


def test_what_it_cannot_do_is_said(
    drawn_dataset: Path, tmp_path: Path, taught: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["sample_size", "--runs", str(tmp_path), "--data"]
    assert recipe.main([*given, str(tmp_path / "none")]) == 1
    assert recipe.main([*given, str(drawn_dataset), "--limit", "20"]) == 1 and not taught
    error = capsys.readouterr().err.splitlines()[-1]
    assert error == "training.recipe: expected 32 teaching samples for 3 sizes, got 20"
    assert recipe.main([*given, str(drawn_dataset), "--backbone", "VGG16"]) == 1 and not taught
    assert "expected no --backbone or --weights for sample_size" in capsys.readouterr().err
    with pytest.raises(RecipeError, match="which are no version"):
        open_recipe("sample_size").export(Asked(tmp_path), tmp_path)


def test_the_figure_is_of_the_first_run_with_all_samples() -> None:
    """Not of the better one; and all that was taught counts, though nothing judges one of the types."""
    few = {"sizes": {"a": 2, "b": 1}, "right": {"a": 1}, "n": {"a": 4}}
    runs = [few, *({"sizes": {"a": 5, "b": 3}, "right": {"a": right}, "n": {"a": 4}} for right in (2, 3))]
    together, alone = figures(runs)
    assert (together["what"], together["measured"]["right"]) == ("together, 8 samples", 2)
    assert (alone["what"], alone["measured"]["right"]) == ("a, 5 samples", 2)
