"""The renderer: same numbers, same pixels; the text given is the text drawn; everything lies where it says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.imaging import Box
from training.render import KINDS, Drawn, fonts, render
from training.render.content import random_text
from training.render.drum_look import Look, choose_look, lay_out
from training.render.drums import positions, turn


def drawings(kind: str | None, count: int, text: str | None = None) -> list[Drawn]:
    return [render(np.random.default_rng((11, i)), kind, text) for i in range(count)]


def pixels(drawn: Drawn, box: Box) -> NDArray[np.uint8]:
    left, top = round(box.x), round(box.y)
    return np.asarray(drawn.image)[top : round(box.y + box.height), left : round(box.x + box.width)]


@pytest.mark.parametrize("kind", KINDS)
def test_same_generator_same_picture(kind: str) -> None:
    first, again, other = (render(np.random.default_rng(seed), kind) for seed in (5, 5, 6))
    assert first.text == again.text and first.box == again.box and first.cells == again.cells
    assert first.image.tobytes() == again.image.tobytes()
    assert first.image.tobytes() != other.image.tobytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["7", "00123.456", "0.05", "9999999999", "1.234567890"[:10]])
def test_given_text_is_drawn(kind: str, text: str) -> None:
    for drawn in drawings(kind, 5, text):
        assert drawn.text == text
        assert drawn.kind == kind
        assert len(drawn.cells) == len(text.replace(".", ""))


@pytest.mark.parametrize("text", ["", ".", "5.", ".5", "1.2.3", "12a", "-5", "1 2", "٣", "12345678901"])
def test_impossible_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected 1 to 10 digits"):
        render(np.random.default_rng(0), "lcd", text)


def test_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of drums, lcd, led, got 'dial'"):
        render(np.random.default_rng(0), "dial")


@pytest.mark.parametrize("kind", KINDS)
def test_cells_lie_in_order_inside_the_box_inside_the_picture(kind: str) -> None:
    slack = 1.5  # pixels: slanted digits lean out of their upright cells
    for drawn in drawings(kind, 60):
        box, (width, height) = drawn.box, drawn.image.size
        assert drawn.image.mode == "RGB"
        assert box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height
        for cell in drawn.cells:
            assert cell.x >= box.x - slack and cell.x + cell.width <= box.x + box.width + slack
            assert cell.y >= box.y - slack and cell.y + cell.height <= box.y + box.height + slack
        for left, right in zip(drawn.cells[:-1], drawn.cells[1:], strict=True):
            assert right.x >= left.x + left.width - slack


@pytest.mark.parametrize("kind", KINDS)
def test_something_is_drawn_in_every_cell(kind: str) -> None:
    for drawn in drawings(kind, 40):
        for cell in drawn.cells:
            assert pixels(drawn, cell).astype(float).std() > 2


def test_all_kinds_come_when_none_is_asked_for() -> None:
    assert set(Counter(drawn.kind for drawn in drawings(None, 60))) == set(KINDS)


def redness(patch: NDArray[np.uint8]) -> float:
    """Share of pixels in which red is well above green and blue."""
    r, g, b = (patch[..., i].astype(int) for i in range(3))
    return float(((r - g > 50) & (r - b > 50)).mean())


def test_most_decimals_are_red_and_integers_are_not() -> None:
    red = {True: 0, False: 0}
    for drawn in drawings("drums", 80, "1234.567"):
        for i, cell in enumerate(drawn.cells):
            red[i >= 4] += redness(pixels(drawn, cell)) > 0.05
    assert red[True] / (80 * 3) > 0.5
    assert red[False] / (80 * 4) < 0.15


@pytest.mark.parametrize("kind", KINDS)
def test_every_digit_comes_at_every_position(kind: str) -> None:
    rng = np.random.default_rng(3)
    seen: Counter[tuple[int, str]] = Counter()
    for _ in range(6000):
        digits = random_text(rng, kind).replace(".", "")
        seen.update(enumerate(reversed(digits)))
    assert {(place, digit) for place in range(9) for digit in "0123456789"} <= set(seen)
    last = [seen[0, digit] for digit in "0123456789"]
    assert max(last) < 1.3 * min(last)


def test_drums_come_in_many_typefaces() -> None:
    """The faces that looks are drawn with differ in the digits themselves, not in their names alone."""
    chosen = Counter(choose_look(np.random.default_rng(seed), 6, 2).font for seed in range(1000))
    assert len(chosen) > 25 and chosen.most_common(1)[0][1] < 100
    common = [name for name, _ in chosen.most_common(12)]
    faces = [
        np.stack([np.asarray(fonts.glyph(name, digit, 0, 32, 48)) for digit in "0123456789"]) / 255 for name in common
    ]
    apart = [np.abs(a - b).mean() for a, b in combinations(faces, 2)]
    assert min(apart) > 0.03 and np.median(apart) > 0.1  # of all ink and paper


def test_the_typeface_chosen_is_the_one_drawn() -> None:
    """The same drums in another face: other digits, all else as before."""
    look = replace(choose_look(np.random.default_rng(2), 4, 0), turning=False, play=0.0, grime=0.0)
    drawn = [turned_drums(replace(look, font=name)) for name in ("road-d", "heros", "ocr-b")]
    assert np.array_equal(drawn[0], turned_drums(replace(look, font="road-d")))
    for one, other in combinations(drawn, 2):
        assert np.abs(one - other).mean() > 1  # of 255


def turned_drums(look: Look) -> NDArray[np.float32]:
    """Four drums that show 2 7 4 9."""
    return turn(np.random.default_rng(0), look, lay_out(look, 4, 4), [2.0, 7.0, 4.0, 9.0])


def test_drums_show_the_lower_digit_until_the_next_has_come() -> None:
    for seed in range(300):
        rng = np.random.default_rng(seed)
        digits = [int(d) for d in rng.integers(0, 10, 6)]
        shown = positions(rng, choose_look(rng, 6, 3), digits)
        for digit, position in zip(digits, shown, strict=True):
            assert -0.1 <= position - digit <= 0.9


def test_a_drum_turns_only_with_the_nines_on_its_right() -> None:
    carried = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        digits = [3, 9, 5, 9, 9]
        shown = positions(rng, choose_look(rng, 5, 0), digits)
        turned = [position - digit for digit, position in zip(digits, shown, strict=True)]
        assert abs(turned[0]) < 0.1 and abs(turned[1]) < 0.1
        if turned[4] > 0.3:
            carried += 1
            assert turned[2] > 0.05 and turned[3] > 0.05
    assert carried > 50
