"""All services of `compose.yaml` on this machine: started in their order, each when those before it are healthy.

Names of services become 127.0.0.1 and a free port, volumes become folders. Web, worker and proxy are the commands and
health checks of their images; PostgreSQL and Redis are this machine's programs, as their images are not built here.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from backend.settings import ROOT
from scripts.containers.compose import Service, services
from scripts.containers.image import Image
from scripts.containers.trial import read_a_picture, run_a_job

SECRETS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "METER_SECRET_KEY")
NEEDED = ("initdb", "postgres", "pg_isready", "redis-server", "redis-cli", "caddy", "wget")
NOBODY = 65534  # PostgreSQL refuses to run as root, or as somebody without a name
PATIENCE = 400.0  # seconds until a service is healthy: on a busy machine the files of the page take minutes to compress
ENDING = 60.0  # seconds to end


class Site:
    """The services as processes, their ports and their logs."""

    def __init__(self, images: dict[str, Image], scratch: Path) -> None:
        self.images, self.scratch = images, scratch
        self.ports = {name: free_port() for name in ("postgres", "redis", "web", "http", "https", "check")}
        self.secrets = {name: secrets.token_hex(32) for name in SECRETS}
        self.services = services(self.secrets)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.options: dict[str, dict[str, Any]] = {}  # how each was started

    def start(self, name: str) -> None:
        """Start a service and wait until its health check is content. Raises RuntimeError."""
        started = time.monotonic()
        command, health, options = self.how(name, self.services[name])
        self.options[name] = options
        with self.log(name).open("wb") as log:
            self.running[name] = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **options)
        while subprocess.run(health, capture_output=True, check=False, **options).returncode:
            if self.running[name].poll() is not None or time.monotonic() - started > PATIENCE:
                raise RuntimeError(f"expected {name} to become healthy, got: {self.log(name).read_text()[-2000:]}")
            time.sleep(0.5)
        print(f"{time.monotonic() - started:6.1f} s  {name} is healthy", flush=True)

    def how(self, name: str, service: Service) -> tuple[list[str], list[str], dict[str, Any]]:
        """Its command, its health check, and how both are started."""
        environment = {key: self.here(str(value)) for key, value in service.get("environment", {}).items()}
        if name == "postgres":
            return self.postgres(environment, service)
        if name == "redis":
            test = service["healthcheck"]["test"][1].replace("redis-cli", f"redis-cli -p {self.ports['redis']}")
            command = [*service["command"], "--port", str(self.ports["redis"]), "--bind", "127.0.0.1"]
            return command, ["/bin/sh", "-c", test], {"env": os.environ | environment, "cwd": self.scratch}
        image = self.images[name]
        self.mount(image, service)
        for key, value in environment.items():
            environment[key] = image.here(value)
        if name == "web":
            environment |= {"METER_PORT": str(self.ports["web"]), "METER_HOST": "127.0.0.1"}
        if name == "proxy":
            self.move_ports(image)
            environment["UPSTREAM"] = f"127.0.0.1:{self.ports['web']}"
        health = [word.replace("8081", str(self.ports["check"])) for word in image.health]
        return image.command, health, image.options(environment)

    def postgres(self, environment: dict[str, str], service: Service) -> tuple[list[str], list[str], dict[str, Any]]:
        """A server with a password, as the image makes one of these variables."""
        data = self.scratch / "postgres"
        data.mkdir()
        user: dict[str, Any] = {}
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
            user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        password = self.scratch / "password"
        password.write_text(environment["POSTGRES_PASSWORD"], encoding="ascii")
        name, options = environment["POSTGRES_USER"], {"env": os.environ.copy(), "cwd": data, **user}
        init = ["initdb", "-D", "data", "-U", name, "-A", "scram-sha-256", "--pwfile", str(password), "--no-sync"]
        subprocess.run(init, check=True, stdout=subprocess.DEVNULL, **options)
        single = ["postgres", "--single", "-D", "data", "postgres"]
        create = f"CREATE DATABASE {environment['POSTGRES_DB']}\n".encode()
        subprocess.run(single, input=create, check=True, stdout=subprocess.DEVNULL, **options)
        options["env"]["PGPORT"] = str(self.ports["postgres"])
        command = ["postgres", "-D", "data", "-k", str(data), "-h", "127.0.0.1"]
        return command, list(service["healthcheck"]["test"][1:]), options

    def here(self, text: str) -> str:
        """Names of services as they are reached here."""
        text = text.replace("@postgres/", f"@127.0.0.1:{self.ports['postgres']}/")
        return text.replace("@redis:6379", f"@127.0.0.1:{self.ports['redis']}")

    def mount(self, image: Image, service: Service) -> None:
        """Put the volumes where the image has folders: what that has there is what a new volume begins with."""
        for volume in service["volumes"]:
            name, target = volume.split(":")[:2]
            folder, place = self.scratch / "volumes" / name, image.place(target)
            if not folder.exists():
                folder.parent.mkdir(exist_ok=True)
                shutil.copytree(place, folder) if place.exists() else folder.mkdir()
                if os.geteuid() == 0:
                    os.chown(folder, *self.owner(image))
            shutil.rmtree(place, ignore_errors=True)
            place.symlink_to(folder, target_is_directory=True)

    def owner(self, image: Image) -> tuple[int, int]:
        """Whom a volume belongs to: the user of its image."""
        assert image.user is not None
        return image.user, image.user

    def move_ports(self, image: Image) -> None:
        """Let the proxy listen on free ports."""
        file = image.place("/etc/caddy/Caddyfile")
        text = file.read_text(encoding="utf-8")
        for port, name in (("8080", "http"), ("8443", "https"), ("8081", "check")):
            text = text.replace(port, str(self.ports[name]))
        file.write_text(text, encoding="utf-8")

    def log(self, name: str) -> Path:
        """What a service says."""
        return self.scratch / f"{name}.log"

    def stop(self) -> None:
        """End all, the last first. Raises RuntimeError for one that does not end well."""
        for name, process in reversed(self.running.items()):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)  # as their images do
            status = process.wait(ENDING)
            print(f"{name} ended with status {status}", flush=True)
            if status not in (0, -signal.SIGTERM):
                raise RuntimeError(f"expected {name} to end well, got status {status}")

    def kill(self) -> None:
        """End what still runs, however."""
        for process in self.running.values():
            if process.poll() is None:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_all(images: dict[str, Image], scratch: Path) -> None:
    """Start all, read a picture through the proxy, let the worker do a job, end all. Raises RuntimeError."""
    if missing := [name for name in NEEDED if not shutil.which(name)]:
        raise RuntimeError(f"expected {', '.join(NEEDED)} on PATH, got no {', '.join(missing)}")
    print("--- together", flush=True)
    site = Site(images, scratch)
    with ExitStack() as stack:
        stack.callback(site.kill)
        for name in site.services:
            site.start(name)
        certificate = scratch / "volumes" / "certificates" / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        trusted = ssl.create_default_context(cafile=str(certificate))
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted))
        address = f"https://localhost:{site.ports['https']}"
        with opener.open(f"{address}/healthz", timeout=30) as answer:
            print(f"{address}/healthz: {answer.status} {json.load(answer)}", flush=True)
        print(read_a_picture(opener, address, ROOT / "static" / "model"), flush=True)
        print(run_a_job(site.images["web"], site.options["web"], scratch), flush=True)
        site.stop()
