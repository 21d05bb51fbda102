"""The cutter in a real browser: lines by mouse, touch and keyboard; values follow; keeping, undoing, going on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from backend.database import db
from backend.models import Training, TrainingElement
from backend.services.dataset_import import import_dataset
from tests.backend.folders import write_folder
from tests.browser.panel import SERVED, browser_login, complaints
from tests.browser.shipped import READY_MS

VALUES = ("012.5", "9876543")


@pytest.fixture(scope="module")
def cutter(panel_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of the first sample's cutter; its picture is 90 × 30 pixels."""
    rows = [{"image": f"{n}.jpg", "type": 0, "correct_value": value} for n, value in enumerate(VALUES)]
    folder: Path = write_folder(tmp_path_factory.mktemp("in"), rows)
    with SERVED[panel_server].app_context():
        import_dataset(folder, "me")
        first = db.session.scalar(select(Training.id).order_by(Training.id))
    return f"{panel_server}/admin/fragments/cut?sample={first}"


@pytest.fixture
def annotator(page: Page, panel_server: str, cutter: str) -> Iterator[Page]:
    """An annotator in front of the cutter, with nothing cut."""
    with SERVED[panel_server].app_context():
        db.session.query(TrainingElement).delete()
        db.session.commit()
    found = complaints(page)
    browser_login(page, panel_server, "annotator")
    page.goto(cutter)
    expect(lines(page)).to_have_count(3)
    yield page
    assert found == []


def lines(page: Page) -> Locator:
    return page.get_by_role("slider")


def shown(page: Page) -> list[str]:
    return page.locator(".cutter-piece b").all_inner_texts()


def place(line: Locator) -> int:
    return int(line.get_attribute("aria-valuenow") or "")


def kept(address: str) -> list[tuple[int, str, int]]:
    with SERVED[address].app_context():
        rows = db.session.scalars(select(TrainingElement).order_by(TrainingElement.id))
        return [(row.part, row.correct_value, row.width) for row in rows]


def test_a_line_is_dragged(annotator: Page) -> None:
    page = annotator
    assert shown(page) == ["0", "1", "2.", "5"]
    line = lines(page).first
    before, box, stage = place(line), line.bounding_box(), page.locator("#stage").bounding_box()
    assert box and stage
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 5 * stage["width"] / 90, y, steps=3)
    assert place(line) == before - 5
    page.mouse.move(x + stage["width"], y, steps=3)  # as far as the next line lets it
    assert place(line) == place(lines(page).nth(1)) - 8
    page.mouse.up()
    assert shown(page) == ["0", "1", "2.", "5"]


def test_a_line_is_dragged_by_touch(browser: Browser, panel_server: str, cutter: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = context.new_page()
    browser_login(page, panel_server, "annotator")
    page.goto(cutter)
    line = lines(page).nth(1)
    before, box = place(line), line.bounding_box()
    assert box and box["width"] >= 24  # wide enough for a finger
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in (10, 20, 30):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + step, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert place(line) > before + 3
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    context.close()


def test_by_keyboard_alone(annotator: Page, panel_server: str) -> None:
    page = annotator
    lines(page).first.focus()
    before = place(lines(page).first)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert place(lines(page).first) == before - 9
    page.keyboard.press("Delete")
    expect(lines(page)).to_have_count(2)
    assert shown(page) == ["01", "2.", "5"]
    page.keyboard.press("ArrowDown")  # the line stands one digit further left than its place says
    assert shown(page) == ["0", "12.", "5"]
    page.get_by_label("keep 12.").uncheck()
    lines(page).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 fragments kept: 0, 5")).to_be_visible(timeout=READY_MS)
    assert [(part, value) for part, value, _ in kept(panel_server)] == [(0, "0"), (2, "5")]
    expect(page.get_by_role("heading", level=1)).to_contain_text(VALUES[1])
    expect(lines(page)).to_have_count(4)  # the script has drawn them and hears the keys
    page.keyboard.press("u")
    expect(page.get_by_text("2 fragments removed again")).to_be_visible(timeout=READY_MS)
    assert kept(panel_server) == []


def test_values_follow_where_lines_are_added(annotator: Page) -> None:
    page = annotator
    page.keyboard.press("n")
    expect(lines(page)).to_have_count(4)  # never more pieces than are joined
    assert "".join(shown(page)) == VALUES[1] and len(shown(page)) == 5
    for _ in range(3):
        page.keyboard.press("Delete")
    expect(lines(page)).to_have_count(1)
    page.keyboard.press("Delete")  # the last one stays
    expect(lines(page)).to_have_count(1)
    page.keyboard.press("a")
    expect(lines(page)).to_have_count(2)
    assert "".join(shown(page)) == VALUES[1] and all(shown(page))
    page.keyboard.press("e")
    assert shown(page) == list(VALUES[1])
    page.keyboard.press("r")
    expect(lines(page)).to_have_count(4)
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    expect(page.get_by_role("button", name="Keep and go on")).to_be_disabled()
    expect(page.get_by_text("Nothing is chosen to be kept.")).to_be_visible()
