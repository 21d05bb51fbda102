"""Use of what a meter measures: told from its readings, spread over days and months, drawn and written as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import METER, at, device, readings, save
from tests.browser.shipped import watch


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


def use(page: Page, meter: dict[str, Any], stored: list[dict[str, Any]], year: int, month: int | None = None) -> Any:
    """Steps, odd readings, and the use in the days of a month or the months of a year."""
    return page.evaluate(
        """async ([meter, readings, year, month]) => {
          const {useOf, spread, daysOf, monthsOf} = await import("/js/meters/use.js");
          const {steps, odd} = useOf(meter, readings);
          const edges = month === null ? monthsOf(year) : daysOf(year, month - 1);
          return {steps: steps.map(({used, rollover}) => [used, rollover]), odd: [...odd],
                  use: spread(meter, steps, edges)};
        }""",
        [meter, stored, year, month],
    )


def test_use_is_spread_over_the_days_between(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    found = use(page, METER, readings((at(2026, 10, 20), "0100.0"), (at(2026, 10, 30), "0341.0")), 2026, 10)
    days = found["use"]
    assert days[:19] == [None] * 19 and days[29:] == [None, None]
    assert days[19] == pytest.approx(24) and days[24] == pytest.approx(25)  # the 25th has 25 hours
    assert sum(days[19:29]) == pytest.approx(241)
    months = use(page, METER, readings((at(2026, 1, 30), "0000.0"), (at(2026, 2, 4), "0010.0")), 2026)["use"]
    assert months[:2] == [pytest.approx(4), pytest.approx(6)] and months[2:] == [None] * 10


def test_a_rollover_is_use_and_a_misread_is_none(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    days = [at(2026, 9, day) for day in range(1, 9)]
    rolled = use(page, METER, readings((days[0], "9990.0"), (days[1], "0010.5")), 2026, 9)
    assert rolled["steps"] == [[205, True]] and rolled["use"][0] == pytest.approx(20.5)
    texts = ["0100.0", "0110.0", "8120.0", "0130.0", "0129.9"]  # one is misread; the last drum was once read early
    odd = use(page, METER, readings(*zip(days, texts, strict=False)), 2026, 9)
    assert odd["odd"] == ["r2"] and odd["steps"] == [[100, False], [200, False], [0, False]]
    exchanged = ["5000.0", "5010.0", "5020.0", "5030.0", "0001.0", "0011.0", "0021.0", "0031.0"]
    new = use(page, METER, readings(*zip(days, exchanged, strict=True)), 2026, 9)
    assert new["odd"] == [] and [step[0] for step in new["steps"]] == [100] * 6


def test_the_chart_says_what_its_table_says(page: Page, live_server: str) -> None:
    """With the application's security headers."""
    troubles = watch(page)
    page.goto(f"{live_server}/meters.html#m1")
    save(page, [METER], readings((at(2026, 9, 30), "9900.0"), (at(2026, 10, 4), "0000.0"), (at(2026, 10, 5), "0012.5")))
    expect(page.locator(".period")).to_have_text("October 2026")
    page.get_by_text("As a table").click()
    rows = page.locator(".chart-table tbody tr")
    expect(rows).to_have_count(31)
    expect(rows.nth(3)).to_have_text("4 October 202612.50")
    expect(rows.nth(4)).to_have_text("5 October 2026not known")
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    page.get_by_role("button", name="By month").click()
    expect(page.locator(".period")).to_have_text("2026")
    expect(rows.nth(8)).to_have_text("September 202625.00 (known in part)")
    expect(rows.nth(9)).to_have_text("October 202687.50 (known in part)")
    expect(page.get_by_role("button", name="By month")).to_be_focused()
    assert [trouble for trouble in troubles if "Service Worker" not in trouble] == []
