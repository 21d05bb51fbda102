"""Find a real browser for the tests, or install one: `python -m scripts.browser` prints its path.

Order: `$CHROMIUM`, the system's Chromium or Chrome, Debian's package when root, Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def starts(path: str) -> bool:
    """Tell whether the program at `path` runs; Ubuntu's `chromium-browser` may be a stub that asks for snap."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def find() -> "str | None":
    """Return the path of a browser that starts, or None."""
    chosen = os.environ.get("CHROMIUM")
    candidates = [chosen] if chosen else [path for name in NAMES if (path := shutil.which(name))]
    for path in candidates:
        if starts(path):
            return path
    own = playwright_path()
    return own if Path(own).exists() and starts(own) else None


def playwright_path() -> str:
    """Return where Playwright keeps its own browser; asked in another process: only one may run in each."""
    code = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def may_use_apt() -> bool:
    """Tell whether Debian's packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_with_apt(package: str = "chromium") -> None:
    """Install one of Debian's packages; whether it helped is looked at afterwards, so the status is not."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package]):
        subprocess.run(["apt-get", *arguments], env=environment, stdin=subprocess.DEVNULL, check=False)


def driver_starts() -> bool:
    """Tell whether the program through which Playwright speaks to the browser starts."""
    driver, _ = compute_driver_executable()
    return subprocess.run([str(driver), "--version"], capture_output=True, check=False).returncode == 0


def ensure_driver() -> None:
    """Install the library that Playwright's driver needs and a small system may not have."""
    if not driver_starts() and may_use_apt():
        install_with_apt("libatomic1")
    if not driver_starts():
        raise SystemExit("Playwright does not start. Install what it needs: sudo apt-get install libatomic1")


def install_with_playwright() -> None:
    """Let Playwright download its own Chromium, and as root the libraries that it needs."""
    extra = ["--with-deps"] if os.geteuid() == 0 else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *extra, "chromium"], check=False)


def ensure() -> str:
    """Return the path of a browser that starts, installing one if there is none."""
    ensure_driver()
    ways = [install_with_apt, install_with_playwright] if may_use_apt() else [install_with_playwright]
    path = find()
    for way in ways:
        if path is None:
            way()
            path = find()
    if path is None:
        raise SystemExit("No browser for the tests. Install Chromium, or name one: CHROMIUM=/path make test")
    return path


if __name__ == "__main__":
    print(f"browser: {ensure()}")
