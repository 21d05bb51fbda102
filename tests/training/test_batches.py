"""What the network is shown: the same pictures for the same seed, with targets that fit them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from backend.domain.imaging import Box
from backend.domain.reading import decode
from training.augment import photograph
from training.batches import Batches, Material, count_target, load_material, reading_target
from training.canvas import Canvas, even_edges, from_drawn
from training.compose import compose, load_digit_sets
from training.data import read_table
from training.framing import apply_homography, frame, from_rectangle, inverse
from training.recombine import DrumPool, recombine, turn_last_drum
from training.render import render
from training.turned import next_reading
from training.unreadable import draw_unreadable


def _batches(material: Material, seed: int = 1) -> Batches:
    return Batches(material, (48, 192), 6, seed, aligned=True, heavy=True)


@pytest.fixture(scope="module")
def material(drawn_dataset: Path) -> Material:
    return load_material(read_table(drawn_dataset))


def test_a_batch_depends_on_seed_and_step_alone(material: Material) -> None:
    pictures, targets = _batches(material)[4]
    batches = _batches(material)
    batches[0]
    again, _ = batches[4]
    other, _ = _batches(material, seed=2)[4]
    assert pictures.shape == (6, 48, 192, 3) and pictures.dtype == np.uint8
    assert targets["reading"].shape == (6, 11, 10) and targets["count"].shape == (6, 48, 3)
    assert np.array_equal(pictures, again)
    assert not np.array_equal(pictures, other)


def test_only_teaching_samples_become_material(drawn_dataset: Path, material: Material) -> None:
    samples = read_table(drawn_dataset)
    assert len(material.displays) == sum(s.type == 0 for s in samples) < len(samples)


def test_targets_are_distributions(material: Material) -> None:
    for canvas in material.displays[:5]:
        assert reading_target(canvas).sum(axis=1) == pytest.approx(np.ones(11))
    shared = Canvas(np.zeros((9, 9, 3), np.uint8), Box(0, 0, 9, 9), "19", ("20",))
    target = reading_target(shared)
    assert target[10, 9] > target[10, 0] > 0 and target.sum() == pytest.approx(11)
    assert reading_target(Canvas(shared.image, shared.box, "")).max() == pytest.approx(0.1)


def test_the_count_falls_from_left_to_right_by_the_digits(material: Material) -> None:
    canvas = from_drawn(render(np.random.default_rng(3), "drums", "1234.5"))
    edges = np.linspace(20, 170, 6)
    count = count_target(canvas, edges, 48, 192)[:, 0]
    assert count[0] == 5 and count[-1] == 0
    assert np.all(np.diff(count) <= 0)
    assert count[np.arange(48) * 4 >= 170].max() == 0


def _checker(digits: int) -> Canvas:
    """A display whose drums are flat greys, one for each digit's place."""
    image = np.zeros((40, 40 * digits, 3), np.uint8)
    for place in range(digits):
        image[:, place * 40 : (place + 1) * 40] = 20 + 20 * place
    box = Box(0, 0, 40.0 * digits, 40)
    text = "".join(str(i) for i in range(digits))
    return Canvas(image, box, text, (), even_edges(box, digits), tags={"source": "s"})


def test_recombined_drums_carry_their_digits() -> None:
    canvas = _checker(6)
    pool = DrumPool([])  # nothing to borrow: its own drums change places
    seen = set()
    for seed in range(40):
        made = recombine(np.random.default_rng(seed), canvas, pool)
        for place, digit in enumerate(made.text):
            assert made.image[20, place * 40 + 20, 0] == 20 + 20 * int(digit)
        seen.add(made.text)
    assert len(seen) > 5


def test_recombination_shows_every_digit_at_every_position() -> None:
    displays = [_checker(6)] + [
        Canvas(c.image, c.box, "".join(str((int(d) + k) % 10) for d in c.text), (), c.edges, tags=c.tags)
        for k, c in enumerate([_checker(6)] * 9, start=1)
    ]
    pool = DrumPool(displays)
    rng = np.random.default_rng(1)
    seen = {(i, d) for _ in range(600) for i, d in enumerate(recombine(rng, displays[rng.integers(10)], pool).text)}
    assert len(seen) == 60


def test_a_turning_drum_is_read_as_the_lower_digit_and_from_half_on_as_either() -> None:
    canvas = _checker(6)
    pool = DrumPool(
        [Canvas(canvas.image, canvas.box, t, (), canvas.edges, tags=canvas.tags) for t in ("567890", "056789")]
    )
    lower, upper = canvas.text, canvas.text[:-1] + str(int(canvas.text[-1]) + 1)
    seen = set()
    for seed in range(40):
        turned = turn_last_drum(np.random.default_rng(seed), canvas, pool)
        seen.add((turned.text, turned.also))
        assert not np.array_equal(turned.image[:, 200:], canvas.image[:, 200:])
        assert np.array_equal(turned.image[:, :198], canvas.image[:, :198])
    assert seen == {(lower, ()), (lower, (upper,)), (upper, (lower,))}


def test_with_a_nine_the_drum_before_it_turns_along() -> None:
    canvas = replace(_checker(6), text="012399")
    texts = ("012399", "012400", "567890", "432109")
    pool = DrumPool([Canvas(canvas.image, canvas.box, t, (), canvas.edges, tags=canvas.tags) for t in texts])
    turned = [turn_last_drum(np.random.default_rng(seed), canvas, pool) for seed in range(40)]
    assert {(each.text, each.also) for each in turned} == {
        ("012399", ()),
        ("012399", ("012400",)),
        ("012400", ("012399",)),
    }
    assert canvas.edges is not None
    start = round(float(canvas.edges[3]))
    assert all(np.array_equal(each.image[:, : start - 2], canvas.image[:, : start - 2]) for each in turned)
    assert any(
        not np.array_equal(each.image[:, start : start + 20], canvas.image[:, start : start + 20]) for each in turned
    )
    full = replace(canvas, text="999999")
    assert turn_last_drum(np.random.default_rng(1), full, pool) is full


def test_the_reading_after_another_has_as_many_digits() -> None:
    texts = ("129.9", "0009", "0.9", "99.9", "7")
    assert [next_reading(text) for text in texts] == ["130.0", "0010", "1.0", None, "8"]


def test_a_drawn_counter_that_is_more_than_half_turned_has_both_readings() -> None:
    drawn = [render(np.random.default_rng(seed), "drums", "00123.456") for seed in range(60)]
    assert {each.also for each in drawn} == {(), ("00123.457",)}
    both = next(each for each in drawn if each.also)
    target = reading_target(from_drawn(both))
    assert target[10, 6] == pytest.approx(0.65) and target[10, 7] == pytest.approx(0.35)


def test_homography_takes_the_corners_of_a_rectangle_to_points() -> None:
    points = np.array([[0, 0], [10, 1], [11, 8], [-1, 7]], dtype=float)
    matrix = from_rectangle(192, 48, points)
    x, y = apply_homography(matrix, np.array([0.0, 192, 192, 0]), np.array([0.0, 0, 48, 48]))
    assert np.c_[x, y] == pytest.approx(points, abs=1e-9)
    back, _ = apply_homography(inverse(matrix), points[:, 0], points[:, 1])
    assert back == pytest.approx([0, 192, 192, 0], abs=1e-6)


def test_framing_keeps_edges_on_their_digits() -> None:
    canvas = _checker(6)
    for seed in range(20):
        picture, edges = frame(np.random.default_rng(seed), canvas, 48, 192)
        assert edges is not None
        row = np.asarray(picture)[24, :, 0].astype(int)
        for place in range(6):
            middle = (edges[place] + edges[place + 1]) / 2
            if 2 < middle < 190:
                assert abs(row[int(middle)] - (20 + 20 * place)) <= 12


def test_photography_keeps_shape_and_something_to_see(material: Material) -> None:
    contrasts = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        picture, _ = frame(rng, material.displays[seed % len(material.displays)], 48, 192)
        pixels = photograph(rng, picture)
        assert pixels.shape == (48, 192, 3) and pixels.dtype == np.uint8
        contrasts.append(np.ptp(np.quantile(pixels, (0.05, 0.95))))
    assert np.mean(np.array(contrasts) < 6) < 0.1


def _digit_file(path: Path) -> Path:
    pictures = np.zeros((40, 32, 20, 3), np.uint8)
    values = np.repeat(np.arange(10), 4) + np.tile([0.0, 0.1, 0.5, 0.9], 10)
    pictures[..., 0] = (values * 20 + 30).astype(np.uint8)[:, None, None]
    pictures[..., 1:] = pictures[..., :1] // 2  # reddish throughout
    path.mkdir()
    np.savez(path / "digits.npz", x=pictures, y=values, group=np.array(["m"] * 40))
    return path


def test_composed_displays_are_labelled_by_the_lower_digit_until_the_next_has_come(tmp_path: Path) -> None:
    sets = load_digit_sets(_digit_file(tmp_path / "digits"))
    assert len(sets) == 1
    for seed in range(30):
        canvas = compose(np.random.default_rng(seed), sets)
        assert canvas.edges is not None and len(canvas.edges) == canvas.digits + 1
        last = canvas.image[int(canvas.box.y + canvas.box.height / 2), int(canvas.edges[-1]) - 12, 0]
        value = round((int(last) - 30 + 1) / 20, 1)
        digit, part = int(value), round(value % 1, 1)
        given = {int(text[-1]) for text in (canvas.text, *canvas.also)}
        assert given == (
            {(digit + 1) % 10} if part == 0.9 else {digit, digit + 1} if part == 0.5 and digit < 9 else {digit}
        )


def test_no_digit_files_give_no_sets(tmp_path: Path) -> None:
    assert load_digit_sets(tmp_path) == []


def test_unreadable_pictures_have_nothing_to_read(material: Material) -> None:
    kinds = set()
    background: NDArray[np.uint8] = np.full((90, 200, 3), 120, np.uint8)
    for seed in range(80):
        canvas = draw_unreadable(np.random.default_rng(seed), [background], material.displays)
        assert canvas.text == "" and canvas.image.ndim == 3
        kinds.add(canvas.tags["source"])
    assert kinds == {"background", "texture", "upside_down", "half_cut", "covered", "blurred"}


def test_decoding_a_target_gives_the_text_back(material: Material) -> None:
    for canvas in material.displays:
        assert decode(reading_target(canvas)).value == decode(reading_target(canvas)).value
        assert float(decode(reading_target(canvas)).text) == float(canvas.text)
