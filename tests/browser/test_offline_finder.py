"""The finder that a device keeps beside the reader: a damaged or wrong one changes nothing, as with the reader."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.offline import Site, serve
from tests.browser.shipped import Display, encoded
from tests.browser.test_offline_versions import REFRESH
from tests.finders import publish_finder
from tests.outlines import marked_photo

READ_PHOTO = """async (file) => {
  const {createReader} = await import("/js/reader.js");
  const reader = await createReader({model: "/static/model/", backends: ["wasm"]});
  const photo = await (await fetch(`data:image/png;base64,${file}`)).blob();
  const {text, corners} = await reader.readPhoto(photo);
  reader.close();
  return {text, found: Boolean(corners)};
}"""


@pytest.fixture(scope="module")
def visited(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Site]]:
    """A page, that loads nothing by itself, of a site with a reader and a finder, both kept."""
    context = browser.new_context()
    with serve(tmp_path_factory.mktemp("visited")) as site:
        publish_finder(site.models)
        page = context.new_page()
        page.goto(f"{site.address}/icon.svg")
        assert page.evaluate(REFRESH, site.title)["state"] == "kept"
        yield page, site
    context.close()


@pytest.fixture
def kept(visited: tuple[Page, Site]) -> tuple[Page, Site]:
    """The same with a whole finder published and kept, whatever a test has done before."""
    page, site = visited
    page.context.set_offline(False)
    publish_next(site, lambda folder: None)
    assert page.evaluate(REFRESH)["state"] == "ready"
    assert page.evaluate(REFRESH)["state"] == "kept"
    return page, site


def publish_next(site: Site, change: Callable[[Path], None], *, honest: bool = False) -> None:
    """Publish the test's finder under the next number, changed; an honest publisher's card says what the files are."""
    finders = site.models / "finder"
    folder = finders / str(1 + max(int(each.name) for each in finders.iterdir()))
    shutil.copytree(finders / "1", folder)
    card: dict[str, Any] = json.loads((folder / "card.json").read_text("utf-8"))
    change(folder)
    for name in card["files"] if honest else ():
        content = (folder / name).read_bytes()
        card["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    text = json.dumps({**card, "version": folder.name})
    (folder / "card.json").write_text(text, "utf-8")
    pointer = json.loads(site.pointer.read_text("utf-8"))
    pointer["finder"] = {
        "name": "finder",
        "version": folder.name,
        "path": f"finder/{folder.name}/",
        "card_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    site.pointer.write_text(json.dumps(pointer), "utf-8")


def weights_of(folder: Path) -> Path:
    return next(folder.glob("*.bin"))


def cut(folder: Path) -> None:
    weights_of(folder).write_bytes(weights_of(folder).read_bytes()[:-4])


def one_bit(folder: Path) -> None:
    content = bytearray(weights_of(folder).read_bytes())
    content[len(content) // 2] ^= 1
    weights_of(folder).write_bytes(content)


def ahead(folder: Path) -> None:
    """The pointer names a finder of which a file is not there yet."""
    weights_of(folder).unlink()


def other_weights(folder: Path) -> None:
    weights_of(folder).write_bytes(bytes(len(weights_of(folder).read_bytes())))


def other_graph(folder: Path) -> None:
    (folder / "model.json").write_text((folder / "model.json").read_text("utf-8").replace('"Conv2D"', '"Sin"'), "utf-8")


DAMAGES = [(cut, False, "waits"), (one_bit, False, "waits"), (ahead, False, "waits")]
FAULTS = [(other_weights, True, "refused"), (other_graph, True, "refused")]


@pytest.mark.parametrize(("change", "honest", "state"), DAMAGES + FAULTS)
def test_a_finder_that_is_not_right_changes_nothing(
    kept: tuple[Page, Site], display: Display, change: Callable[[Path], None], honest: bool, state: str
) -> None:
    """The old one goes on finding, without a network too; once the new one is whole, it follows."""
    page, site = kept
    before = json.loads(site.pointer.read_text("utf-8"))["finder"]["path"]
    publish_next(site, change, honest=honest)
    assert page.evaluate(REFRESH) == {"state": state, "model": site.title, "next": site.title}
    page.context.set_offline(True)
    assert finder_in_use(page) == before
    photo, _ = marked_photo(900, 1100, 35, display.cut_out)
    binary = base64.b64encode(encoded(photo)).decode()
    assert page.evaluate(READ_PHOTO, binary) == {"text": display.reading.text, "found": True}
    page.context.set_offline(False)
    publish_next(site, lambda folder: None)
    assert page.evaluate(REFRESH)["state"] == "ready"
    assert finder_in_use(page) == json.loads(site.pointer.read_text("utf-8"))["finder"]["path"]


def finder_in_use(page: Page) -> str:
    """The folder of the finder that the next start reads with."""
    found: str = page.evaluate("async () => (await (await fetch('/static/model/current.json')).json()).finder.path")
    return found
