"""The list of samples against a real gunicorn with two web processes: one client, and eight at once.

Every request is the whole page as a person gets it who is logged in: login, filters, 50 rows, count, HTML. The
addresses take turns: no filter, one, three of them (many rows fit, few, none), doubtful, contradicted, searches, a page
deep inside. The rows' small pictures are requests of their own, which browsers keep; their time is a figure beside it.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from backend.app import create_app
from backend.database import db
from backend.models import Role
from backend.settings import Settings
from scripts.bench import Figures, figure
from scripts.bench.panel import add_samples, cookie
from scripts.bench.server import free_port, served

ALONE, TOGETHER = 150.0, 800.0  # milliseconds, p95
CLIENTS = 8
LIST = "/admin/training/"
QUERIES = (
    "",
    "?type=0",
    "?state=labelled",
    "?type=0&state=labelled&source=source+3",
    "?type=2&state=trash&source=source+3",
    "?meter_type=3&state=trash&source=source+5",
    "?type=1&state=proposed&group=meter+7",
    "?doubtful=1",
    "?doubtful=1&source=source+3&type=2",
    "?disagrees=1",
    "?disagrees=1&type=1&meter_type=4",
    "?search=0012",
    "?search=meter+12",
    "?search=source+3&type=1&state=trash",
    "?after={middle}",
    "?type=0&state=proposed&after={middle}",
)


def run(samples: int = 100_000, requests: int = 480) -> Figures:
    """Ask for the list among so many samples."""
    with tempfile.TemporaryDirectory(prefix="meter-bench-") as folder:
        settings = Settings(instance=Path(folder), port=free_port(), workers=2, embedded_worker=False)
        headers = prepared(settings, samples)
        addresses = [LIST + query.format(middle=samples // 2) for query in QUERIES]
        with served(settings):
            ask(settings.port, addresses, headers, 2 * len(addresses), CLIENTS)  # each process has seen each once
            alone = ask(settings.port, addresses, headers, requests)
            together = ask(settings.port, addresses, headers, requests, CLIENTS)
            thumbs = ask(settings.port, pictures(settings.port, headers), headers, requests)
    single, many = p95(times(alone)), p95(times(together))
    slowest = max(addresses, key=lambda address: statistics.median(alone[address]))
    return {
        "figures": [
            figure(f"list of {samples} samples, p95", f"≤ {ALONE:.0f} ms", f"{single:.0f} ms", single <= ALONE),
            figure("list, 8 clients at once, p95", f"≤ {TOGETHER:.0f} ms", f"{many:.0f} ms", many <= TOGETHER),
            figure("list, small picture, p95", "", f"{p95(times(thumbs)):.1f} ms", None),
        ],
        "samples": samples,
        "slowest": {"address": slowest, "median_ms": round(statistics.median(alone[slowest]), 1)},
        "medians_ms": {address: round(statistics.median(taken), 1) for address, taken in alone.items()},
    }


def prepared(settings: Settings, samples: int) -> dict[str, str]:
    """Fill the database; the headers of somebody who is logged in."""
    from flask_migrate import upgrade

    app = create_app(settings)
    with app.app_context():
        upgrade()
        add_samples(samples)
        headers = {"Cookie": f"session={cookie(app, Role.TRAINER, 'bench')}", "Accept": "text/html"}
        db.engine.dispose()
    return headers


def ask(
    port: int, addresses: list[str], headers: dict[str, str], count: int, clients: int = 1
) -> dict[str, list[float]]:
    """Get the addresses in turn; the milliseconds of each. Raises RuntimeError for another answer than 200."""
    own = threading.local()
    taken: dict[str, list[float]] = {address: [] for address in addresses}
    with ExitStack() as connections, ThreadPoolExecutor(clients) as pool:

        def one(number: int) -> None:
            if not hasattr(own, "connection"):
                own.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connections.callback(own.connection.close)
            address = addresses[number % len(addresses)]
            begun = time.perf_counter()
            got(own.connection, address, headers)
            taken[address].append(1000 * (time.perf_counter() - begun))

        list(pool.map(one, range(count)))
    return taken


def got(connection: http.client.HTTPConnection, address: str, headers: dict[str, str]) -> bytes:
    """One answer's content."""
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"expected {address} to be answered, got {answer.status}")
    return content


def pictures(port: int, headers: dict[str, str]) -> list[str]:
    """The addresses of the small pictures of the first page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        page = got(connection, LIST, headers).decode()
    finally:
        connection.close()
    return re.findall(r'src="(/admin/pictures/[0-9a-f]{64}\?thumb)"', page)


def times(taken: dict[str, list[float]]) -> list[float]:
    """All times together."""
    return [one for those in taken.values() for one in those]


def p95(taken: list[float]) -> float:
    """The time that 19 of 20 stay under."""
    return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]


if __name__ == "__main__":
    print(json.dumps(run(*map(int, sys.argv[1:])), indent=1, ensure_ascii=False))
