"""The page of one meter: the meter edited, its chart turned back and forth, long lists, words beside a reading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import METER, TWO, at, device, kept, readings, save


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


def test_a_meter_is_edited(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    before = kept(page)
    page.get_by_role("button", name="Edit the reading of 1 Nov").click()
    expect(page.get_by_role("dialog", name="Edit the reading of 1 Nov")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Edit meter").click()
    filled = {"Name": "Kitchen", "Unit": "kWh", "Digits": "5", "Of these, after the point": "1"}
    for label, value in filled.items():
        expect(page.get_by_label(label, exact=False).first).to_have_value(value)
    page.get_by_label("Name").fill("Cellar")
    page.get_by_label("Unit").fill("MWh")
    page.get_by_label("Digits").fill("7")
    page.get_by_label("Highest plausible use a day").fill("20.5")
    expect(page.locator(".example-reading")).to_contain_text("MWh")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Cellar")).to_be_visible()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Edit meter")).to_be_focused()
    expect(page.locator(".stored").first).to_contain_text("710.0 MWh")
    expect(page.locator(".since")).to_contain_text("310.0 MWh in 31 days")
    changed = {"name": "Cellar", "unit": "MWh", "digits": 7, "mostPerDay": 20.5}
    assert kept(page) == {"meters": [METER | changed], "readings": before["readings"]}
    page.get_by_role("link", name="All meters").click()
    expect(page.locator(".meter")).to_have_count(1)
    expect(page.locator(".meter")).to_contain_text("Cellar")


def test_a_new_meter_has_the_units_of_the_language(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    page.get_by_role("button", name="Русский").click()
    page.get_by_role("button", name="Добавить счётчик").click()
    unit, most = page.get_by_label("Единица"), page.get_by_label("Наибольший возможный расход")
    expect(unit).to_have_value("кВт·ч")
    for measured, usual in {"water": "м³", "gas": "м³", "heat": "Гкал", "electricity": "кВт·ч"}.items():
        page.get_by_label("Что измеряет").select_option(measured)
        expect(unit).to_have_value(usual)
    for typed, expected in {"МВт·ч": "0,6", "м³": "60", "квт. ч": "150", "Вт*ч": "150000", "вёдра": "1000"}.items():
        unit.fill(typed)
        unit.press("Tab")
        expect(most).to_have_value(expected)


def test_the_chart_goes_earlier_and_later(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    months = readings((at(2025, 12, 20), "0100.0"), (at(2026, 1, 10), "0310.0"), (at(2026, 2, 4), "0560.0"))
    save(page, [METER], months)
    period, rows = page.locator(".period"), page.locator(".chart-table tbody tr")
    earlier, later = (page.get_by_role("button", name=name, exact=True) for name in ("Earlier", "Later"))
    page.get_by_text("As a table").click()
    expect(period).to_have_text("February 2026")
    expect(later).to_be_disabled()
    expect(rows).to_have_count(28)
    expect(rows.nth(2)).to_have_text("3 February 202610.00")
    expect(rows.nth(3)).to_have_text("4 February 2026not known")
    earlier.click()
    expect(period).to_have_text("January 2026")
    expect(earlier).to_be_focused()
    expect(rows).to_have_count(31)
    expect(rows.first).to_have_text("1 January 202610.00")
    expect(page.locator(".chart-area canvas")).to_have_attribute("aria-label", re.compile("Use, kWh: January 2026"))
    earlier.click()
    expect(period).to_have_text("December 2025")
    expect(earlier).to_be_disabled()
    expect(rows.nth(18)).to_have_text("19 December 2025not known")
    expect(rows.nth(19)).to_have_text("20 December 202510.00")
    later.click()
    expect(period).to_have_text("January 2026")
    page.get_by_role("button", name="By month").click()
    expect(period).to_have_text("2026")
    expect(later).to_be_disabled()
    earlier.click()
    expect(period).to_have_text("2025")
    expect(rows).to_have_count(12)
    expect(rows.nth(11)).to_have_text("December 2025120.00 (known in part)")
    expect(page.locator(".use .hint")).to_contain_text("a bar is paler")
    later.click()
    expect(rows.first).to_have_text("January 2026310.00")  # known from its first day to its last


def test_a_long_list_is_shown_fifty_at_a_time(page: Page, static_server: str) -> None:
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    times = [int((start + timedelta(days=day)).timestamp() * 1000) for day in range(120)]
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*((time, f"{100 + day:04}.0") for day, time in enumerate(times))))
    stored = page.locator(".stored .value")
    expect(stored).to_have_count(50)
    assert stored.all_text_contents() == [f"{100 + day}.0" for day in range(119, 69, -1)]
    page.get_by_role("button", name="Show 50 more").click()
    expect(stored).to_have_count(100)
    page.get_by_role("button", name="Show 20 more").click()
    expect(stored).to_have_count(120)
    expect(stored.last).to_have_text("100.0")
    expect(page.get_by_role("button", name="more")).to_have_count(0)
    page.locator("[data-key=delete-r0]").click()
    expect(stored).to_have_count(119)  # what was opened stays open


def test_what_is_said_of_a_reading(page: Page, static_server: str) -> None:
    days = [at(2026, 9, day) for day in range(1, 7)]
    page.goto(f"{static_server}/meters.html#m1")
    texts = ["9990.0", "0010.0", "8000.0", "0020", "0030.0"]
    save(page, [METER], readings(*zip(days, texts, strict=False)))
    stored = page.locator(".stored")
    expect(stored).to_have_count(5)
    said = {
        "30.0": [],
        "20": ["does not match this meter’s digits: not in the chart"],
        "8000.0": ["cannot follow the other readings: not in the chart"],
        "10.0": ["rolled over to zero"],
        "9990.0": [],
    }
    assert stored.locator(".value").all_text_contents() == list(said)
    for position, words in enumerate(said.values()):
        assert stored.nth(position).locator(".remark").all_text_contents() == words
    assert [position for position in range(5) if "odd" in str(stored.nth(position).get_attribute("class"))] == [1, 2]
    expect(stored.nth(3).locator(".since")).to_have_text("20.0 kWh in 24 hours")
    expect(page.locator(".notice")).to_contain_text("not in the chart: 1. Check them")
