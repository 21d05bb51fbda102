"""Draw without a network: one visit to any page keeps the networks of drawn digits too."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.draw import (
    CURRENT,
    FOLLOW_WORKERS,
    LOSE_WORKERS,
    card_of,
    draw,
    expect_number,
    open_draw,
    published,
)
from tests.browser.offline import ALL_KEPT, Site, serve
from tests.browser.shipped import MODELS, READY_MS, open_page, watch

# What the page has put off to another time is done at the end of `ALL_WORK`.
KEEP_WORK = """
  const later = setTimeout;
  window.work = [];
  window.setTimeout = (act, ms, ...given) => {
    work.push(new Promise((resolve) => later(() => resolve(act(...given)), ms)));
  };
"""
ALL_WORK = "async () => { for (let done = 0; done < work.length; done++) await work[done]; }"


def publish_classifiers(site: Site) -> None:
    """Those that are shipped, and one of a kind that no page uses, of which nothing but the card is there."""
    pointers = dict(CURRENT["classifiers"])
    for pointer in pointers.values():
        shutil.copytree(MODELS / pointer["path"], site.models / pointer["path"])
    card = card_of(published()[0])
    card["input"]["preparation"] = "heard"
    content = json.dumps(card).encode()
    (site.models / "clocks").mkdir()
    (site.models / "clocks" / "card.json").write_bytes(content)
    pointers["clocks"] = {"path": "clocks/", "card_sha256": hashlib.sha256(content).hexdigest()}
    current = json.loads(site.pointer.read_text("utf-8"))
    site.pointer.write_text(json.dumps({**current, "classifiers": pointers}), "utf-8")


def test_digits_are_read_without_a_network(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path) as site:
        publish_classifiers(site)
        open_page(page, site.address)
        expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)
        assert [path for path in page.evaluate(ALL_KEPT) if "/clocks/" in path] == ["/static/model/clocks/card.json"]
        site.stop()
        page.context.set_offline(True)
        open_draw(page, site.address)
        draw(page, "352")
        expect_number(page, "352")
        expect(page.locator("#offline")).to_have_text(
            "Works offline: this page and its networks are kept on this device.", timeout=READY_MS
        )


def test_networks_had_again_do_not_say_it_twice(page: Page, tmp_path: Path) -> None:
    """A page that has lost its networks, and loads them again, has one line in its foot."""
    with serve(tmp_path) as site:
        publish_classifiers(site)
        page.add_init_script(f"{FOLLOW_WORKERS}; {KEEP_WORK}")
        open_draw(page, site.address)
        expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)
        draw(page, "5")
        expect_number(page, "5")
        page.evaluate(LOSE_WORKERS)
        page.keyboard.press("Control+z")
        page.get_by_role("button", name="Try again").click()
        page.keyboard.press("Control+y")
        expect_number(page, "5")
        page.evaluate(ALL_WORK)
        expect(page.locator("#offline")).to_have_count(1)


def test_what_is_not_kept_is_not_promised(page: Page, tmp_path: Path) -> None:
    """The reader is there, and of one network the last file is not: there was no more room, say."""
    with serve(tmp_path) as site:
        publish_classifiers(site)
        weights = next((site.models / CURRENT["classifiers"][published()[0]]["path"]).glob("*.bin"))
        content = weights.read_bytes()
        weights.unlink()
        watch(page)  # of what is missing
        page.goto(f"{site.address}/draw.html")
        foot = page.locator("#offline")
        expect(foot).to_have_text(
            "Could not be kept for use offline. It is tried again at the next start.", timeout=READY_MS
        )
        weights.write_bytes(content)
        page.reload()
        expect(foot).to_contain_text("Works offline: this page and its networks", timeout=READY_MS)
