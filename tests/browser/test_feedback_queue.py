"""Corrections on their way (frontend/js/feedback.js): kept until the server has them, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, Response, Route
from sqlalchemy import delete, select

from backend.database import db
from backend.models import Feedback, Training
from backend.settings import Settings
from tests.browser.panel import SERVED, serving

ADDRESS = "**/api/feedback"
CYCLES = 100
MODULE = Path(__file__).with_name("feedback_page.js")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An application with an empty database that takes any number of corrections."""
    folder = tmp_path_factory.mktemp("feedback")
    (folder / "static").mkdir()
    limits = {"feedback_limit": "", "feedback_total": ""}
    with serving(Settings(instance=folder / "instance", static=folder / "static", **limits)) as address:
        yield address


@pytest.fixture
def kept(server: str) -> Iterator[Callable[[], list[str]]]:
    """Tells the values that reached the database, which is empty at first."""
    app = SERVED[server]

    def values() -> list[str]:
        with app.app_context():
            rows = db.session.execute(select(Feedback.value).join(Training)).scalars().all()
            db.session.remove()
        return sorted(rows, key=int)

    yield values
    with app.app_context():
        db.session.execute(delete(Feedback))
        db.session.execute(delete(Training))
        db.session.commit()
        db.session.remove()


class Tab:
    """A page with the queue; `ask` calls a function of feedback_page.js."""

    def __init__(self, context: BrowserContext, address: str, consent: str = "yes") -> None:
        self.page: Page = context.new_page()
        self.page.route(
            "**/feedback_page.js",
            lambda route: route.fulfill(body=MODULE.read_text("utf-8"), content_type="text/javascript"),
        )
        self.page.goto(f"{address}/icon.svg")
        self.ask("open", consent)

    def ask(self, name: str, *values: object) -> Any:
        call = "async ([name, ...values]) => (await import('/feedback_page.js'))[name](...values)"
        return self.page.evaluate(call, [name, *values])


def lose_answer(route: Route) -> None:
    """The server gets it, the page never learns."""
    route.fetch()
    route.abort()


def test_a_hundred_offline_and_online_cycles(
    context: BrowserContext, server: str, kept: Callable[[], list[str]]
) -> None:
    """Each cycle one correction without a network; then it is back, but loses every fifth request, and of the others
    every third answer."""
    tab = Tab(context, server)
    keys: list[str] = []

    def carry(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) % 5 == 0:
            route.abort()
        elif len(keys) % 3 == 0:
            lose_answer(route)
        else:
            route.continue_()

    tab.page.route(ADDRESS, carry)
    for cycle in range(CYCLES):
        context.set_offline(True)
        tab.ask("correct", cycle)
        context.set_offline(False)
    tab.ask("settle", True)
    assert kept() == [str(number) for number in range(CYCLES)]
    assert len(set(keys)) == CYCLES
    assert len(keys) > CYCLES  # some were sent again


def test_two_tabs_send_nothing_twice(context: BrowserContext, server: str, kept: Callable[[], list[str]]) -> None:
    keys: list[str] = []

    def count(answer: Response) -> None:  # what was tried without a network has none
        if "idempotency-key" in answer.request.headers:
            keys.append(answer.request.headers["idempotency-key"])

    context.on("response", count)
    one, other = Tab(context, server), Tab(context, server)
    context.set_offline(True)
    one.ask("correctAll", [1, 2, 3, 4])
    other.ask("correctAll", [5, 6, 7, 8])
    context.set_offline(False)  # both tabs hear of it
    one.ask("settle", True)
    other.ask("settle", True)
    assert kept() == [str(number) for number in range(1, 9)]
    assert len(keys) == len(set(keys)) == 8


def test_a_page_closed_in_the_middle_of_sending(
    context: BrowserContext, server: str, kept: Callable[[], list[str]]
) -> None:
    reached: list[str] = []
    tab = Tab(context, server)

    def answer_never(route: Route) -> None:
        route.fetch()
        reached.append(route.request.headers["idempotency-key"])

    tab.page.route(ADDRESS, answer_never)
    with tab.page.expect_request(ADDRESS):
        tab.ask("correctAll", [1, 2])
    for _ in range(200):
        if reached:
            break
        tab.page.wait_for_timeout(50)
    tab.page.close()
    assert kept() == ["1"] or kept() == ["2"]

    later = Tab(context, server)  # sends by itself what waits
    later.ask("settle", False)
    assert kept() == ["1", "2"]


@pytest.mark.parametrize(
    ("answer", "outcome", "left"),
    [
        ({"status": 404, "body": "not here"}, "absent", 1),
        ({"status": 405}, "absent", 1),
        ({"status": 501}, "absent", 1),
        ({"status": 503, "headers": {"Retry-After": "3600"}}, "waiting", 1),
        ({"status": 429}, "waiting", 1),
        ({"status": 413, "body": "<h1>proxy</h1>"}, "waiting", 1),
        ({"status": 422, "json": {"error": {"code": "damaged", "message": "expected a whole picture"}}}, "refused", 0),
    ],
)
def test_what_the_server_answers(
    context: BrowserContext, static_server: str, answer: dict[str, Any], outcome: str, left: int
) -> None:
    """Kept unless the server itself says that it will never take it."""
    tab = Tab(context, static_server)
    tab.page.route(ADDRESS, lambda route: route.fulfill(**answer))
    identity = tab.ask("correct", 1)
    news = tab.ask("heard", outcome)
    assert (news["id"], news.get("message")) == (identity, "expected a whole picture" if left == 0 else None)
    assert tab.ask("waiting") == left


def test_what_is_taken_back_while_another_is_uploaded_is_not_sent(context: BrowserContext, static_server: str) -> None:
    tab = Tab(context, static_server)
    keys: list[str] = []

    def take(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        tab.ask("takeBack", "two" if keys == ["one"] else "one")
        route.fulfill(status=201, json={"id": 1})

    tab.page.route(ADDRESS, take)
    tab.ask("keep", ["one", "two"])
    tab.ask("flush")
    assert (len(keys), tab.ask("waiting")) == (1, 0)


def test_what_waits_behind_another_is_told_so(context: BrowserContext, static_server: str) -> None:
    """The first finds no network: nothing else is tried, but each learns that it waits."""
    tab = Tab(context, static_server)
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        route.abort()

    tab.page.route(ADDRESS, lose)
    tab.ask("keep", ["one", "two", "three"])
    tab.ask("flush")
    assert set(keys) == {"one"}
    assert tab.ask("told") == dict.fromkeys(["one", "two", "three"], "waiting")


def test_what_became_of_a_correction_is_heard_in_all_tabs(context: BrowserContext, static_server: str) -> None:
    """One tab sends what another's card may show."""
    one, other = Tab(context, static_server), Tab(context, static_server)
    one.page.route(ADDRESS, lambda route: route.fulfill(status=201, json={"id": 1}))
    other.ask("flush")  # what it began when it was opened is over
    one.ask("keep", ["one"])
    one.ask("flush")
    assert other.ask("heard", "sent")["id"] == "one"


def test_a_host_that_takes_no_corrections_is_asked_once(context: BrowserContext, static_server: str) -> None:
    """With one picture for all pages that are opened in its tab; all that wait are told, and go on waiting."""
    tab = Tab(context, static_server)
    keys: list[str] = []
    tab.page.on("request", lambda each: keys.append(each.url) if each.method == "POST" else None)
    ids = tab.ask("correctAll", [1, 2])
    tab.ask("flush")
    for _ in range(2):
        assert tab.ask("told") == dict.fromkeys(ids, "absent")
        assert (len(keys), tab.ask("waiting")) == (1, 2)
        tab.page.reload()
        tab.ask("open", None)
        tab.ask("flush")


def test_who_asks_while_others_are_sent_waits_for_their_own(context: BrowserContext, static_server: str) -> None:
    """The first is on its way, a second is given: asked for all that waits, the queue is done once both are tried."""
    tab = Tab(context, static_server)
    assert tab.ask("correctWhileSending") == ["absent", "absent"]


def test_nothing_is_sent_without_consent(context: BrowserContext, static_server: str) -> None:
    tab = Tab(context, static_server)
    asked: list[str] = []
    context.set_offline(True)
    tab.ask("correctAll", [1, 2])
    tab.ask("withdraw")
    tab.ask("settle", False)
    tab.page.on("request", lambda request: asked.append(request.method))
    context.set_offline(False)
    tab.ask("correct", 3)
    tab.ask("rest")
    assert asked == []


def test_what_is_sent(context: BrowserContext, server: str) -> None:
    """The fields that the server describes, and its key."""
    tab = Tab(context, server)
    with tab.page.expect_request(ADDRESS) as request:
        identity = tab.ask("correct", 417)
    assert request.value.headers["idempotency-key"] == identity
    body = request.value.post_data_buffer
    assert body
    for field in (b'name="value"\r\n\r\n417', b'name="version"\r\n\r\ncompact/2', b'name="width"\r\n\r\n24.00'):
        assert field in body
    assert b'name="consent"\r\n\r\nyes' in body


def test_a_store_that_does_not_work_loses_nothing_in_silence(context: BrowserContext, static_server: str) -> None:
    context.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }")
    tab = Tab(context, static_server)
    with pytest.raises(Error, match="keeps nothing for the page"):
        tab.ask("correct", 1)
