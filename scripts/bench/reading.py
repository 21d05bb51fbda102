"""`/api/read` against a real gunicorn with two web processes: the time of one reading, and readings a second.

The pictures are the published version's golden ones (drawn displays of about 300 × 50 pixels, some with a box); the
photo is one of them in a picture of two megapixels, as JPEG. Times are the client's: connection kept open, form,
decoding, network and answer included. The client runs on the same machine and takes its part of it.
"""

from __future__ import annotations

import http.client
import io
import json
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from PIL import Image

from backend.settings import ROOT, Settings
from scripts.bench import Figures, figure
from scripts.bench.server import free_port, served

MEDIAN, RATE = 40.0, 40.0  # milliseconds, readings a second
CLIENTS = 8
WARM_UP = 40  # so that each process has loaded its interpreters
PHOTO = (1600, 1200)
BOUNDARY = "meter-reader-bench"

Form = tuple[bytes, dict[str, str]]


def run(readings: int = 2000) -> Figures:
    """Read one after the other, then by eight clients at once."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        settings = Settings(instance=Path(folder), port=free_port(), workers=2, read_limit="", embedded_worker=False)
        with served(settings):
            displays, photos = forms(), [photo()]
            ask(settings.port, displays, WARM_UP, CLIENTS)
            alone = ask(settings.port, displays, readings // 4)
            begun = time.perf_counter()
            together = ask(settings.port, displays, readings, CLIENTS)
            rate = len(together) / (time.perf_counter() - begun)
            large = ask(settings.port, photos, max(10, readings // 40))
    median = statistics.median(alone)
    return {
        "figures": [
            figure("/api/read, p50", f"≤ {MEDIAN:.0f} ms", f"{median:.1f} ms", median <= MEDIAN),
            figure("/api/read, p95", "", f"{p95(alone):.1f} ms", None),
            figure("/api/read, 8 clients at once", f"≥ {RATE:.0f} a second", f"{rate:.0f} a second", rate >= RATE),
            figure("/api/read, 8 clients at once, p95", "", f"{p95(together):.1f} ms", None),
            figure("/api/read, photo of 2 megapixels, p50", "", f"{statistics.median(large):.1f} ms", None),
        ],
        "readings": readings,
        "workers": settings.workers,
    }


def forms() -> list[Form]:
    """The golden pictures as forms."""
    models = ROOT / "static" / "model"
    folder = models / json.loads((models / "current.json").read_text("utf-8"))["path"] / "golden"
    entries = json.loads((folder / "golden.json").read_text("utf-8"))
    return [form((folder / entry["image"]).read_bytes(), entry["box"] or {}) for entry in entries]


def photo() -> Form:
    """A display inside of a large picture, with its box."""
    models = ROOT / "static" / "model"
    folder = models / json.loads((models / "current.json").read_text("utf-8"))["path"] / "golden"
    with Image.open(folder / "00.png") as display:
        width, height = display.width * 3, display.height * 3
        scene = Image.linear_gradient("L").resize(PHOTO).convert("RGB")
        scene.paste(display.convert("RGB").resize((width, height)), (200, 400))
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG", quality=90)
    return form(buffer.getvalue(), {"x": 200, "y": 400, "width": width, "height": height})


def form(picture: bytes, fields: dict[str, Any]) -> Form:
    """A form's bytes and headers."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    opening = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
    body = "".join([*parts, opening]).encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def ask(port: int, forms: list[Form], count: int, clients: int = 1) -> list[float]:
    """Send forms, `count` in all; milliseconds of each. Raises RuntimeError for an answer that is no reading."""
    own = threading.local()
    with ExitStack() as connections, ThreadPoolExecutor(clients) as pool:

        def one(number: int) -> float:
            if not hasattr(own, "connection"):
                own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connections.callback(own.connection.close)
            return asked(own.connection, *forms[number % len(forms)])

        return list(pool.map(one, range(count)))


def asked(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> float:
    """Milliseconds from sending one form to having its reading."""
    begun = time.perf_counter()
    connection.request("POST", "/api/read", body, headers)
    answer = connection.getresponse()
    content = answer.read()
    took = 1000 * (time.perf_counter() - begun)
    if answer.status != 200 or "text" not in json.loads(content):
        raise RuntimeError(f"expected a reading, got {answer.status}: {content[:200]!r}")
    return took


def p95(times: list[float]) -> float:
    """The time that 19 of 20 stay under."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 200), indent=1, ensure_ascii=False))
