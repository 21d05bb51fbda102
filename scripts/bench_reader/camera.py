"""The camera on the page, looking at films of drawn displays: readings a second, and time to an accepted reading.

The displays are the golden pictures of the published version, each on a wall as a hand holds the camera before it.
Each version has others, so what is told is told for each of them by what it shows: the sums of two versions are not of
the same displays.
"""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, Playwright, Route, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from scripts.bench_page import published, serve
from scripts.bench_reader import Figures, chromium, circumstances, spread

SIZE = (1280, 720)
WALL = (150, 146, 138)
ACROSS = 0.55  # of the frame, what the display's picture takes
DEGREES = 4  # that the camera is held askew
FRAMES = 24  # of a film, which begins anew after them
SHAKE = 3  # pixels to each side that a hand moves between two frames
NOISE = 4  # grey levels to each side
LONG_ENOUGH = 10  # seconds to count readings in
PATIENCE = 20_000  # milliseconds until a display will surely not be accepted any more

# In the page before its own scripts: when each answer to a frame came, and when the camera took a picture by itself.
LISTEN = """() => {
  window.answers = [];
  const post = Worker.prototype.postMessage;
  const heard = new WeakSet();
  Worker.prototype.postMessage = function (message, ...rest) {
    if (!heard.has(this)) {
      heard.add(this);
      this.addEventListener("message", ({data}) => asked.delete(data.id) && answers.push(performance.now()));
    }
    if (message.type === "readPhoto") asked.add(message.id);
    return post.call(this, message, ...rest);
  };
  const asked = new Set();
  addEventListener("click", ({target}) => target.id === "open-camera" && (window.opened = performance.now()), true);
  addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    if (document.querySelector(".result")) window.taken ??= performance.now();
  }).observe(document.getElementById("result-list"), {childList: true}));
}"""


def run(displays: int) -> Figures:
    """So many films, each of another display; the first once more, with frame after frame read and none taken."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver, serve(None) as site:
        shown = golden()[:displays]
        films = [film(Path(folder) / f"{number}.mjpeg", scene(file), number) for number, (file, _) in enumerate(shown)]
        rate = readings_a_second(driver, site.address, films[0])
        tries = [until_taken(driver, site.address, each) for each in films]
        with chromium(driver) as browser:
            about = circumstances(browser)
    texts = [text for _, text in tries]
    return {
        **about,
        "displays": len(films),
        "accepted": sum(text is not None for text in texts),
        "right": sum(text == value for text, (_, value) in zip(texts, shown, strict=True)),
        "a_second": rate,
        "milliseconds": spread([took for took, _ in tries]),  # those without a reading, as long as was waited
        "each": [
            {"shows": value, "read": text, "milliseconds": round(took)}
            for (took, text), (_, value) in zip(tries, shown, strict=True)
        ],
    }


def golden() -> list[tuple[Path, str]]:
    """The published version's golden pictures, and what they show without zeros in front."""
    folder = published() / "golden"
    entries = json.loads((folder / "golden.json").read_text("utf-8"))
    return [(folder / entry["image"], re.sub(r"^0+(?=\d)", "", entry["text"])) for entry in entries]


def scene(file: Path) -> Image.Image:
    """A display on a wall."""
    with Image.open(file) as opened:
        display = opened.convert("RGB")
    width = round(SIZE[0] * ACROSS)
    display = display.resize((width, round(width * display.height / display.width)), Image.Resampling.BICUBIC)
    wall = Image.new("RGB", SIZE, WALL)
    wall.paste(display, ((SIZE[0] - display.width) // 2, (SIZE[1] - display.height) // 2))
    return wall.rotate(-DEGREES, Image.Resampling.BICUBIC, fillcolor=WALL)


def film(file: Path, shown: Image.Image, seed: int) -> Path:
    """Frames of a hand that shakes and of a chip that has noise, as Chromium's fake camera takes them."""
    random = np.random.default_rng((5, seed))
    with file.open("wb") as out:
        for _ in range(FRAMES):
            across, down = random.integers(-SHAKE, SHAKE + 1, 2).tolist()
            moved = np.asarray(shown.transform(SIZE, Image.Transform.AFFINE, (1, 0, across, 0, 1, down)), np.int16)
            noisy = np.clip(moved + random.integers(-NOISE, NOISE + 1, moved.shape), 0, 255).astype(np.uint8)
            frame = io.BytesIO()
            Image.fromarray(noisy).save(frame, "JPEG", quality=92)
            out.write(frame.getvalue())
    return file


@contextmanager
def looking(driver: Playwright, address: str, seen: Path, takes: bool = True) -> Iterator[Page]:
    """The page with its reader there and the camera just opened on a film."""
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    with chromium(driver, *fake, f"--use-file-for-fake-video-capture={seen}") as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900}, service_workers="block")
        page.set_default_timeout(60_000)
        page.add_init_script(f"({LISTEN})()")
        if not takes:
            page.route("**/js/frames.js", never_agreeing)
        page.goto(address)
        page.locator("#examples").wait_for()
        page.locator("#open-camera").click()
        yield page


def never_agreeing(route: Route) -> None:
    """The module that counts frames which agree, with more of them needed than will come."""
    answer = route.fetch()
    plain = answer.text()
    changed = plain.replace("const NEEDED = 3;", "const NEEDED = 1e9;")
    if changed == plain:
        raise RuntimeError("expected frames.js to say how many frames must agree, and it does not")
    route.fulfill(response=answer, body=changed)


def readings_a_second(driver: Playwright, address: str, seen: Path) -> float:
    """While the camera looks at a display that it reads, and goes on looking."""
    with looking(driver, address, seen, takes=False) as page:
        page.wait_for_function("answers.length > 5")
        first, last, count = page.evaluate(
            """async (milliseconds) => {
              const before = answers.length;
              await new Promise((resolve) => setTimeout(resolve, milliseconds));
              return [answers[before - 1], answers.at(-1), answers.length - before];
            }""",
            LONG_ENOUGH * 1000,
        )
    return round(float(count) * 1000 / float(last - first), 2)


def until_taken(driver: Playwright, address: str, seen: Path) -> tuple[float, str | None]:
    """Milliseconds from the click that opens the camera to the picture taken, and its reading; None when none was."""
    with looking(driver, address, seen) as page:
        try:
            page.wait_for_function("window.taken", timeout=PATIENCE)
        except NotInTime:
            return PATIENCE, None
        text = page.locator(".result .number").first.get_attribute("data-value")
        return float(page.evaluate("taken - opened")), text
