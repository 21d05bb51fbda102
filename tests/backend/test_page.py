"""The page as the application serves it: under its headers, in a real browser, with the published version."""

import json

import pytest
from playwright.sync_api import Page

from backend.domain.reading import decode, encode
from backend.settings import ROOT

READ = """async ({ image, box }) => {
  const { createReader } = await import("/js/reader.js");
  const reader = await createReader({ model: "/static/model/" });
  const picture = await (await fetch(image)).blob();
  return reader.read(picture, box ? { box } : {});
}"""


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about while the test runs: blocked by the policy, not found, thrown."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    page.on(
        "response", lambda response: found.append(f"{response.status}: {response.url}") if not response.ok else None
    )
    return found


def test_the_page_opens_without_a_complaint(page: Page, live_server: str, complaints: list[str]) -> None:
    page.goto(live_server)
    page.wait_for_selector("#examples", state="visible", timeout=60_000)  # shown once the version is loaded
    assert complaints == []


def test_the_published_version_reads_under_the_policy(page: Page, live_server: str, complaints: list[str]) -> None:
    model = ROOT / "static" / "model"
    folder = json.loads((model / "current.json").read_text("utf-8"))["path"]
    golden = json.loads((model / folder / "golden" / "golden.json").read_text("utf-8"))[0]
    page.goto(live_server)
    image = f"/static/model/{folder}golden/{golden['image']}"
    reading = page.evaluate(READ, {"image": image, "box": golden["box"]})
    assert reading["text"] == decode(encode(golden["text"])).text  # without leading zeros
    assert complaints == []
