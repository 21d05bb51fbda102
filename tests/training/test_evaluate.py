"""The evaluation and comparison commands on a version and on a run, against counts made by other means."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.domain.card import Card
from backend.domain.imaging import load, preprocess
from backend.domain.reading import decode, encode
from tests.training.tiny import tiny_run
from tests.versions import make_version
from training import compare, metrics
from training.contact_sheet import COLUMNS, Cell, contact_sheet
from training.data import VALIDATE, Sample, read_table
from training.evaluate import details, main
from training.networks import crop_samples, open_network, read_all


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_run(tmp_path_factory.mktemp("evaluated") / "tiny")


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    status = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    assert status == 0, err
    return out


def test_json_holds_every_figure(run: Path, drawn_dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result = json.loads(evaluate(capsys, run, drawn_dataset, "--json"))
    together = result["together"]
    assert result["data"] | {"sha256": ""} == {"sha256": "", "split": "validate", "crop": "box", "limit": None}
    assert together["pictures"] == sum(part["pictures"] for part in result["by_source"].values()) == 10
    for figure in ("exact", "exact_strict", "within_one", "digits", "point"):
        assert together[figure]["low"] <= together[figure]["value"] <= together[figure]["high"]
    assert np.array(result["confusion"]).sum() == together["digits"]["n"]
    assert sum(p["accuracy"]["n"] for p in result["positions"]) == together["digits"]["n"]
    assert result["risk_coverage"][-1]["coverage"] == 1.0
    assert sum(b["accuracy"]["n"] for b in result["reliability"]) == 10
    assert result["version"]["architecture"] == "tiny"
    tables = ("confusion", "by_digit", "positions", "reliability", "risk_coverage")
    assert all(part[table] for part in result["by_source"].values() for table in tables)
    assert all(each["accuracy"].keys() >= {"low", "high"} for each in result["by_digit"])
    assert together["ece_digits_by_meter"].keys() == {"low", "high", "meters"}


def test_the_tables_have_a_column_for_each_source() -> None:
    """Of the second source two digits are shown: a place or a digit that a source lacks is a dash."""
    samples = [Sample(Path("none"), VALIDATE, "123", "water", str(i), "ab"[i % 2], None, ()) for i in range(4)]
    samples[1] = samples[3] = replace(samples[1], correct_value="45")
    texts = ["123", "45", "123", "46"]
    judged = metrics.judge(np.stack([encode(text) for text in texts]), samples)
    lines = {line[:26].strip(): re.split(r"  +", line[26:].strip()) for line in rows(judged)}
    assert lines[""] == ["together", "a", "b"]
    assert [cell.split()[0] for cell in lines["digit 5"]] == ["50.0%", "–", "50.0%"]
    assert [cell.split()[0] for cell in lines["position 0 from the end"]] == ["75.0%", "100.0%", "50.0%"]
    assert lines["position 2 from the end"] == [lines["digit 1"][0], lines["digit 1"][1], "–"]
    assert [cell.split()[0] for cell in lines["error of the surest 100%"]] == ["25.0%", "0.0%", "50.0%"]
    assert len(lines["ECE of the digits"]) == 3


def rows(judged: metrics.Judged) -> list[str]:
    return details(metrics.evaluate(judged, 1.0, 0.0)).splitlines()


@pytest.mark.parametrize("crop", ["box", "whole"])
def test_counts_are_those_of_reading_one_by_one(
    run: Path, drawn_dataset: Path, crop: str, capsys: pytest.CaptureFixture[str]
) -> None:
    result = json.loads(evaluate(capsys, run, drawn_dataset, "--json", "--crop", crop))
    network = open_network(run)
    right = points = 0
    for sample in read_table(drawn_dataset):
        if sample.type == VALIDATE:
            box = sample.box if crop == "box" else None
            text = decode(network.predict(preprocess(load(sample.image), box, network.spec))[0]).text
            right += text.lstrip("0") == sample.correct_value.lstrip("0")
            points += len(text.partition(".")[2]) == len(sample.correct_value.partition(".")[2])
    assert result["together"]["exact"]["right"] == right
    assert result["together"]["point"]["right"] == points


def test_table_and_sheet(run: Path, drawn_dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "errors.png"
    table = evaluate(capsys, run, drawn_dataset, "--split", "teach", "--limit", "7", "--sheet", sheet)
    assert "together" in table
    assert "digit 9" in table and "error of the surest 50%" in table
    assert "on teach, box crop" in table
    with Image.open(sheet) as picture:
        assert picture.width == COLUMNS * 200 + 8
        rows = -(-7 // COLUMNS)  # nothing is read right by an untrained network
        assert picture.height == 34 + rows * (48 + 46 + 8) + 8


def test_sheet_shows_the_pictures_themselves() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (48, 192, 3), dtype=np.uint8)
    sheet = np.asarray(contact_sheet([Cell(picture, "1", "2", 0.5, "here")], of=9))
    assert any(np.array_equal(sheet[y : y + 48, x : x + 192], picture) for y in range(20, 50) for x in range(20))


@pytest.mark.parametrize(
    ("version", "message"),
    [("missing", "expected a version folder, a run folder or a .keras file"), (None, "expected a dataset folder")],
)
def test_what_cannot_be_used_gets_a_sentence(
    run: Path,
    drawn_dataset: Path,
    tmp_path: Path,
    version: str | None,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = [str(tmp_path / version), str(drawn_dataset)] if version else [str(run), str(tmp_path)]
    assert main(arguments) == 1
    assert message in capsys.readouterr().err


def made_up(right: list[bool]) -> metrics.Judged:
    n = len(right)
    zeros, flags = np.zeros((n, 11), np.int64), np.array(right)
    groups = np.array([f"m{i}" for i in range(n)])
    return metrics.Judged(
        zeros, zeros, zeros == 0, flags, flags, flags, np.ones(n), np.ones((n, 11)), np.ones(n), groups, np.full(n, "s")
    )


def test_paired_difference() -> None:
    a, b = made_up([True] * 18 + [False] * 2), made_up([True] * 9 + [False] * 10 + [True])
    pair = compare.paired(a, b)
    assert (pair["only_a_right"], pair["only_b_right"]) == (9, 1)
    assert pair["p"] == pytest.approx(2 * (1 + 10) / 1024)  # McNemar's exact test by hand
    assert pair["difference"]["value"] == pytest.approx(0.4)
    assert pair["difference"]["low"] < 0.4 < pair["difference"]["high"]
    assert compare.paired(a, a)["p"] == 1.0


def test_the_comparisons_table_has_both_sides_of_every_figure(
    run: Path, drawn_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Accuracy, parameters, bytes and time; only the browser is not asked, and no graph is converted."""
    cards = {}
    for number in (1, 2):
        folder = make_version(tmp_path, number)
        cards[folder] = replace(Card.load(folder), training={"seed": number})
    networks = {folder: replace(open_network(run), card=card) for folder, card in cards.items()}
    for number, (folder, network) in enumerate(networks.items(), start=1):
        networks[folder] = replace(
            network, parameters=1000 * number, about={"name": "tiny", "version": str(number), "architecture": "tiny"}
        )
    monkeypatch.setattr(compare, "open_version", lambda folder: networks[folder])
    readings = iter(range(1, 1000))

    def times(folders: list[Path], samples: list[Sample]) -> list[dict[str, object]]:
        stages = {"network": 9.0}
        return [compare._times([{"milliseconds": 10.0 * next(readings), "stages": stages}]) for _ in folders]

    monkeypatch.setattr(compare, "latency", times)
    assert compare.main([*(str(folder) for folder in networks), str(drawn_dataset)]) == 0
    lines = capsys.readouterr().out.splitlines()
    right = metrics.judge(
        read_all(open_network(run), crop_samples(chosen := validation(drawn_dataset), open_network(run).spec)), chosen
    ).exact.mean()

    def cells(figure: str) -> list[str]:
        line = next(line for line in lines if line.startswith(figure))
        return re.split(r"  +", line[30:].strip())

    assert cells("") == ["tiny/1", "tiny/2"]
    assert [cell.partition(" ")[0] for cell in cells("exact")] == [f"{right:.1%}"] * 2
    assert cells("parameters") == ["1,000", "2,000"]
    assert all(re.fullmatch(r"\d+ kB", cell) for cell in cells("model on the wire")), "both have bytes"
    assert cells("one reading in Chromium") == ["10.0 ms", "20.0 ms"]
    assert cells("  of it the network") == ["9.0 ms", "9.0 ms"]
    assert lines[-1].startswith("only the first right: 0, only the second: 0; difference +0.0%")


def validation(dataset: Path) -> list[Sample]:
    return [sample for sample in read_table(dataset) if sample.type == VALIDATE]
