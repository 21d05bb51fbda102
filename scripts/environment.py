"""Make `.venv` and install locked sets of packages into it: `python3 scripts/environment.py web train dev`.

Runs on the system's Python with nothing but the standard library. A set is installed again only when its lock file
changed: its sha256 is kept in a stamp inside `.venv`, written after the installation has succeeded.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCKS = {
    "web": ROOT / "requirements" / "web.txt",
    "train": ROOT / "requirements.txt",
    "dev": ROOT / "requirements" / "dev.txt",
    "browser": ROOT / "requirements" / "browser.txt",
    "gpu": ROOT / "requirements" / "gpu.txt",
}
OLDEST_PYTHON = (3, 10)


def ensure_venv_module() -> None:
    """Make sure that `python3 -m venv` works; Debian and Ubuntu ship it as a package of its own."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() != 0:
        raise SystemExit(f"Python's venv module is missing. Install it with: sudo apt-get install {package}")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", package], check=True)


def make_venv() -> None:
    """Create `.venv`, or create it anew when it does not start (moved, half made, its Python gone)."""
    if VENV_PYTHON.exists():
        works = subprocess.run([str(VENV_PYTHON), "-c", "import pip"], capture_output=True, check=False)
        if works.returncode == 0:
            return
    ensure_venv_module()
    print("making .venv", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install(name: str) -> None:
    """Install one locked set: exactly the listed files, checked by hash, wheels only, nothing resolved."""
    lock = LOCKS[name]
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = VENV / f".installed-{name}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return
    print(f"installing {lock.relative_to(ROOT)}", flush=True)
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet"]
    subprocess.run([str(VENV_PYTHON), "-m", "pip", "install", *options, "-r", str(lock)], check=True)
    stamp.write_text(digest, encoding="ascii")


def main(names: "list[str]") -> None:
    """Prepare `.venv` with the named sets; stops with one sentence when the machine cannot do it."""
    unknown = [name for name in names if name not in LOCKS]
    if unknown:
        raise SystemExit(f"expected sets among {', '.join(LOCKS)}, got {', '.join(unknown)}")
    if sys.version_info < OLDEST_PYTHON:
        raise SystemExit(f"expected Python 3.10 or newer, got {sys.version.split()[0]}; try: make PYTHON=python3.12 …")
    make_venv()
    try:
        for name in names:
            install(name)
    except subprocess.CalledProcessError:
        raise SystemExit("The packages could not be installed: see pip's message above. Is there a network?") from None


if __name__ == "__main__":
    main(sys.argv[1:])
