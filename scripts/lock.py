"""Make the lock files from the `requirements/*.in` inputs: `make lock`.

`requirements.txt` is the whole closure (web and training); the others are compiled under it, so a package has one
version everywhere. Each file names every package with its hashes; `scripts/environment.py` installs it.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.10"


def compile_lock(output: str, *arguments: str) -> None:
    """Resolve the inputs for every Python from the oldest on and write `output` (kept versions are reused)."""
    uv = Path(sys.executable).with_name("uv")
    options = ["--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes", "--no-annotate", "--quiet"]
    command = [str(uv), "pip", "compile", *options, "--custom-compile-command", "make lock", *arguments, "-o", output]
    subprocess.run([*command, *sys.argv[1:]], cwd=ROOT, check=True)


def main() -> None:
    """Compile the files; extra arguments (such as `--upgrade`) go to `uv pip compile`."""
    overrides = ["--override", "requirements/overrides.txt"]
    compile_lock("requirements.txt", "requirements/web.in", "requirements/train.in", *overrides)
    compile_lock("requirements/web.txt", "requirements/web.in", "-c", "requirements.txt", *overrides)
    compile_lock("requirements/dev.txt", "requirements/dev.in", "-c", "requirements.txt")
    for name in ("browser", "gpu"):  # for containers: in the versions that the tests run with
        under = ["-c", "requirements.txt", "-c", "requirements/dev.txt"]
        compile_lock(f"requirements/{name}.txt", f"requirements/{name}.in", *under)


if __name__ == "__main__":
    main()
