"""Which browser the tests get, on machines that are made up: what would be run, and in which order."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import browser

DRIVER = "/playwright/driver"


class Machine:
    """Its programs (path → what they answer to `--version`) and what can be got for it; `got` is what was tried."""

    def __init__(self, own: Path) -> None:
        self.own = str(own)  # where Playwright keeps its browser
        self.programs = {DRIVER: "node"}
        self.root = True
        self.apt: dict[str, dict[str, str]] = {}  # package → the programs in it
        self.download = False
        self.got: list[str] = []

    def run(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        """What `subprocess.run` does there."""
        path, *arguments = map(str, command)
        if path == "apt-get":
            assert options["stdin"] == subprocess.DEVNULL, "nobody is there to answer"
            self.got.append(f"apt {arguments[0]} {arguments[-1]}" if arguments[0] == "install" else "apt update")
            if arguments[0] == "install":
                self.programs |= self.apt.get(arguments[-1], {})
            return subprocess.CompletedProcess(command, 0)
        if path == sys.executable and arguments[0] == "-c":
            return subprocess.CompletedProcess(command, 0, stdout=f"{self.own}\n")
        if path == sys.executable:
            self.got.append(" ".join(arguments))
            if self.download:
                Path(self.own).touch()
                self.programs[self.own] = "Chromium 156"
            return subprocess.CompletedProcess(command, int(not self.download))
        assert arguments == ["--version"]
        if path not in self.programs:
            raise FileNotFoundError(path)
        said = self.programs[path]
        return subprocess.CompletedProcess(command, int(said == "broken"), stdout=said)

    def which(self, name: str) -> str | None:
        """What `shutil.which` finds there."""
        return next((path for path in self.programs if Path(path).name == name), None) or (
            "/usr/bin/apt-get" if name == "apt-get" else None
        )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A root's, with apt, but nothing to be got from it, and without a browser."""
    machine = Machine(tmp_path / "chrome")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(subprocess, "run", machine.run)
    monkeypatch.setattr(shutil, "which", machine.which)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if machine.root else 1000)
    monkeypatch.setattr(browser, "compute_driver_executable", lambda: (DRIVER, "cli.js"))
    return machine


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
def test_the_systems_browser_is_taken_as_it_is(machine: Machine, name: str) -> None:
    machine.programs[f"/usr/bin/{name}"] = "Google Chrome 156" if "google" in name else "Chromium 156"
    machine.apt = {"chromium": {"/usr/bin/chromium": "Chromium 1"}}
    assert browser.ensure() == f"/usr/bin/{name}"
    assert machine.got == []


def test_the_one_named_comes_before_the_systems(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.programs |= {"/usr/bin/chromium": "Chromium 1", "/opt/mine": "Chromium 2"}
    monkeypatch.setenv("CHROMIUM", "/opt/mine")
    assert browser.ensure() == "/opt/mine"


def test_root_gets_debians_package_and_downloads_nothing(machine: Machine) -> None:
    machine.apt, machine.download = {"chromium": {"/usr/bin/chromium": "Chromium 156"}}, True
    assert browser.ensure() == "/usr/bin/chromium"
    assert machine.got == ["apt update", "apt install chromium"]


@pytest.mark.parametrize("package", [{}, {"/usr/bin/chromium-browser": "broken"}], ids=["none", "stub"])
def test_root_gets_playwrights_own_where_the_package_does_not_help(machine: Machine, package: dict[str, str]) -> None:
    """Ubuntu's package is a stub that asks for snap."""
    machine.apt, machine.download = {"chromium": package}, True
    assert browser.ensure() == machine.own
    assert machine.got == [
        "apt update",
        "apt install chromium",
        "-m playwright install --with-deps chromium",
    ]
    machine.got.clear()
    assert browser.ensure() == machine.own
    assert machine.got == []


def test_others_get_playwrights_own_without_apt(machine: Machine) -> None:
    machine.root, machine.download = False, True
    machine.apt = {"chromium": {"/usr/bin/chromium": "Chromium 156"}}
    assert browser.ensure() == machine.own
    assert machine.got == ["-m playwright install chromium"]


def test_where_nothing_helps_it_says_what_to_do(machine: Machine) -> None:
    machine.programs["/usr/bin/chromium"] = "Usage: snap install chromium"
    with pytest.raises(SystemExit, match="Install Chromium, or name one: CHROMIUM=/path make test"):
        browser.ensure()
    assert [got.split()[0] for got in machine.got] == ["apt", "apt", "-m"]


def test_the_driver_gets_its_library_before_a_browser_is_looked_for(machine: Machine) -> None:
    machine.programs[DRIVER] = "broken"
    machine.apt = {"libatomic1": {DRIVER: "node"}, "chromium": {"/usr/bin/chromium": "Chromium 156"}}
    assert browser.ensure() == "/usr/bin/chromium"
    assert [got for got in machine.got if got != "apt update"] == ["apt install libatomic1", "apt install chromium"]


def test_somebody_without_rights_is_told_of_the_library(machine: Machine) -> None:
    machine.programs[DRIVER], machine.root = "broken", False
    with pytest.raises(SystemExit, match="sudo apt-get install libatomic1"):
        browser.ensure()
    assert machine.got == []
