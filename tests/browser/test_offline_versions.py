"""The versions that a device keeps: a new one is swapped in whole or not at all, and a damaged one mended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.offline import ALL_KEPT, Site, one_bit, publish_whole, serve
from tests.browser.shipped import rehash

# As the page does, but without waiting until nobody waits for it.
REFRESH = """async (proven) => {
  const container = navigator.serviceWorker;
  const controlled = new Promise((resolve) => container.addEventListener("controllerchange", resolve, {once: true}));
  await container.register("/sw.js", {type: "module", updateViaCache: "none"});
  if (!container.controller) await controlled;
  const {refresh} = await import("/js/offline/model.js");
  return await refresh(proven);
}"""
READ = """async () => {
  const {createReader} = await import("/js/reader.js");
  const reader = await createReader({model: "/static/model/", backends: ["wasm"]});
  const [{picture, box, text}] = reader.examples;
  const reading = await reader.read(picture, {box});
  reader.close();
  return {version: reading.version, right: reading.text === text.replace(/^0+(?=\\d)/, "")};
}"""
SETS = "async () => (await caches.keys()).filter((name) => name.startsWith('model-set-')).length"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serve(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def visited(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Site]]:
    """A page of a site that loads nothing by itself."""
    context = browser.new_context()
    with serve(tmp_path_factory.mktemp("visited")) as site:
        page = context.new_page()
        page.goto(f"{site.address}/icon.svg")
        outcome = page.evaluate(REFRESH, site.title)
        assert outcome == {"state": "kept", "model": site.title, "next": site.title}
        yield page, site
    context.close()


@pytest.fixture
def kept(visited: tuple[Page, Site]) -> tuple[Page, Site]:
    """The same with a whole version published and kept, whatever a test has done before."""
    page, site = visited
    site.broken_off = "nothing"
    page.context.set_offline(False)
    publish_whole(site)
    assert page.evaluate(REFRESH)["model"]
    assert page.evaluate(REFRESH) == {"state": "kept", "model": site.title, "next": site.title}
    return page, site


def cut(site: Site) -> None:
    weights = next(site.publish_next().glob("*.bin"))
    weights.write_bytes(weights.read_bytes()[:-100])


def ahead(site: Site) -> None:
    """The pointer names a version whose files are not there yet."""
    folder = site.publish_next()
    folder.rename(folder.with_name(f"{folder.name}0"))


def card_changed(site: Site) -> None:
    (site.publish_next() / "card.json").write_text("{}", "utf-8")


def broken_off(site: Site) -> None:
    """The network goes in the middle of a file."""
    site.publish_next()
    site.broken_off = ".bin"


def no_pointer(site: Site) -> None:
    """What answers is not the server, but the network that one has to log in to."""
    site.pointer.write_text("<html>Please log in</html>", "utf-8")


@pytest.mark.parametrize("damage", [cut, one_bit, ahead, card_changed, broken_off, no_pointer])
def test_a_damaged_version_changes_nothing(kept: tuple[Page, Site], damage: Callable[[Site], None]) -> None:
    """The old version goes on reading, without a network too; once the new one is whole, it follows."""
    page, site = kept
    before = site.title
    damage(site)
    assert page.evaluate(REFRESH)["state"] == "waits"
    page.context.set_offline(True)
    assert page.evaluate(READ) == {"version": before.split()[1], "right": True}
    page.context.set_offline(False)
    site.broken_off = "nothing"
    publish_whole(site)
    assert page.evaluate(REFRESH) == {"state": "ready", "model": before, "next": site.title}
    page.context.set_offline(True)
    assert page.evaluate(READ)["right"]
    page.context.set_offline(False)
    assert page.evaluate(SETS) == 2  # pages that started with the old version may still ask for its finder
    assert page.evaluate(REFRESH)["state"] == "kept"
    assert page.evaluate(SETS) == 1


def test_a_version_that_computes_otherwise_is_refused(kept: tuple[Page, Site]) -> None:
    """Its files are what its card says, but they do not read the golden pictures as its card says."""
    page, site = kept
    before = site.title
    weights = next(site.publish_next().glob("*.bin"))
    weights.write_bytes(bytes(len(weights.read_bytes())))
    rehash(site.models, weights.name)
    assert page.evaluate(REFRESH) == {"state": "refused", "model": before, "next": site.title}
    assert page.evaluate(READ) == {"version": before.split()[1], "right": True}


IS_FULL = """async () => {
  const cache = await caches.open("probe");
  const kept = await cache.put("/probe", new Response(new Uint8Array(1000))).then(() => true, () => false);
  await caches.delete("probe");
  return !kept;
}"""


def test_no_room(kept: tuple[Page, Site]) -> None:
    page, site = kept
    before = site.title
    site.publish_next()
    session = page.context.new_cdp_session(page)
    # Less than is kept already: what lies there is no measure, as Chromium counts what was deleted for a while.
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.address, "quotaSize": 50_000})
    page.wait_for_function(IS_FULL)
    assert page.evaluate(REFRESH) == {"state": "full", "model": before, "next": site.title}
    assert page.evaluate(SETS) == 1
    assert page.evaluate(READ) == {"version": before.split()[1], "right": True}
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.address})
    assert page.evaluate(REFRESH)["state"] == "ready"


def test_a_damaged_copy_is_mended(kept: tuple[Page, Site]) -> None:
    """What lies on the device is checked each time; the network mends it."""
    page, site = kept
    weights = f"/static/model/{next(site.published.glob('*.bin')).relative_to(site.models).as_posix()}"
    damage = """async (weights) => {
      const cache = await caches.open((await caches.keys()).find((name) => name.startsWith("model-set-")));
      await cache.put(weights, new Response(new Uint8Array(400_000)));
    }"""
    page.evaluate(damage, weights)
    assert page.evaluate(READ)["right"]
    page.context.set_offline(True)
    assert page.evaluate(READ)["right"]


def test_a_finder_is_kept_too(page: Page, site: Site) -> None:
    shutil.copytree(site.published, site.models / "finder" / "1")
    pointer: dict[str, Any] = json.loads((site.models / "current.json").read_text("utf-8"))
    pointer["finder"] = {"name": "finder", "version": "1", "path": "finder/1/", "card_sha256": pointer["card_sha256"]}
    (site.models / "current.json").write_text(json.dumps(pointer), "utf-8")
    page.goto(f"{site.address}/icon.svg")
    assert page.evaluate(REFRESH, site.title)["state"] == "kept"
    kept = page.evaluate(ALL_KEPT)
    for part in (pointer, pointer["finder"]):
        assert f"/static/model/{part['path']}model.json" in kept
    assert not [path for path in kept if path.endswith((".keras", ".tflite"))]
