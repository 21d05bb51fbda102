"""A curve guessed from four pictures: what embeddings tell is used, the error is that of families left out."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from backend.domain.first_guess import GUESSERS, Floats, needed, told
from backend.domain.imaging import normalise
from backend.services.reading import Network
from training import first_guess, guess_families
from training.architectures import ARCHITECTURES
from training.data import TEACH, DatasetError, read_table
from training.first_guess import BASE, FOLDER, TABLE, Family, again, curve_of, guess, judge, parameters_of, table_of
from training.learning_curve import Point

SIZES = (2, 4, 8, 16, 32, 64, 128)


def family(name: str, embedding: np.ndarray, parameters: tuple[float, ...], seed: int) -> Family:
    rng = np.random.default_rng(seed)
    errors = curve_of(np.array(parameters), SIZES)
    points = [{"size": s, "error": float(e), "n": 400} for s, e in zip(SIZES, errors, strict=True)]
    embeddings = embedding + rng.normal(0, 0.05, (20, len(embedding)))
    return {"name": name, "drawn": True, "pictures": 128, "embeddings": embeddings.tolist(), "points": points}


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_guess, "DRAWS", 2)


def families(told: bool) -> list[Family]:
    """Ten families; the first feature says where the curve ends, unless `told` is false."""
    found = []
    for i in range(10):
        rng = np.random.default_rng(i)
        hard = i / 10
        embedding = np.concatenate([[hard if told else rng.random()], rng.normal(0, 0.1, 5)])
        found.append(family(f"f{i}", embedding, (1.0, 1.5, np.log(8), 0.05 + 0.6 * hard), i))
    return found


@pytest.fixture(scope="module")
def told_table() -> dict[str, Any]:
    """The table of families whose embeddings tell, as a file has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_guess, "DRAWS", 2)
        return dict(json.loads(json.dumps(table_of(families(told=True), {"base_sha256": "0"}))))


def test_parameters_give_the_curve_back() -> None:
    parameters = np.array([0.95, 1.3, np.log(12.0), 0.1])
    points = [Point(s, float(e), 1000) for s, e in zip(SIZES, curve_of(parameters, SIZES), strict=True)]
    assert curve_of(parameters_of(points), SIZES) == pytest.approx(curve_of(parameters, SIZES), abs=5e-3)


def test_embeddings_that_tell_are_better_than_the_mean() -> None:
    errors = judge(families(told=True))
    assert errors["nearest"]["points"] < 0.6 * errors["mean"]["points"]
    assert errors["ridge"]["points"] < 0.8 * errors["mean"]["points"]
    assert errors["mean"]["worst"] >= errors["mean"]["points"] > 0.05


def test_embeddings_that_tell_nothing_are_not() -> None:
    errors = judge(families(told=False))
    assert errors["nearest"]["points"] > 0.8 * errors["mean"]["points"]


def test_the_error_is_of_families_left_out() -> None:
    """One family unlike all others: a guess that had seen it would be right."""
    odd = family("odd", np.full(6, 9.0), (1.0, 1.5, np.log(8), 0.99), 99)
    assert judge([*families(told=True), odd])["nearest"]["worst"] > 0.3


def test_a_guess_is_text_with_what_it_is_like(told_table: dict[str, Any]) -> None:
    table = told_table
    assert table["method"] in ("ridge", "nearest")
    easy, hard = (guess(table, np.array([value, 0, 0, 0, 0, 0])) for value in (0.0, 0.94))
    assert set(easy["parameters"]) == {"A", "B", "C", "D"}
    assert easy["line"][-1]["error"] < hard["line"][-1]["error"] - 0.2
    assert "f9" in hard["like"] and len(hard["like"]) == 3
    assert all(0 <= row["low"] <= row["high"] <= 1 for row in hard["line"])


@pytest.mark.parametrize("far", [-30, -3, 3, 30])
def test_what_is_guessed_is_a_curve_of_learning(far: float) -> None:
    """A look like no other is guessed no further out than the families that were measured, and told as drawn."""
    table = json.loads((FOLDER / TABLE).read_text())
    parameters = np.array([one["parameters"] for one in table["families"]])
    embeddings = np.array([one["embedding"] for one in table["families"]])
    look = embeddings.mean(axis=0) + far * (embeddings[0] - embeddings[1])
    one = told(table, look)
    assert (parameters.min(axis=0) <= one).all() and (one <= parameters.max(axis=0)).all() and one[3] <= one[0]
    assert (np.diff(curve_of(one, SIZES)) <= 0).all()
    guessed = guess(table, look)
    a, b, c, d = (guessed["parameters"][name] for name in "ABCD")
    line = {row["size"]: row["error"] for row in guessed["line"]}
    told_so = [(a - d) / (1 + (size / c) ** b) + d for size in line]
    assert told_so == pytest.approx([*line.values()], abs=2e-3)


def test_an_error_that_grows_is_no_curve_of_learning() -> None:
    errors = curve_of(np.array([0.4, 2.0, 3.0, 0.9]), SIZES)
    assert (np.diff(errors) <= 0).all() and errors[-1] == pytest.approx(0.4)


def test_what_is_measured_is_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A way to guess that goes astray is judged by what would be shown of it."""

    def astray(embeddings: Floats, parameters: Floats, one: Floats) -> Floats:
        return np.array([9.0, -9.0, 99.0, -9.0])

    monkeypatch.setitem(GUESSERS, "ridge", astray)
    errors = judge(families(told=True))["ridge"]
    assert max(errors["parameters"].values()) <= 1 and errors["worst"] <= 1


def test_what_was_measured_is_judged_again(told_table: dict[str, Any]) -> None:
    """As it was when it was measured; what went astray before is kept within the families."""
    anew, method = again(told_table), told_table["method"]
    assert anew["misses"] == [pytest.approx(row, abs=1e-4) for row in told_table["misses"]]
    was, now = (one["errors"][method] for one in (told_table, anew))
    assert [now["points"], now["worst"]] == pytest.approx([was["points"], was["worst"]], abs=1e-3)
    assert now["parameters"]["D"] == pytest.approx(was["parameters"]["D"], abs=1e-3), "the others are all the same"
    before = np.array(told_table["misses"])
    before[:, 1] += 50  # guesses of B far below 0
    errors = again(told_table | {"misses": before.tolist()})["errors"]
    assert errors[method]["parameters"]["B"] <= 1


def test_the_results_are_those_of_the_families_that_are_shipped(tmp_path: Path) -> None:
    for name in (TABLE, BASE):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    assert first_guess.main(["--again", "--table", str(tmp_path), "--output", str(tmp_path / "figures.json")]) == 0
    assert json.loads((tmp_path / TABLE).read_text()) == json.loads((FOLDER / TABLE).read_text())
    results = Path(__file__).parents[2] / "docs" / "results" / "first_guess.json"
    assert json.loads((tmp_path / "figures.json").read_text()) == json.loads(results.read_text())


def test_without_a_dataset_nothing_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        first_guess.main([])
    assert "expected a DATASET_DIR" in capsys.readouterr().err


def straying(never: int, of: int = 20) -> dict[str, Any]:
    """A table that guesses an end at 10% wrong; of the curves that may be true so many end at 90%."""
    # The others are the slower the later they come.
    misses = [[0, 0, 0.1 * i, 0] for i in range(of - never)] + [[0, 0, 0, 0.8]] * never
    rows = [{"embedding": [float(i)], "parameters": [1.0, 2.0, float(np.log(8)), 0.1]} for i in range(4)]
    return {"method": "mean", "families": rows, "misses": misses}


def test_curves_that_never_reach_a_target_count(told_table: dict[str, Any]) -> None:
    """They are the last of all: with them the upper end is further out, or there is none."""
    all_reach, some = (needed(straying(never), np.zeros(1), 0.5) for never in (0, 1))
    assert all_reach.size == some.size and all_reach.reached == 1 and some.reached == 0.95
    slowest = 8 * np.sqrt((1 - 0.5) / (0.5 - 0.1)) * np.exp(0.1 * np.array([18, 18]))
    assert [all_reach.high, some.high] == pytest.approx(slowest, rel=0.06), "the 19th of 20, whatever the last does"
    many = needed(straying(8), np.zeros(1), 0.5)
    assert many.size is not None and many.low is not None and many.high is None and many.reached == 0.6
    assert needed(straying(11), np.zeros(1), 0.5).size is None, "the middle does not reach it"


def test_an_answer_has_an_interval_or_cannot_be_said(told_table: dict[str, Any]) -> None:
    table = told_table
    assert np.shape(table["misses"]) == (20, 4)
    easy, hard = (np.array([value, 0, 0, 0, 0, 0]) for value in (0.1, 0.9))
    found = needed(table, easy, 0.6)
    assert found.size is not None and found.low <= found.size <= found.high and found.reached == 1
    harder = needed(table, easy, 0.7)
    assert harder.size is not None and harder.size > found.size
    refused = needed(table, hard, 0.9)
    assert refused.size is None and refused.reached < 0.5
    with pytest.raises(ValueError, match="between 0 and 1, got 95"):
        needed(table, easy, 95)


def test_wide_misses_make_wide_intervals(told_table: dict[str, Any]) -> None:
    table = told_table
    sure, unsure = (table | {"misses": (np.array(table["misses"]) * factor).tolist()} for factor in (0.1, 3))
    rows = [guess(one, np.zeros(6))["line"][4] for one in (sure, unsure)]
    assert rows[0]["high"] - rows[0]["low"] < 0.3 * (rows[1]["high"] - rows[1]["low"])


def test_too_few_families_are_named() -> None:
    with pytest.raises(DatasetError, match="expected 4 families with a curve to guess from, got 3"):
        judge(families(told=True)[:3])


def test_the_classifier_learns_digits() -> None:
    rng = np.random.default_rng(1)
    looks = rng.normal(0, 1, (10, 20))

    def some(count: int) -> tuple[np.ndarray, np.ndarray]:
        digits = rng.integers(0, 10, (count, 10))
        return looks[digits] + rng.normal(0, 0.3, (count, 10, 20)), digits

    (x, y), (others, truths) = some(64), some(50)
    points = guess_families.measure(x, y, others, [[t] for t in truths])
    assert [p["size"] for p in points] == [2, 4, 8, 16, 32, 64]
    assert points[0]["error"] > 0.5 > 0.05 > points[-1]["error"]


def test_families_are_measured_and_guessed_from(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guess_families, "TAUGHT", 16)
    monkeypatch.setattr(guess_families, "JUDGED", 6)
    monkeypatch.setattr(guess_families, "DRAWS", 1)
    keras.utils.set_random_seed(1)
    base, table = tmp_path / "model.keras", tmp_path / "guess"
    ARCHITECTURES["compact"].build().save(base)
    places = ["--table", str(table), "--output", str(tmp_path / "first_guess.json")]
    assert first_guess.main([str(drawn_dataset), *places, "--guess", str(tmp_path / "none.json")]) == 1
    assert "expected families.json and base.keras" in capsys.readouterr().err

    assert first_guess.main([str(drawn_dataset), *places, "--base", str(base), "--per-kind", "2"]) == 0
    result = json.loads((tmp_path / "first_guess.json").read_text())
    assert [one["pictures"] for one in result["families"]] == [16] * 6
    assert set(result["errors"]) == {"ridge", "nearest", "mean"}
    assert first_guess.main([str(drawn_dataset), *places, "--guess", str(tmp_path / "types.json")]) == 0
    told = json.loads((tmp_path / "types.json").read_text())
    kinds = Counter(sample.meter_type for sample in read_table(drawn_dataset) if sample.type == TEACH)
    taught = {kind for kind, count in kinds.items() if count >= 4}
    kept = json.loads((table / "families.json").read_text())
    assert kept["look"]["sha256"] == guess_families.sha256(table / "look.tflite")
    reader = guess_families.Reader(table / "base.keras")
    pixels = reader.crop(read_table(drawn_dataset)[:1])
    network = Network((table / "look.tflite").read_bytes())
    assert network.predict(normalise(pixels))[0].ravel() == pytest.approx(reader.look(pixels)[0][0], abs=1e-4)
    assert told["error"] == result["errors"][result["method"]] and set(told["types"]) == taught
    (table / "base.keras").write_bytes(b"another")
    assert first_guess.main([str(drawn_dataset), *places, "--guess", str(tmp_path / "types.json")]) == 1
    assert "was measured with, got another" in capsys.readouterr().err
