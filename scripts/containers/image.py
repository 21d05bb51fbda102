"""What a Dockerfile's instructions do, done in a folder: files are copied, commands are run, as the image would.

A folder stands for the root of each stage. In commands the folders that an image has for itself (`/app`, `/data`, …)
are replaced by those; programs are this machine's. Slow commands (packages are installed) are left out unless asked
for, and `.venv` is then this checkout's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.settings import ROOT
from scripts.containers.dockerfile import Instruction, Stage, read

OWN = re.compile(r"(?<![\w.}])/(?=(?:app|data|certificates|etc/caddy|var/lib/(?:apt/lists|caddy))\b)")
SLOW = re.compile(r"environment\.py|apt-get")
ENVIRONMENT = re.compile(r"(\w+)=(\S*)")
Said = Callable[[str], None]


@dataclass
class Image:
    """The last stage of a Dockerfile as it lies in `root`: its environment, working directory, user and commands."""

    stage: Stage
    root: Path
    environment: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: int | None = None

    def place(self, path: str) -> Path:
        """Where a path of the image lies here."""
        return self.root / (Path(self.folder) / path).relative_to("/")

    def here(self, text: str) -> str:
        """A command or a value with the image's own folders replaced by those here."""
        return OWN.sub(f"{self.root}/", text)

    def options(self, more: dict[str, str] | None = None) -> dict[str, Any]:
        """How a process of this image is started: its folder, its environment, its user where that can be had."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("METER_", "PYTHON"))}
        environment = inherited | self.environment | (more or {})
        user: dict[str, Any] = {}
        if self.user is not None and os.geteuid() == 0 and self.open_to_all(environment["PATH"]):
            user = {"user": self.user, "group": self.user, "extra_groups": []}
        return {"cwd": self.place("."), "env": environment, **user}

    def open_to_all(self, path: str) -> bool:
        """Whether another user can come to all that is needed: root's home, say, is closed to others."""
        python = Path(shutil.which("python3", path=path) or sys.executable).resolve()
        needed = (self.root, ROOT, python)
        return all(each.stat().st_mode & 0o001 for path in needed for each in (path, *path.resolve().parents))

    @property
    def command(self) -> list[str]:
        """What the container runs."""
        found = (self.stage.last(name) for name in ("ENTRYPOINT", "CMD"))
        return [self.here(word) for each in found if each for word in each.words]

    @property
    def health(self) -> list[str]:
        """What its health check runs."""
        return [self.here(word) for word in self.stage.health]


def build(file: Path, root: Path, full: bool = False, say: Said = print) -> Image:
    """Do all stages of a Dockerfile below `root`. Raises CalledProcessError for a command that fails."""
    images: dict[str, Image] = {}
    for number, stage in enumerate(read(file)):
        image = Image(stage, root / (stage.name or f"stage{number}"))
        image.root.mkdir(parents=True)
        images[stage.name] = image
        for each in stage.instructions:
            do(each, image, images, full, say)
    return image


def do(each: Instruction, image: Image, images: dict[str, Image], full: bool, say: Said) -> None:
    """Do one instruction."""
    if each.name == "ENV":
        for name, value in ENVIRONMENT.findall(each.rest):
            image.environment[name] = image.here(value.replace("$PATH", os.environ["PATH"]))
    elif each.name == "WORKDIR":
        image.folder = each.rest
        image.place(".").mkdir(parents=True, exist_ok=True)
    elif each.name == "USER":
        image.user = int(each.rest.partition(":")[0])
    elif each.name == "COPY":
        copy(each.rest.split(), image, images)
    elif each.name == "RUN":
        if full or not SLOW.search(each.rest):
            run(each.rest, image, say)
        else:
            say(f"left out: {each.rest}")


def run(command: str, image: Image, say: Said) -> None:
    """Run a command of the build, as root does in an image."""
    started = time.monotonic()
    options = image.options() | {"user": None, "group": None, "extra_groups": None}
    subprocess.run(["/bin/sh", "-c", image.here(command)], check=True, **options)
    say(f"{time.monotonic() - started:6.1f} s  {command}")


def copy(words: list[str], image: Image, images: dict[str, Image]) -> None:
    """Copy from the context, or from another stage: from there only `.venv`, which is linked, as it knows its place."""
    source = None
    if words[0].startswith("--from="):
        source = images[words.pop(0).removeprefix("--from=")]
    *names, target = words
    for name in names:
        place = image.place(target) / Path(name).name if target.endswith("/") else image.place(target)
        place.parent.mkdir(parents=True, exist_ok=True)
        if source:
            made = source.root / name.lstrip("/")
            place.symlink_to(made if made.exists() else ROOT / made.name, target_is_directory=True)
        elif (ROOT / name).is_dir():
            shutil.copytree(allowed(name), place, ignore=shutil.ignore_patterns(*ignored()), dirs_exist_ok=True)
        else:
            shutil.copy2(allowed(name), place)


def allowed(name: str) -> Path:
    """A path of the context. Raises ValueError for one that `.dockerignore` keeps out or that is not there."""
    if Path(name).parts[0] not in {line[1:] for line in rules() if line.startswith("!")} or not (ROOT / name).exists():
        raise ValueError(f"expected {name} to be there and let in by .dockerignore")
    return ROOT / name


def ignored() -> list[str]:
    """Names that stay out wherever they are."""
    return [line.removeprefix("**/") for line in rules() if line.startswith("**/")]


def rules() -> list[str]:
    """The lines of `.dockerignore`: all is kept out, then some is let in by name."""
    lines = [line.strip() for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]
