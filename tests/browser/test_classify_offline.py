"""What is it? without a network: one visit to any page keeps the networks of whole pictures too."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.classify import expect_told, golden, open_classify, published, told_by_python
from tests.browser.offline import ALL_KEPT, serve
from tests.browser.shipped import READY_MS, open_page, upload
from tests.browser.test_draw_offline import publish_classifiers


def test_pictures_are_told_without_a_network(page: Page, tmp_path: Path) -> None:
    with serve(tmp_path) as site:
        publish_classifiers(site)
        open_page(page, site.address)
        expect(page.locator("#offline")).to_contain_text("Works offline", timeout=READY_MS)
        kept = page.evaluate(ALL_KEPT)
        assert not [path for path in kept if "_or_" in path and path.endswith((".keras", ".tflite"))]
        site.stop()
        page.context.set_offline(True)
        open_classify(page, site.address)
        for recipe in published():
            file, *_ = golden(recipe)[1]
            page.set_input_files("#files", upload(f"{recipe}.png", file.read_bytes()))
            page.locator("select").select_option(recipe)
            expect_told(page, f"{recipe}.png", told_by_python(recipe, file.read_bytes()))
