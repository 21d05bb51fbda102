"""A version's card: what is wrong with one is said by its key."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.card import Card, CardError, FileEntry, file_entries
from backend.domain.imaging import InputSpec
from backend.domain.reading import decode, encode

HASH = "0" * 64


@pytest.fixture
def content() -> dict[str, Any]:
    return {
        "format": 1,
        "name": "compact",
        "version": "3",
        "architecture": "compact",
        "parameters": 290_000,
        "created": "2026-01-31T12:00:00+00:00",
        "input": {"width": 192, "height": 48, "channels": 3, "margin": 0.1},
        "output": {"rows": 11, "classes": 10},
        "temperature": 1.3,
        "threshold": 0.8,
        "unreadable": 0.4,
        "acceptance": {"coverage": 0.9},
        "metrics": {"exact": 0.93, "счётчик": 1},
        "data": {},
        "training": {"epochs": 3},
        "files": {"model.json": {"sha256": HASH, "bytes": 3}, "golden/00.png": {"sha256": HASH, "bytes": 0}},
    }


@pytest.fixture
def version(tmp_path: Path, content: dict[str, Any]) -> Path:
    """A version folder whose card is right."""
    folder = tmp_path / "3"
    (folder / "golden").mkdir(parents=True)
    (folder / "model.json").write_text("{ }")
    (folder / "golden" / "00.png").write_bytes(b"picture")
    content["files"] = {name: vars(entry) for name, entry in file_entries(folder).items()}
    (folder / "card.json").write_text(json.dumps(content), "utf-8")
    return folder


def test_a_card_survives_writing_and_reading(content: dict[str, Any], tmp_path: Path) -> None:
    card = Card.from_json(json.dumps(content))
    assert card.input == InputSpec(192, 48, 0.1, 3)
    assert card.files["model.json"] == FileEntry(HASH, 3)
    assert json.loads(card.to_json()) == content
    (tmp_path / "card.json").write_text(card.to_json(), "utf-8")
    assert Card.load(tmp_path / "card.json") == Card.load(tmp_path) == card


def test_sides_with_a_margin_of_their_own(content: dict[str, Any]) -> None:
    content["input"]["side_margin"] = 0.25
    card = Card.from_json(json.dumps(content))
    assert card.input == InputSpec(192, 48, 0.1, 3, 0.25)
    assert json.loads(card.to_json()) == content


def test_more_looks_where_in_doubt(content: dict[str, Any]) -> None:
    assert Card.from_json(json.dumps(content)).look_again == 0
    content["look_again"] = 0.9
    card = Card.from_json(json.dumps(content))
    assert card.look_again == 0.9
    assert json.loads(card.to_json()) == content


def test_a_display_may_be_told_under_another_temperature(content: dict[str, Any]) -> None:
    assert Card.from_json(json.dumps(content)).unreadable_temperature is None
    content["unreadable_temperature"] = 4
    card = Card.from_json(json.dumps(content))
    assert card.unreadable_temperature == 4 and json.loads(card.to_json()) == content
    unsure = encode("123.4") * 0.9 + 0.01  # each row 0.91 sure, and 0.26 under a temperature of 4
    assert card.read(unsure).reason == "no_display"
    del content["unreadable_temperature"]
    assert Card.from_json(json.dumps(content)).read(unsure).reason != "no_display"
    content["unreadable_temperature"] = 0
    with pytest.raises(CardError, match="unreadable_temperature"):
        Card.from_json(json.dumps(content))


def test_keys_that_later_formats_may_add_are_ignored(content: dict[str, Any]) -> None:
    assert Card.from_json(json.dumps({**content, "remark": "x"})) == Card.from_json(json.dumps(content))


@pytest.mark.parametrize("key", "format name version architecture parameters created input output temperature".split())
def test_a_missing_key_is_named(content: dict[str, Any], key: str) -> None:
    del content[key]
    with pytest.raises(CardError, match=f"expected the key {key}, got a card without it"):
        Card.from_json(json.dumps(content))


@pytest.mark.parametrize("key", ["threshold", "unreadable", "acceptance", "metrics", "data", "training", "files"])
def test_a_missing_report_or_limit_is_named(content: dict[str, Any], key: str) -> None:
    del content[key]
    with pytest.raises(CardError, match=f"expected the key {key}, "):
        Card.from_json(json.dumps(content))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("format", 2, "expected a card of format 1, got format 2"),
        ("name", 5, "expected name to be a text, got the number 5"),
        ("name", "../up", "expected name to match"),
        ("version", 3, "expected version to be a text, got the number 3"),
        ("version", "03", "expected version to match"),
        ("parameters", 2.5, "expected parameters to be a whole number, got the number 2.5"),
        ("parameters", True, "expected parameters to be a whole number, got true or false"),
        ("parameters", -1, "expected parameters to be at least 0, got -1"),
        ("created", "yesterday", "expected created to be a time such as"),
        ("created", "2026-01-31T12:00:00", "expected created to be a time in UTC"),
        ("created", "2026-01-31T12:00:00+03:00", "expected created to be a time in UTC"),
        ("temperature", 0, "expected temperature to be above 0, got 0"),
        ("temperature", "1", "expected temperature to be a number, got a text"),
        ("threshold", 1.5, "expected threshold to be from 0 to 1, got 1.5"),
        ("unreadable", None, "expected unreadable to be a number, got null"),
        ("input", [], "expected input to be an object, got a list"),
        ("input.width", 0, "expected input.width to be at least 1, got 0"),
        ("input.margin", -0.1, "expected input.margin to be from 0 to 10"),
        ("input.side_margin", "wide", "expected input.side_margin to be a number, got a text"),
        ("input.channels", 1, "expected input.channels to be 3, got 1"),
        ("output.rows", 10, "expected an output of 11 × 10, got 10 × 10"),
        ("metrics", 3, "expected metrics to be an object, got the number 3"),
        ("files.model\\json", 3, "expected files to be named inside the version's folder"),
        ("files.x", 3, "expected files.x to be an object, got the number 3"),
        ("files.x", {"sha256": "A" * 64, "bytes": 1}, "expected files.x.sha256 to match"),
        ("files.x", {"sha256": HASH}, "expected the key files.x.bytes"),
        ("files.x", {"sha256": HASH, "bytes": -1}, "expected files.x.bytes to be at least 0"),
    ],
)
def test_a_wrong_value_is_named(content: dict[str, Any], path: str, value: Any, message: str) -> None:
    *outer, key = path.split(".", 1)
    (content[outer[0]] if outer else content)[key] = value
    with pytest.raises(CardError) as refusal:
        Card.from_json(json.dumps(content))
    assert str(refusal.value).startswith(message)


@pytest.mark.parametrize(
    "name", ["../model.json", "/etc/passwd", "a/../../b", "a//b", "./a", "card.json", "a\\b", "", "."]
)
def test_a_file_outside_of_the_folder_is_refused(content: dict[str, Any], name: str) -> None:
    content["files"][name] = {"sha256": HASH, "bytes": 1}
    with pytest.raises(CardError, match="expected files to be named inside the version's folder"):
        Card.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"format": 1, "metrics": {"exact": NaN}}', "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(CardError, match="expected a card as"):
        Card.from_json(text)


def test_a_card_that_cannot_be_written_is_refused(content: dict[str, Any]) -> None:
    card = Card.from_json(json.dumps(content))
    for metrics in ({"exact": float("nan")}, {"exact": object()}):
        with pytest.raises(CardError, match="expected values that JSON can hold"):
            Card(**{**vars(card), "metrics": metrics}).to_json()
    with pytest.raises(CardError, match="expected threshold to be from 0 to 1"):
        Card(**{**vars(card), "threshold": 3}).to_json()


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"expected a card at card\.json, got no readable file"):
        Card.load(tmp_path)
    (tmp_path / "card.json").write_bytes(b"\xff\xfe{}")
    with pytest.raises(CardError, match="expected a card as UTF-8 text"):
        Card.load(tmp_path)


def test_a_right_folder_is_verified(version: Path) -> None:
    Card.load(version).verify(version)


def test_one_changed_byte_is_found(version: Path) -> None:
    (version / "model.json").write_text("{x}")
    with pytest.raises(CardError, match=r"expected model\.json of 3 bytes with sha256 .+, got 3 bytes with"):
        Card.load(version).verify(version)


def test_a_missing_file_is_found(version: Path) -> None:
    (version / "golden" / "00.png").unlink()
    with pytest.raises(CardError, match=r"expected the file golden/00\.png, got a folder without it"):
        Card.load(version).verify(version)


def test_a_file_too_many_is_found(version: Path) -> None:
    (version / "golden" / "01.png").touch()
    with pytest.raises(CardError, match=r"expected only the files of the card, got golden/01\.png too"):
        Card.load(version).verify(version)


def test_a_missing_folder_is_found(version: Path) -> None:
    with pytest.raises(CardError, match="expected a version folder"):
        Card.load(version).verify(version / "none")


def test_the_card_reads_with_its_own_limits(content: dict[str, Any]) -> None:
    array = encode("12.5") * 0.9 + 0.01
    card = Card.from_json(json.dumps(content))
    assert card.read(array) == decode(array, 1.3, 0.8, 0.4)
    assert card.read(encode("12.5")).accepted
    assert not card.read(array).accepted
