"""Deciding in a real browser, by button and by key, without a reload; taking back; what the server refuses is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.database import db
from backend.models import LabelConfirmation, PairDecision, Training
from backend.services.dataset_import import import_dataset
from tests.backend.folders import draw, write_folder
from tests.backend.samples import probabilities
from tests.browser.panel import SERVED, browser_login, complaints


@pytest.fixture(scope="module", autouse=True)
def samples(panel_server: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two pairs of the same picture, the second pair to teach and to validate with."""
    folder: Path = tmp_path_factory.mktemp("in")
    rows = [
        {"image": f"{n}.png", "type": kind, "correct_value": value}
        for n, (value, kind) in enumerate([("12.5", 0), ("12.5", 0), ("34.7", 0), ("34.7", 2)])
    ]
    (folder / "images").mkdir()
    for row in rows:
        draw(str(row["correct_value"])).save(folder / "images" / str(row["image"]))
    with SERVED[panel_server].app_context():
        import_dataset(write_folder(folder, rows), "me")


@pytest.fixture
def annotator(page: Page, panel_server: str) -> Iterator[Page]:
    """An annotator, with nothing decided."""
    with SERVED[panel_server].app_context():
        for table in (PairDecision, LabelConfirmation):
            db.session.query(table).delete()
        for sample in db.session.query(Training):
            sample.state = "labelled"
        db.session.commit()
    found = complaints(page)
    browser_login(page, panel_server, "annotator")
    yield page
    assert [line for line in found if "409" not in line] == []  # what the server refuses, Chromium calls an error


def states(address: str) -> list[str]:
    with SERVED[address].app_context():
        return [row.state for row in db.session.query(Training).order_by(Training.id)]


def test_pairs_by_button_and_key(annotator: Page, panel_server: str) -> None:
    page = annotator
    page.goto(f"{panel_server}/admin/duplicates/")
    expect(page.get_by_role("alert")).to_contain_text("tested on what it was taught")
    cases = page.locator(".case")
    expect(cases).to_have_count(2)
    expect(cases.first).to_have_class("case case-leak")
    expect(cases.first.get_by_role("button", name="Both")).to_be_disabled()
    cases.first.get_by_role("button", name="Keep the right one").click()
    expect(cases.first).to_contain_text("The right one stays")
    page.keyboard.press("3")  # the next pair is the current one by now
    expect(cases.nth(1)).to_contain_text("they are no duplicates")
    assert states(panel_server) == ["labelled", "labelled", "trash", "labelled"]
    page.keyboard.press("u")
    expect(cases.nth(1).get_by_role("button", name="Keep the left one")).to_be_visible()
    page.keyboard.press("u")
    expect(cases.first.get_by_role("button", name="Keep the left one")).to_be_visible()
    assert states(panel_server) == ["labelled"] * 4


def test_decisions_outlive_a_reload(annotator: Page, panel_server: str) -> None:
    page = annotator
    page.goto(f"{panel_server}/admin/duplicates/")
    page.locator(".case").nth(1).get_by_role("button", name="Keep the left one").click()
    expect(page.locator(".case-done")).to_have_count(1)
    page.reload()
    expect(page.locator(".case")).to_have_count(1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".case")).to_have_count(2)
    assert states(panel_server) == ["labelled"] * 4


def test_a_refusal_is_said(annotator: Page, panel_server: str) -> None:
    page = annotator
    page.goto(f"{panel_server}/admin/duplicates/")
    with SERVED[panel_server].app_context():
        for sample in db.session.query(Training).filter_by(correct_value="12.5"):
            sample.state = "trash"
        db.session.commit()
    case = page.locator(".case").nth(1)
    case.get_by_role("button", name="Keep the left one").click()
    expect(case.get_by_role("alert")).to_contain_text("removed meanwhile")


def test_doubtful_labels(annotator: Page, panel_server: str) -> None:
    with SERVED[panel_server].app_context():
        first, second, *_ = db.session.query(Training).order_by(Training.id)
        for sample, proposed, sure in ((first, "12.6", 0.6), (second, "12.8", 0.99)):
            sample.proposed_value, sample.proposed_confidence = proposed, 0.9
            sample.proposed_probabilities = probabilities(proposed, (10, sure))
        ids = first.id, second.id
        db.session.commit()
    page = annotator
    page.goto(f"{panel_server}/admin/duplicates/labels")
    cases = page.locator(".case")
    expect(cases).to_have_count(2)
    expect(cases.first).to_contain_text("12.8")  # the more surprising one
    page.keyboard.press("2")
    expect(cases.first).to_contain_text("The label is now 12.8.")
    page.keyboard.press("1")
    expect(cases.nth(1)).to_contain_text("The label 12.5 is right.")
    page.keyboard.press("u")
    expect(cases.nth(1).get_by_role("button", name="Unreadable")).to_be_visible()
    page.keyboard.press("3")
    expect(cases.nth(1)).to_contain_text("Marked as unreadable.")
    with SERVED[panel_server].app_context():
        assert db.session.get_one(Training, ids[1]).correct_value == "12.8"
        assert db.session.get_one(Training, ids[0]).state == "unreadable"
