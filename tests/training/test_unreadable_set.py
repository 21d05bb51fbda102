"""The frozen set of unreadable pictures: of one side only, the same each time, and nothing in it looks as it did."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from backend.domain.imaging import InputSpec, cut, load
from training.data import Sample, read_table
from training.unreadable import TURNS_INTO_NONE, is_validation
from training.unreadable_set import KINDS, draw_set, without_display

SPEC = InputSpec()


@pytest.fixture(scope="module")
def samples(drawn_dataset: Path) -> list[Sample]:
    return read_table(drawn_dataset)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures without a display."""
    folder = tmp_path_factory.mktemp("empty")
    for number in range(60):
        rng = np.random.default_rng(number)
        Image.fromarray(rng.integers(0, 256, (60, 90, 3), dtype=np.uint8)).save(folder / f"p{number}.png")
    return folder


def test_pictures_without_a_display_are_on_one_side_only(empty: Path) -> None:
    validate, test = (set(without_display(empty, side)) for side in ("validate", "test"))
    assert validate and test and not validate & test
    assert validate | test == {file for file in empty.glob("*") if is_validation(file.name)}
    assert without_display(empty, "teach") == []


def test_every_kind_is_drawn_equally_often_from_its_side(samples: list[Sample], empty: Path) -> None:
    drawn = draw_set(samples, without_display(empty, "validate"), "validate", SPEC, each=4)
    assert drawn.pixels.shape == (20, 48, 192, 3) and drawn.pixels.dtype == np.uint8
    assert drawn.kinds.tolist() == [kind for kind in KINDS for _ in range(4)]
    assert set(drawn.origins[4:]) <= {s.image.name for s in samples if s.type == 2}


def test_the_set_is_frozen(samples: list[Sample], empty: Path) -> None:
    others = without_display(empty, "validate")
    first = draw_set(samples, others, "validate", SPEC, each=2)
    again = draw_set(list(samples), others, "validate", SPEC, each=2)
    other = draw_set(samples, without_display(empty, "test"), "test", SPEC, each=2)
    assert first.sha256 == again.sha256 != other.sha256


def test_displays_are_spoiled(samples: list[Sample], empty: Path) -> None:
    """Nothing is left as it was, and only displays of which the turned digits are none are turned."""
    drawn = draw_set(samples, without_display(empty, "validate"), "validate", SPEC, each=8)
    by_name = {s.image.name: s for s in samples}
    for pixels, kind, origin in zip(drawn.pixels, drawn.kinds, drawn.origins, strict=True):
        if kind == "no_display":
            continue
        sample = by_name[str(origin)]
        before = cut(load(sample.image), sample.box, SPEC).astype(int)
        assert abs(pixels - before).mean() > 3, (kind, origin)
        if kind == "upside_down":
            assert TURNS_INTO_NONE & set(sample.correct_value)
            assert abs(pixels[::-1, ::-1] - before).mean() < 3


def test_a_kind_without_anything_to_make_it_of_is_left_out(samples: list[Sample]) -> None:
    drawn = draw_set(samples, [], "validate", SPEC, each=2)
    assert set(drawn.kinds) == set(KINDS) - {"no_display"}
    assert len(draw_set([], [], "validate", SPEC)) == 0
