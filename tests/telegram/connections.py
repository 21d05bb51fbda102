"""The connections of the Bot API's server: a call, or a file; or what a test wants to go wrong."""

import io
import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.formparser import FormDataParser

TOKEN = "4242:a-token_of-TESTS"
OK, CUT, DROP, HANG, DRIP, POUR = "ok", "cut", "drop", "hang", "drip", "pour"
BLOCKS = {DRIP: b".", POUR: bytes(1 << 20)}  # of an answer without an end
DRIP_SECONDS = 0.01  # between two of a drip


class Refused(Exception):
    """An error of the Bot API."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.parameters = status, parameters


class Handler(BaseHTTPRequestHandler):
    """One connection: one call."""

    api: Any

    def do_GET(self) -> None:
        """A file, by the path that getFile gave."""
        self.serve("download", lambda: self.api.files[self.path.rpartition("/")[2]])

    def do_POST(self) -> None:
        """A method."""
        kind, _, rest = (self.headers.get("Content-Type") or "").partition(";")
        options = dict(part.strip().split("=", 1) for part in rest.split(";") if "=" in part)
        length = int(self.headers.get("Content-Length") or 0)
        _, fields, sent = FormDataParser().parse(io.BytesIO(self.rfile.read(length)), kind, length, options)
        files = {}
        for name, file in sent.items():
            files[name] = file.read()
            file.close()
        address = urlsplit(self.path)
        method = address.path.rpartition("/")[2]
        given = {**dict(parse_qsl(address.query)), **dict(fields.items())}
        self.serve(method, lambda: {"ok": True, "result": self.api.call(method, given, files)})

    def serve(self, method: str, work: Any) -> None:
        """Do it, or fail as told."""
        waiting = self.api.faults.get(method)
        fault = waiting.popleft() if waiting else OK
        status, body = 200, b""
        if fault == HANG:
            self.hang()
        if fault in BLOCKS:
            self.go_on(BLOCKS[fault], DRIP_SECONDS if fault == DRIP else 0.0)
        if fault in (DROP, HANG, *BLOCKS):
            self.count(method)
            return
        if isinstance(fault, int):
            status, extra = fault, {"parameters": {"retry_after": 1}} if fault == 429 else {}
            body = json.dumps({"ok": False, "error_code": status, "description": "fault", **extra}).encode()
        elif TOKEN not in unquote(self.path):
            status, body = 401, b'{"ok": false, "error_code": 401, "description": "Unauthorized"}'
        else:
            try:
                result = work()
                body = result if isinstance(result, bytes) else json.dumps(result).encode()
            except Refused as error:
                status = error.status
                body = json.dumps({"ok": False, "error_code": status, "description": str(error)}).encode()
        self.answer(status, body, fault == CUT)
        self.count(method)

    def hang(self) -> None:
        """Answer nothing until the server is closed."""
        with self.api.changed:
            self.api.hanging += 1
            self.api.changed.notify_all()
            self.api.changed.wait_for(lambda: self.api.closing)

    def go_on(self, block: bytes, pause: float) -> None:
        """Answer one block after another, until the bot hangs up or the server is closed."""
        try:
            self.send_response(200)
            self.end_headers()
            while not self.api.closing:
                self.wfile.write(block)
                time.sleep(pause)
        except ConnectionError:
            self.api.hung_up += 1

    def count(self, method: str) -> None:
        """Let tests know."""
        with self.api.changed:
            self.api.calls[method] += 1
            self.api.changed.notify_all()

    def answer(self, status: int, body: bytes, cut: bool) -> None:
        """Answer, or only half of it."""
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if cut else body)
        except ConnectionError:
            pass  # the bot has gone

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""
