"""Reading on the server: as Keras does, without TensorFlow, by many threads, with whatever version is published."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from backend.domain.imaging import Box, ImageError, load, preprocess
from backend.domain.looks import SHIFTS, shifted
from backend.services import reading
from backend.services.reading import BusyError, ReaderError, Readers
from backend.settings import ROOT

from .readable import Golden, copy_version, goldens, point_at, shipped


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of versions with the shipped one published."""
    folder = tmp_path / "model"
    point_at(copy_version(folder))
    return folder


@pytest.fixture
def readers(models: Path, monkeypatch: pytest.MonkeyPatch) -> Readers:
    readers = Readers(models)
    monkeypatch.setattr(reading, "get_readers", lambda: readers)
    return readers


def test_it_reads_as_keras_did(readers: Readers) -> None:
    for golden in goldens():
        found = reading.read(golden.data, golden.box)
        assert np.abs(found.output - np.array(golden.output)).max() < 1e-3
        assert found.reading.text == golden.text.lstrip("0") or found.reading.text == golden.text
        assert found.reading == found.card.read(found.output)
        assert found.stages.keys() == {"decode", "preprocess", "network"}
        assert all(0 <= milliseconds < 60_000 for milliseconds in found.stages.values())


def test_what_is_in_doubt_is_looked_at_again(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that calls nothing sure: the answer is the mean of all looks, and no longer the first one's."""
    point_at(copy_version(models, 7, look_again=1.0))
    readers = Readers(models)
    monkeypatch.setattr(reading, "get_readers", lambda: readers)
    version, golden = readers.version(), goldens()[0]
    pixels = preprocess(load(golden.data), golden.box, version.card.input)
    looks = [version.predict(pixels), *(version.predict(shifted(pixels, *shift)) for shift in SHIFTS)]
    found = reading.read(golden.data, golden.box)
    assert found.output == pytest.approx(np.mean(looks, axis=0), abs=1e-6)
    assert found.output != pytest.approx(looks[0], abs=1e-6)
    assert found.reading == version.card.read(found.output)


def test_many_threads_read_as_one(readers: Readers) -> None:
    pictures = goldens() * 8

    def outcome(golden: Golden) -> tuple[str, bytes]:
        found = reading.read(golden.data, golden.box)
        return found.reading.text, found.output.tobytes()

    alone = [outcome(golden) for golden in goldens()] * 8
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(outcome, pictures)) == alone
    assert readers.version() is readers.version()


def test_a_version_published_meanwhile_is_used_from_then_on(readers: Readers, models: Path) -> None:
    golden = goldens()[0]
    second = copy_version(models, 2, threshold=1.0, unreadable=0.0)
    third = copy_version(models, 3, threshold=0.0, unreadable=0.0)
    point_at(third)
    accepted, seen, stop = [], set(), threading.Event()

    def keep_reading() -> None:
        while not stop.is_set():
            found = reading.read(golden.data, golden.box)
            seen.add((found.card.version, found.reading.accepted))

    threads = [threading.Thread(target=keep_reading) for _ in range(4)]
    for thread in threads:
        thread.start()
    for folder in [second, third, second]:
        point_at(folder)
        found = reading.read(golden.data, golden.box)
        accepted.append((found.card.version, found.reading.accepted))
    stop.set()
    for thread in threads:
        thread.join()
    assert accepted == [("2", False), ("3", True), ("2", False)]
    assert seen <= {("3", True), ("2", False)}  # never one version's network under another one's card


@pytest.mark.parametrize("content", [None, "", "[]", '{"name": "compact", "version": "1"}'])
def test_without_a_published_version_it_says_so(readers: Readers, models: Path, content: str | None) -> None:
    pointer = models / "current.json"
    pointer.unlink() if content is None else pointer.write_text(content, "utf-8")
    with pytest.raises(ReaderError, match=r"no version is published|expected current\.json to name a version"):
        readers.version()


@pytest.mark.parametrize("name", ["card.json", "model.tflite"])
@pytest.mark.parametrize("way", ["changed", "missing"])
def test_a_version_that_is_not_whole_is_refused_and_the_next_one_is_read(models: Path, name: str, way: str) -> None:
    file = models / shipped().parent.name / "1" / name
    file.unlink() if way == "missing" else file.write_bytes(file.read_bytes() + b" ")
    readers = Readers(models)
    with pytest.raises(ReaderError, match=r"expected the published version"):
        readers.version()
    point_at(copy_version(models, 2))
    assert readers.version().card.version == "2"


def test_what_is_no_picture_is_refused_with_a_sentence(readers: Readers) -> None:
    whole = goldens()[0].data
    for data, code in [(b"", "not_image"), (b"<svg/>", "not_image"), (whole[:-20], "damaged")]:
        with pytest.raises(ImageError, match=r"^expected") as raised:
            reading.read(data)
        assert raised.value.code == code
    with pytest.raises(ImageError, match="inside the picture"):
        reading.read(whole, Box(9999, 0, 10, 10))


def test_too_many_at_once_wait_and_are_told(readers: Readers) -> None:
    held = [readers.slot() for _ in range(reading.SLOTS)]
    for slot in held:
        slot.__enter__()
    with pytest.raises(BusyError, match="try again"), readers.slot(patience=0.01):
        pass
    for slot in held:
        slot.__exit__(None, None, None)
    with readers.slot(patience=0.01):
        pass


def test_reading_loads_no_tensorflow() -> None:
    """In a process of its own, after a whole reading."""
    code = """
import json, sys
from pathlib import Path
from backend import create_app
from backend.services import reading
readers = reading.Readers(Path(sys.argv[1]))
reading.get_readers = lambda: readers
found = reading.read(Path(sys.argv[2]).read_bytes())
print(json.dumps([found.reading.text, sorted(sys.modules)]))
"""
    picture = next((shipped() / "golden").glob("*.png"))
    arguments = [sys.executable, "-c", code, str(shipped().parents[1]), str(picture)]
    printed = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    text, modules = json.loads(printed.splitlines()[-1])
    assert text
    assert "ai_edge_litert.interpreter" in modules
    assert not {"tensorflow", "keras", "training", "jax"} & set(modules)
