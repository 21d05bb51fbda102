"""The package that `make package` makes, as somebody else would use it: installed, type-checked, served, reading."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scripts import node, package
from tests.browser.shipped import Display, copy_pointer, displays, shipped_folder, upload
from tests.conftest import StaticHandler, served

USE = """import { createReader, ReaderError, type PhotoReading } from "meter-reader";
import { MeterReader } from "meter-reader/element";

export async function text(photo: Blob): Promise<string> {
  const reader = await createReader({ model: new URL("https://example.org/"), backends: ["wasm"], photos: true });
  const reading: PhotoReading = await reader.readPhoto(photo).finally(() => reader.close());
  return reading.accepted ? reading.text : `${reading.confidence} ${reading.corners?.[0].length}`;
}
export const code = (error: unknown): string => (error instanceof ReaderError ? error.code : "");
export const value = (field: MeterReader): string => field.value;
"""
OPTIONS = {
    "strict": True,
    "noEmit": True,
    "target": "ES2022",
    "module": "ES2022",
    "moduleResolution": "bundler",
    "lib": ["ES2023", "DOM", "DOM.Iterable"],
    "types": [],
}
PAGE = """<!doctype html>
<script type="importmap">
{"imports": {"meter-reader": "/node_modules/meter-reader/js/reader.js",
  "meter-reader/element": "/node_modules/meter-reader/js/element.js"}}
</script>
<meter-reader name="reading" model="/elsewhere/models/"></meter-reader>
"""
READ = """async ({address, box}) => {
  const {createReader} = await import("meter-reader");
  const reader = await createReader({model: new URL("/elsewhere/models/", location.href), backends: ["wasm"]});
  const photo = await (await fetch(address)).blob();
  const {text, accepted} = await reader.read(photo, {box});
  reader.close();
  return {text, accepted};
}"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was empty before the package was installed in it, with the model somewhere else beside it."""
    folder = tmp_path_factory.mktemp("user")
    package.main(["--to", str(folder / "dist")])
    (tarball,) = (folder / "dist").glob("meter-reader-*.tgz")
    (folder / "package.json").write_text('{"name": "user", "private": true}', "utf-8")
    options = ["--prefix", str(folder), "--offline", "--no-audit", "--no-fund", "--loglevel=error"]
    assert node.run(["install", *options, str(tarball)]) == 0
    models = folder / "elsewhere" / "models"
    shutil.copytree(shipped_folder(), models / shipped_folder().parent.name / shipped_folder().name)
    copy_pointer(models)
    (folder / "index.html").write_text(PAGE, "utf-8")
    return folder


@pytest.fixture
def address(installed: Path) -> Iterator[str]:
    """Where the folder is served, as any static server would."""

    class Handler(StaticHandler):
        def translate_path(self, path: str) -> str:
            self.directory = str(installed)
            return SimpleHTTPRequestHandler.translate_path(self, path)

    with served(Handler) as address:
        yield address


def test_it_reads(page: Page, address: str) -> None:
    display = displays()[0]
    page.goto(address)
    given = {"address": f"/elsewhere/models/{picture_path(display)}", "box": vars(display.box) if display.box else None}
    assert page.evaluate(READ, given) == {"text": display.reading.text, "accepted": True}


def test_its_element_reads(page: Page, address: str) -> None:
    display = displays()[0]
    page.goto(address)
    page.evaluate("import('meter-reader/element')")
    page.locator("meter-reader input.file").set_input_files(upload("meter.png", display.content))
    expect(page.locator("meter-reader")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_role("textbox")).not_to_have_value("")


def picture_path(display: Display) -> str:
    """Below the folder of models."""
    return display.file.relative_to(shipped_folder().parents[1]).as_posix()


def test_its_types_check(installed: Path) -> None:
    project = {"compilerOptions": OPTIONS, "files": ["use.ts"]}
    (installed / "tsconfig.json").write_text(json.dumps(project), "utf-8")
    check = ["exec", "--offline", "--", "tsc", "-p", str(installed)]
    (installed / "use.ts").write_text(USE, "utf-8")
    assert node.run(check) == 0
    (installed / "use.ts").write_text(USE.replace("reading.confidence", "reading.confidense"), "utf-8")
    assert node.run(check) != 0


def test_it_says_what_it_is(installed: Path) -> None:
    inside = installed / "node_modules" / "meter-reader"
    about = json.loads((inside / "package.json").read_text("utf-8"))
    for way in ("types", "default"):
        assert all((inside / about["exports"][name][way]).is_file() for name in (".", "./element"))
    readme = (inside / "README.md").read_text("utf-8")
    assert "| TensorFlow.js | 2 |" in readme and "<!--" not in readme
    assert "Apache License" in (inside / "vendor" / "licences.txt").read_text("utf-8")
    names = {path.relative_to(inside).as_posix() for path in inside.rglob("*") if path.is_file()}
    assert {"js/worker.js", "js/worker.d.ts", "vendor/tf-wasm-simd.wasm"} <= names
    assert not [name for name in names if "main" in name or "chart" in name or "offline" in name]  # the page's own
