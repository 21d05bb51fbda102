"""What services refuse: in English for commands, in the reader's language on pages."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from backend.domain.sentences import Translatable
from backend.i18n import explanation
from backend.settings import ROOT

from .accounts import csrf, login
from .sentences import sentence_places

PLACES = sentence_places()
SERVICES = sorted((ROOT / "backend" / "services").glob("*.py"))
FILES = [path for path in SERVICES if path.stem != "surprise"]  # that refuses only what a defect of ours could cause
FILES += [ROOT / "backend" / "storage.py"]
FILES += [ROOT / "backend" / "domain" / name for name in ("imaging.py", "reading.py")]
PLAIN = {"ValueError", "RuntimeError", "Exception"}  # what says nothing that could be translated


def called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sentences_are_whole_texts_that_can_be_looked_up(path: Path) -> None:
    """`test_panel_languages` finds these texts and asks for each in Russian; what is put together it cannot find."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        where = f"{path.name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Raise) and node.exc:
            assert called(node.exc) not in PLAIN, f"{where}: expected an error that pages can translate"
        if place := PLACES.get(called(node)):
            assert isinstance(node, ast.Call)
            sentence = node.args[place - 1]
            literal = isinstance(sentence, ast.Constant) and isinstance(sentence.value, str)
            handed_on = isinstance(sentence, ast.Attribute) and sentence.attr == "sentence"
            assert literal or handed_on, f"{where}: expected the sentence as one text, its values apart"


@pytest.mark.one_database("sqlite", reason="no table is asked")
def test_a_sentence_with_values_and_one_inside_another(app: Flask) -> None:
    inner = Translatable("expected a value for a labelled sample, got none")
    outer = Translatable("%(table)s line %(line)s: %(error)s", table="a.csv", line=7, error=inner)
    assert str(outer) == "a.csv line 7: expected a value for a labelled sample, got none"
    with app.test_request_context():
        assert explanation(outer) == "a.csv line 7: expected a value for a labelled sample, got none."
        with force_locale("ru"):
            assert explanation(outer) == "a.csv, строка 7: у размеченного образца должно быть значение."
            assert explanation(ValueError("Не вышло!")) == "Не вышло!"
    assert str(Translatable("100 % of it")) == "100 % of it"


@pytest.mark.one_database("sqlite", reason="what is refused is tested where it is refused")
@pytest.mark.parametrize(
    ("address", "form", "sentence"),
    [
        (
            "runs/start",
            {"kind": "training", "model_name": "mine", "epochs": "много"},
            "нужно целое число от 1 до 10000",
        ),
        ("runs/start", {"kind": "import"}, "Нужен либо архив, либо папка."),
        ("training/change", {"id": "1"}, "Выберите, что изменить"),
        ("training/?type=odd", None, "нужно 0 / 1 / 2, а получено"),
        ("versions/register", {"path": "../4"}, "Нужна версия, например compact/2, а получено"),
        ("versions/rollback", {"reason": "ошибки"}, "До нынешней версии ничего не публиковали."),
    ],
)
def test_pages_say_it_in_russian(
    app: Flask, client: FlaskClient, address: str, form: dict[str, str] | None, sentence: str
) -> None:
    login(client, "admin")
    client.post("/admin/language", data={"language": "ru"}, headers=csrf(client))
    if form is None:
        answer = client.get(f"/admin/{address}", headers={"Accept": "text/html"})
    else:
        answer = client.post(f"/admin/{address}", data=form, headers=csrf(client), follow_redirects=True)
    assert sentence in answer.text
