"""How a container starts the site: `python -m scripts.container`.

The versions of the network lie in a volume (`METER_STATIC`) that outlives the image, as the panel publishes there.
Those that this image ships and the volume does not have are added. What is published stays so: a shipped version takes
over when somebody publishes it.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from backend.settings import ROOT, Settings
from backend.storage import write_safely

SERVE = [sys.executable, "-m", "flask", "--app", "backend", "serve"]


def bring(shipped: Path, kept: Path) -> list[str]:
    """Copy the versions (`NAME/NUMBER`) that are not there, each whole or not at all; then, where none is, the pointer.

    Returns the names of those that were copied.
    """
    if shipped.resolve() == kept.resolve():
        return []
    added = []
    for folder in sorted(path for path in shipped.glob("*/*") if path.is_dir()):
        name = folder.relative_to(shipped)
        if not (kept / name).exists():
            copy_whole(folder, kept / name)
            added.append(name.as_posix())
    pointer = kept / "current.json"
    if not pointer.exists():
        write_safely(pointer, (shipped / "current.json").read_bytes())
    return added


def copy_whole(folder: Path, place: Path) -> None:
    """Copy a folder under another name first: a stop half-way leaves no version that is not whole."""
    own = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    shutil.copytree(folder, own, copy_function=shutil.copyfile)
    os.sync()
    own.rename(place)


def main() -> None:
    """Bring the shipped versions, then become the server."""
    for name in bring(ROOT / "static" / "model", Settings().static / "model"):
        print(f"added the shipped version {name}", flush=True)
    os.execv(SERVE[0], SERVE)  # noqa: S606 (no shell: this process becomes the server)


if __name__ == "__main__":
    main()
