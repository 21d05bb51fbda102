"""What a meter's page shows and gives out where readings are odd, few or none, and where a form is not complete."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.meters import METER, TWO, at, device, picture, readings, save
from tests.browser.test_accessibility import expect_no_violations

LATER = ((at(2026, 9, 29), "0300.0"), *TWO)
SHARED = "navigator.share = async ({text}) => { window.shared = text; }"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def test_a_reading_that_cannot_be_true_is_not_what_the_meter_shows(page: Page, static_server: str) -> None:
    """Neither in the list of meters nor for whom it is shared with."""
    page.add_init_script(SHARED)
    page.goto(f"{static_server}/meters.html")
    last = LATER[-1][0]
    stored = readings(*LATER, (last + 1000, "9999.9"), (last + 2000, "12.34"))
    save(page, [METER], [*stored, {**stored[-1], "id": "r9", "time": last + 3000, "kind": "doubtful"}])
    expect(page.locator(".meter .value")).to_have_text("710.0")
    page.locator(".meter a").click()
    expect(page.locator(".stored.odd")).to_have_count(3)
    button(page, "Share").click()
    page.wait_for_function("window.shared")
    assert page.evaluate("window.shared").startswith("Kitchen: 710.0 kWh, 1 Nov 2026")


def test_a_meter_of_which_all_is_doubtful_shares_nothing(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    save(page, [METER], readings(TWO[0], kind="doubtful"))
    expect(page.locator(".meter .remark")).to_contain_text("doubtful")
    page.locator(".meter a").click()
    expect(button(page, "Table (CSV)")).to_be_visible()
    expect(button(page, "Share")).to_have_count(0)


def test_without_readings_there_is_nothing_to_give_out(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    save(page, [METER], [])
    expect(button(page, "Export all")).to_be_visible()
    expect(button(page, "Table (CSV)")).to_have_count(0)
    page.locator(".meter a").click()
    expect(page.get_by_role("link", name="Read a photo")).to_have_attribute("href", "./")
    for name in ("Share", "Table (CSV)"):
        expect(button(page, name)).to_have_count(0)
    save(page, [METER], readings(TWO[0]))
    for name in ("Share", "Table (CSV)"):
        expect(button(page, name)).to_be_visible()
    page.get_by_role("link", name="All meters").click()
    expect(button(page, "Table (CSV)")).to_be_visible()


def test_what_a_form_lacks_is_said_at_its_field(page: Page, static_server: str) -> None:
    """In a low window, where the form has to be scrolled."""
    page.set_viewport_size({"width": 360, "height": 500})
    page.goto(f"{static_server}/meters.html")
    button(page, "Add a meter").click()
    failure, name, digits = page.locator(".ask .failure"), page.get_by_label("Name"), page.get_by_label("Digits")
    expect(button(page, "Save")).to_be_in_viewport(ratio=1)
    button(page, "Save").click()
    expect(failure).to_have_text("Give the meter a name of 1 to 80 characters.")
    for shown in (failure, name, button(page, "Save")):
        expect(shown).to_be_in_viewport(ratio=1)
    expect(page.locator(".field:has([name=name]) + .failure")).to_be_visible()
    expect(name).to_have_attribute("aria-invalid", "true")
    assert name.get_attribute("aria-errormessage") == failure.get_attribute("id")
    expect_no_violations(page)
    name.fill("Bath")
    digits.fill("0")
    button(page, "Save").click()
    expect(page.locator(".field:has([name=digits]) + .failure")).to_be_in_viewport(ratio=1)
    expect(digits).to_have_attribute("aria-invalid", "true")
    expect(name).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    for label, value, field in (("Digits", "3", "digits"), ("Of these", "2", "decimals")):
        button(page, "Edit meter").click()
        page.get_by_label(label).fill(value)
        button(page, "Save").click()
        expect(page.locator(f".field:has([name={field}][aria-invalid]) + .failure")).to_contain_text("such as 400.0")
        page.keyboard.press("Escape")


def test_a_meter_without_a_unit(page: Page, static_server: str) -> None:
    page.add_init_script(SHARED)
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER | {"unit": ""}], readings(*LATER, (LATER[-1][0] + 1000, "9999.9")))
    expect(page.locator(".since").first).to_have_text("310.0 in 31 days (10.00 a day)")
    expect(page.locator(".notice")).to_contain_text("more than 150 a day")
    expect(page.locator(".chart-table th").nth(1)).to_have_text("Use")
    button(page, "Share").click()
    page.wait_for_function("window.shared")
    assert page.evaluate("window.shared").startswith("Kitchen: 710.0, 1 Nov")
    button(page, "Edit meter").click()
    most = page.get_by_label("Highest plausible use a day")
    expect(page.locator("label").filter(has=most)).to_have_text("Highest plausible use a day")
    page.get_by_label("Unit").fill("m³")
    expect(page.locator("label").filter(has=most)).to_have_text("Highest plausible use a day, m³")


def test_readings_within_hours(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    start = at(2026, 9, 1)
    minutes = (0, 20, 85, 245)
    save(page, [METER], readings(*((start + 60_000 * each, f"010{n}.0") for n, each in enumerate(minutes))))
    said = ["1.0 kWh in 3 hours", "1.0 kWh in 1 hour", "1.0 kWh in less than an hour"]
    expect(page.locator(".since")).to_have_text(said)
    page.get_by_role("button", name="Русский").click()
    expect(page.locator(".since").first).to_have_text("1,0 kWh за 3 часа")


def test_readings_without_pictures_have_no_place_for_one(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO))
    expect(page.locator(".no-thumb")).to_have_count(2)
    expect(page.locator(".no-thumb").first).to_be_hidden()
    bare = page.locator(".about-reading").first.bounding_box()
    save(page, [METER], [{**readings(TWO[0])[0], "picture": picture()}])
    expect(page.locator(".thumb")).to_have_count(1)
    beside = page.locator(".about-reading").first.bounding_box()
    assert bare and beside and bare["x"] < beside["x"]  # all readings stand under each other
    page.locator(".thumb").click()
    expect(page.locator(".large-name")).to_have_text("400.0, 1 Oct 2026, 00:00")
    image = page.locator("dialog.large img")
    page.wait_for_function("document.querySelector('dialog.large img').naturalWidth > 0")
    assert image.evaluate("(image) => image.clientWidth > image.naturalWidth")  # a strip is small
