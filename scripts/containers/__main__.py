"""`python -m scripts.containers`: do what the Dockerfiles say in a scratch folder, without a container engine.

Each instruction's files are copied and its commands run; `--full` with those that install packages, which takes many
minutes and gigabytes. Health checks of what is not running here must fail. `--together` starts what `compose.yaml`
names on this machine, from the same commands: PostgreSQL, Redis, web, worker and the proxy with TLS (programs that have
to be on PATH), and reads a picture through it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from backend.settings import ROOT
from scripts.containers.image import Image, build

FILES = sorted((ROOT / "containers").glob("*.Dockerfile"))


def try_all(scratch: Path, names: list[str], full: bool) -> dict[str, Image]:
    """Build these images, and run their health checks, which must fail: nothing runs. Raises CalledProcessError."""
    images = {}
    for name in names:
        print(f"--- {name}", flush=True)
        image = images[name] = build(ROOT / "containers" / f"{name}.Dockerfile", scratch / name, full)
        print(f"command: {' '.join(image.command)}")
        print(f"health check, with nothing running: {unhealthy(image)}", flush=True)
    return images


def unhealthy(image: Image) -> str:
    """What a health check says when nothing runs. Raises RuntimeError when it is content."""
    try:
        done = subprocess.run(image.health, capture_output=True, text=True, timeout=60, check=False, **image.options())
    except (FileNotFoundError, PermissionError) as error:
        return f"{error.filename} is not on this machine"
    if done.returncode == 0:
        raise RuntimeError(f"expected {' '.join(image.health)} to fail while nothing runs, got status 0")
    return str((done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1])


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0 when everything was as it should be, 1 with one line on standard error when not."""
    names = [file.name.removesuffix(".Dockerfile") for file in FILES]
    parser = argparse.ArgumentParser(prog="python -m scripts.containers", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", metavar="IMAGE", nargs="*", help=f"only these of {', '.join(names)}")
    parser.add_argument("--full", action="store_true", help="install packages, too")
    parser.add_argument("--together", action="store_true", help="start all that compose.yaml names")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(names):
        parser.error(f"expected images among {', '.join(names)}, got {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="meter-containers-") as scratch:
        Path(scratch).chmod(0o755)
        try:
            images = try_all(Path(scratch), given.names or names, given.full)
            if given.together:
                from scripts.containers.together import start_all

                start_all(images, Path(scratch))
        except (RuntimeError, ValueError, subprocess.CalledProcessError) as error:
            print(f"scripts.containers: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
