"""How the servers of tests answer requests."""

from __future__ import annotations

from typing import IO, Any

from werkzeug.serving import WSGIRequestHandler
from werkzeug.wsgi import FileWrapper


class QuietRequestHandler(WSGIRequestHandler):
    """Says nothing for each request, and closes what it was sending when the browser has gone away."""

    sent: IO[bytes] | None = None

    def make_environ(self) -> dict[str, Any]:
        """As always, with a class to send files by that remembers the last one."""
        handler = self

        class Sent(FileWrapper):
            def __init__(self, file: IO[bytes], size: int = 8192) -> None:
                super().__init__(file, size)
                handler.sent = file

        return super().make_environ() | {"wsgi.file_wrapper": Sent}

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Werkzeug, which reads on until the connection is reset, leaves the file open then."""
        if self.sent is not None:
            self.sent.close()

    def log(self, *_: object) -> None:
        """Stay silent."""
