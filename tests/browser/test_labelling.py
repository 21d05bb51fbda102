"""The labelling queue in a real browser: by keys alone, by touch, with a tab that closes right after the answer."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect
from sqlalchemy import delete, select

from backend.database import db, reading_session
from backend.models import Change, Lease, Training
from backend.services import uploads
from tests.backend.folders import draw
from tests.backend.samples import probabilities
from tests.browser.panel import SERVED, browser_login, complaints

COUNT = 8


@pytest.fixture
def ids(panel_server: str) -> Iterator[list[int]]:
    """Samples that wait, in the order in which they come; the fourth digit of each is doubtful."""
    with SERVED[panel_server].app_context():
        made = [waiting_sample(number) for number in range(COUNT)]
        yield made
        for table in (Lease, Change, Training):
            db.session.execute(delete(table))
        db.session.commit()
        db.session.remove()


def waiting_sample(number: int) -> int:
    value = f"{number}0012.3"
    buffer = io.BytesIO()
    draw(value, (120, 40)).save(buffer, "JPEG")
    id_ = uploads.add(buffer.getvalue(), uploads.About(0, 1), "test").id
    sample = db.session.get_one(Training, id_)
    sample.proposed_value, sample.proposed_confidence, sample.state = value, number / 100, "proposed"
    sample.proposed_probabilities = probabilities(value, (8, 0.5))
    db.session.commit()
    return id_


@pytest.fixture
def queue(page: Page, panel_server: str, ids: list[int]) -> Page:
    open_queue(page, panel_server)
    return page


def open_queue(page: Page, address: str, role: str = "annotator") -> None:
    browser_login(page, address, role)
    page.goto(f"{address}/admin/labelling/")
    expect(page.locator("#value button").first).to_be_visible()


def value(page: Page) -> str:
    return "".join(page.locator("#value button").all_text_contents())


def wait_for(page: Page, text: str) -> None:
    expect(page.locator("#value")).to_have_text(text)


def sample(id_: int) -> tuple[str, str | None]:
    with reading_session() as session:  # another one would keep the server from writing
        found = session.get_one(Training, id_)
        return found.state, found.correct_value


def test_by_keys_alone(queue: Page, ids: list[int]) -> None:
    troubles = complaints(queue)
    wait_for(queue, "00012.3")
    assert queue.locator("#value .doubtful").all_text_contents() == ["1"]
    queue.keyboard.press("Enter")  # right
    wait_for(queue, "10012.3")
    queue.keyboard.press("n")  # to the doubtful digit
    queue.keyboard.type("7")
    wait_for(queue, "10072.3")
    assert queue.locator("#value .doubtful").count() == 0
    queue.keyboard.press("Enter")
    wait_for(queue, "20012.3")
    queue.keyboard.type("99.88")  # over the first ones; the point moves
    wait_for(queue, "99.8823")
    queue.keyboard.press("Enter")
    wait_for(queue, "30012.3")
    queue.keyboard.press("u")
    wait_for(queue, "40012.3")
    queue.keyboard.press("s")
    wait_for(queue, "50012.3")
    expect(queue.locator("#done")).to_contain_text("4 done")
    expect(queue.locator("#waiting")).to_contain_text("4 waiting")
    found = [sample(id_) for id_ in ids[:5]]
    assert [state for state, _ in found] == ["labelled", "labelled", "labelled", "unreadable", "proposed"]
    assert [text for _, text in found[:3]] == ["00012.3", "10072.3", "99.8823"]
    assert troubles == []


def test_back_and_undo_work_after_a_reload(queue: Page, ids: list[int]) -> None:
    wait_for(queue, "00012.3")
    for text in ("10012.3", "20012.3"):
        queue.keyboard.press("Enter")
        wait_for(queue, text)
    queue.reload()
    wait_for(queue, "20012.3")
    queue.keyboard.press("b")
    wait_for(queue, "10012.3")
    queue.keyboard.press("b")
    wait_for(queue, "00012.3")
    queue.keyboard.type("5")
    queue.keyboard.press("Enter")
    wait_for(queue, "20012.3")
    assert sample(ids[0]) == ("labelled", "50012.3")
    queue.keyboard.press("Control+z")
    wait_for(queue, "00012.3")
    assert sample(ids[0]) == ("labelled", "00012.3")
    queue.keyboard.press("z")
    wait_for(queue, "10012.3")
    assert sample(ids[1]) == ("proposed", None)


def test_a_tab_closed_right_after_the_key_loses_nothing(queue: Page, ids: list[int]) -> None:
    wait_for(queue, "00012.3")
    with queue.expect_request("**/labelling/answer"):
        queue.keyboard.press("Enter")
    queue.close(run_before_unload=False)
    deadline = time.monotonic() + 10
    while sample(ids[0])[0] != "labelled" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sample(ids[0]) == ("labelled", "00012.3")


def test_nothing_moves_on_before_it_is_saved(queue: Page, ids: list[int]) -> None:
    wait_for(queue, "00012.3")
    queue.route("**/labelling/answer", lambda route: route.abort())
    queue.keyboard.press("Enter")
    expect(queue.locator("#trouble")).to_contain_text("Not saved")
    assert value(queue) == "00012.3"
    assert sample(ids[0])[0] == "proposed"
    keys: list[Any] = []

    def lose_the_answer(route: Route) -> None:
        keys.append(route.request.post_data_json["key"])
        route.fetch()
        route.abort()

    queue.unroute("**/labelling/answer")
    queue.route("**/labelling/answer", lose_the_answer)
    queue.keyboard.press("Enter")
    expect(queue.locator("#trouble")).to_contain_text("Not saved")
    queue.unroute("**/labelling/answer")
    queue.keyboard.press("Enter")  # the same answer once more
    wait_for(queue, "10012.3")
    with reading_session() as session:
        assert list(session.scalars(select(Change.key))) == keys


def test_what_waits_is_counted_anew_when_an_answer_came_meanwhile(queue: Page, ids: list[int]) -> None:
    for text in ("00012.3", "10012.3"):
        wait_for(queue, text)
        queue.keyboard.press("Enter")
    wait_for(queue, "20012.3")
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    queue.route("**/labelling/next", hold_the_first)
    queue.keyboard.press("Enter")  # three pictures are left, so that more are asked for
    wait_for(queue, "30012.3")
    deadline = time.monotonic() + 30
    while not held and time.monotonic() < deadline:
        queue.wait_for_timeout(20)
    queue.keyboard.press("Enter")
    wait_for(queue, "40012.3")
    route, counted_before = held[0]
    assert counted_before.json()["waiting"]["all"] == 5
    with queue.expect_request("**/labelling/next"):
        route.fulfill(response=counted_before)
    expect(queue.locator("#waiting")).to_contain_text("4 waiting")


def test_two_people_see_different_pictures(queue: Page, panel_server: str, browser: Browser, ids: list[int]) -> None:
    other = browser.new_context(locale="en-GB")
    second = other.new_page()
    open_queue(second, panel_server, "trainer")
    wait_for(queue, "00012.3")
    wait_for(second, "60012.3")  # the first one holds six
    with reading_session() as session:
        held = dict(session.execute(select(Lease.training_id, Lease.person)).tuples().all())
    assert [held[id_] for id_ in ids] == ["annotator"] * 6 + ["trainer"] * 2
    other.close()


def test_by_touch_on_a_narrow_screen(panel_server: str, browser: Browser, ids: list[int]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, locale="en-GB")
    page = context.new_page()
    open_queue(page, panel_server)
    wait_for(page, "00012.3")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.locator("#value button").nth(3).tap()
    page.locator('[data-type="8"]').tap()
    wait_for(page, "00082.3")
    page.get_by_role("button", name="Right").tap()
    wait_for(page, "10012.3")
    page.get_by_role("button", name="Unreadable").tap()
    wait_for(page, "20012.3")
    page.get_by_role("button", name="Undo").tap()
    wait_for(page, "10012.3")
    assert [sample(id_)[0] for id_ in ids[:2]] == ["labelled", "proposed"]
    context.close()


def test_help_zoom_and_the_end(queue: Page, ids: list[int]) -> None:
    wait_for(queue, "00012.3")
    queue.keyboard.press("?")
    expect(queue.get_by_role("dialog")).to_be_visible()
    queue.keyboard.press("Enter")  # closes the help, answers nothing
    expect(queue.get_by_role("dialog")).to_be_hidden()
    assert value(queue) == "00012.3"
    before = queue.locator("#picture").get_attribute("viewBox")
    queue.keyboard.press("+")
    assert queue.locator("#picture").get_attribute("viewBox") != before
    for number in range(COUNT):
        wait_for(queue, f"{number}0012.3")
        queue.keyboard.press("s" if number == 3 else "u")
    expect(queue.locator("#nothing-skipped")).to_be_visible()
    queue.get_by_role("button", name="Show what I skipped").click()
    wait_for(queue, "30012.3")
    queue.keyboard.press("u")
    expect(queue.locator("#nothing-left")).to_be_visible()
    queue.keyboard.press("z")
    wait_for(queue, "30012.3")


def test_an_empty_queue_says_what_to_do(page: Page, panel_server: str) -> None:
    browser_login(page, panel_server, "annotator")
    page.goto(f"{panel_server}/admin/labelling/")
    expect(page.locator("#nothing-anything")).to_be_visible()
    page.get_by_role("link", name="Upload pictures").click()
    expect(page).to_have_url(f"{panel_server}/admin/training/upload")


def test_uploads_of_many_files(page: Page, panel_server: str, tmp_path: Path, ids: list[int]) -> None:
    browser_login(page, panel_server, "annotator")
    page.goto(f"{panel_server}/admin/training/upload")
    files = [tmp_path / f"счётчик {number}.png" for number in range(4)]
    for number, file in enumerate(files):
        draw(f"77{number}").save(file)
    files[3].write_bytes(b"<svg onload=alert(1)>")
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose pictures").click()
    chooser.value.set_files(files)
    expect(page.locator("#total")).to_have_text("4 of 4: 3 added, 0 were there already, 1 refused")
    expect(page.locator("#uploads .failed")).to_contain_text("Expected a JPEG, PNG or WebP picture")
    expect(page.get_by_role("link", name="Label them")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_text("Choose pictures").click()
    chooser.value.set_files(files[:1])
    expect(page.locator("#total")).to_have_text("5 of 5: 3 added, 1 were there already, 1 refused")


def test_the_first_picture_is_announced_while_it_is_on_its_way(page: Page, panel_server: str, ids: list[int]) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    browser_login(page, panel_server, "annotator")
    page.route("**/labelling/next*", hold)
    page.goto(f"{panel_server}/admin/labelling/")
    expect(page.locator("#looking")).to_be_visible()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    wait_for(page, "00012.3")
    expect(page.locator("#looking")).to_be_hidden()
