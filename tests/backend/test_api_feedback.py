"""`/api/feedback`: with consent, once however often it is sent, nothing but the pixels kept, throttled."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from backend import create_app
from backend.database import db
from backend.domain.imaging import load
from backend.limits import limiter
from backend.models import Feedback, Training
from backend.services import feedback
from backend.services.consistency import check
from backend.settings import Settings
from backend.storage import get_storage

from .readable import Golden, copy_version, goldens, point_at
from .test_api import documented, problems, refusal

URL = "/api/feedback"
SENT = {"value": "00123,4", "version": "compact/1", "consent": "yes", "reading": "123.5", "confidence": "0.61"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a version published that can be read with."""
    point_at(copy_version(settings.static / "model"))
    return settings


@pytest.fixture(autouse=True)
def _fresh_limits(app: Flask) -> None:
    with app.app_context():
        limiter.reset()


@pytest.fixture(scope="module")
def golden() -> Golden:
    return next(each for each in goldens() if each.box)


def send(client: FlaskClient, picture: bytes, key: str | None = None, **changes: Any) -> TestResponse:
    fields = {name: value for name, value in {**SENT, **changes}.items() if value is not None}
    form = {**fields, "picture": (io.BytesIO(picture), "../../photo.png")}
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(URL, data=form, content_type="multipart/form-data", headers=headers)


def counts() -> tuple[int, int, int]:
    """Samples, corrections, files; and all of them fit together."""
    assert list(check()) == []
    rows = [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Training, Feedback)]
    db.session.rollback()
    return rows[0], rows[1], len(list(get_storage().names()))


def test_a_correction_waits_to_be_labelled(app: Flask, client: FlaskClient, golden: Golden) -> None:
    answer = send(client, golden.data, **golden.fields)
    assert answer.status_code == 201
    assert problems(answer.get_json(), documented(client, URL, "post", 201)) == []
    assert "Set-Cookie" not in answer.headers
    with app.app_context():
        told = db.session.scalars(select(Feedback)).one()
        sample = told.training
        assert (told.value, told.reading, told.confidence, told.version) == ("00123.4", "123.5", 0.61, "compact/1")
        assert (sample.state, sample.source, sample.type, sample.correct_value) == ("proposed", "feedback", 0, None)
        assert sample.proposed_value == "00123.4"  # the person's, whatever the version reads
        assert sample.proposed_probabilities
        assert sample.proposed_confidence == pytest.approx(0, abs=1e-3)
        assert golden.box
        assert (sample.box_x, sample.box_height) == (golden.box.x, golden.box.height)
        assert (sample.meter_type.name, sample.created_by) == ("unknown", "feedback")
        assert load(get_storage().get(sample.image)).tobytes() == load(golden.data).tobytes()
        assert counts() == (1, 1, 1)


def test_nothing_of_the_file_but_its_pixels_is_kept(app: Flask, client: FlaskClient) -> None:
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "51.1N 71.4E"
    Image.new("RGB", (90, 40), "white").save(buffer, "JPEG", exif=exif, comment=b"51.1N 71.4E")
    assert send(client, buffer.getvalue() + b"51.1N 71.4E").status_code == 201
    with app.app_context():
        sample = db.session.scalars(select(Training)).one()
        assert b"51.1N" not in get_storage().get(sample.image)
        assert "photo" not in sample.image


def test_the_same_again_is_one_row_and_the_same_answer(app: Flask, client: FlaskClient, golden: Golden) -> None:
    first = send(client, golden.data, "a-key")
    again = [
        send(client, golden.data, "a-key"),
        send(client, golden.data, "another-key"),
        send(client, golden.data),
        send(client, golden.data, value="00123.4"),
        send(client, recompressed(golden.data)),
    ]
    assert (first.status_code, [each.status_code for each in again]) == (201, [200] * 5)
    assert [each.get_json() for each in again] == [first.get_json()] * 5
    assert problems(again[0].get_json(), documented(client, URL, "post", 200)) == []
    assert send(client, golden.data, value="99").status_code == 201  # somebody else sees another number
    with app.app_context():
        assert counts() == (2, 2, 1)


def recompressed(picture: bytes) -> bytes:
    """The same pixels in another file."""
    buffer = io.BytesIO()
    load(picture).save(buffer, "PNG", compress_level=9)
    return buffer.getvalue()


def test_a_key_stands_for_one_correction(app: Flask, client: FlaskClient, golden: Golden) -> None:
    assert send(client, golden.data, "a-key").status_code == 201
    assert refusal(send(client, golden.data, "a-key", value="99"), client, URL)[:2] == (422, "key_reused")
    assert refusal(send(client, golden.data, "a key"), client, URL)[:2] == (400, "bad_key")
    with app.app_context():
        assert counts() == (1, 1, 1)


def test_the_same_from_many_at_once_is_one_row(app: Flask, golden: Golden) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(app.test_client(), golden.data, "a-key"), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.get_json()["id"] for answer in answers}) == 1
    with app.app_context():
        assert counts() == (1, 1, 1)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"consent": None}, "no_consent"),
    ({"consent": "no"}, "no_consent"),
    ({"value": None}, "bad_value"),
    ({"value": "=1+1"}, "bad_value"),
    ({"value": "12345678901"}, "bad_value"),
    ({"value": "١٢٣"}, "bad_value"),
    ({"reading": "<b>"}, "bad_reading"),
    ({"confidence": "1.5"}, "bad_confidence"),
    ({"confidence": "nan"}, "bad_confidence"),
    ({"version": None}, "bad_version"),
    ({"version": "../../x"}, "bad_version"),
    ({"version": "a/" + "1" * 200}, "bad_version"),
    ({"x": "1", "y": "1", "width": "9", "height": "inf"}, "bad_box"),
    ({"x": "9999", "y": "1", "width": "9", "height": "9"}, "bad_box"),
]


@pytest.mark.one_database("sqlite", reason="nothing is written")
def test_what_cannot_be_kept_is_refused(app: Flask, client: FlaskClient, golden: Golden) -> None:
    for changes, word in WRONG:
        with app.app_context():
            limiter.reset()
        status, code, sentence = refusal(send(client, golden.data, **changes), client, URL)
        assert (status, code) == (422, word), changes
        assert "expected" in sentence
    with app.app_context():
        assert counts() == (0, 0, 0)


def test_hostile_pictures_leave_nothing(app: Flask, client: FlaskClient, golden: Golden) -> None:
    for picture, status in [(b"<svg/>", 415), (b"", 415), (golden.data[:-20], 422), (b"PK\3\4" * 9, 415)]:
        assert refusal(send(client, picture), client, URL)[0] == status
    with app.app_context():
        assert counts() == (0, 0, 0)


def test_a_failure_leaves_nothing(
    app: Flask, client: FlaskClient, golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.testing = False
    with monkeypatch.context() as patch:
        patch.setattr(feedback, "Feedback", broken)
        assert send(client, golden.data).status_code == 500
    with app.app_context():
        assert counts() == (0, 0, 0)
    assert send(client, golden.data).status_code == 201


def broken(**_: object) -> None:
    raise OSError("no space left on device")


def test_it_is_kept_without_a_version_too(app: Flask, client: FlaskClient, golden: Golden, settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()
    assert send(client, golden.data).status_code == 201
    with app.app_context():
        sample = db.session.scalars(select(Training)).one()
        assert (sample.proposed_value, sample.proposed_probabilities) == ("00123.4", None)


def test_it_goes_with_its_sample(app: Flask, client: FlaskClient, golden: Golden) -> None:
    send(client, golden.data)
    with app.app_context():
        db.session.delete(db.session.scalars(select(Training)).one())
        db.session.commit()
        assert counts() == (0, 0, 0)


@pytest.mark.one_database("sqlite", reason="the limits are not in the database")
def test_it_is_throttled_for_each_and_for_all(app: Flask, settings: Settings, golden: Golden) -> None:
    limited = create_app(settings.model_copy(update={"feedback_limit": "2/minute", "feedback_total": "2/minute"}))
    client = limited.test_client()

    def status(address: str, value: str) -> int:
        form = {**SENT, "value": value, "picture": (io.BytesIO(golden.data), "a.png")}
        return client.post(URL, data=form, environ_base={"REMOTE_ADDR": address}).status_code

    assert [status("192.0.2.1", "1") for _ in range(3)] == [201, 200, 429]
    assert [status("192.0.2.2", "2")] == [201]  # what was not kept did not count for all
    assert [status("192.0.2.3", "3")] == [429]
    refused = client.post(URL, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert refusal(refused, client, URL)[:2] == (429, "too_many_requests")
    assert int(refused.headers["Retry-After"]) > 0
