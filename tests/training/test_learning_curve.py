"""The forms find curves that are known, choose between them, and refuse what cannot be said."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.learning_curve import FORMS, Fit, Point, answers, back_test, choose, fit, half_to_all, needed, places

SIZES = (100, 200, 400, 800, 1600, 3200)
KNOWN = {
    "power3": Fit("power3", (0.05, 0.1, 0.6), 3200),
    "power4": Fit("power4", (0.03, 0.12, 0.9, 0.1), 3200),
    "sigmoid4": Fit("sigmoid4", (0.9, 1.5, 0.2, 0.06), 3200),
}


def measured(curve: Fit, n: int = 10**6, seed: int | None = None) -> list[Point]:
    """Two runs at each size, with the noise of n readings, or none."""
    rng = np.random.default_rng(seed)
    points = []
    for size in SIZES * 2:
        error = float(curve.error([size])[0])
        points.append(Point(size, rng.binomial(n, error) / n if seed is not None else error, n))
    return points


@pytest.mark.parametrize("form", FORMS)
def test_a_known_curve_is_found(form: str) -> None:
    found = fit(form, measured(KNOWN[form]))
    wider = np.array([*SIZES, 6400])
    assert found.error(wider) == pytest.approx(KNOWN[form].error(wider), abs=2e-3)


@pytest.mark.parametrize("form", FORMS)
def test_a_curve_gives_the_size_back(form: str) -> None:
    curve = KNOWN[form]
    assert curve.size(float(curve.error([2500])[0])) == pytest.approx(2500, rel=1e-6)
    assert curve.size(0.001) is None  # below where it flattens out


def test_the_form_that_foretells_best_is_chosen() -> None:
    chosen, tests = choose(measured(KNOWN["sigmoid4"]))
    assert chosen.form == min(tests, key=lambda form: tests[form])
    assert tests[chosen.form] < 0.005 < max(tests.values())


def test_back_test_foretells_and_does_not_peek() -> None:
    points = measured(KNOWN["power3"])
    honest = back_test("power3", points)
    moved = [Point(p.size, p.error + 0.2, p.n) if p.size >= 1600 else p for p in points]
    assert honest < 0.002
    assert back_test("power3", moved) == pytest.approx(0.2, abs=0.01)


def test_needed_contains_the_truth() -> None:
    curve = KNOWN["power3"]
    target = float(curve.error([8000])[0])
    answer = needed(measured(curve, n=20_000, seed=3), target)
    assert answer.size is not None
    assert answer.low is not None and answer.high is not None
    assert answer.low < 8000 < answer.high
    assert answer.low < answer.size < answer.high


def test_needed_refuses_what_the_curve_never_reaches() -> None:
    answer = needed(measured(KNOWN["power3"]), 0.01)
    assert answer.size is None
    assert answer.reason.startswith("Cannot be said from this")


def test_needed_refuses_too_few_sizes() -> None:
    answer = needed([Point(100, 0.5, 400), Point(200, 0.4, 400), Point(400, 0.3, 400)], 0.1)
    assert "3 sizes, and 4 are needed" in answer.reason


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1, got 1\.5"):
        needed(measured(KNOWN["power3"]), 1.5)
    with pytest.raises(ValueError, match="at least 2 points"):
        fit("power3", [Point(100, 0.5, 10)])
    with pytest.raises(ValueError, match="at least 4 sizes to hold 2 back, got 3"):
        back_test("power3", [Point(size, 0.5, 10) for size in (1, 2, 3)])


def test_a_point_without_errors_still_has_a_deviation() -> None:
    assert 0 < Point(100, 0.0, 400).deviation < 0.02


def test_half_to_all_foretells_what_it_has_not_seen() -> None:
    points = measured(KNOWN["power3"])
    found = half_to_all(points)
    assert set(found) == {*FORMS, "chosen"}
    assert abs(found["power3"]) < 0.002
    assert found["chosen"] in [found[form] for form in FORMS]
    moved = [Point(p.size, p.error + 0.1, p.n) if p.size == 3200 else p for p in points]
    assert half_to_all(moved)["power3"] == pytest.approx(found["power3"] - 0.1, abs=1e-6)
    with pytest.raises(ValueError, match="4 sizes up to half of 800"):
        half_to_all([p for p in points if p.size <= 800])


def test_repeats_that_differ_a_little_in_size_are_one_level() -> None:
    """Else the smaller repeat of the largest level would help to foretell the larger one."""
    planned = list(enumerate((100, 200, 400, 800, 1600), 1))
    first = [Point(size, 0.05 + 20 / size, 500, level) for level, size in planned]
    others = [Point(size - 3, 0.05 + 20 / size, 500, level) for level, size in planned]
    assert places([*first, *others]) == [1, 2, 3, 4, 5]
    moved = replace(others[-1], error=0.5)
    told, other = half_to_all([*first, *others]), half_to_all([*first, *others[:-1], moved])
    mean_moved = (0.5 - others[-1].error) / 2
    assert other["power3"] == pytest.approx(told["power3"] - mean_moved, abs=1e-9)
    with pytest.raises(ValueError, match="at least 7 sizes to hold 5 back, got 5"):
        back_test("power3", [*first, *others], 5)


@pytest.mark.parametrize("form", FORMS)
def test_points_count_by_how_sure_they_are(form: str) -> None:
    """Beside runs judged by many readings, those judged by few say nothing, however far off they are."""
    many = measured(KNOWN[form])
    off = [Point(point.size, min(1.0, point.error + 0.3), 10) for point in many]
    found = fit(form, [*many, *off])
    assert found.error(SIZES) == pytest.approx(KNOWN[form].error(SIZES), abs=5e-3)
    alike = fit(form, [*many, *(replace(point, n=many[0].n) for point in off)])
    middle = KNOWN[form].error(SIZES) + 0.15
    assert alike.error(SIZES).mean() == pytest.approx(middle.mean(), abs=0.05), "were they as sure, they would count"


def test_curves_that_never_reach_the_target_are_no_reason_for_a_low_upper_end() -> None:
    """5% of the refits stay above it: no size is enough for 97.5% of them; nor is it the largest of the others'."""
    chosen, flat = KNOWN["power3"], replace(KNOWN["power3"], parameters=(0.2, 0.1, 0.6))
    target = float(chosen.error([8000])[0])
    [sure] = answers(chosen, [chosen] * 200, [target])
    assert sure.low == sure.high == sure.size and sure.reached == 1
    [most] = answers(chosen, [chosen] * 196 + [flat] * 4, [target])
    assert most.high == pytest.approx(8000, rel=0.01)
    [open_ended] = answers(chosen, [chosen] * 190 + [flat] * 10, [target])
    assert (open_ended.size, open_ended.low, open_ended.high) == (sure.size, sure.size, None)
    assert open_ended.reached == 0.95
    [refused] = answers(chosen, [chosen] * 179 + [flat] * 21, [target])
    assert refused.size is None and "179 of 200 curves" in refused.reason
