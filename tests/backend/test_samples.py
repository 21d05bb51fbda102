"""The list of samples and changes of many: quick pages, one side for each meter, everything can be taken back."""

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update

from backend.database import db
from backend.models import Change, Lease, MeterType, Training, TrainingElement
from backend.services import changes, samples, uploads
from backend.services.changes import ChangeError, SplitError, change_samples, delete_samples, undo
from backend.services.sample_filter import Filter, FilterError
from backend.storage import get_storage

from .folders import draw
from .samples import add_samples, row


@pytest.fixture
def inside(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def ids_of(**given: str) -> list[int]:
    return [one.id for one in samples.page(Filter.parse(given)).rows]


def types_of(*ids: int) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Training.type).where(Training.id.in_(ids)).order_by(Training.id)))


@pytest.fixture
def various(inside: Flask) -> list[int]:
    db.session.add(MeterType(name="other"))
    db.session.commit()
    other = samples.meter_types()
    number = next(id_ for id_, name in other.items() if name == "other")
    return add_samples(
        row(0, state="new", type=0, group="A1", source="site"),
        row(1, state="labelled", correct_value="0012.3", proposed_value="12.3", proposed_confidence=0.99, type=1),
        row(2, state="labelled", correct_value="0012.4", proposed_value="12.9", proposed_confidence=0.5, type=2),
        row(3, proposed_value="7", proposed_confidence=0.4, meter_type_id=number, source="site"),
        row(4, proposed_value="8", proposed_confidence=0.2, group="A10"),
        row(5, proposed_value="9", proposed_confidence=0.999, group="B", source="A1"),
        row(6, state="labelled", correct_value="5", proposed_value="6", also_accepted="4 06", proposed_confidence=0.9),
    )


FILTERS: list[tuple[dict[str, str], list[int]]] = [
    ({}, [6, 5, 4, 3, 2, 1, 0]),
    ({"type": "0"}, [6, 5, 4, 3, 0]),
    ({"state": "labelled"}, [6, 2, 1]),
    ({"source": "site"}, [3, 0]),
    ({"source": "site", "state": "proposed"}, [3]),
    ({"type": "0", "state": "proposed", "source": "site"}, [3]),
    ({"group": "A1"}, [0]),
    ({"group": "A1", "type": "1"}, []),
    ({"doubtful": "1"}, [4, 3]),
    ({"doubtful": "1", "source": "site"}, [3]),
    ({"disagrees": "1"}, [2]),
    ({"disagrees": "1", "type": "2"}, [2]),
    ({"disagrees": "1", "doubtful": "1"}, []),
    ({"search": "A1"}, [5, 4, 0]),
    ({"search": "A1", "type": "0", "state": "new"}, [0]),
    ({"search": "0012"}, [2, 1]),
    ({"search": "0012.4"}, [2]),
    ({"search": "%"}, []),
    ({"search": "A1", "disagrees": "1"}, []),
]


def test_filters(various: list[int]) -> None:
    for given, places in FILTERS:
        wanted = Filter.parse(given)
        assert ids_of(**given) == [various[place] for place in places], given
        assert samples.count(wanted) == len(places), given
        assert Filter.parse(wanted.arguments()) == wanted
        assert sorted(samples.ids_of(wanted, 10)) == sorted(various[place] for place in places), given


def test_search_by_hash_and_meter_type(various: list[int]) -> None:
    sha256 = db.session.scalar(select(Training.sha256).where(Training.id == various[3])) or ""
    assert ids_of(search=sha256[:12]) == [various[3]]
    number = db.session.scalar(select(MeterType.id).where(MeterType.name == "other"))
    assert ids_of(meter_type=str(number)) == [various[3]]


def test_what_the_list_marks_is_what_its_filter_finds(various: list[int]) -> None:
    rows = samples.page(Filter()).rows
    assert [one.id for one in rows if samples.says_otherwise(one)] == ids_of(disagrees="1")


@pytest.mark.one_database("sqlite", reason="nothing is asked of the database")
@pytest.mark.parametrize(
    "given",
    [{"type": "3"}, {"state": "done"}, {"meter_type": "x"}, {"meter_type": "99999999999"}, {"doubtful": "yes"},
     {"search": "a" * 121}, {"group": "a\nb"}],
)  # fmt: skip
def test_what_is_no_filter_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(FilterError, match="expected"):
        Filter.parse(given)


@pytest.mark.parametrize("given", [{}, {"doubtful": "1"}, {"type": "0", "state": "proposed"}])
def test_pages_there_and_back(inside: Flask, given: dict[str, str]) -> None:
    add_samples(*(row(number, proposed_value="1", proposed_confidence=(number % 3) / 9) for number in range(7)))
    wanted = Filter.parse(given)
    pages = [samples.page(wanted, size=3)]
    while pages[-1].after:
        pages.append(samples.page(wanted, after=pages[-1].after, size=3))
    ids = [[one.id for one in page.rows] for page in pages]
    assert list(map(len, ids)) == [3, 3, 1]
    assert [id_ for page in ids for id_ in page] == [one.id for one in samples.page(wanted, size=9).rows]
    assert pages[0].before is None
    back = samples.page(wanted, before=pages[2].before, size=3)
    assert [one.id for one in back.rows] == ids[1]
    first = samples.page(wanted, before=back.before, size=3)
    assert ([one.id for one in first.rows], first.before) == (ids[0], None)
    for place in ("x", "nan_1", "0.5_x", "-1", "9999999999"):
        with pytest.raises(FilterError, match="place in the list"):
            samples.page(wanted, after=place)


@pytest.mark.one_database("sqlite", reason="how SQLite looks things up")
@pytest.mark.parametrize(
    "given",
    [{"type": "0", "state": "proposed"}, {"source": "a", "meter_type": "1"}, {"doubtful": "1", "type": "0"},
     {"disagrees": "1", "type": "0"}, {"state": "labelled", "type": "0", "source": "a", "meter_type": "1"},
     {"search": "abc"}, {"group": "a", "type": "1"}],
)  # fmt: skip
def test_no_filter_reads_every_row(inside: Flask, given: dict[str, str]) -> None:
    asked: list[tuple[str, object]] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    wanted = Filter.parse(given)
    samples.page(wanted)
    samples.count(wanted)
    explained = [(f"EXPLAIN QUERY PLAN {text}", values) for text, values in asked if text.startswith("SELECT")]
    raw = db.session.connection().connection.driver_connection
    assert raw is not None and len(explained) == 2
    plans = [line[3] for text, values in explained for line in raw.execute(text, values)]
    assert [line for line in plans if line.startswith("SCAN training") and "INDEX" not in line] == []


def test_a_bulk_change_and_undo(inside: Flask) -> None:
    ids = add_samples(*(row(number, type=number % 2) for number in range(605)))
    change = change_samples(ids, {"type": 1, "state": "trash"}, "Ann")
    assert change is not None and change.samples == 605
    assert set(types_of(*ids)) == {1}
    assert change_samples(ids, {"type": 1}, "Ann") is None
    change_samples(ids[:5], {"state": "new"}, "Bob")
    assert [one.samples for one in changes.recent()] == [5, 605]
    assert undo(change.id, "Ann") == changes.Undone(restored=600, kept=5)
    assert types_of(*ids[:8]) == [1, 1, 1, 1, 1, 1, 0, 1]
    with pytest.raises(ChangeError, match="not undone yet"):
        undo(change.id, "Ann")
    bobs = changes.recent()[0]
    with pytest.raises(ChangeError, match="of yours"):
        undo(bobs.id, "Ann")
    assert undo(bobs.id, "Ann", anyones=True).restored == 5


def test_a_meter_stays_on_one_side(inside: Flask) -> None:
    ids = add_samples(*(row(number, group="one meter") for number in range(3)), row(9))
    for values in ({"type": 1}, {"group": "one meter", "type": 2}):
        with pytest.raises(SplitError, match="'one meter'"):
            change_samples([ids[0], ids[3]], values, "Ann")
    assert types_of(*ids) == [0, 0, 0, 0]
    assert db.session.scalar(select(func.count(Change.id))) == 0
    change = change_samples([ids[0], ids[3]], {"type": 1}, "Ann", whole_groups=True)
    assert types_of(*ids) == [1, 1, 1, 1]
    change_samples([ids[3]], {"group": "one meter"}, "Ann")
    assert change is not None
    add_samples(row(10, group="one meter", type=1))  # one more of this meter, since
    with pytest.raises(SplitError, match="one meter"):
        undo(change.id, "Ann")


def test_labelled_needs_a_value(inside: Flask) -> None:
    ids = add_samples(row(0, correct_value="1", state="trash"), row(1))
    with pytest.raises(ChangeError, match="without one: 1"):
        change_samples(ids, {"state": "labelled"}, "Ann")
    assert change_samples(ids[:1], {"state": "labelled"}, "Ann") is not None
    labelled = db.session.get_one(Training, ids[0])
    assert labelled.labelled_by == "Ann" and labelled.labelled_at is not None
    change = change_samples(ids[:1], {"state": "new"}, "Ann")
    db.session.execute(update(Training).values(correct_value=None))
    db.session.commit()
    assert change is not None
    assert undo(change.id, "Ann") == changes.Undone(restored=0, kept=1)


def test_who_labelled_follows_the_state(inside: Flask) -> None:
    known = {"correct_value": "1", "labelled_by": "Bob"}
    ids = add_samples(row(0, state="labelled", **known), row(1, state="proposed", **known))
    change = change_samples(ids, {"state": "labelled", "type": 2}, "Ann")
    query = select(Training.labelled_by).order_by(Training.id)
    assert db.session.scalars(query).all() == ["Bob", "Ann"], "the first was labelled already"
    assert change is not None and undo(change.id, "Ann") == changes.Undone(restored=2, kept=0)
    assert db.session.scalars(query).all() == ["Bob", "Bob"]
    assert types_of(*ids) == [0, 0]


def test_a_deleted_sample_takes_its_file_unless_a_fragment_uses_it(inside: Flask) -> None:
    about = uploads.About(type=0, meter_type_id=1)
    ids = [uploads.add(jpeg(text), about, "Ann").id for text in ("1", "2")]
    keys = [db.session.get_one(Training, id_).image for id_ in ids]
    kept = db.session.get_one(Training, ids[1])
    picture = {name: getattr(kept, name) for name in ("image", "width", "height", "sha256", "pixels_sha256")}
    fragment = TrainingElement(**picture, part=0, meter_type_id=1, correct_value="2", training_id=ids[1])
    db.session.add_all([fragment, Lease(training_id=ids[0], person="Ann", expires_at=kept.created_at)])
    db.session.commit()
    assert delete_samples([*ids, 99]) == 2
    assert [get_storage().exists(key) for key in keys] == [False, True]
    assert db.session.scalar(select(func.count(Training.id))) == 0
    assert db.session.scalars(select(TrainingElement.training_id)).all() == [None]


def jpeg(text: str) -> bytes:
    buffer = io.BytesIO()
    draw(text).save(buffer, "JPEG")
    return buffer.getvalue()


def test_uploads(inside: Flask) -> None:
    about = uploads.About(type=0, meter_type_id=1, group="one", source="site")
    first = uploads.add(jpeg("1"), about, "Ann")
    again = uploads.add(jpeg("1"), about, "Bob")
    assert (first.known, again) == (False, uploads.Added(first.id, known=True))
    sample = db.session.get_one(Training, first.id)
    assert (sample.state, sample.group, sample.source, sample.created_by) == ("new", "one", "site", "Ann")
    with pytest.raises(SplitError, match="'one'"):
        uploads.add(jpeg("2"), uploads.About(type=2, meter_type_id=1, group="one"), "Ann")
    for wrong in ({"type": 3}, {"meter_type_id": 99}, {"group": "=1+1"}, {"source": "x" * 81}):
        with pytest.raises(ValueError, match="expected"):
            uploads.add(jpeg("3"), uploads.About(**{"type": 0, "meter_type_id": 1, **wrong}), "Ann")
    assert db.session.scalar(select(func.count(Training.id))) == 1
    assert len(list(get_storage().names())) == 1
