"""A curve guessed from four photos: what the page answers, and what it refuses."""

from __future__ import annotations

import base64
import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from backend.domain.first_guess import needed
from backend.domain.imaging import InputSpec
from backend.services import first_guess
from backend.services.curves import GUESS
from backend.services.first_guess import GuessError, display, foretell, targets

from .accounts import csrf, login
from .guessing import PICTURES, make_guess

pytestmark = pytest.mark.one_database("sqlite", reason="nothing of it is in the database")

FOUR = [path.read_bytes() for path in PICTURES]


@pytest.fixture
def guess(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with something to guess with."""
    monkeypatch.setattr(first_guess, "GUESS", tmp_path / "guess")
    return make_guess(tmp_path / "guess")


def test_four_pictures_make_a_curve_with_its_interval(app: Flask, guess: Path) -> None:
    with app.app_context():
        found = foretell(FOUR, 80)
        assert found["answer"].size is not None
        assert found["answer"].low <= found["answer"].size <= found["answer"].high
        assert (found["low"] <= found["high"]).all() and (np.diff(found["shares"]) >= 0).all()
        assert len(found["like"]) == 3 and found["error"]["worst"] == 0.48
        assert foretell(FOUR, 99)["answer"].size is None
        assert [row["size"] for row in found["first"]] == [16, 64, 256], "as far as families were measured"
        assert found["sizes"][-1] == pytest.approx(256) and found["usual"].shape == found["shares"].shape
        assert foretell(FOUR, 1)["target"] == foretell(FOUR, None)["target"] == targets().usual


def test_questions_are_answered_with_what_is_shipped(app: Flask) -> None:
    """What may be asked for is what families reached, and what is asked without another wish mostly has an answer."""
    table = json.loads((GUESS / first_guess.TABLE).read_text())
    reached = [1 - min(point["error"] for point in one["points"]) for one in table["families"]]
    asked = targets()
    assert asked.lowest < asked.usual < asked.highest <= 100 * max(reached)
    looks = [np.array(one["embedding"]) for one in table["families"]]
    answers = [needed(table, look, asked.usual / 100) for look in looks]
    assert sum(answer.size is not None for answer in answers) > len(answers) / 2
    assert any(answer.high is not None for answer in answers), "with an upper end"
    assert all(needed(table, look, asked.lowest / 100).size is not None for look in looks)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_shows_figures_with_what_is_shipped(app: Flask, client: FlaskClient, language: str) -> None:
    login(client, "annotator")
    speak(client, language)
    page = post(client, FOUR, target=str(targets().usual)).text
    assert f'<html lang="{language}">' in page
    shown = page.partition('class="guess-first"')[2].partition("</dl>")[0]
    assert re.findall(r"<dt>\D*(\d+)", shown) == ["16", "64", "256"]
    assert len(re.findall(r"\d+\s?%", shown)) == 9, "each with its interval"
    answer = page.partition('class="curve-answer"')[2].partition("</p>")[0]
    assert re.search(r'class="numbers">\d+', answer) or "1,024" in answer


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "at least 2, and no upper end can be said"), ("ru", "не меньше 2, а верхней границы назвать нельзя")],
)
def test_where_too_few_curves_reach_a_target_no_upper_end_is_said(
    client: FlaskClient, guess: Path, language: str, said: str
) -> None:
    file = guess / "families.json"
    table = json.loads(file.read_text())
    table["misses"] = [[0, 0, -4, 0]] * 6 + [[0, 0, 0, 0.8]] * 4  # four of ten never get there
    file.write_text(json.dumps(table))
    login(client, "annotator")
    speak(client, language)
    page = post(client, FOUR, target="80").text
    assert said in page and "None" not in page
    beyond = {"en": "No family was measured with more than 256", "ru": "не измерено дальше чем на 256"}[language]
    assert beyond not in page
    table["families"] = [one | {"points": one["points"][:2]} for one in table["families"]]  # up to 16
    file.write_text(json.dumps(table))
    assert beyond.replace("256", "16") in post(client, FOUR, target="80").text


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (FOUR[:3], "expected 4 pictures, got 3"),
        (FOUR * 2, "expected 4 pictures, got 8"),
        ([*FOUR[:2], b"none", FOUR[3]], "picture 3: "),
    ],
)
def test_other_pictures_are_refused(app: Flask, guess: Path, pictures: list[bytes], message: str) -> None:
    with app.app_context(), pytest.raises(GuessError, match=message):
        foretell(pictures, 80)


def test_a_photo_without_a_display_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def see(self, picture: Image.Image) -> None:
            return None

    class Finders:
        def finder(self) -> Finder:
            return Finder()

    monkeypatch.setattr(first_guess, "get_finders", Finders)
    assert display(Image.new("RGB", (400, 300)), InputSpec()) is None
    strip = display(Image.new("RGB", (400, 100)), InputSpec())
    assert strip is not None and strip.shape == (48, 192, 3), "a display already"


def test_what_does_not_belong_together_is_refused(app: Flask, guess: Path) -> None:
    with app.app_context():
        (guess / "look.tflite").write_bytes(b"another")
        with pytest.raises(GuessError, match="of one making, got others"):
            foretell(FOUR, 80)
        (guess / "look.tflite").unlink()
        with pytest.raises(GuessError, match=r"expected families\.json, look\.tflite to guess with, got none"):
            foretell(FOUR, 80)


def speak(client: FlaskClient, language: str) -> None:
    client.post("/admin/language", data={"language": language, "next": "/admin/"}, headers=csrf(client))


def post(client: FlaskClient, pictures: list[bytes], **more: str) -> Any:
    files = [(BytesIO(data), f"{number}.png") for number, data in enumerate(pictures)]
    return client.post("/admin/first-guess/", data={"pictures": files, **more}, headers=csrf(client))


def test_the_page_answers(app: Flask, client: FlaskClient, guess: Path) -> None:
    login(client, "annotator")
    assert "Four photos" in client.get("/admin/first-guess/").text
    page = post(client, FOUR, target="80").text
    assert "How many photos for 80%?" in page and "for 80% of the curves that may be true" in page
    assert "21 points on average and 48 at worst" in page
    address = page.partition('src="data:image/svg+xml;base64,')[2].partition('"')[0]
    words = [each.text for each in Xml.fromstring(base64.b64decode(address)).iter() if each.text]
    assert "Displays with all digits right" in words
    assert "Cannot be said from this." in post(client, FOUR, target="99").text
    refused = post(client, FOUR[:1], target="80")
    assert refused.status_code == 400 and "Expected 4 pictures, got 1." in refused.text
    assert post(client, FOUR, target="<b>").status_code == 200


def test_without_families_the_page_says_so(
    client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_guess, "GUESS", tmp_path / "none")
    login(client, "annotator")
    page = client.get("/admin/first-guess/").text
    assert "Nothing to guess with" in page and "training.first_guess" in page and "multipart" not in page
    assert post(client, FOUR).status_code == 400
