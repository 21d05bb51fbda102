"""Wrong labels: planted ones are told from a network's own mistakes, and nothing is ranked by who learned it."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.domain.reading import encode
from tests.training.tiny import tiny_model, tiny_run
from training import folds, label_errors, planting, results
from training.data import TEACH, TEST, VALIDATE, DatasetError, read_table
from training.options import parse

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [(f"{n * 7919 % 10**8:08}"[:5] + "." + f"{n * 104729 % 1000:03}",) for n in range(200)]


def says(texts: list[str], sure: float = 0.99) -> np.ndarray:
    hot = np.stack([encode(text) for text in texts])
    return hot * sure + (1 - hot) * (1 - sure) / 9


def digits(text: str) -> str:
    return text.replace(".", "")


def test_a_third_of_each_kind_is_planted_and_the_rest_stays() -> None:
    planted = planting.plant(TEXTS, 0.15, seed=3)
    assert Counter(planted.kinds.values()) == {"digit": 10, "swap": 10, "point": 10}
    assert planting.plant(TEXTS, 0.15, seed=3) == planted != planting.plant(TEXTS, 0.15, seed=4)
    for index, (before, after) in enumerate(zip(TEXTS, planted.labels, strict=True)):
        kind, old, new = planted.kinds.get(index), before[0], after[0]
        if kind is None:
            assert after == before
            continue
        assert not np.array_equal(encode(new), encode(old))
        places = [i for i, (a, b) in enumerate(zip(digits(old), digits(new), strict=True)) if a != b]
        if kind == "point":
            assert places == [] and 1 <= abs(new.find(".") % 9 - old.find(".")) <= 2
        else:
            assert old.find(".") == new.find(".")
            assert len(places) == (1 if kind == "digit" else 2)
        if kind == "swap":
            assert places[1] - places[0] == 1 and sorted(digits(old)) == sorted(digits(new))


def test_what_cannot_be_swapped_or_moved_gets_another_digit_that_nobody_accepts() -> None:
    rng = np.random.default_rng(1)
    assert planting.spoil(rng, ("4444",), "swap")[1] == "digit"
    text, kind = planting.spoil(rng, ("7", *"0123456"), "point")
    assert kind == "digit" and text in "89"
    with pytest.raises(ValueError, match="a share between 0 and 1, got 200 labels and 2"):
        planting.plant(TEXTS, 2, seed=1)


def test_planted_labels_are_found_beside_a_networks_own_mistakes() -> None:
    texts = [readings[0] for readings in TEXTS]
    read = says(texts)
    for place in range(0, 200, 5):  # a fifth is blurred, and read as anything
        read[place] = says([texts[(place + 7) % 200]], 0.35)[0]
    figures = planting.measure(read, TEXTS, 0.03, range(20))
    assert (figures["pictures"], figures["planted"], figures["first"]) == (200, 6, 12)
    assert figures["scores"]["slip"]["mean"] >= 0.75  # but for those that fall on what is blurred
    assert figures["scores"]["likelihood"]["mean"] < figures["scores"]["slip"]["mean"]
    for figure in figures["scores"].values():
        assert figure["least"] <= figure["low"] <= figure["mean"] <= figure["high"] <= 1
    nothing = planting.measure(np.full((200, 11, 10), 0.1), TEXTS, 0.03, range(20))
    assert all(figure["mean"] < 0.5 for figure in nothing["scores"].values())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_run(tmp_path_factory.mktemp("doubting") / "tiny")


def call(*arguments: str | Path) -> int:
    return label_errors.main([str(argument) for argument in arguments])


def test_the_list_begins_with_the_wrong_label(
    run: Path, drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = [s for s in read_table(drawn_dataset) if s.type in (TEST, VALIDATE)]
    truths = [s.correct_value for s in samples]
    wrong = next(i for i, s in enumerate(samples) if s.type == VALIDATE and len(digits(s.correct_value)) > 3)
    truths[wrong] = planting.spoil(np.random.default_rng(1), (truths[wrong],), "swap")[0]
    monkeypatch.setattr(label_errors, "read", lambda network, of: says(truths))
    listed, sheet = tmp_path / "list.csv", tmp_path / "sheet.png"
    assert call(drawn_dataset, "--version", run, "--csv", listed, "--sheet", sheet, "--top", "3") == 0
    printed = capsys.readouterr().out.splitlines()
    assert "nothing tells that these are new to it" in printed[0]  # a run keeps no hash that says otherwise
    assert len(printed) == 4 and printed[1].startswith(samples[wrong].image.name)
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["picture"] for row in rows[:1]] == [samples[wrong].image.name]
    assert len(rows) == len(samples)
    scores = [float(row["score"]) for row in rows]
    assert scores == sorted(scores, reverse=True) and scores[0] > 0 > scores[1]
    with Image.open(sheet) as picture:
        assert picture.width > 384


def test_what_was_taught_is_refused(run: Path, drawn_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(drawn_dataset, "--version", run, "--side", "teach") == 1
    assert "expected sides that the version did not learn from, got teach" in capsys.readouterr().err
    ranked = label_errors.by_version(run, drawn_dataset, label_errors.SIDES)
    assert {sample.type for sample in ranked.samples} == {TEST, VALIDATE}
    assert ranked.probabilities.shape == (16, 11, 10)


@pytest.mark.parametrize("kind", ["finder", "classifier"])
def test_another_kind_of_version_is_refused(
    kind: str, drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "card.json").write_text(json.dumps({"format": 1, "kind": kind}))
    assert call(drawn_dataset, "--version", tmp_path) == 1
    said = capsys.readouterr().err
    assert said == f"training.label_errors: expected a reader's version, got a {kind}'s: {tmp_path}\n"


def test_what_was_planted_is_measured_and_told(
    run: Path, drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "results" / "label_errors.json"
    given = ("--plant", "0.1", "--plantings", "3", "--seed", "5", "--output", output)
    assert call(drawn_dataset, "--version", run, *given) == 0
    result = json.loads(output.read_text())
    assert result["seeds"] == [5, 6, 7] and set(result["sides"]) == {"test", "validate", "together"}
    assert result["sides"]["together"]["pictures"] == 16
    assert "together  slip" in capsys.readouterr().out
    page = "\n".join(planting.markdown(result))
    mean = result["sides"]["validate"]["scores"]["slip"]["mean"]
    assert f"{mean:.1%}" in page and "tiny/run" in page
    assert ("reached: yes" in page) == (mean >= 0.9)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--folds", "3"], "either --full, for whole trainings, or --epochs"),
        (["--folds", "1", "--full"], "--folds of at least 2, got 1"),
        (["--version", "v", "--plant", "3"], "--plant between 0 and 1, got 3"),
        (["--version", "v", "--plantings", "0"], "--plantings of at least 1, got 0"),
        ([], "one of the arguments --version --folds is required"),
    ],
)
def test_options_that_make_no_sense(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call("folder", *arguments)
    assert message in capsys.readouterr().err


def test_each_meter_is_read_by_a_network_that_never_saw_it(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[str]] = []

    def train(arguments: list[str]) -> int:
        command = parse(arguments)
        samples = read_table(command.options.dataset)
        seen.append({sample.group for sample in samples})
        assert {sample.type for sample in samples} == {TEACH, VALIDATE}
        command.run.mkdir(parents=True)
        tiny_model(seed=len(seen)).save(command.run / "model.keras")
        return 0

    read: list[set[str]] = []

    def remember(network: Any, held: Any, temperature: float) -> np.ndarray:
        read.append({sample.group for sample in held})
        assert 0.2 <= temperature <= 5
        return says([sample.correct_value for sample in held])

    monkeypatch.setattr(folds, "train", train)
    monkeypatch.setattr(folds, "read", remember)
    given = label_errors.parse(
        [str(drawn_dataset), "--folds", "2", "--epochs", "1", "--workers", "0", "--runs", str(tmp_path)]
    )
    ranked = folds.by_folds(given)
    assert [one & other for one, other in zip(seen, read, strict=True)] == [set(), set()]
    assert set.union(*read) == {sample.group for sample in read_table(drawn_dataset)}
    assert len(ranked.samples) == 48 and (label_errors.in_order(ranked)[1] < 0).all()


def test_a_training_that_ends_early_is_no_result(
    drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(folds, "train", lambda arguments: 1)
    assert call(drawn_dataset, "--folds", "2", "--full", "--runs", tmp_path) == 1
    assert "expected the training of fold1of2 to end well" in capsys.readouterr().err
    with pytest.raises(DatasetError, match="at least 120 meters for 60 folds, got 48"):
        folds.by_folds(SimpleNamespace(dataset=drawn_dataset, folds=60, side=None))  # type: ignore[arg-type]


def test_the_page_says_what_was_measured_and_the_wrong_labels_are_named() -> None:
    docs = ROOT / "docs"
    text = results.page(results.read_results(docs / "results"))
    measured = json.loads((docs / "results" / "label_errors.json").read_text())
    assert "\n".join(planting.markdown(measured)) in text
    assert len(measured["seeds"]) >= 20 and measured["share"] == 0.03
    with (docs / "label_errors.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows and all(list(row) == ["picture", "given", "seen", "reason"] for row in rows)
    for row in rows:
        assert not np.array_equal(encode(row["given"]), encode(row["seen"]))
        assert re.fullmatch(r"[\w-]+\.jpg", row["picture"]) and row["reason"]
