"""How `.venv` is made and filled, without making one: what would be run, and what is refused."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import environment

EXACTLY = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--quiet"]


class Machine:
    """What is run on it, and whether that works: `-m venv` makes a folder, everything else only what it must."""

    def __init__(self, venv: Path) -> None:
        self.venv, self.python = venv, venv / "bin" / "python"
        self.ran: list[list[str]] = []
        self.broken = False
        self.failing = ""

    def run(self, command: list[str], check: bool, capture_output: bool = False) -> subprocess.CompletedProcess[str]:
        self.ran.append(command)
        if command[1:3] == ["-m", "venv"]:
            assert command == [sys.executable, "-m", "venv", "--clear", str(self.venv)]
            shutil.rmtree(self.venv, ignore_errors=True)
            self.python.parent.mkdir(parents=True)
            self.python.touch()
            self.broken = False
        failed = (bool(self.failing) and self.failing in command[-1]) or (self.broken and command[-1] == "import pip")
        if failed and check:
            raise subprocess.CalledProcessError(1, command)
        return subprocess.CompletedProcess(command, int(failed))

    def installs(self) -> list[str]:
        """The lock files that were installed since it was last asked; the ways of doing so have to be right."""
        installed = []
        for command in self.ran:
            if command[1:4] == ["-m", "pip", "install"]:
                assert command == [str(self.python), "-m", "pip", "install", *EXACTLY, "-r", command[-1]]
                installed.append(Path(command[-1]).name)
        self.ran.clear()
        return installed


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path / ".venv")
    for name in ("web.txt", "dev.txt"):
        (tmp_path / name).write_text(f"{name}==1 --hash=sha256:0\n", "utf-8")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", machine.venv)
    monkeypatch.setattr(environment, "VENV_PYTHON", machine.python)
    monkeypatch.setattr(environment, "LOCKS", {"web": tmp_path / "web.txt", "dev": tmp_path / "dev.txt"})
    monkeypatch.setattr(subprocess, "run", machine.run)
    return machine


def test_a_fresh_machine_gets_the_sets_in_order_each_with_its_hashes(machine: Machine) -> None:
    environment.main(["web", "dev"])
    assert machine.ran[0][1:3] == ["-m", "venv"]
    assert machine.installs() == ["web.txt", "dev.txt"]
    for name in ("web", "dev"):
        lock = machine.venv.parent / f"{name}.txt"
        stamp = machine.venv / f".installed-{name}"
        assert stamp.read_text("ascii") == hashlib.sha256(lock.read_bytes()).hexdigest()


def test_only_a_changed_set_is_installed_again(machine: Machine) -> None:
    environment.main(["web", "dev"])
    machine.installs()
    environment.main(["web", "dev"])
    assert machine.ran == [[str(machine.python), "-c", "import pip"]]
    (machine.venv.parent / "dev.txt").write_text("dev==2 --hash=sha256:1\n", "utf-8")
    environment.main(["web", "dev"])
    assert machine.installs() == ["dev.txt"]


def test_what_could_not_be_installed_is_tried_again(machine: Machine) -> None:
    machine.failing = "dev.txt"
    with pytest.raises(SystemExit, match=r"could not be installed: .* Is there a network\?"):
        environment.main(["web", "dev"])
    assert (machine.venv / ".installed-web").exists() and not (machine.venv / ".installed-dev").exists()
    machine.installs()
    machine.failing = ""
    environment.main(["web", "dev"])
    assert machine.installs() == ["dev.txt"]


def test_an_environment_that_does_not_start_is_made_anew_with_all_its_sets(machine: Machine) -> None:
    environment.main(["web", "dev"])
    machine.installs()
    machine.broken = True
    environment.main(["web"])
    assert [command[1:3] for command in machine.ran] == [["-c", "import pip"], ["-m", "venv"], ["-m", "pip"]]
    assert machine.installs() == ["web.txt"]


def test_what_it_cannot_do_is_said_before_anything_is_run(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="expected sets among web, dev, got tests"):
        environment.main(["web", "tests"])
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"expected Python 3\.10 or newer, got .*; try: make PYTHON=python3\.12"):
        environment.main(["web"])
    assert machine.ran == []


@pytest.mark.parametrize("root", [True, False], ids=["root", "somebody"])
def test_a_python_without_venv(machine: Machine, monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    """Debian's has it in a package of its own, which root gets and somebody else is told of."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    find_spec: Any = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find_spec(name))
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    if not root:
        with pytest.raises(SystemExit, match=f"Install it with: sudo apt-get install {package}"):
            environment.main(["web"])
        assert machine.ran == []
        return
    environment.main(["web"])
    assert [command[:2] for command in machine.ran[:2]] == [["apt-get", "update"], ["apt-get", "install"]]
    assert machine.ran[1][-1] == package
    assert machine.ran[2][1:3] == ["-m", "venv"]


def test_every_locked_package_has_its_hashes() -> None:
    for lock in environment.LOCKS.values():
        text = re.sub(r"\\\n\s*", " ", lock.read_text("utf-8"))
        packages = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        assert packages
        assert [line for line in packages if not re.search(r"==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == [], (
            lock.name
        )
