"""Lines about requests: what they have, what they must not have, JSON where a program reads."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from backend import logs
from backend.settings import Settings

from .readable import copy_version, goldens, point_at

pytestmark = pytest.mark.one_database("sqlite", reason="nothing here touches the database")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What would come out at the standard error output, as for a program."""
    configuration = logs.configuration("info", terminal=False)
    options = dict(configuration["formatters"]["lines"])
    kind = options.pop("()")
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(kind(**options))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_for_each_request(client: FlaskClient, written: io.StringIO) -> None:
    answers = [client.get("/healthz"), client.get("/js/main.js"), client.get("/nothing")]
    found = [line for line in lines(written) if line["event"] == "request"]
    told = [(line["method"], line["address"], line["status"]) for line in found]
    assert told == [("GET", "/healthz", 200), ("GET", "/js/main.js", 200), ("GET", None, 404)]
    assert [line["request_id"] for line in found] == [answer.headers["X-Request-ID"] for answer in answers]
    assert len({line["request_id"] for line in found}) == 3
    for line in found:
        assert line.keys() == {
            "event", "method", "address", "status", "milliseconds", "request_id", "level", "logger", "timestamp"
        }  # fmt: skip
        assert 0 <= line["milliseconds"] < 60_000


def test_nothing_that_is_nobodys_business(client: FlaskClient, settings: Settings, written: io.StringIO) -> None:
    point_at(copy_version(settings.static / "model"))
    headers = {"Cookie": "session=SECRET1", "Authorization": "Bearer SECRET2", "User-Agent": "SECRET3"}
    headers |= {"Referer": "https://SECRET4.example", "X-Forwarded-For": "198.51.100.7", "Idempotency-Key": "SECRET5"}
    someone = {"REMOTE_ADDR": "198.51.100.7"}
    client.get("/healthz?token=SECRET6", headers=headers, environ_base=someone)
    client.get("/admin/set-up/SECRET7", headers=headers, environ_base=someone)
    client.get("/nothing/SECRET8", headers=headers, environ_base=someone)
    form = {"picture": (io.BytesIO(goldens()[0].data), "SECRET9.png"), "value": "4711471147", "consent": "yes"}
    form |= {"version": "compact/1"}
    assert client.post("/api/feedback", data=form, headers=headers, environ_base=someone).status_code == 201
    text = written.getvalue()
    assert text.count('"event": "request"') == 4
    for private in ("SECRET", "198.51.100.7", "4711471147"):
        assert private not in text
    for line in lines(written):
        assert len(json.dumps(line)) < 500  # no picture either


def test_lines_of_others_belong_to_the_request(app: Flask, written: io.StringIO) -> None:
    def view() -> str:
        logging.getLogger("elsewhere").warning("something %s", "odd")
        raise ValueError("a defect")

    app.add_url_rule("/broken", view_func=view)
    app.testing = False
    answer = app.test_client().get("/broken")
    odd, defect, request = lines(written)
    assert (odd["event"], odd["logger"], odd["level"]) == ("something odd", "elsewhere", "warning")
    assert "ValueError: a defect" in defect["exception"]
    assert request["status"] == 500
    assert {line["request_id"] for line in (odd, defect, request)} == {answer.headers["X-Request-ID"]}
    logging.getLogger("elsewhere").warning("later")
    assert "request_id" not in lines(written)[-1]


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f", "<script>alert(1)</script>", "line\\nbreak!"])
def test_a_number_that_is_none_is_not_taken(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


def test_a_given_number_is_taken(client: FlaskClient, written: io.StringIO) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc_DEF-123"}).headers["X-Request-ID"] == "abc_DEF-123"
    assert lines(written)[-1]["request_id"] == "abc_DEF-123"


def test_a_person_reads_text(capsys: pytest.CaptureFixture[str]) -> None:
    options = dict(logs.configuration("info", terminal=True)["formatters"]["lines"])
    formatter = options.pop("()")(**options)
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "hello", (), None)
    line = formatter.format(record)
    assert "hello" in line
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(line)


def test_statements_fail_without_their_values(app: Flask) -> None:
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    from backend.database import db

    with app.app_context(), pytest.raises(DBAPIError) as raised:
        db.session.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "SECRET"})
    assert "SECRET" not in str(raised.value)


def test_threads_keep_their_numbers_apart(app: Flask, written: io.StringIO) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def view() -> str:
        logging.getLogger("inside").warning("inside")
        return str(structlog.contextvars.get_contextvars()["request_id"])

    app.add_url_rule("/number", view_func=view)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: app.test_client().get("/number"), range(40)))
    assert [answer.text for answer in answers] == [answer.headers["X-Request-ID"] for answer in answers]
    inside = [line["request_id"] for line in lines(written) if line["event"] == "inside"]
    assert sorted(inside) == sorted(answer.text for answer in answers)
