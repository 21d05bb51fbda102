"""What the page and the command say of a learning curve's answer: how many more photos, at most how many, which."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import insert

from backend.commands import curves as commands
from backend.database import db
from backend.models import Run, TrainingAugmentation
from backend.services import curves

from .accounts import csrf, login
from .samples import add_samples, row
from .test_curves import CURVE, FEW, add_run

ADDRESS = "/admin/learning-curves/"
HERE = 400  # samples behind CURVE
UNJUDGED = {"points": [], "sizes": 0}
HINT = "holds only if the samples of all types grow alike"

pytestmark = pytest.mark.one_database("sqlite", reason="the pages read what is tested on both elsewhere")


def answering(size: int | None, low: int | None, high: int | None, reached: float = 1.0) -> dict[str, Any]:
    """The curve with this answer for 95%; the sizes are all samples, not those more."""
    row = {"accuracy": 0.95, "size": size, "low": low, "high": high, "reached": reached}
    return {**CURVE, "answers": [row]}


def add_curves(app: Flask, together: dict[str, Any], **types: dict[str, Any]) -> None:
    add_run(app, result={"curves": {"together": together, "types": types}, "guesses": {}})


def speak(client: FlaskClient, language: str) -> None:
    client.post("/admin/language", data={"language": language, "next": "/admin/"}, headers=csrf(client))


def words(client: FlaskClient) -> str:
    """The page's text with one space between words."""
    return " ".join(client.get(ADDRESS).text.replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("answer", "english", "russian"),
    [
        ((390, 350, HERE), "95% takes no more photos, as far", "больше фотографий не нужно"),
        (
            (380, 200, 9000),
            "95% may take no more photos; with 95% confidence it takes 8,600 more at most.",
            "может и не понадобиться; с уверенностью 95% их нужно не больше 8 600.",
        ),
        (
            (380, 200, None, 0.93),
            "95% may take no more photos, but no upper end can be said. Of the curves that fit these runs, 93% reach",
            "может и не понадобиться, но верхней границы назвать нельзя. Из кривых, подходящих к этим обучениям, 93%",
        ),
        (
            (1400, 900, None, 0.93),
            "</b> more photos, at least 500; no upper end can be said. Of the curves that fit these runs, 93%",
            "</b> фото, не меньше 500; верхней границы назвать нельзя. Из кривых",
        ),
        (
            (1400, 300, None, 0.93),
            "</b> more photos; no upper end can be said.",
            "</b> фото; верхней границы назвать нельзя.",
        ),
    ],
)
def test_the_upper_end_of_an_answer_is_said(
    app: Flask, client: FlaskClient, answer: tuple[Any, ...], english: str, russian: str
) -> None:
    curve = answering(*answer)
    add_curves(app, curve, **{"Mercury 201": curve})
    login(client, "viewer")
    page = words(client)
    assert page.count(english) == 2
    assert page.count("as far as the curve tells") == (2 if answer[2] == HERE else 0)
    assert ("Most worth photographing" in page) == (answer[2] != HERE), "what to photograph, while more may be needed"
    speak(client, "ru")
    page = words(client)
    assert page.count(russian) == page.count("ошиблось для всех данных на -1,2 п. п.; одна сигмоида — на +3,1.") == 2


def test_generated_pictures_are_no_photographs(app: Flask, client: FlaskClient) -> None:
    """One of each digit at each place was generated: all that was not photographed is still to be photographed."""
    with app.app_context():
        values = ("00123.4", "00133.5", "00143.6")
        add_samples(*(row(i, correct_value=value, state="labelled") for i, value in enumerate(values)))
        filled = [f"{str(digit) * 5}.{digit}" for digit in range(10) for _ in range(50)]
        made = {"image": "aa", "width": 30, "height": 10, "sha256": "a" * 64, "pixels_sha256": "b" * 64}
        rows = [
            {**made, "type": 0, "meter_type_id": 1, "seed": 1, "correct_value": value, "element_ids": f"{n}-{n}"}
            for n, value in enumerate(filled)
        ]
        db.session.execute(insert(TrainingAugmentation), rows)
        db.session.commit()
        photographed = curves.to_fill("Mercury 201")
        assert photographed is not None and len(photographed[1]) == curves.WORST
    add_run(app)
    login(client, "viewer")
    assert "at the place of 0.1 the digits 0, 1, 2, 3, 7, 8, 9" in words(client)


def test_a_type_without_validation_samples_is_told_so(app: Flask, client: FlaskClient) -> None:
    add_curves(app, CURVE, judged=FEW, unjudged=UNJUDGED)
    login(client, "viewer")
    page = words(client)
    assert page.count("no validation samples of it to judge by: label some for validation.") == 1
    assert page.count("Too few sizes with runs for a curve: 1.") == 1 and "curve: 0" not in page
    speak(client, "ru")
    assert "у этого типа нет образцов для проверки" in words(client)


def test_what_a_number_for_one_type_presumes_is_said(app: Flask, client: FlaskClient) -> None:
    add_curves(app, CURVE, rare=FEW)
    login(client, "viewer")
    assert HINT not in words(client), "there is no number for one type"
    add_curves(app, CURVE, often=CURVE)
    assert words(client).count(HINT) == 1
    speak(client, "ru")
    assert "образцов всех типов прибавляется в равной мере" in words(client)


def test_the_command_says_the_upper_end_or_that_there_is_none(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    types = {
        "endless": answering(1400, 900, None, 0.93),
        "enough": answering(390, 350, HERE),
        "perhaps": answering(380, 200, 9000),
        "unjudged": UNJUDGED,
        "unsaid": answering(None, None, None, 0.2),
    }
    run = Run(id=1, result={"curves": {"together": CURVE, "types": types}})
    monkeypatch.setattr(commands, "do_run", lambda *_: run)
    answer = FlaskCliRunner(app).invoke(args=["learning_curve", "mercury", "--target", "95"])
    assert answer.exit_code == 0, answer.output
    said = dict(line.split(": ", 1) for line in answer.output.splitlines() if ": " in line)
    assert said["endless"].endswith("; 95% takes about 1000 more, at least 500, no upper end can be said")
    assert said["enough"].endswith("; 95% takes no more")
    assert said["perhaps"].endswith("; 95% takes about 0 more (0 to 8600)")
    assert said["unjudged"].startswith("no validation samples to judge by;")
    assert said["unsaid"].endswith("; how many more for 95% cannot be said from this")
