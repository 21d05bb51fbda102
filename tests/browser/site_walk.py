"""A walk through the states of the site's pages: each looked at in every width, and by WALK=all kept as pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.shipped import READY_MS, displays, encoded, upload, watch
from tests.conftest import ROOT

SHOTS = ROOT / "test-results" / "site"
ALL = bool(os.environ.get("WALK"))
LOCALES = ["ru-RU", "en-GB"] if ALL else ["ru-RU"]  # Russian words are the longer ones
WIDTHS = (360, 768, 1280) if ALL else (360, 1280)
HEIGHT = 800
SCHEMES = ("light", "dark")
SETTLING_MS = 3000
SENTENCE = "async ([name, values]) => (await import('/js/i18n.js')).t(name, values)"

# What sticks out of the window, and what a box of its own cuts off: the page's width does not tell of these.
# And two full stops in a row, as an abbreviation leaves them at the end of a sentence.
WRONG = """() => {
  const width = document.documentElement.clientWidth;
  const parts = (root) => [...root.querySelectorAll("*")].flatMap((each) => [each, ...inside(each)]);
  const inside = ({shadowRoot}) => (shadowRoot ? parts(shadowRoot) : []);
  const visible = parts(document.body).filter((part) => part.checkVisibility({visibilityProperty: true}));
  const shown = visible.filter((part) => !part.closest(".crop, .screen"));
  const named = (part, why) => `${why}: ${part.outerHTML.slice(0, 120)}`;
  const out = shown.filter((part) => {
    const {left, right, width: own} = part.getBoundingClientRect();
    return own > 1 && (right > width + 1 || left < -1) && !part.closest("svg, .hidden-visually");
  });
  const cut = shown.filter((part) => {
    const {overflowX, textOverflow} = getComputedStyle(part);
    const clips = overflowX !== "visible" && textOverflow !== "ellipsis" && !part.matches("input, select");
    return clips && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1;
  });
  const stopped = (part) => (part.innerText ?? part.textContent).includes("..");
  const twice = visible.filter((part) => stopped(part) && ![...part.children].some(stopped));
  const wide = document.documentElement.scrollWidth - width;
  return [
    ...(wide > 0 ? [`${wide} px wider than the window`] : []),
    ...out.map((part) => named(part, "sticks out")),
    ...cut.map((part) => named(part, "is cut off")),
    ...twice.map((part) => named(part, "stops twice")),
  ];
}"""


# Rows that are left out while they are not on screen, and their pictures with them: a window as high as all shows them.
HIGH = """() => {
  const rows = [...document.querySelectorAll("tr")];
  const left = rows.some((row) => getComputedStyle(row).contentVisibility === "auto");
  return left ? document.documentElement.scrollHeight : 0;
}"""
DRAWN = """async () => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(drawn));
  await frame();
  await frame(); // what is on screen now is told of after the first
  await Promise.all([...document.images].filter((each) => each.src).map((each) => each.decode().catch(() => null)));
}"""


class Walk:
    """A page in one language, and what was wrong with the states seen so far."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self.name = name
        self.wrong: list[str] = []

    def see(self, state: str) -> None:
        """Look at the state that is open now, from the narrowest window to the widest."""
        for width in WIDTHS:
            self.widen(width)
            self.wrong += [f"{state}, {width} px: {each}" for each in self.settled()]
            for scheme in SCHEMES if ALL else ():
                self.page.emulate_media(color_scheme=scheme)
                place = SHOTS / state / f"{self.name}-{width}-{scheme}.png"
                whole = not self.page.locator("dialog[open]").count()  # a dialog stands in the middle of the window
                self.page.screenshot(path=place, full_page=whole, animations="disabled")

    def widen(self, width: int) -> None:
        """A window so wide, and as high as a table whose rows are drawn only while they are on screen."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        for _ in range(2):  # the rows that come into sight are as high as they are, no longer as high as was guessed
            if (height := self.page.evaluate(HIGH)) > HEIGHT:
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.evaluate(DRAWN)

    def settled(self) -> list[str]:
        """What is wrong for good: a chart takes a moment to follow the window."""
        found: list[str] = self.page.evaluate(WRONG)
        if not found:
            return []
        with suppress(PlaywrightTimeout):
            self.page.wait_for_function(f"!({WRONG})().length", timeout=SETTLING_MS)
        return list(self.page.evaluate(WRONG))


@contextmanager
def walking(browser: Browser, locale: str, *meant: str) -> Iterator[Walk]:
    """A walk that ends without errors, warnings and violations but those that were meant, and with nothing wrong seen.

    `meant`: words of what a state that is brought about by a failure says to the console, best a part of an address.
    """
    context = browser.new_context(
        locale=locale,
        timezone_id="Europe/Berlin",
        viewport={"width": WIDTHS[-1], "height": HEIGHT},
        reduced_motion="reduce",
        service_workers="allow" if ALL else "block",  # nothing is kept for later where nothing is looked at
    )
    page = context.new_page()
    troubles = watch(page)
    walk = Walk(page, locale[:2])
    yield walk
    context.close()
    assert not walk.wrong, "\n".join(walk.wrong)
    blocked = () if ALL else ("Service Worker",)
    others = [trouble for trouble in troubles if not any(words in trouble for words in (*meant, *blocked))]
    assert not others, "\n".join(others)


def ready(page: Page, address: str) -> None:
    """Open the reading page and wait for its reader."""
    page.goto(address)
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)


def sentence(page: Page, name: str, **values: Any) -> str:
    """What the page says by that name, in its language."""
    return str(page.evaluate(SENTENCE, [name, values]))


def add(page: Page, name: str, image: Image.Image, cards: int = 1) -> None:
    """Give the page a picture and wait until it is read and can be kept."""
    page.set_input_files("#files", upload(name, encoded(image)))
    expect(page.locator(".result[data-state=read]")).to_have_count(cards, timeout=READY_MS)
    expect(page.locator(".keep")).to_have_count(cards, timeout=READY_MS)


def clear(page: Page) -> None:
    """Take every card away."""
    for remove in reversed(page.locator("button.remove").all()):
        remove.click()


def scene(width: int = 1280, height: int = 720, degrees: float = -4) -> Image.Image:
    """The surest of the shipped displays on a wall, held askew."""
    display = displays()[0].cut_out
    across = round(width * 0.55)
    display = display.resize((across, round(across * display.height / display.width)))
    wall = Image.new("RGB", (width, height), (150, 146, 138))
    wall.paste(display, ((width - across) // 2, (height - display.height) // 2))
    return wall.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(150, 146, 138))
