"""Static files by WhiteNoise: `frontend/` at `/`, `static/` at `/static/`, the panel's own at `/panel-static/`.

Compressed copies are kept by content hash.

Looked up anew at each request, because versions are published while the process runs.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from wsgiref.headers import Headers

import brotli
from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.responders import IsDirectoryError, MissingFileError, StaticFile

from backend.services.pointer import POINTER, beside_reader, pointers
from backend.settings import ROOT, Settings, get_settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PANEL = ROOT / "backend" / "admin_static"
# A version's folder never changes after it was made.
VERSION_FILE = re.compile(r"^/static/model/[^/]+/[^/]+/.+")
DYNAMIC = {"/static/model/current.json"}
MEDIA_TYPES = {".bin": "application/octet-stream", ".tflite": "application/octet-stream"}
INCOMPRESSIBLE = {".keras", ".png", ".jpg", ".jpeg", ".webp", ".woff2", ".gz", ".br"}
BEST, QUICK = 11, 5  # brotli qualities: a tenth fewer bytes for fifty times the time
SMALLEST = 500  # bytes; below, compressing saves nothing on the wire


def init_app(app: Flask) -> None:
    """Serve files before the application is asked."""
    app.wsgi_app = StaticFiles(app.wsgi_app, get_settings(app))  # type: ignore[method-assign]


class StaticFiles(WhiteNoise):  # type: ignore[misc] # it ships no types
    """WhiteNoise with compressed copies in the instance folder and caching by kind of file."""

    def __init__(self, application: WSGIApplication, settings: Settings) -> None:
        super().__init__(
            application, autorefresh=True, max_age=None, allow_all_origins=False, index_file=True, mimetypes=MEDIA_TYPES
        )
        self.application: WSGIApplication = application
        self.compressed = settings.instance / "compressed"
        self.known: dict[str, tuple[tuple[int, int], StaticFile]] = {}
        self.add_files(settings.frontend)
        self.add_files(settings.static, prefix="/static/")
        self.add_files(PANEL, prefix="/panel-static/")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a file, or let the application answer (other methods, files that it serves itself, no such file)."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("PATH_INFO") in DYNAMIC:
            return self.application(environ, start_response)
        return super().__call__(environ, start_response)  # type: ignore[no-any-return]

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """Describe one file to WhiteNoise, from memory while neither its time nor its size changed."""
        try:
            stat = os.stat(path)  # noqa: PTH116 (WhiteNoise hands text)
        except (OSError, ValueError):
            raise MissingFileError(path) from None
        if not os.path.isfile(path):  # noqa: PTH113
            raise IsDirectoryError(path)
        state = (stat.st_mtime_ns, stat.st_size)
        known = self.known.get(path)
        if known is None or known[0] != state:
            known = self.known[path] = (state, self.describe(Path(path), url))
        return known[1]

    def describe(self, path: Path, url: str) -> StaticFile:
        """Make the headers of a file and its compressed copies."""
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        headers = Headers([])
        self.add_mime_headers(headers, str(path), url)
        immutable = VERSION_FILE.match(url) is not None
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if immutable else "no-cache"
        headers["ETag"] = f'"{digest[:32]}"'
        copies = compressed(content, path.suffix, self.compressed, QUICK)
        encodings = {encoding: str(copy) for encoding, copy in copies.items()}
        return StaticFile(str(path), headers.items(), encodings=encodings)


def compressed(content: bytes, suffix: str, folder: Path, quality: int) -> dict[str, Path]:
    """Return copies of `content` in `folder` by encoding, made now unless one of that brotli quality or better exists.

    None of pictures and small files, nor where a copy would save under 5%.
    """
    if suffix in INCOMPRESSIBLE or len(content) < SMALLEST:
        return {}
    digest = hashlib.sha256(content).hexdigest()
    best = folder / f"{digest}.{BEST}.br"
    copies = {"br": best if best.exists() else folder / f"{digest}.{quality}.br", "gzip": folder / f"{digest}.gz"}
    if not copies["br"].exists():
        write(copies["br"], brotli.compress(content, quality=quality))
    if not copies["gzip"].exists():
        write(copies["gzip"], gzip.compress(content, mtime=0))
    return {name: copy for name, copy in copies.items() if copy.stat().st_size < 0.95 * len(content)}


def write(path: Path, content: bytes) -> None:
    """Write a file that appears complete or not at all; several processes may write the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    own = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    own.write_bytes(content)
    own.replace(path)


def compress_all(settings: Settings) -> None:
    """Compress what browsers are given as well as can be, ahead: it takes seconds that no request should wait for."""

    def compress(path: Path) -> None:
        compressed(path.read_bytes(), path.suffix, settings.instance / "compressed", BEST)

    with ThreadPoolExecutor() as threads:
        list(threads.map(compress, given(settings)))


def given(settings: Settings) -> list[Path]:
    """The files that browsers are given: no TFLite, which the server runs, and of versions those that are published."""
    models = settings.static / "model"
    content = pointers(models / POINTER)
    published = {str(content.get("path")).removesuffix("/"), *beside_reader(models / POINTER).values()}
    folders = (settings.frontend, settings.static, PANEL)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".tflite"]
    return [
        path
        for path in files
        if not path.is_relative_to(models) or "/".join(path.relative_to(models).parts[:2]) in published
    ]
