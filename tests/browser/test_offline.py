"""Without a network: one visit keeps everything; a new version of model or page comes whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.settings import Settings
from scripts import offline
from tests.browser.offline import Site, serve
from tests.browser.panel import serving
from tests.browser.shipped import (
    READY_MS,
    displays,
    encoded,
    expect_reading,
    open_page,
    rehash,
    shipped_folder,
    upload,
    watch,
)

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
ALL_KEPT = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
  return requests.map(({url}) => new URL(url).pathname);
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


def publish_whole(site: Site) -> None:
    """Publish an undamaged version under a number that was never there, and remove what the others left."""
    name = shipped_folder().parent.name
    number = max(int(folder.name) for folder in (site.models / name).iterdir())
    shutil.rmtree(site.models / name)
    shutil.copytree(shipped_folder(), site.models / name / str(number))
    site.pointer.write_text(json.dumps({"name": name, "path": f"{name}/{number}/"}), "utf-8")
    shutil.rmtree(site.publish_next().with_name(str(number)))


def expect_kept(page: Page) -> None:
    expect(page.locator("#offline")).to_contain_text("Works without a network", timeout=READY_MS)


def test_the_list_of_files_is_up_to_date() -> None:
    """After any change in `frontend/`: `python -m scripts.offline`."""
    offline.main(["--check"])


def test_a_forgotten_file_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>", "utf-8")
    offline.main(["--frontend", str(tmp_path)])
    offline.main(["--frontend", str(tmp_path), "--check"])
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "new.js").write_text("export {};\n", "utf-8")
    with pytest.raises(SystemExit, match=r"run `python -m scripts\.offline`"):
        offline.main(["--frontend", str(tmp_path), "--check"])


def test_airplane_mode(page: Page, site: Site) -> None:
    """One visit, then neither a network nor a server: every page opens, and a picture is read."""
    troubles = open_page(page, site.address)
    expect_kept(page)
    assert troubles == []
    site.stop()
    page.context.set_offline(True)
    page.goto(site.address)
    display = displays()[0]
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("#problem")).to_be_hidden()
    expect_kept(page)
    for file in sorted(site.frontend.glob("*.html")):
        page.goto(f"{site.address}/{file.name}?from=test")
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()


def test_with_the_application_and_its_policy(page: Page, site: Site, tmp_path: Path) -> None:
    """Nothing of the panel or the interface is kept, and nothing goes against the policy."""
    settings = Settings(instance=tmp_path / "instance", frontend=site.frontend, static=site.folder / "static")
    with serving(settings) as address:
        troubles = open_page(page, address)
        expect_kept(page)
        for path in ("/api/model", "/api/openapi.json", "/admin/login", "/healthz"):
            assert page.evaluate("async (path) => (await fetch(path)).status", path) == 200
        kept = page.evaluate(ALL_KEPT)
        assert {"/index.html", "/sw.js"} & set(kept) == {"/index.html"}
        assert not [path for path in kept if path.startswith(("/api", "/admin", "/healthz", "/metrics"))]
        page.context.set_offline(True)
        assert page.evaluate("fetch('/api/model').then(() => 'answered', () => 'failed')") == "failed"
    assert [each for each in troubles if "ERR_INTERNET_DISCONNECTED" not in each] == []


def cut(site: Site) -> None:
    weights = next(site.publish_next().glob("*.bin"))
    weights.write_bytes(weights.read_bytes()[:-100])


def one_bit(site: Site) -> None:
    weights = next(site.publish_next().glob("*.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)


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


def test_no_room(kept: tuple[Page, Site]) -> None:
    page, site = kept
    before = site.title
    site.publish_next()
    session = page.context.new_cdp_session(page)
    used = page.evaluate("navigator.storage.estimate().then(({usage}) => usage)")
    session.send("Storage.overrideQuotaForOrigin", {"origin": site.address, "quotaSize": used + 50_000})
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


def test_the_page_says_what_becomes_of_an_update(page: Page, site: Site) -> None:
    open_page(page, site.address)
    expect_kept(page)
    before = site.title
    one_bit(site)
    page.reload()
    page.locator("footer summary").click()
    expect(page.locator("#offline")).to_contain_text("An update to model", timeout=READY_MS)
    expect(page.locator("#offline")).to_contain_text(f"{before} goes on reading")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("#offline")).to_contain_text(f"Читает {before}")
    page.get_by_role("button", name="English").click()
    publish_whole(site)
    page.reload()
    expect(page.locator("#offline")).to_contain_text(f"Model {site.title} has arrived", timeout=READY_MS)
    expect(page.locator("#about")).to_contain_text(f"Model {before}")
    page.reload()
    expect(page.locator("#about")).to_contain_text(f"Model {site.title}", timeout=READY_MS)


def new_page(site: Site) -> Path:
    """Change the page and list its files anew; returns the changed file."""
    texts = site.frontend / "js" / "texts.js"
    texts.write_text(texts.read_text("utf-8").replace('title: "Meter reader"', 'title: "Newer reader"'), "utf-8")
    site.write_worker()
    return texts


def test_a_new_page_comes_whole_and_when_the_person_lets_it(page: Page, site: Site) -> None:
    heading = page.get_by_role("heading", level=1)
    open_page(page, site.address)
    expect_kept(page)
    changed = new_page(site)
    content = changed.read_bytes()
    changed.write_bytes(content[:-1])
    page.reload()
    expect(page.locator("#offline")).to_contain_text("did not arrive whole; this one goes on", timeout=READY_MS)
    changed.write_bytes(content)
    page.reload()
    expect(page.locator("#update")).to_contain_text("A new version of this page", timeout=READY_MS)
    expect(heading).to_have_text("Meter reader")
    other = page.context.new_page()
    other.goto(site.address)
    expect(other.locator("#update")).to_contain_text("A new version", timeout=READY_MS)
    page.get_by_role("button", name="Reload now").click()
    expect(heading).to_have_text("Newer reader", timeout=READY_MS)
    expect(other.get_by_role("heading", level=1)).to_have_text("Meter reader")  # nobody's page is taken away
    other.get_by_role("button", name="Reload now").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Newer reader", timeout=READY_MS)


def test_without_https_it_works_as_before(launch_browser: Callable[..., Browser], site: Site) -> None:
    browser = launch_browser("--host-resolver-rules=MAP meter.test 127.0.0.1")
    page = browser.new_page(locale="en-GB")
    troubles = watch(page)
    page.goto(site.address.replace("127.0.0.1", "meter.test"))
    display = displays()[0]
    page.set_input_files("#files", upload("meter.png", encoded(display.cut_out)))
    expect_reading(page, display)
    expect(page.locator("#offline")).to_contain_text("only where the page comes by HTTPS", timeout=READY_MS)
    assert troubles == []
    browser.close()
