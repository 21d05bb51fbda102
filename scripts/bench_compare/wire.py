"""What files weigh on the wire. Brotli at its best takes a minute for a runtime of 14 MB, so what was found is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
from tqdm import tqdm

from scripts.bench_compare.tools import CACHE
from scripts.bench_page import INCOMPRESSIBLE

KNOWN = CACHE / "sizes.json"


def weigh(files: Iterable[Path]) -> int:
    """Bytes of all these files by brotli, or as they are where that is less."""
    known: dict[str, int] = json.loads(KNOWN.read_text("utf-8")) if KNOWN.exists() else {}
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    new = {digest: path for path, digest in digests.items() if digest not in known}
    KNOWN.parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor() as pool:
        found = pool.map(compressed, new.values())
        for digest, size in zip(
            new, tqdm(found, desc="compressing", total=len(new), leave=False, disable=None), strict=True
        ):
            known[digest] = size
            KNOWN.write_text(json.dumps(known, indent=1), "utf-8")  # at once: a run that is broken off loses nothing
    return sum(known[digest] for digest in digests.values())


def compressed(path: Path) -> int:
    """Bytes of one file."""
    content = path.read_bytes()
    return len(content) if path.suffix in INCOMPRESSIBLE else min(len(content), len(brotli.compress(content)))
