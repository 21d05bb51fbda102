"""`make package`: the reader and the `<meter-reader>` element as an npm package, `dist/meter-reader-<version>.tgz`.

The modules are those that the page itself runs, as they are; TypeScript follows their imports and writes the types from
their comments. What is special to the package (its README, what it exports) lies in `package/`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import brotli

from scripts import node

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = node.ROOT
FRONTEND, PARTS = ROOT / "frontend", ROOT / "package"
RUNTIME = ("tf.js", "tf-chunk-*.js", "tf-wasm*.wasm", "tf-webgl-*.js", "tf-webgpu-*.js", "tf.d.ts", "licences.txt")
# Rows of the README's table: what it is, and the files.
SIZES = (
    ("the reader, its worker and the element", ("js/**/*.js",)),
    ("TensorFlow.js", ("vendor/tf.js", "vendor/tf-chunk-*.js")),
    ("its WebAssembly, where SIMD is to be had", ("vendor/tf-wasm-simd.wasm",)),
    ("its WebAssembly elsewhere, instead", ("vendor/tf-wasm.wasm",)),
    ("WebGL, when WASM is slow", ("vendor/tf-webgl-*.js",)),
    ("WebGPU, when WASM is slow", ("vendor/tf-webgpu-*.js",)),
)


def build(folder: Path) -> None:
    """The package's files into an empty folder. Raises SystemExit when TypeScript finds a fault."""
    command = ["exec", "--offline", "--", "tsc", "-p", str(PARTS / "tsconfig.json"), "--outDir", str(folder)]
    if node.run(command):
        raise SystemExit("scripts.package: the types could not be written")
    for types in sorted(folder.rglob("*.d.ts")):  # one for each module that the reader or the element needs
        module = types.with_name(types.name.replace(".d.ts", ".js"))
        shutil.copy(FRONTEND / module.relative_to(folder), module)
    (folder / "vendor").mkdir()
    for path in (path for name in RUNTIME for path in (FRONTEND / "vendor").glob(name)):
        shutil.copy(path, folder / "vendor" / path.name)
    about = json.loads((PARTS / "package.json").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (folder / "package.json").write_text(json.dumps({**about, "version": project["version"]}, indent=2) + "\n", "utf-8")
    readme = (PARTS / "README.md").read_text("utf-8")
    (folder / "README.md").write_text(readme.replace("<!-- sizes -->", sizes(folder)), "utf-8")


def sizes(folder: Path) -> str:
    """What the files weigh, as a table."""
    lines = ["| part | files | kB | kB by brotli |", "|---|---|---|---|"]
    for title, names in SIZES:
        contents = [path.read_bytes() for name in names for path in folder.glob(name)]
        plain, small = sum(map(len, contents)), sum(len(brotli.compress(content)) for content in contents)
        lines.append(f"| {title} | {len(contents)} | {plain / 1000:,.0f} | {small / 1000:,.0f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build and pack."""
    parser = argparse.ArgumentParser(prog="python -m scripts.package", description="the reader as an npm package")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", metavar="FOLDER", help="where the package is put")
    given = parser.parse_args(arguments)
    if node.install():
        raise SystemExit("scripts.package: its tools could not be installed")
    given.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder))
        if node.run(["pack", folder, "--pack-destination", str(given.to.resolve()), "--loglevel=error"]):
            raise SystemExit("scripts.package: npm could not pack it")


if __name__ == "__main__":
    main()
