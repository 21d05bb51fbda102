"""Corrections made elsewhere than on a card of the reading page, and those that wait (frontend/js/sense/outbox.js)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.batch import finished, open_batch
from tests.browser.meters import METER, at, picture, readings, save
from tests.browser.shipped import Display, encoded, upload
from tests.outlines import marked_photo

FEEDBACK = "**/api/feedback"
WAITING = """async (of) => {
  const {putOutgoing, newId} = await import("/js/store.js");
  const picture = new Blob(["417"], {type: "image/png"});
  const said = {picture, box: null, value: "417", version: "compact/5", of};
  await putOutgoing({...said, id: newId(), time: 1});
}"""
COUNT = "import('/js/store.js').then(async ({listOutgoing}) => (await listOutgoing()).length)"
WATCH = """async () => {
  const {listOutgoing, onStoreChange} = await import("/js/store.js");
  const look = async () => { window.waiting = (await listOutgoing()).length; };
  onStoreChange(look);
  await look();
}"""


def waits(page: Page, count: int) -> None:
    """So many corrections wait, at last."""
    page.evaluate(WATCH)
    page.wait_for_function("(count) => window.waiting === count", arg=count)


def consent(page: Page, answer: str) -> None:
    page.add_init_script(f"localStorage.setItem('send-corrections', '{answer}')")


def taking(page: Page) -> list[Request]:
    """The corrections that a server takes from now on."""
    taken: list[Request] = []
    page.route(FEEDBACK, lambda route: (taken.append(route.request), route.fulfill(status=201, json={"id": 1})))
    return taken


def said(request: Request) -> dict[str, str]:
    """The texts of a correction."""
    body = (request.post_data_buffer or b"").decode("latin-1")
    return dict(re.findall(r'name="(\w+)"\r\n\r\n(.*?)\r\n', body))


def correct_row(page: Page, address: str, content: bytes, value: str) -> None:
    open_batch(page, address)
    page.set_input_files("#files", upload("meter.png", content))
    finished(page, 1)
    page.locator(".number-button").click()
    page.get_by_label("What the meter shows").fill(value)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("tr.corrected")).to_have_count(1)


@pytest.mark.parametrize("path", ["", "batch.html", "meters.html"])
def test_what_waits_is_sent_from_whichever_page_of_the_reader_is_opened(
    page: Page, static_server: str, path: str
) -> None:
    consent(page, "yes")
    page.goto(f"{static_server}/icon.svg")
    page.evaluate(WAITING, "r0")
    taken = taking(page)
    with page.expect_response(FEEDBACK):
        page.goto(f"{static_server}/{path}")
    assert [said(each)["value"] for each in taken] == ["417"]
    waits(page, 0)


@pytest.mark.parametrize("path", ["draw.html", "classify.html"])
def test_pages_that_send_nothing_of_their_own_send_nothing(page: Page, static_server: str, path: str) -> None:
    """They say that pictures never leave the device, and have no line about corrections."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{static_server}/{path}")
    page.wait_for_load_state("load")
    assert any(url.endswith("/js/nav.js") for url in asked)
    assert not [url for url in asked if url.endswith(("/js/feedback.js", "/api/feedback"))]
    expect(page.locator("#consent")).to_have_count(0)


def test_the_reader_comes_before_what_waits(page: Page, static_server: str) -> None:
    """Pictures of the last time do not compete with a model that is loaded."""
    consent(page, "yes")
    page.goto(f"{static_server}/icon.svg")
    page.evaluate(WAITING, "r0")
    loaded: list[bool] = []

    def take(route: Route) -> None:
        loaded.append(page.evaluate("document.querySelector('#loading').hidden"))
        route.fulfill(status=201, json={"id": 1})

    page.route(FEEDBACK, take)
    with page.expect_response(FEEDBACK):
        page.goto(f"{static_server}/batch.html")
    assert loaded == [True]


def test_a_correction_of_the_table_is_sent(page: Page, finder_server: str, display: Display) -> None:
    """The part around the display that was found, and once: what is corrected again before it went takes its place."""
    consent(page, "yes")
    photo, _ = marked_photo(800, 1000, 20, display.cut_out)
    taken = taking(page)
    with page.expect_response(FEEDBACK):
        correct_row(page, finder_server, encoded(photo), f"3{display.reading.text}")
    fields = said(taken[0])
    assert fields["value"] == f"3{display.reading.text}"
    assert fields["reading"] == display.reading.text
    assert fields["version"].startswith("compact/")
    assert float(fields["width"]) < 0.7 * 800
    expect(page.locator("#consent")).to_contain_text("Corrections are sent to this site")


def test_only_the_last_of_several_corrections_waits(page: Page, static_server: str, display: Display) -> None:
    consent(page, "yes")
    page.route(FEEDBACK, lambda route: route.abort())
    with page.expect_request(FEEDBACK):
        correct_row(page, static_server, encoded(display.cut_out), f"3{display.reading.text}")
    waits(page, 1)
    page.locator(".number-button").click()
    page.get_by_label("What the meter shows").fill(display.reading.text)  # as it was read
    page.get_by_role("button", name="Save", exact=True).click()
    waits(page, 0)


@pytest.mark.parametrize(
    ("answer", "display_at", "waiting"),
    [("yes", "whole", 1), ("yes", None, 0), ("no", "whole", 0), (None, "whole", 0)],
    ids=["agreed", "no display found", "refused", "never asked"],
)
def test_the_table_sends_nothing_unasked_nor_a_photo_without_a_display(
    page: Page, static_server: str, answer: str | None, display_at: str | None, waiting: int
) -> None:
    if answer:
        consent(page, answer)
    page.route(FEEDBACK, lambda route: route.abort())
    page.goto(f"{static_server}/icon.svg")
    offered = """async ([bytes, display]) => {
      const {offerRow} = await import("/js/batch/feedback.js");
      const reading = {text: "412", confidence: 0.9, model: "compact", version: "5", learned: false};
      await offerRow({id: "r0", file: new Blob([new Uint8Array(bytes)]), display, reading, corrected: "413"});
    }"""
    page.evaluate(offered, [picture(), display_at])
    assert page.evaluate(COUNT) == waiting


# As outbox.js is on any page; `hooked` of the browser's functions withdraws consent before it does its work.
OFFER = """async ([bytes, values, hooked]) => {
  const {offer} = await import("/js/sense/outbox.js");
  const {setConsent} = await import("/js/consent.js");
  const {listOutgoing} = await import("/js/store.js");
  const owner = hooked === "put" ? IDBObjectStore.prototype : window;
  if (hooked) {
    const real = owner[hooked];
    owner[hooked] = function (...given) { setConsent("no"); return real.apply(this, given); };
  }
  const photo = {file: new Blob([new Uint8Array(bytes)]), box: null, corners: null};
  const read = {text: "412", confidence: 0.9, version: "compact/5"};
  await Promise.all(values.map((value) => offer("r0", photo, read, value)));
  return (await listOutgoing()).map(({value}) => value);
}"""


@pytest.mark.parametrize(
    ("hooked", "waiting"),
    [(None, ["413"]), ("createImageBitmap", []), ("put", [])],
    ids=["given", "withdrawn while the picture is made", "withdrawn while it is kept"],
)
def test_consent_that_is_withdrawn_meanwhile_counts(
    page: Page, static_server: str, hooked: str | None, waiting: list[str]
) -> None:
    page.route(FEEDBACK, lambda route: route.abort())
    page.goto(f"{static_server}/icon.svg")
    page.evaluate("localStorage.setItem('send-corrections', 'yes')")
    assert page.evaluate(OFFER, [picture(), ["413"], hooked]) == waiting


def test_of_corrections_that_overtake_each_other_the_last_waits(page: Page, static_server: str) -> None:
    consent(page, "yes")
    page.route(FEEDBACK, lambda route: route.abort())
    page.goto(f"{static_server}/icon.svg")
    assert page.evaluate(OFFER, [picture(), ["413", "414", "415"], None]) == ["415"]


@pytest.mark.parametrize(
    ("box", "sent"),
    [(None, []), ({"x": 200, "y": 300, "width": 250, "height": 50}, [[310, 110]])],
    ids=["no place known", "framed"],
)
def test_of_a_kept_photo_the_framed_part_alone_is_sent(
    page: Page, static_server: str, display: Display, box: dict[str, float] | None, sent: list[list[int]]
) -> None:
    consent(page, "yes")
    page.route(FEEDBACK, lambda route: route.abort())
    page.goto(f"{static_server}/icon.svg")
    page.evaluate(WAITING, "r0")  # what no longer holds
    edited = """async ([bytes, box]) => {
      const {offerEdit} = await import("/js/meters/feedback.js");
      const {listOutgoing} = await import("/js/store.js");
      const picture = new Blob([new Uint8Array(bytes)]);
      await offerEdit({id: "r0", text: "412", alone: "412", picture, box, version: "compact 5"}, "413");
      const pictures = (await listOutgoing()).map(({picture}) => createImageBitmap(picture));
      return (await Promise.all(pictures)).map(({width, height}) => [width, height]);
    }"""
    photo, _ = marked_photo(800, 1000, 20, display.cut_out)
    assert page.evaluate(edited, [list(encoded(photo)), box]) == sent


def test_an_edited_reading_is_a_correction_of_its_picture(page: Page, static_server: str) -> None:
    """Where it became another one, and has a picture of a display; what still waits is taken back."""
    consent(page, "yes")
    kept = readings((at(2026, 10, 1), "0400.0"), alone="0400.0", picture=picture(), box=None, version="compact 5")
    page.goto(f"{static_server}/icon.svg")
    save(page, [METER], kept)
    page.route(FEEDBACK, lambda route: route.fulfill(status=503, headers={"Retry-After": "3600"}))
    page.evaluate(WAITING, "r0")
    page.goto(f"{static_server}/meters.html#m1")
    edit(page, "0400.0")  # nothing was corrected
    assert page.evaluate(COUNT) == 1
    page.unroute(FEEDBACK)
    taken = taking(page)
    with page.expect_response(FEEDBACK):
        edit(page, "0401.0")
    waits(page, 0)
    assert [said(each) for each in taken] == [{"value": "0401.0", "version": "compact/5", "consent": "yes"}]
    expect(page.locator("#consent")).to_contain_text("Corrections are sent to this site")


def edit(page: Page, value: str) -> None:
    """Change a reading on its meter's page, and see it changed."""
    page.get_by_role("button", name="Edit the reading").click()
    page.locator("dialog [name=value]").fill(value)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("dialog.ask")).to_have_count(0)
    expect(page.locator(".stored strong.value")).to_have_attribute("data-value", value)
