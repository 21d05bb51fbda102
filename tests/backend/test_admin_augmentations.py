"""Augmentations: the map of digits, generating from the panel, taking a run's pictures back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from backend.database import db
from backend.models import MeterType, Run, RunState, Training, TrainingAugmentation
from backend.models.base import now
from backend.services import augmentations, fragments, generation
from backend.services.dataset_import import import_dataset
from backend.storage import get_storage

from .accounts import csrf, login
from .folders import write_folder

PAGE = "/admin/augmentations/"
VALUES = ("01.2", "34.5", "34.6")


@pytest.fixture
def kind(app: Flask, tmp_path: Path) -> int:
    """A meter type "A" with two decimals unsaid, three teaching samples, each cut into its digits: 27 pictures."""
    rows = [
        {"image": f"{n}.jpg", "type": 0, "correct_value": value, "meter_type": "A"} for n, value in enumerate(VALUES)
    ]
    with app.app_context():
        import_dataset(write_folder(tmp_path / "in", rows, "image,type,correct_value,meter_type"), "me")
        for number in db.session.scalars(select(Training.id)).all():
            fragments.cut(number, [30, 60], "me")
        meter_type = db.session.scalars(select(MeterType).where(MeterType.name == "A")).one()
        meter_type.digits, meter_type.decimals = 3, 1
        db.session.commit()
        return meter_type.id


def test_the_map(app: Flask, kind: int) -> None:
    with app.app_context():
        found = augmentations.digit_map(db.session.get_one(MeterType, kind))
    assert found.headings == ["10", "1", "0.1"]
    counts = [[cell.count for cell in row] for row in found.rows]
    assert counts[0] == [1, 0, 0] and counts[3] == [2, 0, 0] and counts[4] == [0, 2, 0]
    assert [counts[digit][2] for digit in range(10)] == [0, 0, 1, 0, 0, 1, 1, 0, 0, 0]
    assert found.rows[9][0].level == 0 and found.rows[3][0].level == 4
    assert {cell.samples + cell.generated for row in found.rows for cell in row} == {0, 1, 2}


def test_headings() -> None:
    assert [augmentations.heading(place, 2) for place in (3, 2, 1, 0)] == ["10", "1", "0.1", "0.01"]
    assert augmentations.heading(2, None) == "…3"


def test_the_page(client: FlaskClient, kind: int) -> None:
    login(client, "viewer")
    page = client.get(PAGE).text
    assert "Digits at each place: A" in page and "1 in samples, 0 generated" in page
    assert 'id="open"' not in page
    for wrong in ({"meter_type": "x"}, {"run": "5"}):
        assert client.get(PAGE, query_string=wrong).status_code == 404
    assert client.get(PAGE + "possible", query_string={"meter_type": kind}).get_json() == {"possible": possible(client)}


def possible(client: FlaskClient) -> int:
    with client.application.app_context():
        return generation.possible("A")


def test_an_empty_page_says_what_to_do_first(client: FlaskClient) -> None:
    login(client, "trainer")
    page = client.get(PAGE).text
    assert "Cut fragments first" in page and 'id="generate"' not in page


def test_more_than_possible_is_refused(app: Flask, client: FlaskClient, kind: int) -> None:
    login(client, "trainer")
    left = possible(client)
    assert left > 0
    header = csrf(client)
    for count, reason in (("-1", "a whole number"), (str(left + 1), f"can give {left} more pictures, not {left + 1}")):
        form = {"meter_type": kind, "count": count}
        answer = client.post(PAGE + "generate", data=form, headers=header, follow_redirects=True)
        assert reason in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Run.id))) == 0
    client.post(PAGE + "generate", data={"meter_type": kind, "count": left, "seed": "7"}, headers=csrf(client))
    with app.app_context():
        run = db.session.scalars(select(Run)).one()
        assert (run.state, run.created_by) == ("waiting", "trainer")
        assert run.parameters == {"meter_type": "A", "count": left, "seed": 7}
    shown = client.get(PAGE + "runs").get_json()["runs"]
    assert [(one["id"], one["state"]) for one in shown] == [(run.id, "waiting")]
    client.post(PAGE + "stop", data={"run": run.id}, headers=csrf(client))
    assert client.get(PAGE + "runs").get_json()["runs"][0]["state"] == "stopped"


@pytest.fixture
def made(app: Flask, kind: int) -> Callable[[int, str], int]:
    """Generates two pictures with a seed; returns the run that is written down for them."""

    def make(seed: int, state: str) -> int:
        began = now()
        generation.generate("A", 2, seed, "me")
        parameters = {"meter_type": "A", "count": 2, "seed": seed}
        run = Run(kind="generation", parameters=parameters, state=state, started_at=began, finished_at=now())
        db.session.add(run)
        db.session.commit()
        return run.id

    return make


def test_a_run_is_taken_back(app: Flask, client: FlaskClient, made: Callable[[int, str], int]) -> None:
    with app.app_context():
        mine, other = made(1, "done"), made(2, "done")
        keys = list(db.session.scalars(select(TrainingAugmentation.image).where(TrainingAugmentation.seed == 1)))
    login(client, "trainer")
    assert client.get(PAGE, query_string={"run": mine}).text.count('name="id"') == 2
    client.post(PAGE + "delete-run", data={"run": mine}, headers=csrf(client))
    with app.app_context():
        assert set(db.session.scalars(select(TrainingAugmentation.seed))) == {2}
        assert not any(get_storage().exists(key) for key in keys)
        last = list(db.session.scalars(select(TrainingAugmentation.id)))
    client.post(PAGE + "delete", data={"id": [str(last[0])]}, headers=csrf(client))
    with app.app_context():
        run = db.session.get_one(Run, other)
        assert augmentations.made_by(run) == 1
        run.started_at = run.finished_at = now() - timedelta(hours=1)  # another run, with the same seed by chance
        db.session.commit()
        assert augmentations.delete_of_run(other) == 0


def test_a_run_that_goes_on_is_kept(app: Flask, made: Callable[[int, str], int]) -> None:
    with app.app_context():
        running = made(1, RunState.RUNNING.value)
        with pytest.raises(augmentations.AugmentationError, match="got another run"):
            augmentations.delete_of_run(running)
        assert db.session.scalar(select(func.count(TrainingAugmentation.id))) == 2
