"""A site of its own for tests of working without a network: it can be changed, damaged and switched off."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.offline import WORKER, worker
from tests.browser.shipped import MODELS, copy_pointer, rehash, shipped_folder
from tests.conftest import ROOT, StaticHandler, StaticServer

QUIET = re.compile(r"(const QUIET = )\d+;")  # how long the page leaves the network to the reader; tests need not wait
ALL_KEPT = """async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const requests = (await Promise.all(caches_.map((cache) => cache.keys()))).flat();
  return requests.map(({url}) => new URL(url).pathname);
}"""


class Site(StaticServer):
    """Serves copies of the page and of the published version from a folder."""

    folder: Path
    broken_off = "nothing"  # the end of the address of which only the first half comes, then the connection ends

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def frontend(self) -> Path:
        """The page's files."""
        return self.folder / "frontend"

    @property
    def models(self) -> Path:
        """The published version, and the pointer to it."""
        return self.folder / "static" / "model"

    @property
    def pointer(self) -> Path:
        """The file that says what is published."""
        return self.models / "current.json"

    @property
    def published(self) -> Path:
        """The folder of the published version."""
        return self.models / json.loads(self.pointer.read_text("utf-8"))["path"]

    @property
    def title(self) -> str:
        """Name and number of the published version."""
        return f"{self.published.parent.name} {self.published.name}"

    def write_worker(self) -> None:
        """List the page's files for the service worker as they are now."""
        (self.frontend / WORKER).write_text(worker(self.frontend), "utf-8")

    def publish_next(self) -> Path:
        """Publish the same network under the next number; returns its folder."""
        before, number = self.published, str(int(self.published.name) + 1)
        folder = before.with_name(number)
        shutil.copytree(before, folder)
        card = json.loads((folder / "card.json").read_text("utf-8"))
        (folder / "card.json").write_text(json.dumps({**card, "version": number}), "utf-8")
        pointer = json.loads(self.pointer.read_text("utf-8"))
        path = f"{folder.relative_to(self.models).as_posix()}/"
        self.pointer.write_text(json.dumps({**pointer, "version": number, "path": path}), "utf-8")
        rehash(self.models, "model.json")
        return folder

    def stop(self) -> None:
        """Answer nothing more: not even connections are taken."""
        self.shutdown()
        self.server_close()


class SiteHandler(StaticHandler):
    """See Site."""

    server: Site

    def translate_path(self, path: str) -> str:
        """Everything comes from the site's own folder."""
        return str(self.server.folder / Path(super().translate_path(path)).relative_to(ROOT))

    def do_GET(self) -> None:
        """Answer, or break off in the middle."""
        if not self.path.endswith(self.server.broken_off):
            super().do_GET()
            return
        content = Path(self.translate_path(self.path)).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True


@contextmanager
def serve(folder: Path) -> Iterator[Site]:
    """A site in `folder`."""
    shutil.copytree(ROOT / "frontend", folder / "frontend")
    shutil.copytree(shipped_folder(), folder / "static" / "model" / shipped_folder().relative_to(MODELS))
    copy_pointer(folder / "static" / "model")
    site = Site(("127.0.0.1", 0), SiteHandler)
    site.folder = folder
    start = site.frontend / "js" / "offline" / "start.js"
    start.write_text(QUIET.sub(r"\g<1>100;", start.read_text("utf-8")), "utf-8")
    site.write_worker()
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stop()
        thread.join()


def publish_whole(site: Site) -> None:
    """Publish an undamaged version under a number that was never there, and remove what the others left."""
    name = shipped_folder().parent.name
    number = max(int(folder.name) for folder in (site.models / name).iterdir())
    shutil.rmtree(site.models / name)
    shutil.copytree(shipped_folder(), site.models / name / str(number))
    site.pointer.write_text(json.dumps({"name": name, "path": f"{name}/{number}/"}), "utf-8")
    shutil.rmtree(site.publish_next().with_name(str(number)))


def one_bit(site: Site) -> None:
    """Publish the next version with one bit of its weights changed."""
    weights = next(site.publish_next().glob("*.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
