"""Containers without an engine: the files are linted and read, commands of their build are run, checks are asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask

from backend.jobs import ALIVE, Worker
from backend.settings import ROOT, get_settings
from backend.telegram.bot import ALIVE as BOT_ALIVE
from scripts import container, healthy
from scripts.containers import compose, dockerfile
from scripts.containers.__main__ import FILES, unhealthy
from scripts.containers.image import Image, allowed, build
from scripts.containers.together import SECRETS
from tests.versions import make_version
from training.spending import stages_of

TOOLS = Path(sys.executable).parent
GIVEN = dict.fromkeys(SECRETS, "a1b2c3")
NAMES = [file.name.removesuffix(".Dockerfile") for file in FILES]
OWN = ("proxy", "web", "worker")  # services with an image of ours


@pytest.fixture(scope="module")
def images() -> Iterator[dict[str, Image]]:
    """All images, as far as no packages are installed, where another user can come to them."""
    with tempfile.TemporaryDirectory(prefix="meter-containers-") as folder:
        Path(folder).chmod(0o755)
        yield {name: build(ROOT / "containers" / f"{name}.Dockerfile", Path(folder) / name) for name in NAMES}


def test_the_linters_find_nothing() -> None:
    lint = subprocess.run([TOOLS / "hadolint", *FILES], capture_output=True, text=True)
    assert (lint.returncode, lint.stdout) == (0, "")
    check = [TOOLS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "compose.yaml"]
    assert subprocess.run(check, capture_output=True, text=True).returncode == 0


def test_there_is_an_image_for_each_purpose() -> None:
    assert NAMES == ["gpu", "proxy", "web", "worker"]


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_an_image_is_pinned_without_rights_and_looked_after(file: Path) -> None:
    stages = dockerfile.read(file)
    assert all(re.fullmatch(r"[a-z]+:\d+\.\d+\.\d+-[a-z-]+", stage.base) for stage in stages)
    user = stages[-1].last("USER")
    assert user and re.fullmatch(r"[1-9]\d*:[1-9]\d*", user.rest)
    assert stages[-1].health
    after = [each.name for each in stages[-1].instructions]
    assert not {"COPY", "RUN"} & set(after[after.index("USER") :]), "nothing of the image belongs to who runs in it"


def test_packages_are_those_of_the_locks() -> None:
    """Nothing is installed but by the script that checks hashes, and Debian's browser."""
    commands = [each.rest for file in FILES for stage in dockerfile.read(file) for each in stage.instructions]
    assert not [command for command in commands if re.search(r"\bpip install|curl|wget http", command)]
    assert sum("environment.py" in command and command.startswith("python3") for command in commands) == 3


@pytest.mark.parametrize("name", [".env", "instance", "runs", ".git", "tests", "docs"])
def test_the_context_holds_no_secret(name: str) -> None:
    with pytest.raises(ValueError, match=r"let in by \.dockerignore"):
        allowed(name)


def test_what_the_dockerfiles_run_can_be_run(images: dict[str, Image]) -> None:
    assert list(images) == NAMES
    for image in images.values():
        assert not list(image.root.rglob(".env")), "no settings of this checkout"
        assert unhealthy(image)
    assert (images["web"].root / "app" / "backend" / "app.py").is_file()
    assert not (images["gpu"].root / "app" / "frontend").exists()


def test_the_gpu_has_the_networks_that_teach(images: dict[str, Image]) -> None:
    """A configuration that names one would else be refused there, before its first stage."""
    app = images["gpu"].root / "app"
    files = sorted((app / "training" / "configurations").glob("*.toml"))
    named = {teacher for file in files for stage in stages_of(file.stem) for teacher in stage.get("teachers", ())}
    assert named and not [teacher for teacher in named if not (app / teacher).is_file()]


def test_web_brings_its_versions_before_it_serves(
    images: dict[str, Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it then becomes healthy is tried by `python -m scripts.containers --together`: it takes a minute."""
    started: list[list[str]] = []
    monkeypatch.setenv("METER_STATIC", str(tmp_path))
    monkeypatch.setattr(container.os, "execv", lambda program, command: started.append([program, *command]))
    container.main()
    assert started == [[sys.executable, sys.executable, "-m", "flask", "--app", "backend", "serve"]]
    shipped = {path.name for path in (images["web"].root / "app" / "static" / "model").iterdir()}
    assert {path.name for path in (tmp_path / "model").iterdir()} == shipped


def test_compose_starts_what_is_needed_in_its_order() -> None:
    order = list(compose.services(GIVEN))
    assert set(order) == {"postgres", "redis", "web", "worker", "proxy"}
    assert order.index("web") > max(order.index("postgres"), order.index("redis"))
    assert min(order.index("worker"), order.index("proxy")) > order.index("web")


def test_the_bot_is_started_when_asked_for() -> None:
    order = compose.services(GIVEN | {"METER_TELEGRAM_TOKEN": "123:ABC"}, "bot")
    assert set(order) - set(compose.services(GIVEN)) == {"bot"}
    assert list(order).index("bot") > list(order).index("web")
    bot, web = order["bot"], order["web"]
    assert bot["environment"]["METER_TELEGRAM_TOKEN"] == "123:ABC"
    assert bot["healthcheck"]["test"] == ["CMD", "python3", "-m", "scripts.healthy", "bot"]
    assert bot["image"] == web["image"] and bot["command"][-1] == "telegram_bot" and "ports" not in bot
    assert bot["read_only"] and bot["cap_drop"] == ["ALL"] and set(bot["networks"]) == {"front", "back"}
    where = {volume.split(":")[1] for volume in bot["volumes"]}
    assert where == {volume.split(":")[1] for volume in web["volumes"]}


def test_a_webhook_is_set_for_who_takes_and_who_answers() -> None:
    """Both make the secret that Telegram shows of the same two; by default neither is there."""
    names = ("METER_TELEGRAM_TOKEN", "METER_TELEGRAM_WEBHOOK", "METER_SECRET_KEY")
    given = GIVEN | {"METER_TELEGRAM_TOKEN": "123:ABC", "METER_TELEGRAM_WEBHOOK": "https://example.org"}
    told = compose.services(given, "bot")
    for name in ("web", "bot"):
        assert [told[name]["environment"][each] for each in names] == [given[each] for each in names], name
    assert not {"METER_TELEGRAM_TOKEN", "METER_TELEGRAM_WEBHOOK"} & set(told["worker"]["environment"])
    usual = compose.services(GIVEN, "bot")
    assert [usual[name]["environment"][each] for name in ("web", "bot") for each in names[:2]] == [""] * 4


def test_what_the_gpu_trains_can_be_exported() -> None:
    services = compose.services(GIVEN, "gpu")
    gpu, export = services["gpu"], services["export"]
    assert export["image"] == services["worker"]["image"] and export["network_mode"] == "none"
    assert set(gpu["volumes"]) < set(export["volumes"])
    module, output = export["entrypoint"][2], export["entrypoint"][-1]
    assert module == "training.export" and f"static:{Path(output).parent}" in export["volumes"]
    assert f"static:{Path(output).parent}" in services["web"]["volumes"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_missing_secret_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"variable {name} is missing a value: make one with openssl rand -hex 32"):
        compose.services({**GIVEN, name: ""})


def test_the_example_names_every_variable_and_holds_no_secret() -> None:
    example = (ROOT / ".env.example").read_text()
    named = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", example, flags=re.M))
    used = {match[1] for match in compose.VARIABLE.finditer((ROOT / "compose.yaml").read_text())}
    assert used - {"METER_FILES"} == set(named)
    assert [name for name in (*SECRETS, "METER_METRICS_TOKEN", "METER_TELEGRAM_TOKEN") if named[name]] == []


def test_services_have_no_rights_that_they_do_not_need() -> None:
    services = compose.services(GIVEN)
    for name, service in services.items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and not service.get("privileged"), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert name in OWN or (service["user"] not in ("", "root", "0") and "healthcheck" in service), name
        waits = service.get("depends_on", {}).values()
        assert all(each["condition"] == "service_healthy" for each in waits), name
    assert [name for name in services if "ports" in services[name]] == ["proxy"]
    assert {name for name in services if services[name]["networks"] == ["back"]} == {"postgres", "redis"}
    assert [name for name in services if "cap_add" in services[name]] == ["proxy"]


def test_what_is_written_lies_in_volumes() -> None:
    """The root of each container can only be read."""
    services = compose.services(GIVEN)
    targets = {name: {v.split(":")[1] for v in services[name].get("volumes", ())} for name in services}
    for name in ("web", "worker"):
        environment = services[name]["environment"]
        images = dict(re.findall(r"(METER_\w+)=(/\S+)", (ROOT / "containers" / f"{name}.Dockerfile").read_text()))
        folders = [value for value in {**images, **environment}.values() if value.startswith("/data")]
        assert set(folders) == targets[name], name
    assert targets["web"] == targets["worker"], "both see the same pictures and versions"


def test_shipped_versions_are_added_and_nothing_is_replaced(tmp_path: Path) -> None:
    shipped, kept = tmp_path / "shipped", tmp_path / "kept"
    for number in (1, 2):
        make_version(shipped, number, "drawn")
    (shipped / "current.json").write_text('{"version": "2"}')
    assert container.bring(shipped, kept) == ["drawn/1", "drawn/2"]
    (kept / "current.json").write_text('{"version": "1"}')
    (kept / "drawn" / "1" / "card.json").write_text("{}")
    shutil.rmtree(kept / "drawn" / "2")
    assert container.bring(shipped, kept) == ["drawn/2"]
    assert (kept / "current.json").read_text() == '{"version": "1"}'
    assert (kept / "drawn" / "1" / "card.json").read_text() == "{}"
    assert sorted(path.name for path in (kept / "drawn").iterdir()) == ["1", "2"]
    assert container.bring(shipped, shipped) == []


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_a_server_is_asked_whether_it_is_well(status: int, well: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("METER_PORT", str(server.server_address[1]))
        reason = healthy.web()
        server.shutdown()
        thread.join()
    assert (reason is None) is well and (well or "HTTP Error 503" in str(reason))


@pytest.mark.parametrize(("who", "alive"), [("worker", ALIVE), ("bot", BOT_ALIVE)])
def test_a_worker_or_a_bot_is_well_while_it_goes_round(
    who: str, alive: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("METER_INSTANCE", str(tmp_path))
    assert healthy.main([who]) == 1 and "got none yet" in capsys.readouterr().err
    (tmp_path / alive).touch()
    assert healthy.main([who]) == 0
    os.utime(tmp_path / alive, (time.time() - 300, time.time() - 300))
    assert healthy.main([who]) == 1 and f"{who} that goes round, got none for 300 s" in capsys.readouterr().err
    assert healthy.main(["all"]) == 1 and "expected one of web, worker, bot, got all" in capsys.readouterr().err


def test_a_worker_says_that_it_goes_round(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    alive = get_settings(app).instance / ALIVE
    monkeypatch.setattr("backend.jobs.runs.reap", lambda: 1 / 0)
    assert not Worker(app, 1).look_round() and not alive.exists()
    monkeypatch.undo()
    assert Worker(app, 1).look_round() and alive.exists()


def test_dockerfiles_that_are_not_understood_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text('ARG BASE=a:1\nFROM ${BASE} AS one\n# a comment\nRUN a \\\n  && b\nFROM one\nCMD ["c"]\n')
    one, two = dockerfile.read(file)
    assert (one.base, one.name, one.instructions[0].rest) == ("a:1", "one", "a && b")
    assert (two.base, two.instructions[0].words) == ("one", ["c"])
    for text, message in (("FROM a\nADD x y", "got ADD"), ("FROM a\nARG b=1", "ARG before"), ("FROM a b", "got a b")):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            dockerfile.read(file)
    with pytest.raises(ValueError, match="expected CMD with a JSON list"):
        _ = dockerfile.Instruction("CMD", "run it").words
    with pytest.raises(ValueError, match="expected a HEALTHCHECK with CMD, got none"):
        _ = two.health
