"""The bundles that are not ours are what `make vendor` built."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

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
