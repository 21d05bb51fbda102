"""A classifier's card: what it says comes back, and what is wrong with one is said by its key."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend.domain.card import Card, CardError
from backend.domain.classifier_card import ClassifierCard, ClassifierInput, is_classifier

from ..versions import make_classifier, make_finder, make_version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_classifier(tmp_path, 1)


def test_what_it_says_comes_back(folder: Path) -> None:
    card = ClassifierCard.load(folder)
    card.verify(folder)
    assert (card.recipe, card.input, card.classes) == ("digits", ClassifierInput(28, 28, 1), tuple("0123456789"))
    assert ClassifierCard.from_json(card.to_json()) == card
    (folder / "model.json").write_text("{}")
    with pytest.raises(CardError, match=r"expected model\.json of "):
        card.verify(folder)


def test_kinds_are_told_apart(folder: Path, tmp_path: Path) -> None:
    others = (make_version(tmp_path, 1), make_finder(tmp_path, 1), tmp_path / "none")
    assert [is_classifier(each) for each in (folder, *others)] == [True, False, False, False]
    with pytest.raises(CardError):
        Card.load(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "reader"}, "expected kind to match classifier, got 'reader'"),
        ({"format": 2}, "expected a card of format 1, got format 2"),
        ({"input": {"width": 28, "height": 28, "channels": 2, "preparation": "drawn"}}, "got 28 × 28 × 2"),
        ({"input": {"width": 2000, "height": 28, "channels": 1, "preparation": "drawn"}}, "got 2000 × 28 × 1"),
        ({"input": {"width": 28, "height": 28, "channels": 1, "preparation": "x"}}, "input.preparation"),
        ({"classes": ["1"]}, "expected classes to be a list of two or more different texts"),
        ({"classes": ["1", "1"]}, "expected classes"),
        ({"classes": "0123456789"}, "expected classes"),
        ({"recipe": "../x"}, "expected recipe to match"),
    ],
)
def test_a_wrong_key_is_named(folder: Path, change: dict[str, Any], message: str) -> None:
    content = json.loads((folder / "card.json").read_text()) | change
    with pytest.raises(CardError) as refusal:
        ClassifierCard.from_json(json.dumps(content))
    assert message in str(refusal.value)
