"""A walk through every state of one's own meters and of the page for many photos: as in `test_site_walk.py`."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.batch import HOLD, files, open_batch
from tests.browser.meters import HOSTILE, METER, at, picture, readings, save
from tests.browser.shipped import READY_MS, displays, encoded, upload
from tests.browser.site_walk import LOCALES, walking

LONG = "очень_длинное_имя_без_единого_места_для_переноса_" * 2 + ".png"
LATER = ((at(2026, 9, 29), "0300.0"), (at(2026, 10, 1), "0400.0"), (at(2026, 11, 1), "0710.0"))


@pytest.mark.parametrize("locale", LOCALES)
def test_meters(browser: Browser, static_server: str, locale: str) -> None:
    with walking(browser, locale) as walk:
        page = walk.page
        page.goto(f"{static_server}/meters.html")
        expect(page.locator(".none")).to_be_visible()
        walk.see("meters-empty")
        page.locator("[data-key=add]").click()
        page.locator(".ask [type=submit]").click()
        expect(page.locator(".ask .failure")).to_be_visible()
        walk.see("meters-form-refused")
        page.keyboard.press("Escape")
        page.set_input_files("#file", upload("wrong.json", b'{"a": 1}', "application/json"))
        expect(page.locator("#problem")).to_be_visible()
        walk.see("meters-import-refused")
        water = {**METER, "id": "m2", "name": "Kellerwasserzähler" * 4, "unit": "m³", "created": 2}
        odd = readings(*LATER, (LATER[-1][0] + 1000, "9999.9"), picture=picture())
        save(page, [{**METER, "name": HOSTILE}, water], [*odd[:1], {**odd[1], "corrected": True}, *odd[2:]])
        expect(page.locator(".meter")).to_have_count(2)
        walk.see("meters-list")
        page.locator(".meter a").first.click()
        expect(page.locator(".stored.odd")).to_have_count(1)
        expect(page.locator("#problem")).to_be_hidden()  # it was about the list
        page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
        walk.see("meters-chart-days")
        page.locator(".chart-table summary").click()
        page.locator(".pair button[aria-pressed=false]").click()
        expect(page.locator(".chart-table tbody tr")).to_have_count(12)
        walk.see("meters-chart-months")
        page.locator(".thumb").first.click()
        page.wait_for_function("document.querySelector('.ask.large img').naturalWidth > 0")
        walk.see("meters-picture")
        page.keyboard.press("Escape")
        page.locator("[data-key=edit-r0]").click()
        page.locator(".ask [name=value]").fill("12.5.5")
        page.locator(".ask [type=submit]").click()
        expect(page.locator(".ask .failure")).to_be_visible()
        walk.see("meters-reading-refused")
        page.keyboard.press("Escape")
        page.locator("[data-key=delete-r1]").click()
        expect(page.locator("#toast button")).to_be_visible()
        page.locator("#toast button").focus()  # so that it stays
        walk.see("meters-undo")
        page.goto(f"{static_server}/meters.html#nothing")
        expect(page.locator("#meters a")).to_be_visible()
        walk.see("meters-gone")


@pytest.mark.parametrize("locale", LOCALES)
def test_batch(browser: Browser, static_server: str, locale: str) -> None:
    shown = displays()[:3]
    with walking(browser, locale) as walk:
        page = walk.page
        page.add_init_script(f"({HOLD})()")
        open_batch(page, static_server)
        walk.see("batch-empty")
        save(page, [METER], [])
        page.set_input_files("#files", [*files(shown), upload(f"{METER['name']} {LONG}", encoded(shown[0].cut_out))])
        page.evaluate("release(2)")
        expect(page.locator("tr[data-state=read]")).to_have_count(2, timeout=READY_MS)
        expect(page.locator("#notice")).to_be_visible()
        walk.see("batch-working")
        page.locator("button.pause").click()
        page.evaluate("release(1)")
        expect(page.locator("tr[data-state=read]")).to_have_count(3, timeout=READY_MS)
        walk.see("batch-paused")
        page.locator("button.stop").click()
        expect(page.locator("button.rest")).to_be_visible()
        walk.see("batch-stopped")
        page.evaluate("release(9)")
        page.locator("button.rest").click()
        expect(page.locator("tr[data-state=read], tr[data-state=failed]")).to_have_count(6, timeout=READY_MS)
        walk.see("batch-done")
        page.locator(".to-check .number-button").first.click()
        page.keyboard.type("1234567890,1")
        page.keyboard.press("Enter")
        expect(page.locator(".wrong")).not_to_be_empty()
        page.locator(".remove-cell button").nth(1).click()
        expect(page.locator("#undo .put-away")).to_be_visible()
        walk.see("batch-correction-refused")
        page.locator(".to-check .number-button").last.click()
        page.keyboard.type("00123,40")
        page.keyboard.press("Enter")
        expect(page.locator("tr.corrected")).to_have_count(1)
        page.locator("tr[data-state=read] .open").first.click()
        page.wait_for_function("document.querySelector('#large img').naturalWidth > 0")
        walk.see("batch-picture")
        page.keyboard.press("Escape")
        page.locator("#only-to-check").check()
        walk.see("batch-only-to-check")
