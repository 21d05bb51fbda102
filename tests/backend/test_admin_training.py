"""The pages about samples over HTTP: what each role may do, what hostile input gets, exports."""

import csv
import io
import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from backend.database import db
from backend.models import Change, Training

from .accounts import csrf, login
from .samples import add_samples, row
from .test_samples import jpeg

LIST = "/admin/training/"


@pytest.fixture
def ids(app: Flask) -> list[int]:
    with app.app_context():
        return add_samples(
            row(0, group="=1+1", source="@site"),
            row(1, state="labelled", correct_value="0012.3", proposed_value="99", proposed_confidence=0.3),
            row(2, proposed_value="7.5", proposed_confidence=0.2),
        )


def upload(client: FlaskClient, data: bytes, header: dict[str, str], **fields: str) -> tuple[int, dict[str, object]]:
    form = {"type": "0", "meter_type": "1", **fields, "file": (io.BytesIO(data), "счётчик.jpg")}
    answer = client.post(LIST + "upload", data=form, headers={**header, "Accept": "application/json"})
    return answer.status_code, answer.get_json()


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Training.state).order_by(Training.id)))


def test_the_list(client: FlaskClient, ids: list[int]) -> None:
    login(client, "viewer")
    page = client.get(LIST).text
    assert "0012.3" in page and "7.5?" in page and "version: 99" in page
    assert "3 samples" in page
    assert 'name="id"' not in page  # a viewer chooses nothing
    assert "0012.3" not in client.get(LIST, query_string={"state": "proposed"}).text
    assert client.get(LIST, query_string={"search": "none such"}).text.count("sample-picture") == 0
    for wrong in ({"type": "9"}, {"after": "x"}, {"meter_type": "1e3"}, {"search": "\0"}):
        assert client.get(LIST, query_string=wrong).status_code == 400


def test_queries_do_not_grow_with_the_rows(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "admin")
    asked: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    client.get(LIST)
    few = len(asked)
    with app.app_context():
        add_samples(*(row(number, group=f"g{number}") for number in range(10, 60)))
    asked.clear()
    assert client.get(LIST).text.count('class="sample"') == 50
    assert len(asked) <= few


def test_bulk_change_and_undo(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "trainer")
    header = csrf(client)
    chosen = {"id": ids[:2], "set_state": "trash", "filter_type": "0"}
    answer = client.post(LIST + "change", data=chosen, headers=header)
    assert answer.location == LIST + "?type=0"
    assert states(app) == ["trash", "trash", "proposed"]
    page = client.get(LIST).text
    assert "2 samples changed." in page
    with app.app_context():
        change = db.session.scalar(select(Change.id))
    client.post(LIST + "undo", data={"change": change}, headers=header)
    assert states(app) == ["proposed", "labelled", "proposed"]
    client.post(LIST + "change", data={"all": "on", "filter_state": "proposed", "set_state": "new"}, headers=header)
    assert states(app) == ["new", "labelled", "new"]
    client.post(LIST + "change", data={"id": ids, "set_state": "labelled"}, headers=header)
    assert "without one: 2" in client.get(LIST).text
    assert states(app) == ["new", "labelled", "new"]
    for wrong in ({"id": "x", "set_state": "new"}, {"change": "x"}):
        address = "undo" if "change" in wrong else "change"
        assert client.post(LIST + address, data=wrong, headers=header).status_code == 400


def test_the_form(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "trainer")
    header, address = csrf(client), f"{LIST}{ids[2]}"
    form = {"type": "1", "state": "labelled", "meter_type": "1", "correct_value": "007,5", "group": "g"}
    box = {"box_x": "1", "box_y": "2", "box_width": "50", "box_height": "20"}
    assert client.post(address, data=form | box, headers=header).status_code == 302
    with app.app_context():
        sample = db.session.get_one(Training, ids[2])
        assert (sample.correct_value, sample.type, sample.labelled_by) == ("007.5", 1, "trainer")
        assert (sample.group, sample.box_width) == ("g", 50.0)
    page = client.get(address).text
    assert 'value="007.5"' in page and "edited" in page
    for wrong in ({"correct_value": "x"}, {"correct_value": ""}, {"group": "=1"}, {"box_x": "500"}, {"state": "odd"}):
        answer = client.post(address, data=form | box | wrong, headers=header)
        assert answer.status_code == 200 and "alert-danger" in answer.text, wrong
    with app.app_context():
        assert db.session.scalar(select(func.count(Change.id))) == 1
    for number in ("0", "99", "x", "9" * 12):
        assert client.get(LIST + number).status_code == 404


@pytest.mark.one_database("sqlite", reason="roles are asked before the database")
def test_who_may_do_what(client: FlaskClient, ids: list[int]) -> None:
    one = {"id": ids[0], "set_state": "trash"}
    addresses = {
        "change": "trainer",
        "undo": "trainer",
        "delete": "admin",
        "upload": "annotator",
        str(ids[0]): "trainer",
    }
    order = ["viewer", "annotator", "trainer", "admin"]
    for role in order:
        login(client, role)
        header = csrf(client)
        for address, needed in addresses.items():
            if order.index(role) < order.index(needed):
                assert client.post(LIST + address, data=one, headers=header).status_code == 403
        exported = client.get(LIST + "export.csv").status_code
        assert exported == (200 if role in ("trainer", "admin") else 403)
        assert client.post(LIST + "change", data=one).status_code == 400  # without the token


def test_deleting(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "admin")
    client.post(LIST + "delete", data={"id": ids[:2]}, headers=csrf(client))
    assert states(app) == ["proposed"]


def test_uploads_one_by_one(app: Flask, client: FlaskClient) -> None:
    login(client, "annotator")
    header = csrf(client)
    status, added = upload(client, jpeg("12"), header, group="a", source="site")
    assert (status, added["known"]) == (200, False)
    assert upload(client, jpeg("12"), header)[1]["known"] is True
    hostile = {"<svg/>": b"<svg onload=alert(1)>", "empty": b"", "cut": jpeg("1")[:300]}
    for data in hostile.values():
        status, answer = upload(client, data, header)
        assert status == 422 and answer["error"], data
    status, answer = upload(client, jpeg("13"), header, type="1", group="a")
    assert status == 422 and "must have one type" in str(answer)
    assert upload(client, jpeg("13"), header, type="7")[0] in (400, 422)
    assert upload(client, jpeg("13"), header, meter_type="99")[0] == 422
    assert len(states(app)) == 1


def test_exports(client: FlaskClient, ids: list[int]) -> None:
    login(client, "trainer")
    table = list(csv.DictReader(io.StringIO(client.get(LIST + "export.csv").text)))
    assert [line["id"] for line in table] == list(map(str, ids))
    assert (table[0]["group"], table[0]["source"]) == ("'=1+1", "'@site")
    assert (table[1]["correct_value"], table[1]["meter_type"]) == ("0012.3", "Mercury 201")
    rows = json.loads(client.get(LIST + "export.json?state=labelled").text)
    assert [(one["id"], one["correct_value"], one["proposed_confidence"]) for one in rows] == [(ids[1], "0012.3", 0.3)]
    assert json.loads(client.get(LIST + "export.json?state=trash").text) == []
    assert client.get(LIST + "export.xml").status_code == 404


def test_the_queue_over_http(app: Flask, client: FlaskClient, ids: list[int]) -> None:
    login(client, "annotator")
    header = {**csrf(client), "Accept": "application/json"}
    queue = "/admin/labelling/"
    cards = client.post(queue + "next", json={}, headers=header).get_json()["cards"]
    assert sorted(card["id"] for card in cards) == [ids[0], ids[2]]
    given = {"id": ids[2], "kind": "accept", "value": "7.5", "key": "0123456789abcdef"}
    for wrong in (
        {"kind": "bulk"},
        {"key": "x"},
        {"key": None},
        {"value": 5},
        {"id": "1"},
        {"id": True},
        {"value": "x"},
    ):
        assert client.post(queue + "answer", json={**given, **wrong}, headers=header).status_code == 400, wrong
    assert client.post(queue + "answer", json=[], headers=header).status_code == 400
    assert client.post(queue + "answer", json=given, headers=header).get_json()["kind"] == "accept"
    back = client.post(queue + "back", json={}, headers=header).get_json()
    assert (back["card"]["id"], back["card"]["value"]) == (ids[2], "7.5")
    assert client.post(queue + "undo", json={}, headers=header).get_json()["card"]["id"] == ids[2]
    assert states(app) == ["proposed", "labelled", "proposed"]
    login(client, "trainer")
    header = {**csrf(client), "Accept": "application/json"}
    answer = client.post(queue + "answer", json={**given, "key": "f" * 16}, headers=header)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (409, "conflict")
