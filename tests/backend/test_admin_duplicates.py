"""Duplicates and doubtful labels: a person decides, everything comes back by undoing."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from backend.database import db
from backend.models import Kept, LabelConfirmation, NeuralModel, NeuralVersion, PairDecision, Training
from backend.services import decisions
from backend.services.decisions import DecisionError
from backend.services.doubtful import doubtful_labels
from backend.settings import Settings
from backend.storage import get_storage

from .accounts import csrf, login
from .readable import copy_version, goldens, point_at
from .samples import add_samples, probabilities, row

PAGE = "/admin/duplicates/"
SAME = {"pixels_sha256": "e" * 64}
LABELLED = {"state": "labelled", "correct_value": "12.5"}
JSON = {"Accept": "application/json"}
DATA = "d" * 64


def state(app: Flask, number: int) -> tuple[str, str | None]:
    with app.app_context():
        sample = db.session.get_one(Training, number)
        return sample.state, sample.correct_value


@pytest.fixture
def pair(app: Flask) -> list[int]:
    """The same picture twice, to teach with."""
    with app.app_context():
        return add_samples(row(1, **LABELLED, **SAME), row(2, **LABELLED, **SAME))


def decide(client: FlaskClient, left: int, right: int, answer: str):  # type: ignore[no-untyped-def]
    form = {"left": left, "right": right, "answer": answer}
    return client.post(PAGE + "decide", data=form, headers={**csrf(client), **JSON})


@pytest.mark.parametrize(("turned", "answer", "gone"), [(False, "first", 1), (False, "second", 0), (True, "first", 0)])
def test_one_goes_to_the_trash_and_comes_back(
    app: Flask, client: FlaskClient, pair: list[int], turned: bool, answer: str, gone: int
) -> None:
    login(client, "annotator")
    assert f"Samples {pair[0]} and {pair[1]}" in client.get(PAGE).text
    reply = decide(client, *(reversed(pair) if turned else pair), answer).get_json()
    assert state(app, pair[gone])[0] == "trash" and state(app, pair[1 - gone])[0] == "labelled"
    page = client.get(PAGE).text
    assert "<article" not in page and "stays" in page
    assert client.post(PAGE + "undo", data=reply["undo"], headers={**csrf(client), **JSON}).status_code == 200
    assert state(app, pair[gone]) == ("labelled", "12.5")
    assert f"Samples {pair[0]} and {pair[1]}" in client.get(PAGE).text


def test_no_duplicates_is_remembered(app: Flask, client: FlaskClient, pair: list[int]) -> None:
    login(client, "annotator")
    assert decide(client, *pair, "both").status_code == 200
    assert "<article" not in client.get(PAGE).text
    with app.app_context():
        decision = db.session.query(PairDecision).one()
        assert (decision.kept, decision.created_by, decision.change_id) == ("both", "annotator", None)
    again = decide(client, *pair, "first")
    assert again.status_code == 409 and "undo that first" in again.get_json()["error"]["message"]
    assert state(app, pair[1])[0] == "labelled"


def test_leaks_come_first_and_in_red(app: Flask, client: FlaskClient, pair: list[int]) -> None:
    with app.app_context():
        other = {"pixels_sha256": "a" * 64, "phash": "0" * 64}
        leak = add_samples(row(3, **LABELLED, **other), row(4, **{**LABELLED, "type": 2}, **other))
    login(client, "annotator")
    page = client.get(PAGE).text
    assert "1 pair is to teach with and to test or validate with" in page
    first = page.split("<article")[1]
    assert "case-leak" in first and f"Samples {leak[0]} and {leak[1]}" in first
    refused = decide(client, *leak, "both")
    assert refused.status_code == 409 and "teach and to test" in refused.get_json()["error"]["message"]
    assert decide(client, *leak, "second").status_code == 200
    assert "case-leak" not in client.get(PAGE).text
    assert state(app, leak[0])[0] == "trash"


def test_what_was_changed_since_is_not_undone(app: Flask, pair: list[int]) -> None:
    with app.app_context():
        decision = decisions.decide_pair(*pair, Kept.FIRST, "me")
        sample = db.session.get_one(Training, pair[1])
        sample.state = "unreadable"
        db.session.commit()
        with pytest.raises(DecisionError, match="changed since"):
            decisions.undo_pair(decision.id, "me")
        assert db.session.get_one(Training, pair[1]).state == "unreadable"


def test_hostile_decisions(client: FlaskClient, pair: list[int]) -> None:
    login(client, "annotator")
    for left, right, answer, status in (
        *((pair[0], pair[0], "first", 409), (pair[0], 99999, "first", 409), (pair[0], pair[1], "none", 400)),
        *(("x", pair[1], "first", 400), (pair[0], "9" * 30, "first", 400)),
    ):
        assert decide(client, left, right, answer).status_code == status  # type: ignore[arg-type]
    login(client, "viewer")
    assert decide(client, *pair, "first").status_code == 403
    assert "data-key" not in client.get(PAGE).text


@pytest.fixture
def doubted(app: Flask) -> list[int]:
    """Three contradicted labels, the second the most surprising one, and one that the network agrees with."""

    def one(number: int, proposed: str, *doubts: tuple[int, float]) -> dict[str, object]:
        likely = {"proposed_probabilities": probabilities(proposed, *doubts), "proposed_confidence": 0.9}
        return row(number, **LABELLED, **likely, proposed_value=proposed, proposed_version_id=version.id)

    with app.app_context():
        model = NeuralModel(name="m", structure="compact")
        version = NeuralVersion(model=model, number=1, card_sha256="a" * 64, files={}, statistics={})
        db.session.add(version)
        db.session.commit()
        return add_samples(
            one(1, "12.6", (10, 0.6)), one(2, "12.7", (10, 0.99)), one(3, "0012.5"), one(4, "13.5", (9, 0.8))
        )


def answer(client: FlaskClient, sample: int, answer: str, value: str = "12.5", proposed: str = ""):  # type: ignore[no-untyped-def]
    form = {"sample": sample, "value": value, "proposed": proposed, "answer": answer}
    return client.post(PAGE + "answer", data=form, headers={**csrf(client), **JSON})


def shown(app: Flask) -> list[int]:
    with app.app_context():
        return [doubt.sample.id for doubt in doubtful_labels(1, 20).rows]


def test_the_most_surprising_first(app: Flask, client: FlaskClient, doubted: list[int]) -> None:
    assert shown(app) == [doubted[1], doubted[3], doubted[0]]
    login(client, "viewer")
    page = client.get(PAGE + "labels").text
    assert "contradicts 3 labels" in page
    assert page.index("12.7") < page.index("13.5") < page.index("12.6")
    assert 'class="doubted"' in page


def test_a_slip_comes_before_what_the_version_cannot_read(app: Flask, client: FlaskClient, doubted: list[int]) -> None:
    with app.app_context():
        version = db.session.get_one(Training, doubted[0]).proposed_version_id
        blurred = probabilities("98.7", *((row_, 0.3) for row_ in range(11)))
        proposal = {"proposed_value": "98.7", "proposed_version_id": version, "proposed_probabilities": blurred}
        accepted = probabilities("12.7", (10, 0.99))
        also = {"proposed_value": "12.8", "proposed_version_id": version, "proposed_probabilities": accepted}
        added = add_samples(row(8, **LABELLED, **proposal), row(9, **{**LABELLED, "also_accepted": "12.7"}, **also))
    assert shown(app).index(doubted[1]) < shown(app).index(added[0])
    assert shown(app).index(doubted[1]) < shown(app).index(added[1])  # as sure of 12.7, which is accepted there


def test_what_the_version_was_taught_is_said(
    app: Flask, client: FlaskClient, settings: Settings, doubted: list[int]
) -> None:
    login(client, "viewer")
    assert client.get(PAGE + "labels").text.count("may have learned from it") == 3  # to teach with, and no snapshot
    with app.app_context():
        model = NeuralModel(name="n", structure="compact")
        version = NeuralVersion(model=model, number=1, card_sha256="b" * 64, files={}, statistics={}, data_sha256=DATA)
        db.session.add(version)
        db.session.flush()
        db.session.execute(update(Training).values(proposed_version_id=version.id))
        images = {row.id: row.image for row in db.session.scalars(select(Training))}
        db.session.execute(update(Training).where(Training.id == doubted[0]).values(type=2))
        db.session.commit()
    folder = settings.instance / "snapshots" / DATA[:16]
    folder.mkdir(parents=True)
    types = {doubted[0]: 2, doubted[1]: 0}  # the last one was added since
    lines = [f"{images[number].rpartition('/')[2]},{kind},12.5" for number, kind in types.items()]
    (folder / "training.csv").write_text("\n".join(["image,type,correct_value", *lines]) + "\n")
    page = client.get(PAGE + "labels").text
    assert "may have learned" not in page
    assert page.count("n/1 learned from this sample") == 1
    with app.app_context():
        told = {doubt.sample.id: doubt.taught.value for doubt in doubtful_labels(1, 20).rows}
    assert told == {doubted[0]: "no", doubted[1]: "yes", doubted[3]: "no"}


def test_labels_are_answered_and_undone(app: Flask, client: FlaskClient, doubted: list[int]) -> None:
    login(client, "annotator")
    replies = [
        answer(client, doubted[0], "label").get_json(),
        answer(client, doubted[1], "proposal", proposed="12.7").get_json(),
        answer(client, doubted[3], "unreadable").get_json(),
    ]
    assert shown(app) == []
    assert [state(app, doubted[n]) for n in (0, 1, 3)] == [
        ("labelled", "12.5"),
        ("labelled", "12.7"),
        ("unreadable", "12.5"),
    ]
    assert "Confirmed against the network" in client.get(PAGE + "labels").text
    for reply in replies:
        assert (
            client.post(PAGE + "undo-answer", data=reply["undo"], headers={**csrf(client), **JSON}).status_code == 200
        )
    assert shown(app) == [doubted[1], doubted[3], doubted[0]]
    assert [state(app, number) for number in doubted] == [("labelled", "12.5")] * 4


def test_a_confirmation_holds_while_the_label_stays(app: Flask, doubted: list[int]) -> None:
    with app.app_context():
        decisions.confirm_label(doubted[0], "12.5", "me")
    assert doubted[0] not in shown(app)
    with app.app_context():
        db.session.get_one(Training, doubted[0]).correct_value = "99.5"
        db.session.commit()
    assert doubted[0] in shown(app)
    with app.app_context():
        decisions.confirm_label(doubted[0], "99.5", "me")  # in the place of the old one
        assert db.session.get_one(LabelConfirmation, doubted[0]).correct_value == "99.5"


def test_answers_about_something_else_are_refused(app: Flask, client: FlaskClient, doubted: list[int]) -> None:
    login(client, "annotator")
    for given in ({"value": "12.9"}, {"proposed": "1.1"}):
        reply = answer(client, doubted[0], "proposal", **{"proposed": "12.6", **given})
        assert reply.status_code == 409 and "Expected the" in reply.get_json()["error"]["message"]
    assert answer(client, doubted[0], "delete").status_code == 400
    assert state(app, doubted[0]) == ("labelled", "12.5")
    undo = answer(client, doubted[0], "unreadable").get_json()["undo"]
    login(client, "annotator", "somebody else")
    assert client.post(PAGE + "undo-answer", data=undo, headers={**csrf(client), **JSON}).status_code == 409
    assert state(app, doubted[0])[0] == "unreadable"


def test_empty_pages_say_what_to_do_first(client: FlaskClient) -> None:
    login(client, "annotator")
    assert "Upload or import samples first" in client.get(PAGE).text
    assert "Label some samples first" in client.get(PAGE + "labels").text


def test_the_published_version_reads_some_at_a_time(
    app: Flask, client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(copy_version(settings.static / "model"))
    monkeypatch.setattr("backend.admin.duplicates.READ_AT_ONCE", 2)
    with app.app_context():
        rows = []
        for number, golden in enumerate(goldens()[:3]):
            key = get_storage().put(golden.data, "png")
            box = {f"box_{name}": size for name, size in vars(golden.box).items()} if golden.box else {}
            rows.append(row(number, state="labelled", correct_value="1", image=key, sha256=key[3:67], **box))
        add_samples(*rows)
    login(client, "trainer")
    assert "has not read 3 labelled samples" in client.get(PAGE + "labels").text
    header = {**csrf(client), **JSON}
    assert client.post(PAGE + "read", headers=header).get_json() == {"read": 2, "left": 1}
    assert client.post(PAGE + "read", headers=header).get_json() == {"read": 1, "left": 0}
    assert client.post(PAGE + "read", headers=header).get_json() == {"read": 0, "left": 0}
    assert 'id="reading"' not in client.get(PAGE + "labels").text
    assert len(shown(app)) == 3  # drawn displays that show no single 1
