"""The bundled runtime is what `make vendor` built."""

from __future__ import annotations

import hashlib
import re

from tests.conftest import ROOT

VENDOR = ROOT / "frontend" / "vendor"


def test_checksums() -> None:
    listed = {}
    for line in (VENDOR / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        listed[name] = digest
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del found["SHA256SUMS"]
    assert found == listed


def test_no_script_is_made_of_text() -> None:
    """Neither eval nor the Function constructor: the page's policy forbids both."""
    for path in [*VENDOR.glob("*.js"), *(ROOT / "frontend" / "js").glob("*.js")]:
        assert not re.search(r"\beval\(|\bnew Function\(|[^.\w]Function\([\"'`]", path.read_text("utf-8")), path.name


def test_licences_of_what_is_bundled() -> None:
    licences = (VENDOR / "licences.txt").read_text("utf-8")
    for package in ("tfjs-core", "tfjs-converter", "tfjs-backend-wasm", "tfjs-backend-webgl", "tfjs-backend-webgpu"):
        assert f"@tensorflow/{package} 4.22.0: Apache-2.0" in licences
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in licences
