"""What the browser tests share: the shipped version's drawn displays, a server that can fail, and the page's state."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from backend.domain.card import Card
from backend.domain.imaging import Box, widen
from backend.domain.reading import Reading, decode, encode
from tests.conftest import ROOT, StaticHandler, StaticServer
from training.data import VALIDATE, read_table

REAL = ROOT.parent / "shared" / "data" / "displays"  # pictures that are not ours to hand on: not everybody has them
REAL_DISPLAY = "ec_water_02820.jpg"  # of the validation displays one that is read surely, by its box and whole
MODELS = ROOT / "static" / "model"
READY_MS = 30_000  # a busy machine may take long to load the model; what takes longer is broken


@dataclass(frozen=True)
class Display:
    """A picture of a display with its reading: a golden one of the shipped version, as Keras read it, or a real one."""

    file: Path
    box: Box | None
    reading: Reading
    margin: float  # above and below, and left and right, in heights of the box
    side_margin: float
    is_photo: bool = False

    @cached_property
    def content(self) -> bytes:
        """What a person would pick: the file with the photo, as it is; of a drawn display the part with the display."""
        return self.file.read_bytes() if self.is_photo else encoded(self.cut_out)

    @cached_property
    def cut_out(self) -> Image.Image:
        """The display with the margin that the preprocessing adds to a box, so that the whole picture reads alike."""
        image = Image.open(self.file).convert("RGB")
        if self.box is None:
            return image
        area = widen(self.box, self.margin, image.size, self.side_margin)
        edges = (area.x, area.y, area.x + area.width, area.y + area.height)
        size = (round(area.width * 2), round(area.height * 2))
        return image.resize(size, Image.Resampling.BICUBIC, box=edges)


def shipped_folder() -> Path:
    """The published version's folder."""
    return MODELS / json.loads((MODELS / "current.json").read_text("utf-8"))["path"]


def displays() -> list[Display]:
    """The golden pictures that the shipped version accepts, the surest first."""
    folder = shipped_folder()
    margins = shipped_margins()
    found = []
    for entry in json.loads((folder / "golden" / "golden.json").read_text("utf-8")):
        reading = Card.load(folder).read(entry["output"])
        box = Box(**entry["box"]) if entry["box"] else None
        if reading.accepted:
            found.append(Display(folder / "golden" / entry["image"], box, reading, *margins))
    assert len(found) >= 2, "the shipped version accepts too few of its golden pictures"
    return sorted(found, key=lambda display: -display.reading.confidence)


def roomy() -> Display:
    """The surest of them with room for three drums in front of its digits."""
    return next(each for each in displays() if len(each.reading.digits) <= 7)


def real_display() -> Display:
    """A meter's own display, as its label reads it, where the real pictures are at hand; else a drawn one."""
    if not REAL.is_dir():
        return displays()[0]
    found = next(each for each in read_table(REAL) if each.image.name == REAL_DISPLAY)
    assert found.type == VALIDATE, "the shipped version was trained on this picture"
    return Display(found.image, found.box, decode(encode(found.correct_value)), *shipped_margins(), is_photo=True)


def shipped_margins() -> tuple[float, float]:
    """How much the shipped version sees around a box: above and below, left and right, in heights of the box."""
    card = json.loads((shipped_folder() / "card.json").read_text("utf-8"))
    return card["input"]["margin"], card["input"].get("side_margin", card["input"]["margin"])


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A picture as a file's bytes."""
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def upload(name: str, content: bytes, kind: str = "image/png") -> dict[str, Any]:
    """A file for a file input."""
    return {"name": name, "mimeType": kind, "buffer": content}


def open_page(page: Page, address: str) -> list[str]:
    """Open the page and wait for the reader; gives the list in which console errors and violations will appear."""
    troubles = watch(page)
    page.goto(address)
    expect(page.locator("#examples")).to_be_visible(timeout=READY_MS)
    return troubles


def without_finder(page: Page) -> None:
    """From now on the page is told of no finder: pictures are read as they are, and frames stay where they are put."""

    def answer(route: Route) -> None:
        pointer = route.fetch().json()
        pointer.pop("finder", None)
        route.fulfill(json=pointer)

    page.route("**/current.json", answer)


def watch(page: Page) -> list[str]:
    """The list in which errors, warnings, CSP violations and requests to elsewhere will appear, with addresses."""
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            troubles.append(f"{message.text} ({message.location['url']})")  # of what did not come: its own address

    page.on("console", hear)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective, e.blockedURI))"
    )
    return troubles


def expect_reading(page: Page, display: Display, position: int = 0) -> None:
    """The card at `position` shows the display's reading, large."""
    number = page.locator(".result").nth(position).locator("strong.number")
    expect(number).to_have_attribute("data-value", display.reading.text, timeout=READY_MS)


class FaultyServer(StaticServer):
    """Serves the page, and versions from a folder of its own; can hang up instead of giving a version's files."""

    models: Path
    is_down = False


class FaultyHandler(StaticHandler):
    """See FaultyServer."""

    server: FaultyServer

    def translate_path(self, path: str) -> str:
        """`/static/model/…` comes from the server's own folder."""
        mapped = super().translate_path(path)
        ours = str(MODELS)
        return str(self.server.models) + mapped.removeprefix(ours) if mapped.startswith(ours) else mapped

    def do_GET(self) -> None:
        """Answer, or hang up."""
        if self.server.is_down and self.path.startswith("/static/"):
            self.close_connection = True
            return
        super().do_GET()

    def do_HEAD(self) -> None:
        """Answer, or hang up."""
        if self.server.is_down:
            self.close_connection = True
            return
        super().do_HEAD()


def copy_pointer(folder: Path) -> None:
    """What names the shipped reader, and neither a finder nor classifiers: those are for a test to publish."""
    pointer = json.loads((MODELS / "current.json").read_text("utf-8"))
    for other in ("finder", "classifiers"):
        pointer.pop(other, None)
    (folder / "current.json").write_text(json.dumps(pointer, indent=1), "utf-8")


@contextmanager
def faulty_server(folder: Path) -> Iterator[tuple[FaultyServer, str]]:
    """A server with a copy of the shipped version in `folder`, and its address."""
    shutil.copytree(shipped_folder(), folder / shipped_folder().relative_to(MODELS))
    copy_pointer(folder)
    server = FaultyServer(("127.0.0.1", 0), FaultyHandler)
    server.models = folder
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def rehash(models: Path, changed: str) -> None:
    """Make the card and the pointer agree with a changed file, as an honest publisher of a bad version would."""
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    folder = models / pointer["path"]
    card = json.loads((folder / "card.json").read_text("utf-8"))
    content = (folder / changed).read_bytes()
    card["files"][changed] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    (folder / "card.json").write_text(json.dumps(card), "utf-8")
    pointer["card_sha256"] = hashlib.sha256((folder / "card.json").read_bytes()).hexdigest()
    (models / "current.json").write_text(json.dumps(pointer), "utf-8")
