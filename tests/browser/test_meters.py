"""My meters: one's meters and readings typed, edited, deleted and brought back; every state fits the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.meters import HOSTILE, METER, TWO, at, device, kept, picture, readings, save
from tests.browser.shipped import watch


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with device(browser) as context:
        yield context


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (
            "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }",
            "no room left",
        ),
        (
            "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); }",
            "ordinary window",
        ),
    ],
)
def test_where_nothing_can_be_kept_a_sentence_says_so(
    page: Page, static_server: str, fault: str, sentence: str
) -> None:
    page.add_init_script(fault)
    page.goto(f"{static_server}/meters.html")
    if sentence == "no room left":
        page.get_by_role("button", name="Add a meter").click()
        page.get_by_label("Name").fill("Kitchen")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("dialog .failure")).to_contain_text(sentence)
    else:
        expect(page.locator("#problem")).to_contain_text(sentence)
        expect(page.get_by_role("heading", name="My meters")).to_be_visible()
        expect(page.get_by_text("Kept on this device only")).to_be_hidden()


def test_a_meter_and_its_readings_by_the_keyboard(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html")
    page.get_by_role("button", name="Add a meter").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("Give the meter a name")
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Bath")
    page.keyboard.press("Tab")
    page.keyboard.press("w")  # chooses Water
    expect(page.locator(".example-reading")).to_contain_text("01273.659 m³")
    expect(page.get_by_label("Highest plausible use a day")).to_have_value("3")
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Bath")).to_be_visible()
    page.get_by_role("button", name="Add a reading").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Reading", exact=True)).to_be_focused()
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    expect(page.locator("dialog .failure")).to_contain_text("a point and 3 more, such as 01273.659")
    page.get_by_label("Reading", exact=True).fill("12,345")
    page.keyboard.press("Enter")
    expect(page.locator(".stored .value")).to_have_text("12.345")
    expect(page.get_by_role("button", name="Add a reading")).to_be_focused()
    found = kept(page)
    assert found["meters"][0] | {"id": "", "created": 0} == {
        "id": "",
        "name": "Bath",
        "unit": "m³",
        "digits": 8,
        "decimals": 3,
        "mostPerDay": 3,
        "created": 0,
    }
    assert [(each["text"], each["corrected"]) for each in found["readings"]] == [("00012.345", True)]


def test_two_clicks_open_one_dialog(page: Page, static_server: str) -> None:
    """The second comes before the first has opened it."""
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], [])
    expect(page.get_by_role("heading", name="Kitchen")).to_be_visible()
    page.locator("[data-key=add]").evaluate(
        """async (button) => {
          const {readAll} = await import("/js/store.js");
          button.click();
          button.click();
          await readAll(); // what both clicks wait for
        }"""
    )
    expect(page.get_by_label("Reading", exact=True)).to_be_focused()
    expect(page.locator("dialog")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_reading_is_edited(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    exact = at(2026, 11, 1) + 12_345  # seconds that the form does not show
    save(page, [METER], readings((TWO[0][0], "0400.0"), (exact, "0390.0"), kind="doubtful"))
    expect(page.locator(".stored").first).to_contain_text("doubtful")
    page.locator("[data-key=edit-r1]").click()
    page.get_by_label("Reading", exact=True).fill("410.0")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".stored .value").first).to_have_text("410.0")
    expect(page.locator(".stored").first).to_contain_text("typed or corrected")
    expect(page.locator("[data-key=edit-r1]")).to_be_focused()
    changed = next(each for each in kept(page)["readings"] if each["id"] == "r1")
    assert (changed["text"], changed["time"], changed["kind"]) == ("0410.0", exact, "first")
    page.locator("[data-key=edit-r1]").click()
    page.get_by_label("Date and time").fill("2026-11-05T08:30")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".stored time").first).to_contain_text("5 Nov 2026, 08:30")
    page.get_by_role("button", name="Edit meter").click()
    page.get_by_label("Of these, after the point").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("dialog .failure")).to_contain_text("would not fit: 2, such as 400.0")


def test_what_is_deleted_can_be_brought_back(page: Page, static_server: str) -> None:
    page.goto(f"{static_server}/meters.html#m1")
    save(page, [METER], readings(*TWO, picture=picture()))
    whole = kept(page)
    page.locator("[data-key=delete-r1]").click()
    expect(page.locator(".stored")).to_have_count(1)
    assert len(kept(page)["readings"]) == 1  # at once: a tab that is closed now leaves it deleted
    expect(page.locator("#toast")).to_contain_text("Deleted the reading 710.0")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".stored")).to_have_count(2)
    page.get_by_role("button", name="Delete meter").click()
    expect(page.locator(".none")).to_be_visible()
    assert kept(page) == {"meters": [], "readings": []}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".meter")).to_have_count(1)
    expect(page.locator("#toast")).to_be_hidden()
    assert kept(page) == whole


@pytest.mark.parametrize(("width", "locale"), [(360, "ru-RU"), (768, "en-GB")])
def test_every_state_fits_the_screen(browser: Browser, static_server: str, width: int, locale: str) -> None:
    """With a name that would be markup, and one without a place to break."""
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": 740}, service_workers="block", timezone_id="Europe/Berlin"
    )
    page = context.new_page()
    troubles = watch(page)
    page.goto(f"{static_server}/meters.html")

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    expect(page.locator(".none")).to_contain_text("Счётчиков пока нет" if locale == "ru-RU" else "No meters yet")
    fits()
    long = {**METER, "id": "m2", "name": "Kellerwasserzähler" * 4, "created": 2}
    save(page, [{**METER, "name": HOSTILE}, long], readings(*TWO, (TWO[1][0] + 1000, "9999.9"), picture=picture()))
    expect(page.locator(".meter")).to_have_count(2)
    fits()
    page.locator(".meter a").first.click()
    expect(page.locator("#meters h2")).to_have_text(HOSTILE)
    expect(page.locator(".stored.odd")).to_have_count(1)
    if locale == "ru-RU":
        expect(page.locator(".stored").last).to_contain_text("400,0")
        expect(page.locator(".since")).to_contain_text("310,0 kWh за 31 день (10,00 kWh в день)")
        expect(page.locator(".period")).to_contain_text("2026")
    page.locator(".chart-table summary").click()
    page.wait_for_function("document.querySelector('.chart-area canvas')?.height > 100")
    fits()
    page.locator("[data-key=edit]").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    fits()
    page.keyboard.press("Escape")
    page.locator(".thumb").first.click()
    expect(page.locator("dialog.large")).to_be_visible()
    fits()
    page.keyboard.press("Escape")
    assert [trouble for trouble in troubles if "Service Worker" not in trouble] == []
    context.close()
