"""The bundles that are not ours are what `make vendor` built."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts import node
from tests.conftest import ROOT

VENDOR = ROOT / "frontend" / "vendor"
PANEL = ROOT / "backend" / "admin_static"
TESTS = ROOT / "tests" / "browser" / "vendor"


@pytest.mark.parametrize("vendor", [VENDOR, PANEL / "vendor", TESTS], ids=["page", "panel", "tests"])
def test_checksums(vendor: Path) -> None:
    listed = {}
    for line in (vendor / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        listed[name] = digest
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendor.iterdir()}
    del found["SHA256SUMS"]
    assert found == listed


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the bundles are built from and where they lie, to be spoiled."""
    assert node.install() == 0
    folder = tmp_path_factory.mktemp("copy")
    for place in ("scripts/vendor", *(str(vendor.relative_to(ROOT)) for vendor in (VENDOR, PANEL / "vendor", TESTS))):
        shutil.copytree(ROOT / place, folder / place)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    # Not a link to the folder: the packages' places are in the names of the chunks.
    shutil.copytree(ROOT / "node_modules", folder / "node_modules", symlinks=True, copy_function=link)
    return folder


def link(source: str, target: str) -> None:
    """One file more without its bytes, where both are on one disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [node.NODE / "bin" / "node", "scripts/vendor/build.js", "--check"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize("listed", [True, False], ids=["listed", "not listed"])
def test_an_edited_bundle_is_noticed_even_with_edited_checksums(copy: Path, listed: bool) -> None:
    """The packages are built again and compared; `make test` does so by way of `npm run check`."""
    script = copy / "backend" / "admin_static" / "vendor" / "chart.js"
    sums = script.with_name("SHA256SUMS")
    before = script.read_bytes(), sums.read_text("utf-8")
    script.write_bytes(before[0] + b"//")
    if listed:
        digests = (hashlib.sha256(content).hexdigest() for content in (before[0], script.read_bytes()))
        sums.write_text(before[1].replace(*digests), "utf-8")
        assert sums.read_text("utf-8") != before[1]
    done = check(copy)
    assert done.returncode == 1
    assert "backend/admin_static/vendor differs: run `make vendor`" in done.stdout
    assert "frontend/vendor is what the lock builds" in done.stdout
    script.write_bytes(before[0])
    sums.write_text(before[1], "utf-8")
    assert check(copy).returncode == 0
    scripts = json.loads((ROOT / "package.json").read_text("utf-8"))["scripts"]
    assert scripts["check"].endswith(" && node scripts/vendor/build.js --check")


def test_no_script_is_made_of_text() -> None:
    """Neither eval nor the Function constructor: the page's policy forbids both."""
    for path in [*VENDOR.glob("*.js"), *(ROOT / "frontend" / "js").glob("*.js"), *PANEL.rglob("*.js")]:
        assert not re.search(r"\beval\(|\bnew Function\(|[^.\w]Function\([\"'`]", path.read_text("utf-8")), path.name


def test_licences_of_what_is_bundled() -> None:
    licences = (VENDOR / "licences.txt").read_text("utf-8")
    for package in ("tfjs-core", "tfjs-converter", "tfjs-backend-wasm", "tfjs-backend-webgl", "tfjs-backend-webgpu"):
        assert f"@tensorflow/{package} 4.22.0: Apache-2.0" in licences
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in licences
    assert "chart.js 4.6.1: MIT" in licences and "idb 8.0.4: ISC" in licences
    assert "workbox-precaching 7.4.1: MIT" in licences and "workbox-routing 7.4.1: MIT" in licences
    panel = (PANEL / "vendor" / "licences.txt").read_text("utf-8")
    assert "chart.js 4.6.1: MIT" in panel and "Copyright (c) 2014-2024 Chart.js Contributors" in panel
    assert "axe-core 4.14.1: MPL-2.0" in (TESTS / "licences.txt").read_text("utf-8")
