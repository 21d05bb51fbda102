"""Is what this container runs well? `python -m scripts.healthy web`, `… worker` or `… bot`, as it asks every 10 s.

Only the standard library: a check must not cost more than what it looks at.
"""

from __future__ import annotations

import os
import sys
import time
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

ALIVE = "worker.alive"  # what a worker touches whenever it goes round: backend/jobs.py
BOT_ALIVE = "bot.alive"  # the same of the bot: backend/telegram/bot.py
SILENT = 60.0  # seconds; they go round every five and every second
TIMEOUT = 4.0  # seconds


def web() -> str | None:
    """Why the server is not well; None when it is."""
    address = f"http://127.0.0.1:{os.environ.get('METER_PORT', '5000')}/healthz"
    try:
        with urlopen(address, timeout=TIMEOUT):
            return None
    except (OSError, HTTPException) as error:  # what is not 200 is one, too
        return f"expected 200 from {address}, got {error}"


def worker() -> str | None:
    """Why the worker is not well; None when it went round lately."""
    return goes_round("worker", ALIVE)


def bot() -> str | None:
    """Why the bot is not well; None when it lately looked whether anything waits for an answer."""
    return goes_round("bot", BOT_ALIVE)


def goes_round(who: str, name: str) -> str | None:
    """Why something that touches a file of the instance folder is not well."""
    file = Path(os.environ.get("METER_INSTANCE", "instance")) / name
    try:
        silent = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return f"expected a {who} that touches {file}, got none yet"
    return None if silent < SILENT else f"expected a {who} that goes round, got none for {silent:.0f} s"


CHECKS = {"web": web, "worker": worker, "bot": bot}


def main(arguments: list[str]) -> int:
    """Exit status 0 when all is well, 1 with one line on standard error when not."""
    if len(arguments) != 1 or arguments[0] not in CHECKS:
        reason: str | None = f"expected one of {', '.join(CHECKS)}, got {' '.join(arguments) or 'nothing'}"
    else:
        reason = CHECKS[arguments[0]]()
    if reason:
        print(f"scripts.healthy: {reason}", file=sys.stderr)
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
