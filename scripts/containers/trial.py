"""What is tried of a site that runs: a picture is read through the proxy, a worker does a job from the queue."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.request import OpenerDirector, Request

from backend.settings import ROOT
from scripts.containers.image import Image

DISPLAYS = 12
JOB = """
import sys, time
from backend import create_app
from backend.queue import get_queue
from backend.services import runs
with create_app().app_context():
    number = runs.start("import", {"folder": "trial"}, "trial").id
    assert get_queue().send(number), "the queue does not answer"
for _ in range(600):
    with create_app().app_context():
        run = runs.find(number)
    if run.finished_at:
        sys.exit(print(run.state, run.result) or run.state != "done" and str(run.error))
    time.sleep(0.2)
sys.exit("the worker did not do the job within two minutes")
"""


def read_a_picture(opener: OpenerDirector, address: str, models: Path) -> str:
    """Send a golden picture of the published version; returns what was read. Raises RuntimeError for another."""
    folder = models / json.loads((models / "current.json").read_bytes())["path"] / "golden"
    golden = json.loads((folder / "golden.json").read_bytes())[0]
    body, kind = form(golden["box"], (folder / golden["image"]).read_bytes())
    request = Request(f"{address}/api/read", data=body, headers={"Content-Type": kind})  # noqa: S310 (https)
    with opener.open(request, timeout=60) as answer:
        text = json.load(answer)["text"]
    if Decimal(text) != Decimal(golden["text"]):  # one has the zeros in front, the other not
        raise RuntimeError(f"expected the reading {golden['text']}, got {text}")
    return f"POST {address}/api/read: {text}, as the version's golden picture has it"


def form(fields: dict[str, Any], picture: bytes) -> tuple[bytes, str]:
    """The body and the kind of a form with a picture."""
    border = secrets.token_hex(16)
    parts = [f'--{border}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{fields[key]}\r\n' for key in fields]
    head = f'--{border}\r\nContent-Disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + picture + f"\r\n--{border}--\r\n".encode()
    return body, f"multipart/form-data; boundary={border}"


def run_a_job(image: Image, options: dict[str, Any], scratch: Path) -> str:
    """Let the worker import drawn displays; returns what became of it. Raises RuntimeError when it is not done."""
    drawn = scratch / "volumes" / "imports" / "trial"
    draw = [sys.executable, "-m", "training.render", str(drawn), "--count", str(DISPLAYS)]
    subprocess.run(draw, cwd=ROOT, check=True, capture_output=True)
    command = [image.command[0], "-c", JOB]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)
    if done.returncode:
        raise RuntimeError(f"expected the worker to import {DISPLAYS} displays, got {done.stderr.strip()[-500:]}")
    return f"import by the worker: {done.stdout.strip().splitlines()[-1]}"
