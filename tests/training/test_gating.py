"""What an export says of gates: those known before, those it asks itself, and those that nobody asked."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training import agreement
from training.gating import Gating
from training.publishing import reader_in


def test_without_gates_a_disagreement_ends_the_export() -> None:
    def fail() -> dict[str, Any]:
        raise agreement.DisagreementError("expected the same, got others")

    with pytest.raises(agreement.DisagreementError):
        Gating(None).checked(fail)
    gating = Gating({})
    assert gating.checked(fail) == {"disagrees": "expected the same, got others"}
    assert gating.checked(lambda: {"pictures": 3}) == {"pictures": 3}
    assert gating.reasons == ["expected the same, got others"]


@pytest.mark.parametrize(
    ("known", "compared", "parent", "dataset", "unasked"),
    [
        (None, False, False, False, ["comparison", "leaks"]),
        (None, True, True, True, []),  # all are asked by the export itself
        (None, False, True, True, ["comparison"]),
        ({}, True, True, False, ["leaks", "inherited"]),
        ({"leaks": {"outcome": "passed"}}, False, True, False, ["comparison", "inherited"]),
        ({key: {"outcome": "passed"} for key in ("leaks", "inherited")}, False, True, False, ["comparison"]),
        ({"leaks": {"outcome": "passed"}}, True, False, False, []),
        ({"leaks": {"outcome": "unknown"}}, True, False, False, []),  # asked, not to be known: as the panel takes it
        ({"leaks": {"outcome": "good"}, "comparison": {}}, False, False, False, ["comparison", "leaks"]),
    ],
)
def test_gates_are_asked_by_a_file_or_by_the_export(
    known: dict[str, Any] | None, compared: bool, parent: bool, dataset: bool, unasked: list[str]
) -> None:
    found = Gating(known).unasked(compared, parent, dataset, inherits=parent)
    assert found == {name: {"outcome": "open"} for name in unasked}


def test_who_learned_from_others_inherits_without_a_parent() -> None:
    known = {"leaks": {"outcome": "passed"}}
    assert set(Gating(known).unasked(True, False, False, inherits=True)) == {"inherited"}
    assert set(Gating(known).unasked(True, True, False, inherits=False)) == set()


def test_what_is_known_before_is_not_looked_for_again() -> None:
    outputs = np.zeros((0, 11, 10), np.float32)
    passed, failed = {"outcome": "passed"}, {"outcome": "failed"}
    found = Gating(None).outcomes(None, None, lambda: failed, lambda: failed, [], outputs)
    assert found == {"agreement": passed, "leaks": failed, "inherited": failed}
    known = Gating({"leaks": passed, "inherited": passed})
    found = known.outcomes(None, None, lambda: failed, lambda: failed, [], outputs)
    assert found == {"agreement": passed, "leaks": passed, "inherited": passed}
    nowhere = {"outcome": "open", "reason": "there was no dataset"}
    found = Gating(None).outcomes(None, None, None, lambda: passed, [], outputs)
    assert found == {"agreement": passed, "leaks": nowhere, "inherited": passed}


@pytest.mark.parametrize(("lost", "outcome"), [(0, "passed"), (1, "passed"), (2, "failed")])
def test_what_the_parent_read_is_kept(lost: int, outcome: str) -> None:
    outputs = np.zeros((0, 11, 10), np.float32)
    parent = {"version": "compact-4/run", "right": 100, "lost": lost}
    kept = Gating(None).outcomes(parent, None, None, dict, [], outputs)["kept"]
    assert kept == {"outcome": outcome, "right": 100, "lost": lost}
    gone = {"version": "compact-4/run", "reason": "expected a version folder"}
    assert Gating(None).outcomes(gone, None, None, dict, [], outputs)["kept"] == {"outcome": "unknown"} | gone


@pytest.mark.parametrize("content", [None, "[]", "{", '{"leaks": "passed"}'])
def test_a_file_of_other_things_is_refused(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "gates.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ArgumentTypeError, match="expected a JSON file with an object for each of comparison, kept"):
        Gating.read(str(file))


def test_the_published_reader_is_named(tmp_path: Path) -> None:
    assert reader_in(tmp_path) is None
    (tmp_path / "current.json").write_text(json.dumps({"finder": {"path": "finder/1/"}}))
    assert reader_in(tmp_path) is None
    (tmp_path / "current.json").write_text(json.dumps({"path": "compact/2/"}))
    assert reader_in(tmp_path) == "compact/2"
