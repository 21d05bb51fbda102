"""What `make test` runs once the set-up is done: linters, types, contracts, then the tests (`--full`: every one).

All of it runs, whatever fails; the exit status is not 0 when anything failed. pytest comes last, so its summary is
the last line. Arguments go to pytest.
"""

import os
import subprocess
import sys
from pathlib import Path

from scripts import browser, node

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
CHECKS = {
    "ruff check": [str(TOOLS / "ruff"), "check", "."],
    "ruff format": [str(TOOLS / "ruff"), "format", "--check", "--quiet", "."],
    "mypy": [str(TOOLS / "mypy")],
    "import contracts": [str(TOOLS / "lint-imports")],
}


def run(name: str, command: "list[str]") -> bool:
    """Run one check; tells whether it passed."""
    print(f"\n--- {name}", flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main(arguments: "list[str]") -> int:
    """Run the checks and the tests; returns the exit status."""
    print(f"browser: {browser.ensure()}")
    failed = [name for name, command in CHECKS.items() if not run(name, command)]
    print("\n--- prettier, tsc and the bundles", flush=True)
    if node.install() or node.run(["run", "--silent", "check"]):
        failed.append("prettier, tsc and the bundles")
    print(f"\n--- checks: {'failed: ' + ', '.join(failed) if failed else 'all passed'}; now the tests", flush=True)
    processes = str((os.cpu_count() or 1) + 1)  # one more than cores: browsers and databases make a test wait
    files = ["--dist", "loadfile", "--no-loadscope-reorder"]  # whole files: their fixtures are shared; tests' order
    options = ["--numprocesses", processes, *files, "--durations", "25", *arguments]
    tests = subprocess.run([sys.executable, "-m", "pytest", *options], cwd=ROOT, check=False).returncode
    return tests or int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
