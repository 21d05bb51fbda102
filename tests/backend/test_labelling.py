"""The labelling queue: nobody gets another one's picture, nothing answered is lost, everything can be taken back."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from backend.database import db
from backend.domain.reading import ReadingError
from backend.models import Change, ChangeKind, Lease, Training
from backend.models.base import now
from backend.services import labelling, labelling_order
from backend.services.changes import ChangeError
from backend.services.labelling import TakenError, answer, back, show_skipped, take, undo, waiting
from backend.services.labelling_proposal import proposal

from .samples import add_samples, probabilities, row

ACCEPT, CORRECT, UNREADABLE, SKIP = ChangeKind.ACCEPT, ChangeKind.CORRECT, ChangeKind.UNREADABLE, ChangeKind.SKIP


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def waiting_row(number: int, **values: object) -> dict[str, object]:
    return row(number, **{"proposed_value": "12.3", "proposed_confidence": number / 100, **values})


def ids_of(person: str, count: int = 6) -> list[int]:
    return [sample.id for sample in take(person, count)]


def sample(id_: int) -> Training:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Training, id_)


def test_two_people_never_get_the_same(inside: Flask) -> None:
    ids = add_samples(*(waiting_row(number) for number in range(5)))
    ann, bob = ids_of("Ann", 3), ids_of("Bob", 3)
    assert sorted([*ann, *bob]) == ids
    assert ids_of("Ann", 3) == ann  # a reload gives the same ones
    assert waiting("Bob") == labelling.Waiting(all=5, others=3, skipped=0)


def test_people_who_come_at_once(inside: Flask) -> None:
    ids = add_samples(*(waiting_row(number) for number in range(12)))
    got: dict[str, list[int]] = {}

    def come(person: str) -> None:
        with inside.app_context():
            got[person] = ids_of(person, 3)

    threads = [threading.Thread(target=come, args=(f"person {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(id_ for own in got.values() for id_ in own) == ids


def test_a_lease_runs_out(inside: Flask) -> None:
    (id_,) = add_samples(waiting_row(1))
    assert ids_of("Ann") == [id_]
    assert ids_of("Bob") == []
    db.session.execute(update(Lease).values(expires_at=now() - timedelta(seconds=1)))
    db.session.commit()
    assert ids_of("Bob") == [id_]
    with pytest.raises(TakenError, match="somebody else has"):
        answer("Ann", id_, "12.3", ACCEPT, "key")
    assert sample(id_).state == "proposed"


def test_doubt_and_variety(inside: Flask) -> None:
    foggy = [waiting_row(number, group="foggy") for number in range(1, 5)]
    clear = [waiting_row(number, group="clear") for number in (60, 50)]
    known = [waiting_row(number, source="known") for number in (90, 91)]
    ids = add_samples(*foggy, *clear, *known, row(200, state="labelled", correct_value="1"))
    assert ids_of("Ann", 6) == [ids[place] for place in (0, 5, 6, 1, 4, 7)]


def test_other_values_before_more_of_the_same(inside: Flask) -> None:
    values = ["1", "1", "1", "2"]
    ids = add_samples(*(waiting_row(n, group="one", proposed_value=value) for n, value in enumerate(values)))
    assert ids_of("Ann") == [ids[place] for place in (0, 3, 1, 2)]


def test_more_than_is_kept_in_order(inside: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labelling_order, "KEPT", 2)
    ids = add_samples(*(waiting_row(number) for number in range(5)))
    assert [*ids_of("Ann", 2), *ids_of("Bob", 2), *ids_of("Eve", 2)] == ids


def test_answers(inside: Flask) -> None:
    ids = add_samples(*(waiting_row(number) for number in range(4)))
    assert ids_of("Ann") == ids
    kinds = [
        answer("Ann", ids[0], "00012.3", ACCEPT, "a").kind,  # drums at zero are no correction
        answer("Ann", ids[1], "00,13", ACCEPT, "b").kind,
        answer("Ann", ids[2], None, UNREADABLE, "c").kind,
        answer("Ann", ids[3], None, SKIP, "d").kind,
    ]
    assert kinds == ["accept", "correct", "unreadable", "skip"]
    rows = [sample(id_) for id_ in ids]
    assert [one.state for one in rows] == ["labelled", "labelled", "unreadable", "proposed"]
    assert [one.correct_value for one in rows] == ["00012.3", "00.13", None, None]
    assert [one.labelled_by for one in rows] == ["Ann", "Ann", "Ann", None]
    assert rows[0].labelled_at is not None
    assert ids_of("Ann") == []
    assert ids_of("Bob") == [ids[3]]
    assert waiting("Ann") == labelling.Waiting(all=1, others=1, skipped=1)
    db.session.execute(update(Lease).values(expires_at=now()))
    db.session.commit()
    assert show_skipped("Ann") == 1
    assert ids_of("Ann") == [ids[3]]


@pytest.mark.one_database("sqlite", reason="no database is asked")
@pytest.mark.parametrize("value", ["", "12x", None, "1" * 11])
def test_what_is_no_reading_is_refused(inside: Flask, value: str | None) -> None:
    (id_,) = add_samples(waiting_row(1))
    take("Ann")
    with pytest.raises(ReadingError, match="expected"):
        answer("Ann", id_, value, CORRECT, "key")
    assert sample(id_).state == "proposed"
    assert ids_of("Ann") == [id_]


def test_an_answer_sent_twice_counts_once(inside: Flask) -> None:
    (id_,) = add_samples(waiting_row(1))
    first = answer("Ann", id_, "5", CORRECT, "key").id
    assert answer("Ann", id_, "6", CORRECT, "key").id == first
    assert sample(id_).correct_value == "5"
    with pytest.raises(ChangeError, match="key of your own"):
        answer("Bob", id_, "6", CORRECT, "key")


def test_what_another_one_answered_is_refused(inside: Flask) -> None:
    (id_,) = add_samples(waiting_row(1))
    answer("Ann", id_, "5", CORRECT, "a")
    with pytest.raises(TakenError, match="answered this picture meanwhile"):
        answer("Bob", id_, "6", CORRECT, "b")
    assert sample(id_).correct_value == "5"


def test_undo_takes_back_one_answer_after_the_other(inside: Flask) -> None:
    ids = add_samples(*(waiting_row(number) for number in range(3)))
    take("Ann")
    for number, id_ in enumerate(ids):
        answer("Ann", id_, str(number), (CORRECT, UNREADABLE, SKIP)[number], str(number))
    answer("Bob", add_samples(waiting_row(9))[0], "7", CORRECT, "Bob's")
    for id_ in reversed(ids):
        undone = undo("Ann")
        assert undone is not None
        assert (undone.id, undone.state, undone.correct_value, undone.labelled_by) == (id_, "proposed", None, None)
        assert ids_of("Ann")[0] == id_  # and it comes first again
    assert undo("Ann") is None


def test_undo_refuses_what_was_changed_since(inside: Flask) -> None:
    (id_,) = add_samples(waiting_row(1))
    answer("Ann", id_, "5", CORRECT, "a")
    db.session.execute(update(Training).values(correct_value="6"))
    db.session.commit()
    with pytest.raises(ChangeError, match="changed this sample since"):
        undo("Ann")
    assert sample(id_).correct_value == "6"
    assert db.session.scalar(select(Change.undone_at)) is None


def test_undo_refuses_what_another_one_looks_at(inside: Flask) -> None:
    (id_,) = add_samples(waiting_row(1))
    answer("Ann", id_, None, SKIP, "a")
    assert ids_of("Bob") == [id_]
    with pytest.raises(TakenError, match="somebody else"):
        undo("Ann")


def test_back_and_answered_once_more(inside: Flask) -> None:
    ids = add_samples(*(waiting_row(number) for number in range(3)))
    take("Ann")
    for number, id_ in enumerate(ids[:2]):
        answer("Ann", id_, str(number), CORRECT, str(number))
    last = back("Ann")
    assert last is not None and last[1].id == ids[1]
    before = back("Ann", last[0])
    assert before is not None and before[1].id == ids[0]
    assert back("Ann", before[0]) is None
    answer("Ann", ids[0], "77", CORRECT, "again")
    assert sample(ids[0]).correct_value == "77"
    undone = undo("Ann")
    assert undone is not None and (undone.correct_value, undone.state) == ("0", "labelled")


def test_a_deleted_sample_leaves_no_trace(inside: Flask) -> None:
    ids = add_samples(waiting_row(1), waiting_row(2))
    assert ids_of("Ann") == ids
    answer("Ann", ids[0], "5", CORRECT, "a")
    db.session.execute(delete(Training))
    db.session.commit()
    assert (back("Ann"), undo("Ann"), take("Ann")) == (None, None, [])
    with pytest.raises(TakenError, match="answered this picture meanwhile"):
        answer("Ann", ids[1], "5", CORRECT, "b")


@pytest.mark.one_database("sqlite", reason="no database is asked")
def test_doubtful_digits_of_a_proposal(inside: Flask) -> None:
    value = {"proposed_value": "12.3", "proposed_probabilities": probabilities("12.3", (9, 0.5), (0, 0.95))}
    (id_,) = add_samples(row(1, **value))
    shown = proposal(sample(id_))  # Mercury 201 shows six digits
    assert shown.value == "00012.3"
    assert shown.confidences == pytest.approx((1, 1, 1, 1, 0.5, 0.95, 1), abs=1e-4)
    assert shown.doubtful == (4,)
    db.session.execute(update(Training).values(proposed_probabilities=b"torn"))
    db.session.commit()
    assert proposal(sample(id_)).confidences == (None,) * 7
