"""The store of one's own meters: a change reaches other tabs, and comes whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import METER, TWO, at, device, kept, readings, save


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


def test_another_tab_sees_a_change_at_once(context: BrowserContext, static_server: str) -> None:
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(f"{static_server}/meters.html")
        expect(page.locator(".none")).to_contain_text("No meters yet")
    save(first, [METER], readings(*TWO))
    expect(second.locator(".meter")).to_contain_text("710.0 kWh")
    expect(second.locator(".meter")).to_contain_text("310.0 kWh in 31 days")
    second.locator(".meter a").click()
    expect(second.locator(".stored")).to_have_count(2)
    expect(second.locator(".period")).to_have_text("October 2026")  # read at midnight, used the day before
    first.evaluate("import('/js/store.js').then(({removeMeter}) => removeMeter('m1'))")
    expect(second.locator("#meters")).to_contain_text("This meter is not here")
    expect(first.locator(".none")).to_be_visible()


def test_a_meter_goes_with_its_readings_or_not_at_all(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    save(page, [METER], readings(*((time, "0400.0") for time in range(9))))
    whole = kept(page)
    failed = page.evaluate(
        """async () => {
          const {removeMeter} = await import("/js/store.js");
          const original = IDBObjectStore.prototype.delete;
          let count = 0;
          IDBObjectStore.prototype.delete = function (...key) {
            if (++count === 5) throw new Error("the browser fails in the middle");
            return original.apply(this, key);
          };
          try { return await removeMeter("m1").then(() => "removed", (error) => error.message); }
          finally { IDBObjectStore.prototype.delete = original; }
        }"""
    )
    assert "fails in the middle" in failed
    assert kept(page) == whole


def test_a_tab_that_goes_while_it_removes_leaves_all_or_nothing(context: BrowserContext, static_server: str) -> None:
    page = context.new_page()
    page.goto(f"{static_server}/meters.html")
    for steps in range(0, 12, 2):
        save(page, [METER], readings(*((time, "0400.0") for time in range(40))))
        page.evaluate(
            """async (steps) => {
              const {removeMeter} = await import("/js/store.js");
              void removeMeter("m1");
              for (let step = 0; step < steps; step++) await new Promise((resolve) => setTimeout(resolve));
            }""",
            steps,
        )
        page.close()
        page = context.new_page()
        page.goto(f"{static_server}/meters.html")
        found = kept(page)
        assert (len(found["meters"]), len(found["readings"])) in ((1, 40), (0, 0))


def test_a_reading_without_its_meter_is_refused(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    code = "({readings}) => import('/js/store.js').then((s) => s.saveAll({readings})).then(() => 'kept', (e) => e.code)"
    assert page.evaluate(code, {"readings": readings(*TWO)}) == "no_meter"
    wrong = readings((at(2026, 1, 1), "12,5"))
    assert page.evaluate(code, {"readings": wrong}) == "invalid"
    assert kept(page) == {"meters": [], "readings": []}
