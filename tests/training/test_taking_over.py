"""A finder or a classifier takes another one's place when it is known to be as good, or with a written reason."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.domain.classifier_card import ClassifierCard
from backend.domain.finder_card import FinderCard
from tests.versions import make_classifier, make_finder
from training.making import ExportError
from training.publishing import beside_in, point_at
from training.taking_over import TakingOver, add_publishing, take_reason


def digits(models: Path, number: int, right: int, data: str = "a" * 64) -> Path:
    """A classifier that has told so many of 100 test pictures."""
    folder = make_classifier(models, number)
    metrics = {"test": {"accuracy": {"right": right, "n": 100}}}
    return rewritten(folder, replace(ClassifierCard.load(folder), metrics=metrics, data={"sha256": data}))


def finder(models: Path, number: int, right: int, reader: str) -> Path:
    """A finder from whose outlines so many of 100 photos were read."""
    folder = make_finder(models, number)
    metrics = {"validate": {"right_found": {"right": right, "n": 100}, "reader": {"name": reader}}}
    return rewritten(folder, replace(FinderCard.load(folder), metrics=metrics, data={"sha256": "a" * 64}))


def rewritten(folder: Path, card: Any) -> Path:
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    return folder


def asked(taking: TakingOver, folder: Path, kind: type[Any]) -> dict[str, Any]:
    """What the card of a version says of its gate, once it is written there."""
    card = kind.load(folder)
    found = taking.gates(card)
    rewritten(folder, replace(card, metrics=card.metrics | found))
    return found


def named(models: Path) -> str | None:
    found = beside_in(models, "digits")
    return found and found.name


def test_the_first_one_takes_nobodys_place(tmp_path: Path) -> None:
    taking, folder = TakingOver(tmp_path, True), digits(tmp_path, 1, 10)
    assert asked(taking, folder, ClassifierCard) == {}
    taking.finish(folder, ClassifierCard)
    assert named(tmp_path) == "1"


@pytest.mark.parametrize(
    ("right", "data", "outcome"), [(91, "a", "passed"), (90, "a", "passed"), (89, "a", "failed"), (99, "b", "open")]
)
def test_who_gets_fewer_right_or_was_judged_otherwise_takes_a_reason(
    tmp_path: Path, right: int, data: str, outcome: str
) -> None:
    point_at(tmp_path, digits(tmp_path, 1, 90))
    point_at(tmp_path, finder(tmp_path, 1, 100, "compact"))  # another slot
    taking, folder = TakingOver(tmp_path, True), digits(tmp_path, 2, right, data * 64)
    found = asked(taking, folder, ClassifierCard)
    assert (found["gates"]["comparison"]["outcome"], "override" in found) == (outcome, False)
    assert found["gates"]["comparison"]["version"] == "digits/1"
    if outcome == "passed":
        assert taking.finish(folder, ClassifierCard) == folder
        assert named(tmp_path) == "2"
        return
    with pytest.raises(ExportError, match=f"made, but not published .* comparison is {outcome}"):
        taking.finish(folder, ClassifierCard)
    assert named(tmp_path) == "1"
    assert TakingOver(tmp_path).finish(folder, ClassifierCard) == folder, "nobody asked to publish it"
    assert named(tmp_path) == "1"
    why = replace(taking, override="smaller by half")
    third = digits(tmp_path, 3, right, data * 64)
    found = asked(why, third, ClassifierCard)
    assert found["override"] == {"reason": "smaller by half", "gates": {"comparison": outcome}}
    why.finish(third, ClassifierCard)
    assert named(tmp_path) == "3"


def test_finders_are_compared_through_the_same_reader(tmp_path: Path) -> None:
    point_at(tmp_path, finder(tmp_path, 1, 90, "compact"))
    outcomes = [
        TakingOver(tmp_path, True).gates(FinderCard.load(finder(tmp_path, *each)))["gates"]["comparison"]["outcome"]
        for each in ((2, 95, "compact"), (3, 95, "other"), (4, 80, "compact"))
    ]
    assert outcomes == ["passed", "open", "failed"]
    (tmp_path / "finder" / "1" / "card.json").write_text("{")
    found = TakingOver(tmp_path, True).gates(FinderCard.load(tmp_path / "finder" / "2"))
    assert found["gates"]["comparison"]["outcome"] == "open", "nobody knows how good the published one is"


def test_each_export_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finder's and the transferred classifier's: at the end of their own exports, in a process of its own."""
    from training.classifiers import export

    run = tmp_path / "run"
    run.mkdir()
    (run / "options.json").write_text(json.dumps({"recipe": "digits"}))
    point_at(tmp_path, digits(tmp_path, 1, 90))
    plan = export.parse([str(run), "--output", str(tmp_path), "--publish"])

    def make(target: Path, build: object) -> Path:
        asked(plan.taking_over, digits(tmp_path, int(target.name), 80), ClassifierCard)
        return target

    monkeypatch.setattr(export, "make", make)
    with pytest.raises(ExportError, match="not published without --override"):
        export.export(plan)


@pytest.mark.parametrize("flags", [("--override", "why"), ("--publish", "--override", " ")])
def test_a_reason_without_sense_is_refused(capsys: pytest.CaptureFixture[str], flags: tuple[str, ...]) -> None:
    parser = argparse.ArgumentParser()
    add_publishing(parser)
    with pytest.raises(SystemExit):
        take_reason(parser, vars(parser.parse_args(flags)))
    assert "expected --override with a reason, and with --publish" in capsys.readouterr().err
