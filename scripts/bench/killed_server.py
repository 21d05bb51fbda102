"""Uploads through HTTP to a real server that is killed: gunicorn in a process group of its own, clients beside it.

Each client does what a browser does: it opens the login page, sends name and password with the form's token, opens the
upload page and sends one file after the other with that page's token. Acknowledged is what is answered with a status of
2xx at the address itself; a redirection to the login page is not.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from itertools import count
from multiprocessing import Pipe

from PIL import Image, ImageDraw

from backend import metrics
from backend.cli import gunicorn_command
from backend.database import db
from backend.models import Role, User
from backend.services import accounts
from backend.services.pictures import encode
from backend.settings import ROOT, Settings
from scripts.bench.server import free_port, wait

CLIENTS = 3
NAME = "bench"
PATIENCE = 60  # seconds for an answer, on a machine that does other things too
BUSY = 503
GONE = (ConnectionError, http.client.HTTPException, urllib.error.URLError, TimeoutError)
IN_PAGE = re.compile(r'name="csrf-token" content="([^"]+)"')
IN_FORM = re.compile(r'name="csrf_token" value="([^"]+)"')


class Server:
    """A server and its clients, from the first upload until `kill`."""

    def __init__(self, settings: Settings, password: str, first: int) -> None:
        given = {"port": free_port(), "workers": 2, "threads": 4, "embedded_worker": False}
        own = settings.model_copy(update=given)
        self.address = f"http://{own.host}:{own.port}"
        self.process = subprocess.Popen(
            gunicorn_command(own),
            cwd=ROOT,
            env={**os.environ, **own.environment(), **metrics.prepare(own)},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.pipe, self.told = Pipe(duplex=False)
        self.lock, self.numbers, self.left = threading.Lock(), count(first), CLIENTS
        self.clients = [threading.Thread(target=self._client, args=(password,), daemon=True) for _ in range(CLIENTS)]
        try:
            wait(own.port, self.process)
        except BaseException:
            self.kill()
            raise
        for client in self.clients:
            client.start()

    def kill(self) -> None:
        """Kill the server with all its processes at once; on return they are dead and the clients have noticed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for client in self.clients:
            if client.ident is not None:
                client.join()
        self.told.close()

    def _client(self, password: str) -> None:
        try:
            self._work(password)
        except urllib.error.HTTPError as error:
            self._say("failed", f"status {error.code} from {error.url}")
        except GONE:
            pass  # killed
        except Exception as error:  # whoever listens has to know
            self._say("failed", f"{type(error).__name__}: {error}")
        finally:
            with self.lock:
                self.left -= 1
                if not self.left:
                    self.told.close()

    def _work(self, password: str) -> None:
        browser = Browser(self.address)
        browser.log_in(password)
        for number in self.numbers:
            self._say("begun", number)
            if browser.upload(number):
                self._say("done", number)

    def _say(self, what: str, about: int | str) -> None:
        with self.lock:
            self.told.send((what, about))


class Browser:
    """What a person's browser does: it keeps cookies, and sends back the token of the page."""

    def __init__(self, address: str) -> None:
        self.address, self.token = address, ""
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())

    def log_in(self, password: str) -> None:
        """Log in by the form and open the upload page. Raises HTTPError when the server refuses."""
        token = found(IN_FORM, self._open("/admin/login")[1])
        form = urllib.parse.urlencode({"name": NAME, "password": password, "csrf_token": token})
        self._open("/admin/login", form.encode())
        self.token = found(IN_PAGE, self._open("/admin/training/upload")[1])

    def upload(self, number: int) -> bool:
        """Send a picture, marked by its source; tells whether the server took it. A busy one is no error."""
        fields = {"type": "0", "meter_type": "1", "source": str(number)}
        body, kind = multipart(fields, f"{number}.png", drawn(number))
        try:
            url, text = self._open("/admin/training/upload", body, {"Content-Type": kind, "X-CSRFToken": self.token})
        except urllib.error.HTTPError as error:
            if error.code == BUSY:
                return False
            raise
        return url == f"{self.address}/admin/training/upload" and json.loads(text)["known"] is False

    def _open(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[str, str]:
        """The address that answered with 2xx, redirections followed, and the text. Raises HTTPError for another."""
        request = urllib.request.Request(f"{self.address}{path}", body, headers or {})  # noqa: S310 (http, our own)
        with self.opener.open(request, timeout=PATIENCE) as answer:
            return answer.url, answer.read().decode()  # without a limit, which would hide a body that was cut short


def found(pattern: re.Pattern[str], page: str) -> str:
    """What a pattern finds in a page. Raises RuntimeError."""
    match = pattern.search(page)
    if not match:
        raise RuntimeError(f"expected a page with {pattern.pattern}, got {page[:200]!r}")
    return match[1]


def multipart(fields: dict[str, str], name: str, data: bytes) -> tuple[bytes, str]:
    """The body of a form with a file, and its content type."""
    border = secrets.token_hex(16)

    def parts() -> Iterator[bytes]:
        for field, value in fields.items():
            yield f'--{border}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        yield f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode()
        yield b"Content-Type: image/png\r\n\r\n" + data + f"\r\n--{border}--\r\n".encode()

    return b"".join(parts()), f"multipart/form-data; boundary={border}"


def add_account() -> str:
    """Let somebody upload; returns the password. Needs an application's context."""
    password = secrets.token_urlsafe(16)
    hashed = accounts.hasher.hash(password)
    row = User(name=NAME, key=accounts.key_of(NAME), role=Role.ANNOTATOR.value, password_hash=hashed, active=True)
    db.session.add(row)
    db.session.commit()
    return password


def drawn(number: int) -> bytes:
    """A small picture that no other number has."""
    image = Image.new("RGB", (120, 40), "white")
    ImageDraw.Draw(image).text((5, 5), str(number), fill="black", font_size=22)
    return encode(image)
