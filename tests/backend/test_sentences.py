"""What services refuse: in English for commands, in the reader's language on pages."""

import ast
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import select, update

from backend.database import db
from backend.domain.sentences import Translatable
from backend.i18n import explanation
from backend.models import Run
from backend.services import runs
from backend.services.tables import DatasetError, RowError
from backend.settings import ROOT
from backend.supervision import how_it_ended

from .accounts import csrf, login
from .sentences import sentence_places

PLACES = sentence_places()
SERVICES = sorted((ROOT / "backend" / "services").glob("*.py"))
FILES = [path for path in SERVICES if path.stem != "surprise"]  # that refuses only what a defect of ours could cause
FILES += [ROOT / "backend" / name for name in ("storage.py", "supervision.py")]
FILES += [ROOT / "backend" / "domain" / name for name in ("imaging.py", "reading.py")]
PLAIN = {"ValueError", "RuntimeError", "Exception"}  # what says nothing that could be translated


SAID = {
    "en": (
        "meter_type.csv line 3: expected a name, got none.",
        "Its process was ended by SIGTERM.",
        "unexpected TypeError: none",
        "stopped by Анна",
    ),
    "ru": (
        "meter_type.csv, строка 3: нужно имя.",
        "Процесс закончен сигналом SIGTERM.",
        "unexpected TypeError: none",
        "исполнитель пропал без вести",
        "кто остановил: Анна",
    ),
}


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


@pytest.mark.one_database("sqlite", reason="how runs end is tested on both")
def test_why_a_run_failed_is_said_in_russian(app: Flask, client: FlaskClient) -> None:
    inner = RowError("expected a name, got none")
    outer = DatasetError("%(table)s line %(line)s: %(error)s", table="meter_type.csv", line=3, error=inner)
    reasons = [outer, how_it_ended(-15), "unexpected TypeError: none"]
    with app.app_context():
        db.session.add_all(Run(kind="import", parameters={}, state="running", worker="w") for _ in range(5))
        db.session.commit()
        ids = list(db.session.scalars(select(Run.id).order_by(Run.id)))
        for run_id, reason in zip(ids, reasons, strict=False):
            runs.fail(run_id, "w", reason)
        assert runs.find(ids[0]).error == str(outer) == "meter_type.csv line 3: expected a name, got none"
        runs.reap()  # neither of the other two has ever beaten
        stopped = {"state": "stopped", "error": f"{runs.STOPPED_BY}Анна"}
        db.session.execute(update(Run).where(Run.id == ids[4]).values(**stopped))
        db.session.commit()
    login(client, "viewer")
    pages = []
    for language in ("en", "ru"):
        client.post("/admin/language", data={"language": language}, headers=csrf(client))
        pages.append(client.get("/admin/runs/").text)
    for page, sentences in zip(pages, SAID.values(), strict=True):
        for sentence in sentences:
            assert sentence in page
    assert runs.LOST in pages[0], "the page has the same words as the service"
