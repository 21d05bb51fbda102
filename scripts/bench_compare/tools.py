"""What the comparison needs and nothing else does: its npm packages, and `onnx` beside `.venv` instead of in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from scripts import node

HERE = Path(__file__).resolve().parent
PACKAGES = HERE / "node_modules"
CACHE = node.ROOT / ".cache" / "bench_compare"


def install() -> None:
    """Install what is locked, unless it is there already. Raises SystemExit when it cannot be installed."""
    if is_new(HERE / "package-lock.json", PACKAGES / ".installed-from"):
        options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if node.run(["--prefix", str(HERE), "ci", *options]):
            raise SystemExit("scripts.bench_compare: its npm packages could not be installed")
        remember(HERE / "package-lock.json", PACKAGES / ".installed-from")
    if is_new(HERE / "onnx.txt", CACHE / "onnx" / ".installed-from"):
        options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet"]
        target = ["--upgrade", "--target", str(CACHE / "onnx")]
        command = [sys.executable, "-m", "pip", "install", *options, *target, "-r", str(HERE / "onnx.txt")]
        if subprocess.run(command, check=False).returncode:
            raise SystemExit("scripts.bench_compare: onnx could not be installed")
        remember(HERE / "onnx.txt", CACHE / "onnx" / ".installed-from")


def is_new(lock: Path, stamp: Path) -> bool:
    """Tell whether what the lock names is not what was installed."""
    return not stamp.exists() or stamp.read_text("ascii") != hashlib.sha256(lock.read_bytes()).hexdigest()


def remember(lock: Path, stamp: Path) -> None:
    """Note what was installed."""
    stamp.write_text(hashlib.sha256(lock.read_bytes()).hexdigest(), "ascii")


def onnx_of(version: Path) -> Path:
    """The version's graph as ONNX, made now. Raises SystemExit when it holds what cannot be converted."""
    target = CACHE / f"{version.parent.name}-{version.name}.onnx"
    target.parent.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(CACHE / "onnx")}
    command = [sys.executable, "-m", "scripts.bench_compare.onnx_graph", str(version), str(target)]
    if subprocess.run(command, cwd=node.ROOT, env=environment, check=False).returncode:
        raise SystemExit(f"scripts.bench_compare: {version} could not be converted to ONNX")
    return target
