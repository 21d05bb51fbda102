"""`/api/read` and `/api/model`: the browser's shape, what is refused and how, limits, other sites."""

import io
import json
import zipfile
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from backend import create_app
from backend.domain.reading import decode
from backend.limits import limiter
from backend.services import reading
from backend.settings import Settings

from .readable import Golden, copy_version, goldens, point_at
from .schema import problems

pytestmark = pytest.mark.one_database("sqlite", reason="nothing here touches the database")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """With a version published that can be read with."""
    point_at(copy_version(settings.static / "model"))
    return settings


@pytest.fixture(autouse=True)
def _fresh_limits(app: Flask) -> None:
    with app.app_context():
        limiter.reset()


def send(client: FlaskClient, picture: bytes | None, url: str = "/api/read", **fields: Any) -> TestResponse:
    headers = fields.pop("headers", {})
    files = {} if picture is None else {"picture": (io.BytesIO(picture), "photo.jpg")}
    return client.post(url, data={**fields, **files}, content_type="multipart/form-data", headers=headers)


def documented(client: FlaskClient, path: str, method: str, status: int) -> dict[str, Any]:
    """The schema that the document gives for an answer."""
    document = client.get("/api/openapi.json").get_json()
    content = document["paths"][path][method]["responses"][str(status)]["content"]["application/json"]
    name = content["schema"]["$ref"].rpartition("/")[2]
    assert problems(content["example"], document["components"]["schemas"][name]) == []
    return dict(document["components"]["schemas"][name])


def refusal(response: TestResponse, client: FlaskClient, path: str = "/api/read") -> tuple[int, str, str]:
    """Status, word and sentence of a refusal, which is as documented."""
    schema = documented(client, path, "post", response.status_code)
    assert problems(response.get_json(), schema) == []
    error = response.get_json()["error"]
    return response.status_code, error["code"], error["message"]


def test_a_reading_as_keras_made_it(client: FlaskClient, settings: Settings) -> None:
    card = json.loads((next((settings.static / "model").glob("*/1/card.json"))).read_text("utf-8"))
    for golden in goldens()[:4]:
        expect_reading(client, golden, card)


def expect_reading(client: FlaskClient, golden: Golden, card: dict[str, Any]) -> None:
    response = send(client, golden.data, **golden.fields)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers
    found = response.get_json()
    assert problems(found, documented(client, "/api/read", "post", 200)) == []
    expected = decode(
        golden.output, card["temperature"], card["threshold"], card["unreadable"], card["unreadable_temperature"]
    )
    assert (found["text"], found["accepted"], found["reason"]) == (expected.text, expected.accepted, expected.reason)
    assert found["confidence"] == pytest.approx(expected.confidence, abs=1e-2)
    assert (found["model"], found["version"]) == (card["name"], "1")


def test_the_published_version_is_described(client: FlaskClient, settings: Settings) -> None:
    first = client.get("/api/model")
    assert problems(first.get_json(), documented(client, "/api/model", "get", 200)) == []
    assert first.get_json()["version"] == "1"
    assert client.get("/api/model", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    point_at(copy_version(settings.static / "model", 7, metrics={}))
    second = client.get("/api/model", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.get_json()["version"]) == (200, "7")
    assert problems(second.get_json(), documented(client, "/api/model", "get", 200)) == []
    assert set(second.get_json()["accuracy"].values()) == {None}


def test_without_a_version_it_says_so(client: FlaskClient, settings: Settings) -> None:
    (settings.static / "model" / "current.json").unlink()
    refused = send(client, goldens()[0].data)
    assert refusal(refused, client) == (503, "unavailable", "no version is published")
    assert refused.headers["Retry-After"]
    assert client.get("/api/model").status_code == 503


def test_too_many_at_once_are_told_to_come_back(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise reading.BusyError("expected fewer readings at once; try again in a few seconds")

    monkeypatch.setattr(reading, "read", busy)
    refused = send(client, goldens()[0].data)
    assert refusal(refused, client)[:2] == (503, "busy")
    assert int(refused.headers["Retry-After"]) > 0


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("../../etc/passwd", "x")
    return buffer.getvalue()


def bomb() -> bytes:
    """A small PNG of 100 megapixels."""
    buffer = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(buffer, "PNG")
    return buffer.getvalue()


def test_hostile_pictures_are_refused_with_a_sentence(client: FlaskClient) -> None:
    hostile = [
        ("empty", b"", 415, "not_image"),
        ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 415, "not_image"),
        ("html", b"<!doctype html><script>alert(1)</script>", 415, "not_image"),
        ("gif", b"GIF89a" + bytes(40), 415, "not_image"),
        ("archive", archive(), 415, "not_image"),
        ("cut short", goldens()[0].data[:-30], 422, "damaged"),
        ("archive as picture", b"\x89PNG\r\n\x1a\n" + b"PK\3\4" * 20, 422, "damaged"),
        ("bomb", bomb(), 413, "too_large"),
    ]
    for name, picture, status, word in hostile:
        found = refusal(send(client, picture), client)
        assert found[:2] == (status, word), name
        assert found[2].startswith("expected "), name
        assert client.get("/healthz").status_code == 200, name


def test_a_box_that_is_none(client: FlaskClient) -> None:
    whole = {"x": "1", "y": "1", "width": "10", "height": "5"}
    assert send(client, goldens()[0].data, **whole).status_code == 200
    wrong = [("width", "nan"), ("width", "1_0"), ("x", "٣"), ("width", "0"), ("width", "-5"), ("x", "99999"), ("y", "")]
    for name, value in wrong:
        found = refusal(send(client, goldens()[0].data, **{**whole, name: value}), client)
        assert found[:2] == (422, "bad_box"), (name, value)


def test_forms_that_are_none(client: FlaskClient) -> None:
    picture = goldens()[0].data
    assert refusal(client.post("/api/read", data=picture, content_type="image/png"), client)[:2] == (415, "not_form")
    assert refusal(client.post("/api/read"), client)[:2] == (415, "not_form")
    assert refusal(send(client, None, note="hello"), client)[:2] == (400, "no_picture")
    twice = {"picture": [(io.BytesIO(picture), "a.png"), (io.BytesIO(picture), "b.png")]}
    response = client.post("/api/read", data=twice, content_type="multipart/form-data")
    assert refusal(response, client)[:2] == (400, "no_picture")
    assert refusal(send(client, picture, bx="1"), client) == (
        400,
        "bad_request",
        "expected no other fields than described, got 'bx'",
    )
    cut = b"--b\r\nContent-Disposition: form-data; na"
    response = client.post("/api/read", data=cut, content_type="multipart/form-data; boundary=b")
    assert refusal(response, client)[0] in (400, 415)


def test_more_than_a_picture_is_not_read(client: FlaskClient) -> None:
    for fields in ({"note": "x" * 200_000}, {f"n{n}": "x" for n in range(50)}):
        assert refusal(send(client, goldens()[0].data, **fields), client)[:2] == (413, "too_large")


def test_a_body_that_is_too_large_is_not_read(client: FlaskClient) -> None:
    class Endless(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            self.taken += size or 0
            return bytes(size or 0)

    body = Endless()
    said = {"CONTENT_LENGTH": "99000000", "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    response = client.post("/api/read", input_stream=body, environ_overrides=said)
    assert refusal(response, client)[:2] == (413, "too_large")
    assert body.taken < 1_000_000


def test_readings_are_throttled_by_the_setting(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"read_limit": "2 per minute"}))
    client = app.test_client()
    answers = [send(client, goldens()[0].data) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert refusal(answers[-1], client)[1:] == ("too_many_requests", "Expected fewer requests; try again later.")
    assert int(answers[-1].headers["Retry-After"]) > 0
    elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    form = {"picture": (io.BytesIO(goldens()[0].data), "a.png")}
    assert client.post("/api/read", data=form, **elsewhere).status_code == 200


def test_pages_of_other_sites(settings: Settings) -> None:
    ours, theirs = "https://meters.example", "https://evil.example"
    closed = create_app(settings).test_client()
    opened = create_app(settings.model_copy(update={"api_origins": f"{ours} https://x.example:8443"})).test_client()
    picture = goldens()[0].data
    for client, origin, status in [(closed, theirs, 403), (opened, theirs, 403), (opened, ours, 200)]:
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        answer = send(client, picture, headers=headers)
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (
            status,
            origin if status == 200 else None,
        )
        assert "Access-Control-Allow-Credentials" not in answer.headers
    asked = opened.options("/api/feedback", headers={"Origin": ours, "Access-Control-Request-Method": "POST"})
    assert asked.headers["Access-Control-Allow-Origin"] == ours
    assert "Idempotency-Key" in asked.headers["Access-Control-Allow-Headers"]
    broken = send(opened, b"", headers={"Origin": ours})
    assert (broken.status_code, broken.headers["Access-Control-Allow-Origin"]) == (415, ours)
    assert send(closed, picture, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert send(closed, picture, headers={"Origin": theirs}).status_code == 200  # no browser, or an old one
    assert "Access-Control-Allow-Origin" not in send(closed, picture, headers={"Origin": theirs}).headers


def test_the_document_describes_every_address_of_the_api(app: Flask, client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    existing = {
        (rule.rule, method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != "/api/openapi.json"
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}
    }
    assert existing == {(path, method) for path, methods in document["paths"].items() for method in methods}
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        assert f'"#/components/schemas/{name}"' in text
    for methods in document["paths"].values():
        for operation in methods.values():
            for form in operation.get("requestBody", {}).get("content", {}).values():
                schema = document["components"]["schemas"][form["schema"]["$ref"].rpartition("/")[2]]
                assert problems(form["example"], schema) == []
