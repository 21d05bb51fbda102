"""What `make bench` measures, with few of each: inconsistencies are found, kills survived, figures have one form."""

import json
from importlib import import_module
from inspect import signature
from multiprocessing import Pipe
from pathlib import Path

import pytest
from flask import Flask

from scripts.bench import __main__ as bench
from scripts.bench import check, imports, kills
from scripts.bench.damages import PLANTS, POINTERS
from scripts.bench.killed import whole
from scripts.bench.killed_server import Browser

from .. import postgres


def test_every_kind_of_inconsistency_is_found() -> None:
    result = check.run(len(PLANTS) + len(POINTERS))
    assert result["missed"] == []
    assert result["figures"][0]["reached"] is True


def test_a_check_that_finds_nothing_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "check", lambda: iter(()))
    result = check.run(20)
    assert len(result["missed"]) > 15  # kinds, each planted once
    assert result["figures"][0]["reached"] is False


@pytest.mark.long
def test_nothing_acknowledged_is_lost(database: str, request: pytest.FixtureRequest, app: Flask) -> None:
    result = kills.run(4, seed=3, database=lambda: fresh(request) if database else "")
    assert kills.report(result) == ""
    assert result["figures"][0]["reached"] is True
    assert all(each["kills"] == 1 for each in result["operations"].values())


def fresh(request: pytest.FixtureRequest) -> str:
    """The address of another empty database."""
    server: postgres.Server = request.getfixturevalue("postgres_server")
    return server.url(server.create())


def test_only_an_answer_of_its_own_acknowledges_an_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, answers = Browser("http://here"), [("http://here/admin/training/upload", '{"known": false}')]
    answers += [("http://here/admin/training/upload", '{"known": true}'), ("http://here/admin/login", "<html>")]
    monkeypatch.setattr(browser, "_open", lambda *_: answers.pop(0))
    assert [browser.upload(1), browser.upload(2), browser.upload(3)] == [True, False, False]


def test_clients_that_are_refused_are_a_failure() -> None:
    mine, theirs = Pipe(duplex=False)
    theirs.send(("begun", 1))
    theirs.send(("failed", "status 500"))
    with pytest.raises(RuntimeError, match="expected the work to go on, got status 500"):
        kills.listen(mine, begun := set(), set(), until=lambda: False)
    assert begun == {1}


def test_what_is_lost_or_torn_is_told() -> None:
    told = list(whole({"1": 30, "2": 29}, {"1", "3"}, 30))
    assert told == ["2: 29 of 30 rows", "3: acknowledged and lost"]


def test_the_import_is_measured() -> None:
    result = imports.run(40)
    assert result["many"]["samples"] == 40
    assert [each["figure"] for each in result["figures"]][1] == "– its memory"


def test_figures_are_kept_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = {"figure": "a", "target": "≥ 1", "measured": "2", "reached": True}
    monkeypatch.setattr(check, "run", lambda: {"figures": [line]})
    monkeypatch.setattr(kills, "run", lambda: {"figures": [line | {"reached": False}]})
    place = tmp_path / "panel.json"
    assert bench.main(["check", "--full", "--to", str(place)]) == 0
    assert bench.main(["kills", "--full", "--to", str(place)]) == 1
    kept = json.loads(place.read_text("utf-8"))
    assert list(kept["parts"]) == ["kills", "check"]
    assert kept["machine"]["cores"] >= 1


def test_a_part_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError("disk full")

    monkeypatch.setattr(check, "run", fail)
    assert bench.main(["check"]) == 1
    assert "| check |  | failed: RuntimeError: disk full | **no** |" in capsys.readouterr().out


@pytest.mark.parametrize("part", bench.PARTS)
def test_each_part_can_be_measured_quickly(part: str) -> None:
    run = import_module(f"scripts.bench.{part}").run
    signature(run).bind(**bench.PARTS[part])
    signature(run).bind()
