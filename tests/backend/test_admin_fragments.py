"""Fragments over HTTP: the gallery, cutting, undoing, deleting, and what hostile input gets."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from backend.database import db
from backend.models import State, Training, TrainingElement
from backend.services.dataset_import import import_dataset

from .accounts import csrf, login
from .folders import write_folder

PAGE = "/admin/fragments/"


@pytest.fixture
def ids(app: Flask, tmp_path: Path) -> list[int]:
    """Three labelled samples of 90 × 30 pixels, the last of another meter type."""
    rows = [
        {"image": f"{n}.jpg", "type": 0, "correct_value": value, "meter_type": kind}
        for n, (value, kind) in enumerate([("012.5", "A"), ("9876", "A"), ("5", "B")])
    ]
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", rows, "image,type,correct_value,meter_type"), "me")
        return list(db.session.scalars(select(Training.id).order_by(Training.id)))


def kept(app: Flask) -> list[tuple[int, str]]:
    with app.app_context():
        rows = db.session.scalars(select(TrainingElement).order_by(TrainingElement.id))
        return [(row.part, row.correct_value) for row in rows]


def cut(client: FlaskClient, sample: int, **values: str):  # type: ignore[no-untyped-def]
    form = {"sample": str(sample), "lines": "22,45,68", "digits": "1,1,1,1", "take": "0,1,2,3", **values}
    return client.post(PAGE + "cut", data=form, headers=csrf(client))


def test_an_empty_page_says_what_to_do_first(client: FlaskClient) -> None:
    login(client, "annotator")
    assert "upload and label some first" in client.get(PAGE).text
    assert "No sample to cut" in client.get(PAGE + "cut").text


def test_cut_undo_and_go_on(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "annotator")
    page = client.get(PAGE + f"cut?sample={ids[0]}").text
    assert '"value": "012.5"' in page and '"lines": [22, 45, 68]' in page
    answer = cut(client, ids[0])
    assert answer.location.endswith(f"cut?sample={ids[1]}&saved={ids[0]}")
    assert kept(app) == [(0, "0"), (1, "1"), (1, "2."), (2, "5")]
    following = client.get(answer.location).text
    assert "4 fragments kept: 0, 1, 2., 5" in following
    assert f"Undo the cut of sample {ids[0]}" in following
    again = cut(client, ids[0])
    assert "got only such as were cut out" in client.get(again.location).text
    assert len(kept(app)) == 4
    client.post(PAGE + "undo", data={"sample": str(ids[0])}, headers=csrf(client))
    assert kept(app) == []


def test_fewer_pieces_and_some_of_them(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "annotator")
    cut(client, ids[0], lines="60", digits="3,1", take="1")
    assert kept(app) == [(2, "5")]
    cut(client, ids[0], lines="60", digits="3,1", take="0")
    assert kept(app) == [(2, "5"), (0, "012.")]
    page = client.get(PAGE, query_string={"part": "0"}).text
    assert "012." in page and page.count("fragment-card") == 1
    assert client.get(PAGE, query_string={"value": "%"}).text.count("fragment-card") == 0
    with app.app_context():
        kind = db.session.get_one(Training, ids[2]).meter_type_id
    assert "No fragment fits" in client.get(PAGE, query_string={"meter_type": kind}).text


def test_the_next_sample_is_of_the_same_meter_type(client: FlaskClient, ids: list[int]) -> None:
    login(client, "annotator")
    assert f"cut?sample={ids[1]}" in client.get(PAGE + f"cut?sample={ids[0]}").text
    assert cut(client, ids[1], lines="45", digits="2,2", take="0,1").location.endswith(
        f"cut?sample={ids[0]}&saved={ids[1]}"
    )
    assert 'id="next"' not in client.get(PAGE + f"cut?sample={ids[0]}").text  # nothing left of this type


def test_what_cannot_be_cut(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "annotator")
    for lines, digits, take in (
        ("1e3", "1,3", "0"),
        ("", "4", "0"),
        ("-5", "1,3", "0"),
        ("45", "1,3", "²"),
        ("4" * 9, "1", "0"),
    ):
        assert cut(client, ids[0], lines=lines, digits=digits, take=take).status_code == 400
    for values in ({"digits": "1,1,1,2"}, {"lines": "22,45,9000"}, {"take": "7"}, {"lines": "22,23,68"}):
        answer = cut(client, ids[0], **values)
        assert answer.location.endswith(f"cut?sample={ids[0]}")
        assert "Expected" in client.get(answer.location).text
    assert kept(app) == []
    for number in ("0", "x", "99999", "٣", str(ids[2])):  # the last has one digit only
        assert client.get(PAGE + "cut", query_string={"sample": number}).status_code == 404
    with app.app_context():
        db.session.get_one(Training, ids[0]).state = State.UNREADABLE.value
        db.session.commit()
    assert cut(client, ids[0]).status_code == 404


def test_who_may(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "viewer")
    assert cut(client, ids[0]).status_code == 403
    assert 'id="save"' not in client.get(PAGE + f"cut?sample={ids[0]}").text
    login(client, "annotator")
    cut(client, ids[0])
    with app.app_context():
        chosen = db.session.scalars(select(TrainingElement.id)).all()
    form = {"id": [str(number) for number in chosen[:2]]}
    assert client.post(PAGE + "delete", data=form, headers=csrf(client)).status_code == 403
    login(client, "trainer", "other")
    client.post(PAGE + "undo", data={"sample": str(ids[0])}, headers=csrf(client))
    assert len(kept(app)) == 4  # it was somebody else's cut
    client.post(PAGE + "delete", data=form, headers=csrf(client))
    assert kept(app) == [(1, "2."), (2, "5")]
    assert client.get(PAGE, query_string={"part": "7"}).status_code == 400
