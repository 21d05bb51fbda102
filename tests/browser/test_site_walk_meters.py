"""A walk through what one's own meters show after some use, beside what `test_site_walk_tables.py` shows of them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.meters import METER, TWO, at, picture, readings, save
from tests.browser.shipped import READY_MS, displays, upload
from tests.browser.site_walk import LOCALES, Walk, sentence, walking
from tests.browser.test_installable import PROMPT
from tests.browser.test_learning import WORTH, corrections
from tests.browser.test_learning_panel import TEACH

DAYS = [at(2026, 9, day) for day in range(1, 7)]


def stays(page: Page) -> None:
    """What is said at the window's edge goes by itself, but not while somebody points at it."""
    expect(page.locator("#toast")).to_be_visible()
    page.locator("#toast").dispatch_event("pointerenter")


def leave(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_list(browser: Browser, static_server: str, locale: str) -> None:
    """Filled by a file, with a meter of which nothing was read; one deleted; the page kept, and to be installed."""
    with walking(browser, locale) as walk:
        page = walk.page
        page.goto(f"{static_server}/meters.html")
        page.locator("[data-key=add]").click()
        walk.see("meters-form-new")
        page.locator(".ask [name=name]").fill("Газ, Большая Академическая улица")
        page.locator(".ask [name=measured]").select_option("gas")
        page.locator(".ask [type=submit]").click()
        expect(page.locator(".none")).to_be_visible()
        walk.see("meters-without-readings")
        page.locator("[data-key=all]").click()
        table = "Meter;Time;Reading\r\n" + "".join(f"Вода;2026-0{month}-01;{month},345\r\n" for month in range(1, 6))
        page.set_input_files("#file", upload("table.csv", table.encode(), "text/csv"))
        expect(page.locator(".meter")).to_have_count(2)
        stays(page)
        walk.see("meters-imported")
        page.locator(".meter a").last.click()
        page.locator("[data-key=delete]").click()
        expect(page.locator(".meter")).to_have_count(1)
        expect(page.locator("#toast button")).to_be_visible()  # which what was said before has not
        stays(page)
        walk.see("meters-deleted")
        page.evaluate("localStorage.setItem('send-corrections', 'no')")
        page.reload()
        assert page.evaluate(PROMPT)
        expect(page.locator("#install button")).to_be_visible(timeout=READY_MS)
        expect(page.locator("#offline p")).to_have_count(1, timeout=READY_MS)
        walk.see("meters-kept-and-installable")


@pytest.mark.parametrize("locale", LOCALES)
def test_one_meter(browser: Browser, static_server: str, locale: str) -> None:
    """Its first reading, shared and changed; and what is said of odd ones."""
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script("navigator.clipboard.writeText = async () => { if (!window.copies) throw new Error(); }")
        page.goto(f"{static_server}/meters.html#m1")
        save(page, [METER], readings(TWO[0], corrected=True))
        expect(page.locator(".use .hint")).to_be_visible()
        walk.see("meters-one-reading")
        page.locator("[data-key=share]").click()
        stays(page)
        walk.see("meters-not-shared")
        page.evaluate("window.copies = true")
        page.locator("[data-key=share]").click()
        expect(page.locator("#toast")).to_contain_text(sentence(page, "meters_copied"))
        stays(page)
        walk.see("meters-copied")
        page.locator("[data-key=add]").click()
        walk.see("meters-form-reading")
        leave(page)
        page.locator("[data-key=edit]").click()
        page.locator(".ask [name=digits]").fill("2")
        page.locator(".ask [type=submit]").click()
        expect(page.locator(".ask .failure")).to_be_visible()
        walk.see("meters-form-would-not-fit")
        leave(page)
        texts = ["9990.0", "0010.0", "8000.0", "0020", "0030.0"]
        odd = readings(*zip(DAYS, texts, strict=False), picture=picture())
        page.reload()  # what was said at the window's edge is gone
        save(page, [METER], [*odd, {**odd[-1], "id": "doubtful", "time": DAYS[5], "kind": "doubtful"}])
        expect(page.locator(".stored.odd")).to_have_count(3)
        page.locator(".thumb img").first.scroll_into_view_if_needed()
        walk.see("meters-remarks")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_long_list_without_a_chart(browser: Browser, static_server: str, locale: str) -> None:
    """More readings than are shown at once; and what draws the chart has not come."""
    start = datetime(2026, 1, 1, tzinfo=timezone.utc)
    times = [int((start + timedelta(days=day)).timestamp() * 1000) for day in range(60)]
    with walking(browser, locale, "Chart") as walk:
        page = walk.page
        page.route("**/vendor/chart.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.goto(f"{static_server}/icon.svg")
        save(page, [METER], readings(*((time, f"{1000 + 3 * day:04}.0") for day, time in enumerate(times))))
        page.goto(f"{static_server}/meters.html#m1")
        expect(page.locator(".chart-area .hint")).to_be_visible()
        expect(page.locator("[data-key=more]")).to_be_visible()
        expect(page.locator(".chart-table tbody")).to_be_visible()  # it says the same
        walk.see("meters-long-without-chart")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_meter_that_is_learned(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.route("**/learn/teach.js", lambda route: route.fulfill(body=TEACH, content_type="text/javascript"))
        page.goto(f"{static_server}/meters.html#m1")
        kept = corrections(10, displays()[0])
        save(page, [METER], kept[:3])
        expect(page.locator(".learn")).to_be_visible()
        walk.see("learn-few")
        save(page, [METER], kept)
        page.locator("[data-key=learn]").click()
        page.wait_for_function("Boolean(window.onDone)")
        page.evaluate("onDone(0.25)")
        walk.see("learn-working")
        ended(walk, better=False, after=3)
        expect(page.locator(".learn-status")).not_to_be_empty()
        walk.see("learn-not-better")
        save(page, [METER], corrections(11, displays()[0]))
        page.locator("[data-key=learn]").click()
        ended(walk)
        expect(page.locator("[data-key=learn-undo]")).to_be_visible()
        walk.see("learn-kept")
        page.locator("[data-key=learn-undo]").click()
        expect(page.locator("[data-key=learn-undo]")).to_have_count(0)
        walk.see("learn-forgotten")
        page.locator("[data-key=learn]").click()
        page.wait_for_function("Boolean(window.onDone)")
        page.evaluate("window.fail(Object.assign(new Error(), {code: 'worker'}))")
        expect(page.locator("[data-key=learn]")).to_be_visible()
        expect(page.locator(".learn-status")).not_to_be_empty()
        walk.see("learn-failed")


def ended(walk: Walk, **worth: Any) -> None:
    """What is being learned is ready."""
    walk.page.wait_for_function("Boolean(window.onDone)")
    walk.page.evaluate("(worth) => { window.onDone = null; window.finish(worth); }", WORTH | worth)


@pytest.mark.parametrize("locale", LOCALES)
def test_where_nothing_can_be_kept(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }")
        page.goto(f"{static_server}/meters.html")
        expect(page.locator("#problem button")).to_be_visible()
        walk.see("meters-no-store")
