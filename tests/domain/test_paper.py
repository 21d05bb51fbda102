"""A digit's ink in a photo of a sheet: whatever the light, alone, with nothing of what touches the edge."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from backend.domain.drawn import centred
from backend.domain.paper import PaperError, ink_of, local_mean, pieces
from tests.paper import digits, sheet


@pytest.mark.parametrize("board", [False, True])
def test_a_digit_in_uneven_light_comes_out_as_it_was_drawn(board: bool) -> None:
    """Beside each other the ink that was found and that of the golden picture, both as MNIST has them."""
    for seed, (name, digit) in enumerate(digits()):
        wanted = centred(np.asarray(digit, np.float32) / 255)
        found = centred(ink_of(sheet(digit, seed, board)))
        alike = float((wanted * found).sum() / np.sqrt((wanted**2).sum() * (found**2).sum()))
        assert alike > 0.85, f"{name}: {alike:.2f}"


def test_lines_that_reach_the_edge_and_specks_are_no_digit() -> None:
    name, digit = digits()[7]
    picture = sheet(digit, 3)
    plain = ink_of(picture)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 350, 479, 352), fill="black", width=6)
    draw.rectangle((5, 5, 8, 8), fill="black")
    assert ink_of(picture).shape == plain.shape, name


@pytest.mark.parametrize("picture", [Image.new("RGB", (300, 200), "white"), Image.new("RGB", (8, 8), "#808080")])
def test_an_empty_sheet_has_no_digit(picture: Image.Image) -> None:
    with pytest.raises(PaperError, match="expected a photo of one digit"):
        ink_of(picture)


def test_the_local_mean_is_that_of_each_window() -> None:
    grey = np.random.default_rng(1).uniform(0, 255, (9, 7))
    means = local_mean(grey, 3)
    for row in range(9):
        for column in range(7):
            window = grey[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
            assert means[row, column] == pytest.approx(window.mean())


def test_pieces_hang_together_at_corners_too() -> None:
    mask = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 1]], bool)
    assert [sorted(map(tuple, piece.tolist())) for piece in pieces(mask)] == [
        [(0, 3), (1, 3), (2, 3)],
        [(0, 0), (1, 1)],
    ]
