"""A reading beside its meter's past, on the page: kept, corrected, sent (frontend/js/sense/)."""

from __future__ import annotations

from playwright.sync_api import Page, Request, Response, expect

from tests.browser.shipped import READY_MS, Display, encoded, open_page, upload
from tests.browser.test_sense import give_module

FEEDBACK = "**/api/feedback"
UNKEPT = "Choose the meter above, or add it, and the correction is kept with its readings."


def add_picture(page: Page, display: Display) -> None:
    """Add the display's picture and wait for its card."""
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect(page.locator(".keep")).to_be_visible(timeout=READY_MS)


def test_a_meter_added_in_place_keeps_the_reading(page: Page, static_server: str, display: Display) -> None:
    ask = give_module(page)
    troubles = open_page(page, static_server)
    add_picture(page, display)
    expect(page.locator(".save")).to_be_hidden()
    page.get_by_label("Meter", exact=True).select_option("new")
    decimals = page.locator(".new-meter [name=decimals]")
    expect(decimals).to_have_value(str(display.reading.decimals))
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".new-meter .failure")).to_contain_text("Give the meter a name")
    expect(page.locator(".new-meter [name=name]")).to_be_focused()
    page.locator(".new-meter [name=name]").fill("Kitchen")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".remark")).to_have_text("The first reading of this meter.")
    expect(page.get_by_label("Meter", exact=True).locator("option:checked")).to_have_text("Kitchen")
    page.get_by_role("button", name="Save reading").click()
    expect(page.locator(".keep-status")).to_have_text("Saved to Kitchen.")

    chosen = page.evaluate("localStorage.getItem('meter')")
    (kept,) = ask("kept", chosen)
    assert float(kept["text"]) == float(display.reading.text)
    assert (kept["kind"], kept["corrected"], kept["version"].split()[0]) == ("first", False, "compact")
    assert len(kept["text"].replace(".", "")) == kept["rows"]
    assert 0 < kept["longest"] <= 1600
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("button", name="Save reading")).to_be_focused()
    assert ask("kept", chosen) == []
    page.get_by_label("Meter", exact=True).select_option("new")
    page.locator(".new-meter [name=name]").fill("Kitchen")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".new-meter .failure")).to_contain_text("There is a meter of this name")
    assert troubles == []


def test_what_cannot_be_is_saved_as_doubtful_or_corrected(page: Page, static_server: str, display: Display) -> None:
    """A month ago the meter stood far above what the picture says. Consent is asked once, and refusing is respected."""
    ask = give_module(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    whole, decimals = len(str(int(float(display.reading.text)))), display.reading.decimals
    page.goto(f"{static_server}/icon.svg")
    earlier = f"{10 ** (whole + 1)}" + ("." + "0" * decimals if decimals else "")
    meter = ask("keepMeter", [earlier, earlier], whole + 3 + decimals, decimals)["id"]
    open_page(page, static_server)
    add_picture(page, display)
    expect(page.locator(".verdict.refused")).to_be_visible()
    expect(page.locator(".remark")).to_have_attribute("data-kind", "backwards")
    page.get_by_role("button", name="Save as doubtful").click()
    expect(page.locator(".keep-status")).to_have_text("Saved to Kitchen as doubtful.")
    assert ask("kept", meter)[-1]["kind"] == "doubtful"

    page.get_by_role("button", name="Wrong? Fix a digit").click()
    drums = page.get_by_role("spinbutton")
    expect(drums.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")  # the third from the left, in front of what is read
    expect(drums.nth(2)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    corrected = page.locator("strong.number")
    expect(corrected).to_have_attribute("data-value", f"011{display.reading.text}")
    page.get_by_role("button", name="Do not send").click()
    expect(page.locator("#consent")).to_contain_text("Corrections are not sent.")
    latest = ask("kept", meter)[-1]
    assert (latest["text"], latest["corrected"], latest["kind"]) == (f"011{display.reading.text}", True, "forward")

    page.get_by_role("button", name="Wrong? Fix a digit").click()
    page.locator(".wheel button").first.click()
    page.get_by_role("button", name="Keep this").click()
    expect(corrected).to_have_attribute("data-value", f"111{display.reading.text}")
    expect(page.locator(".question")).to_be_empty()
    assert sent == []


def test_a_correction_is_sent_with_consent_once_given(page: Page, static_server: str, display: Display) -> None:
    requests: list[Request] = []
    page.route(FEEDBACK, lambda route: (requests.append(route.request), route.fulfill(status=201, json={"id": 1})))
    open_page(page, static_server)
    add_picture(page, display)
    fix(page)
    expect(page.locator(".question")).to_contain_text("May corrections be sent")
    assert requests == []
    page.get_by_role("button", name="Send corrections").click()
    expect(page.locator(".keep-news")).to_contain_text("Thank you: the correction was sent.")
    expect(page.locator(".facts")).to_contain_text("all but the correction")
    with page.expect_response(FEEDBACK):
        fix(page)
    expect(page.locator(".keep-news")).to_contain_text("Thank you: the correction was sent.")
    assert len({request.headers["idempotency-key"] for request in requests}) == len(requests) == 2
    body = requests[0].post_data_buffer
    assert body
    assert f'name="reading"\r\n\r\n{display.reading.text}\r\n'.encode() in body
    page.get_by_role("button", name="Stop sending").click()
    fix(page)
    expect(page.locator("#consent")).to_contain_text("Corrections are not sent.")
    assert len(requests) == 2


def fix(page: Page) -> None:
    """Make another digit of the first one, with a drum more in front."""
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    page.get_by_role("button", name="Add a digit").click()
    page.get_by_role("spinbutton").first.press("3")
    page.get_by_role("button", name="Use this").click()


def test_a_correction_is_kept_once_there_is_a_meter_to_keep_it_with(
    page: Page, static_server: str, display: Display
) -> None:
    """And where the meter cannot show it, that is said, and nothing of it is kept."""
    ask = give_module(page)
    page.add_init_script("localStorage.setItem('send-corrections', 'no')")
    open_page(page, static_server)
    add_picture(page, display)
    fix(page)
    said, status = f"3{display.reading.text}", page.locator(".keep-status")
    expect(status).to_have_text(UNKEPT)
    page.get_by_label("Meter", exact=True).select_option("new")
    page.locator(".new-meter [name=name]").fill("Kitchen")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(status).to_have_text("Saved to Kitchen.")
    (kept,) = ask("kept", page.evaluate("localStorage.getItem('meter')"))
    assert (float(kept["text"]), kept["corrected"]) == (float(said), True)

    page.get_by_label("Meter", exact=True).select_option("new")
    page.locator(".new-meter [name=name]").fill("Cellar")
    page.locator(".new-meter [name=digits]").fill("1")
    page.locator(".new-meter [name=decimals]").fill("0")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".remark")).to_contain_text("does not fit this meter’s display (0):")
    expect(page.locator("#announcer")).to_contain_text("does not fit this meter’s display (0):")
    expect(page.locator("strong.number")).to_have_attribute("data-value", said)
    expect(page.locator("button.save")).to_be_hidden()
    expect(status).to_have_text("")
    assert ask("kept", page.evaluate("localStorage.getItem('meter')")) == []
    page.get_by_role("button", name="Wrong? Fix a digit").click()
    expect(page.get_by_role("spinbutton")).to_have_count(len(said.replace(".", "")))  # nothing is cut here either


def test_a_site_without_corrections_says_so_once(page: Page, static_server: str, display: Display) -> None:
    page.add_init_script("localStorage.setItem('send-corrections', 'yes')")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if "/api/feedback" in answer.url else None)
    open_page(page, static_server)
    add_picture(page, display)
    fix(page)
    news, footer = page.locator(".keep-news"), page.locator("#consent")
    expect(page.locator(".keep-status")).to_have_text(UNKEPT)
    expect(news).to_have_text("This site takes no corrections, so yours was not taken.")
    expect(page.locator(".facts")).to_contain_text("all but the correction")  # a server has had it, and has answered
    expect(footer).to_contain_text("You allowed corrections to be sent, but this site takes none at present.")
    assert [answer.status for answer in answers] == [501]
    fix(page)
    page.evaluate("import('/js/sense/outbox.js').then(({outbox}) => outbox.flush())")
    expect(news).to_have_text("")
    expect(page.locator(".facts")).to_contain_text("all but an earlier correction")
    assert len(answers) == 1
    footer.get_by_role("button", name="Do not send").click()
    expect(footer).to_contain_text("Corrections are not sent.")


def test_a_browser_that_keeps_nothing_still_corrects(page: Page, static_server: str, display: Display) -> None:
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }")
    open_page(page, static_server)
    add_picture(page, display)
    expect(page.get_by_label("Meter", exact=True)).to_be_hidden()
    fix(page)
    expect(page.locator("strong.number")).to_have_attribute("data-value", f"3{display.reading.text}")
    expect(page.locator(".keep-status")).to_have_text(
        "This browser keeps nothing for the page: the correction is not sent, and is gone once the page is closed."
    )
    expect(page.locator(".question")).to_be_empty()  # of what cannot be sent, nobody is asked
    expect(page.locator("#consent")).to_be_hidden()
