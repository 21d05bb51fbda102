"""What a person has said of a picture, and the meters that are chosen for it after that (frontend/js/sense/keep.js)."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.shipped import Display, open_page
from tests.browser.test_sense import Ask, give_module
from tests.browser.test_sense_kept import FEEDBACK, UNKEPT, add_picture

# The list goes on to another meter in the very moment in which a reading is put into the store.
GO_ON = """(to) => {
  const {put} = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...values) {
    if (this.name === "readings") {
      IDBObjectStore.prototype.put = put;
      const list = document.querySelector(".choice select");
      list.value = to;
      list.dispatchEvent(new Event("change"));
    }
    return put.apply(this, values);
  };
}"""


def open_with_meters(page: Page, address: str, *forms: tuple[str, int, int]) -> tuple[Ask, list[str]]:
    """Open the page where meters of these names, digits and decimals are kept, and none is chosen; gives their ids."""
    ask = give_module(page)
    page.goto(f"{address}/icon.svg")
    ids = [ask("keepMeter", [], digits, decimals, name)["id"] for name, digits, decimals in forms]
    page.evaluate("localStorage.removeItem('meter')")
    open_page(page, address)
    return ask, ids


def say(page: Page, text: str) -> None:
    """Correct what is shown, where no meter is chosen."""
    whole, _, decimals = text.partition(".")
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    drums, place = page.get_by_role("spinbutton"), page.locator(".point-place")
    place.select_option("0")
    while drums.count() != len(whole + decimals):
        page.locator(".fix .more" if drums.count() < len(whole + decimals) else ".fix .less").click()
    place.select_option(str(len(decimals)))
    drums.first.focus()
    page.keyboard.type(whole + decimals)
    page.get_by_role("button", name="Use this").click()


def choose(page: Page, meter: str) -> None:
    page.get_by_label("Meter", exact=True).select_option(meter)


def test_each_meter_gets_what_was_said_and_not_what_another_made_of_it(
    page: Page, static_server: str, display: Display
) -> None:
    sent: list[Request] = []
    page.route(FEEDBACK, lambda route: (sent.append(route.request), route.fulfill(status=201, json={"id": 1})))
    ask, (narrow, wide) = open_with_meters(page, static_server, ("Narrow", 5, 0), ("Wide", 8, 3))
    add_picture(page, display)
    say(page, "12345.678")
    status = page.locator(".keep-status")
    expect(status).to_have_text(UNKEPT)

    choose(page, narrow)
    misfit, number = page.locator(".remark"), page.locator("strong.number")
    expect(misfit).to_contain_text("12345.678 does not fit this meter’s display (00000):")
    expect(number).to_have_attribute("data-value", "12345.678")
    expect(page.locator("button.save")).to_be_hidden()
    assert ask("kept", narrow) == []

    choose(page, wide)
    expect(status).to_have_text("Saved to Wide.")
    expect(page.locator("strong.number")).to_have_attribute("data-value", "12345.678")
    (kept,) = ask("kept", wide)
    assert (kept["text"], kept["corrected"], kept["kind"]) == ("12345.678", True, "first")

    choose(page, narrow)
    expect(misfit).to_contain_text("does not fit this meter’s display (00000):")
    page.get_by_role("button", name="Send corrections").click()
    expect(page.locator(".keep-news")).to_contain_text("Thank you: the correction was sent.")
    assert b'name="value"\r\n\r\n12345.678\r\n' in (sent[0].post_data_buffer or b"")
    expect(page.locator("button.save")).to_be_hidden()
    assert ask("kept", narrow) == ask("kept", wide) == []


@pytest.mark.parametrize("goes_on_to", ["Last", "none"])
def test_walking_through_the_list_of_meters_keeps_the_reading_with_the_last(
    page: Page, static_server: str, display: Display, goes_on_to: str
) -> None:
    page.add_init_script("localStorage.setItem('send-corrections', 'no')")
    ask, (first, last) = open_with_meters(page, static_server, ("First", 8, 3), ("Last", 7, 0))
    add_picture(page, display)
    say(page, "412")
    status = page.locator(".keep-status")
    expect(status).to_have_text(UNKEPT)
    page.evaluate(GO_ON, last if goes_on_to == "Last" else "")
    choose(page, first)
    expect(status).to_have_text("Saved to Last." if goes_on_to == "Last" else UNKEPT)
    expect(page.get_by_label("Meter", exact=True)).to_have_value(last if goes_on_to == "Last" else "")
    assert [each["text"] for each in ask("kept", last)] == (["0000412"] if goes_on_to == "Last" else [])
    assert ask("kept", first) == []


def test_nobody_is_asked_to_send_a_correction_that_is_set_right_again(
    page: Page, static_server: str, display: Display
) -> None:
    open_page(page, static_server)
    add_picture(page, display)
    say(page, "412")
    expect(page.locator(".question")).to_contain_text("May corrections be sent")
    say(page, display.reading.text)
    expect(page.locator("strong.number")).to_have_attribute("data-value", display.reading.text)
    expect(page.locator(".question")).to_be_empty()


def test_who_leaves_the_digits_beside_the_form_of_a_new_meter_goes_on_at_the_list(
    page: Page, static_server: str, display: Display
) -> None:
    """The button that opened the digits is not shown then."""
    open_page(page, static_server)
    add_picture(page, display)
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    choose(page, "new")
    expect(page.locator(".new-meter [name=name]")).to_be_focused()
    page.locator(".fix").get_by_role("spinbutton").first.focus()
    page.keyboard.press("Escape")
    expect(page.locator(".fix")).to_have_count(0)
    expect(page.get_by_label("Meter", exact=True)).to_be_focused()
