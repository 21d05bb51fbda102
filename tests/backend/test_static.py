"""Static files: types, caching, compression, versions published while the process runs."""

import gzip
import json
import os
from hashlib import sha256
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from backend.settings import Settings
from backend.static import BEST, QUICK, compress_all, compressed


@pytest.mark.parametrize(
    ("url", "media_type"),
    [
        ("/", "text/html"),
        ("/js/main.js", "text/javascript"),
        ("/tf.wasm", "application/wasm"),
        ("/static/model/drawn/1/model.json", "application/json"),
        ("/static/model/drawn/1/group1-shard1of1.bin", "application/octet-stream"),
        ("/static/model/current.json", "application/json"),
    ],
)
def test_media_types(client: FlaskClient, url: str, media_type: str) -> None:
    response = client.get(url)
    assert response.status_code == 200
    assert response.mimetype == media_type


@pytest.mark.parametrize("url", ["/", "/js/main.js", "/static/model/current.json"])
def test_what_can_change_is_asked_for_again(client: FlaskClient, url: str) -> None:
    first = client.get(url)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_a_version_is_cached_for_ever(client: FlaskClient) -> None:
    response = client.get("/static/model/drawn/1/model.json")
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("encoding", "decompress"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_compressed_answers_hold_the_same_bytes(client: FlaskClient, encoding: str, decompress) -> None:
    plain = client.get("/static/model/drawn/1/model.json", headers={"Accept-Encoding": "identity"})
    packed = client.get("/static/model/drawn/1/model.json", headers={"Accept-Encoding": encoding})
    assert packed.headers["Content-Encoding"] == encoding
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert len(packed.data) < len(plain.data)
    assert decompress(packed.data) == plain.data


def test_a_version_published_later_is_served(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/static/model/drawn/2/card.json").status_code == 404
    folder = settings.static / "model" / "drawn" / "2"
    folder.mkdir()
    (folder / "card.json").write_text("{}", encoding="utf-8")
    pointer = settings.static / "model" / "current.json"
    before = client.get("/static/model/current.json")
    pointer.write_text(json.dumps({"name": "drawn", "version": "2", "path": "drawn/2/"}), encoding="utf-8")
    after = client.get("/static/model/current.json", headers={"If-None-Match": before.headers["ETag"]})
    assert after.get_json()["version"] == "2"
    assert client.get("/static/model/drawn/2/card.json").data == b"{}"


def test_a_changed_file_is_seen_even_when_its_size_is_the_same(client: FlaskClient, settings: Settings) -> None:
    before = client.get("/js/main.js")
    script = settings.frontend / "js" / "main.js"
    times = script.stat().st_mtime_ns + 1_000_000
    script.write_bytes(before.data.replace(b"= 1", b"= 2"))
    os.utime(script, ns=(times, times))
    after = client.get("/js/main.js", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"= 2" in after.data


@pytest.mark.parametrize(
    "url",
    ["/../conftest.py", "/static/../conftest.py", "/js/../../instance/secret_key", "/static/model", "/js/", "/a\0b"],
)
def test_nothing_outside_the_folders_and_no_listing(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404


def test_what_was_compressed_ahead_is_not_compressed_again(settings: Settings, client: FlaskClient) -> None:
    compress_all(settings)
    made = sorted(path.name for path in (settings.instance / "compressed").iterdir())
    assert len([name for name in made if name.endswith(f".{BEST}.br")]) == len(made) / 2 >= 6  # the panel's own too
    assert (
        client.get("/js/main.js", headers={"Accept-Encoding": "br"}, buffered=True).headers["Content-Encoding"] == "br"
    )
    assert sorted(path.name for path in (settings.instance / "compressed").iterdir()) == made


def test_ahead_is_compressed_what_browsers_are_given(settings: Settings) -> None:
    """Of the versions those that are published, and nowhere what only the server runs."""
    contents = {
        name: f"{name} ".encode() * 500 for name in ("drawn/1/some.bin", "drawn/1/a.tflite", "drawn/2/some.bin")
    }
    for name, content in contents.items():
        (settings.static / "model" / name).parent.mkdir(exist_ok=True)
        (settings.static / "model" / name).write_bytes(content)
    compress_all(settings)
    made = {path.name.split(".")[0] for path in (settings.instance / "compressed").glob(f"*.{BEST}.br")}
    assert {name for name, content in contents.items() if sha256(content).hexdigest() in made} == {"drawn/1/some.bin"}


def test_small_or_packed_content_is_left_as_it_is(tmp_path: Path) -> None:
    assert compressed(b"a" * 499, ".js", tmp_path, QUICK) == {}
    assert compressed(b"a" * 5000, ".png", tmp_path, QUICK) == {}
    assert compressed(os.urandom(5000), ".bin", tmp_path, QUICK) == {}
    assert set(compressed(b"a" * 500, ".js", tmp_path, QUICK)) == {"br", "gzip"}
