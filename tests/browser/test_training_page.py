"""The list of samples in a real browser: choosing, bulk changes with undo, filters; no layout wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, func, select

from backend.database import db, reading_session
from backend.models import Change, Training
from tests.backend.samples import add_samples, row
from tests.browser.panel import SERVED, browser_login, complaints


@pytest.fixture
def some(panel_server: str) -> Iterator[list[int]]:
    with SERVED[panel_server].app_context():
        yield add_samples(*(row(number, proposed_value=f"{number}.5", proposed_confidence=0.5) for number in range(60)))
        for table in (Change, Training):
            db.session.execute(delete(table))
        db.session.commit()
        db.session.remove()


def in_trash() -> int:
    with reading_session() as session:  # another one would keep the server from writing
        return session.scalar(select(func.count(Training.id)).where(Training.state == "trash")) or 0


def serve_pictures(page: Page) -> None:
    """These samples have no files: a picture for each."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'
    page.route("**/admin/pictures/**", lambda route: route.fulfill(body=svg, content_type="image/svg+xml"))


def test_choosing_and_changing(page: Page, panel_server: str, some: list[int]) -> None:
    troubles = complaints(page)
    serve_pictures(page)
    browser_login(page, panel_server, "trainer")
    page.goto(f"{panel_server}/admin/training/")
    change = page.get_by_role("button", name="Change", exact=True)
    boxes = page.locator('input[name="id"]')
    expect(boxes).to_have_count(50)
    expect(change).to_be_hidden()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.locator("#chosen")).to_have_text("chosen: 4")
    page.get_by_label("New state").select_option("trash")
    change.click()
    expect(page.get_by_role("status").first).to_contain_text("4 samples changed.")
    assert in_trash() == 4
    page.get_by_text("Recent changes").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status").first).to_contain_text("4 samples are as before.")
    assert in_trash() == 0
    assert troubles == []


def test_all_that_fit_asks_first(page: Page, panel_server: str, some: list[int]) -> None:
    serve_pictures(page)
    browser_login(page, panel_server, "trainer")
    page.goto(f"{panel_server}/admin/training/?state=proposed")
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".sample")).to_have_count(10)
    page.wait_for_load_state()  # the script runs
    page.get_by_label("all that fit (60)").check()
    page.get_by_label("New state").select_option("trash")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Change", exact=True).click()
    assert in_trash() == 0
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("60 samples changed.")
    expect(page.get_by_text("No sample fits these filters.")).to_be_visible()
    assert in_trash() == 60


def test_narrow_and_in_russian(browser: Browser, panel_server: str, some: list[int]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    serve_pictures(page)
    browser_login(page, panel_server, "admin", "ru")
    for address in ("", f"{some[0]}", "upload"):
        page.goto(f"{panel_server}/admin/training/{address}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(f"{panel_server}/admin/training/")
    expect(page.get_by_role("button", name="Показать")).to_be_visible()
    context.close()
