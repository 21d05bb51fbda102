"""A whole photo on the server: which finder is used, when a picture is read as it is, what the display looks like."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.domain.card_parts import file_entries
from backend.domain.finder_card import FinderCard
from backend.domain.imaging import InputSpec, load
from backend.domain.outline import Outline
from backend.domain.photo import CLOSER, is_strip
from backend.domain.reading import encode
from backend.services import finding
from backend.services.finding import Finders, NoDisplayError, read_photo, straightened
from backend.services.reading import NETWORK, ReaderError, Readers
from tests.finders import publish_finder
from tests.outlines import colour_finder, marked_photo
from tests.vectors.pictures import encoded
from tests.versions import make_finder

from .readable import copy_version, goldens, point_at


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder of versions with the shipped reader published."""
    point_at(copy_version(tmp_path / "model"))
    return tmp_path / "model"


class FixedFinder:
    """Says at first what it was told, and when it looks closer what `predict` sees: nothing, if not told otherwise."""

    def __init__(self, corners: Any, predict: Any = lambda pixels: (np.zeros((48, 48, 4)), -9.0)) -> None:
        self.found = None if corners is None else Outline(np.array(corners), 1.0)
        self.predict = predict

    def see(self, picture: Image.Image) -> Outline | None:
        return self.found


@pytest.fixture
def use(models: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Read with the shipped reader and this finder."""
    readers = Readers(models)

    def use_finder(finder: FixedFinder | None) -> None:
        finders = Finders(models)
        monkeypatch.setattr(finders, "finder", lambda: finder)
        monkeypatch.setattr(finding, "get_finders", lambda: finders)
        monkeypatch.setattr(finding, "get_readers", lambda: readers)

    return use_finder


def test_a_finder_for_browsers_only_is_none_for_the_server(models: Path) -> None:
    assert Finders(models).finder() is None
    publish_finder(models)
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    make_finder(models, 2)  # with a whole card
    pointer["finder"] |= {"version": "2", "path": "finder/2/"}
    (models / "current.json").write_text(json.dumps(pointer), "utf-8")
    assert Finders(models).finder() is None


@pytest.mark.parametrize("way", ["changed", "missing", "another card"])
def test_a_finder_that_is_not_whole_is_refused(models: Path, way: str) -> None:
    folder = make_finder(models, 1)
    (folder / NETWORK).write_bytes(b"a network")
    card = FinderCard.load(folder)
    (folder / "card.json").unlink()
    card.files.update(file_entries(folder))
    (folder / "card.json").write_text(card.to_json(), "utf-8")
    pointer = json.loads((models / "current.json").read_text("utf-8"))
    named = {"name": "finder", "version": "1", "card_sha256": "0" * 64}
    if way != "another card":
        named["card_sha256"] = finding.hashlib.sha256((folder / "card.json").read_bytes()).hexdigest()
        (folder / NETWORK).unlink() if way == "missing" else (folder / NETWORK).write_bytes(b"another")
    (models / "current.json").write_text(json.dumps(pointer | {"finder": named}), "utf-8")
    with pytest.raises(ReaderError, match="expected the published finder"):
        Finders(models).finder()


def test_what_is_found_is_read_as_from_the_given_outline(use: Any) -> None:
    """In pictures that are not as wide as a display alone, for in those nothing is looked for."""
    framed = [golden for golden in goldens() if golden.box and not is_strip(*load(golden.data).size)]
    assert framed
    for golden in framed:
        assert golden.box
        box = golden.box
        left, top, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        use(FixedFinder([[left, top], [right, top], [right, bottom], [left, bottom]]))
        found = read_photo(golden.data)
        assert found.version == "compact/1"
        assert found.reading.text.lstrip("0") == golden.text.lstrip("0")
        assert found.display.width > found.display.height


def test_a_display_alone_is_read_as_it_is_wherever_the_finder_sees_one(use: Any) -> None:
    """As on the page: an outline within it might be read surely, too."""
    golden = next(golden for golden in goldens() if golden.box is None)
    use(None)
    alone = read_photo(golden.data)
    assert alone.reading.text.lstrip("0") == golden.text.lstrip("0")
    width, height = load(golden.data).size
    use(FixedFinder([[0, 0], [width / 2, 0], [width / 2, height], [0, height]]))
    assert read_photo(golden.data).reading == alone.reading


def test_what_is_read_with_doubt_is_looked_at_closer(use: Any) -> None:
    """An outline that cuts into the last digit, or so much of it that another number is read: then doubt remains.

    How much a network takes to be in doubt is its own affair, so several cuts of several displays are tried.
    """
    surer = doubted = 0
    for golden in (golden for golden in goldens() if golden.box is None):
        photo, corners = marked_photo(900, 700, 15, load(golden.data))
        data = encoded(photo, "PNG")
        for part in (0.08, 0.1, 0.14):
            cut = corners.copy()
            cut[[1, 2]] = corners[[0, 3]] * part + corners[[1, 2]] * (1 - part)
            use(FixedFinder(cut))
            first = read_photo(data).reading
            use(FixedFinder(cut, colour_finder))
            closer = read_photo(data).reading
            if first.confidence >= CLOSER:
                assert closer == first, "nobody looked again"
            elif encode(closer.text).tolist() == encode(golden.text).tolist():
                same = first.text == closer.text
                assert same or not closer.accepted, "two looks have not read the same"
                surer, doubted = surer + (same and closer.accepted), doubted + (not same)
    assert surer > 0 and doubted > 0


def test_a_photo_without_a_display_says_what_is_needed(use: Any, tmp_path: Path) -> None:
    Image.new("RGB", (320, 240), "#c0b0a0").save(tmp_path / "wall.png")
    data = (tmp_path / "wall.png").read_bytes()
    use(FixedFinder(None))
    with pytest.raises(NoDisplayError, match="no display was found"):
        read_photo(data)
    use(None)
    with pytest.raises(NoDisplayError, match="expected a picture of the display only"):
        read_photo(data)


@pytest.mark.parametrize(
    ("width", "height", "shown"), [(400, 100, (512, 160)), (1500, 50, (1272, 53)), (40, 80, (160, 160))]
)
def test_the_display_is_shown_in_its_own_proportions(width: int, height: int, shown: tuple[int, int]) -> None:
    picture = Image.new("RGB", (1600, 400), "white")
    corners = np.array([[20.0, 20], [20 + width, 20], [20 + width, 20 + height], [20, 20 + height]])
    spec = InputSpec(margin=0.125, side_margin=0.0)
    size = straightened(picture, corners, spec).size
    assert size == shown
