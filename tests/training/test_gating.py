"""What an export says of gates: those known before, those it asks itself, and those that nobody asked."""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

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
    ("known", "compared", "parent", "unasked"),
    [
        (None, False, False, ["comparison", "leaks"]),
        (None, True, True, ["comparison", "kept", "leaks"]),  # without gates nothing of them comes into the card
        ({}, True, True, ["leaks"]),
        ({"leaks": {"outcome": "passed"}}, False, True, ["comparison"]),
        ({"leaks": {"outcome": "passed"}}, True, False, []),
        ({"leaks": {"outcome": "unknown"}}, True, False, []),  # asked, and not to be known: as the panel takes it
        ({"leaks": {"outcome": "good"}, "comparison": {}}, False, False, ["comparison", "leaks"]),
    ],
)
def test_gates_are_asked_by_a_file_or_by_the_export(
    known: dict[str, Any] | None, compared: bool, parent: bool, unasked: list[str]
) -> None:
    assert Gating(known).unasked(compared, parent) == {name: {"outcome": "open"} for name in unasked}


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
