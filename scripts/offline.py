"""`python -m scripts.offline`: write `frontend/sw.js`, the list of the page's files that a service worker keeps.

The list is every file of `frontend/` that a browser may ask for, found by looking, with its SHA-256; so a file that is
added, changed or removed changes `sw.js`, by which browsers notice that there is a new page. `make format` and
`make vendor` do this too.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
WORKER = "sw.js"  # never in the list: browsers ask for it past every cache
KEPT = {".css", ".html", ".js", ".png", ".svg", ".wasm", ".webmanifest"}


def integrity(content: bytes) -> str:
    """SHA-256 as `integrity` wants it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def worker(frontend: Path) -> str:
    """The text of `sw.js` for the files of a folder."""
    files = {
        path.relative_to(frontend).as_posix(): integrity(path.read_bytes())
        for path in sorted(frontend.rglob("*"))
        if path.is_file() and path.suffix in KEPT and path != frontend / WORKER
    }
    return (
        "// Written by `python -m scripts.offline` from the files beside it: not to be edited.\n"
        'import { serve } from "./js/offline/worker.js";\n\n'
        f"serve({json.dumps(files, indent=2).removesuffix(chr(10) + '}')},\n}});\n"
    )


def main(arguments: list[str] | None = None) -> None:
    """Write the file, or tell whether it is up to date."""
    parser = argparse.ArgumentParser(prog="python -m scripts.offline", description=__doc__.partition("\n")[0])
    parser.add_argument("--frontend", type=Path, default=FRONTEND, help="folder of the page")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when it is not up to date")
    options = parser.parse_args(arguments)
    path, text = options.frontend / WORKER, worker(options.frontend)
    if not options.check:
        path.write_text(text, encoding="utf-8")
    elif not path.exists() or path.read_text("utf-8") != text:
        raise SystemExit(f"{path} does not fit the files of the page: run `python -m scripts.offline`")


if __name__ == "__main__":
    main()
