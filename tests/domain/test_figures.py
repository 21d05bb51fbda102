"""Figures that need no samples, against known values."""

import numpy as np
import pytest

from backend.domain import figures
from backend.domain.reading import encode

BINOMIAL_40_OF_115 = 0.001412957498607674  # two-sided, from scipy.stats.binomtest


def classes(*texts: str) -> figures.Ints:
    return np.stack([encode(text).argmax(1) for text in texts]).astype(np.int64)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"),
    [(0, 0, 1.0), (3, 9, 598 / 4096), (9, 3, 598 / 4096), (5, 5, 1.0), (0, 12, 2 / 4096), (40, 75, BINOMIAL_40_OF_115)],
)
def test_mcnemar_is_the_exact_binomial_test(only_a: int, only_b: int, p: float) -> None:
    assert figures.mcnemar(only_a, only_b) == pytest.approx(p)


def test_mcnemar_of_many() -> None:
    assert figures.mcnemar(5000, 5000) == 1.0
    assert figures.mcnemar(4000, 5000) < 1e-20


def test_mismatches_count_the_point_as_one_character() -> None:
    truth, read = classes("12.5", "12.5", "12.5", "999"), classes("12.5", "125", "12.6", "000")
    counted = figures.mismatches(truth, read)
    assert [(each["characters"], each["readings"], each["share"]) for each in counted] == [
        (0, 1, 0.25),
        (1, 2, 0.5),
        (2, 0, 0.0),
        (3, 1, 0.25),
    ]
    assert figures.mismatches(truth[:0], read[:0]) == []


def test_nothing_read_gives_nothing() -> None:
    none = np.zeros(0)
    assert figures.reliability(none, none.astype(bool)) == []
    assert figures.risk_coverage(none, none.astype(bool)) == []


@pytest.mark.parametrize(
    ("errors", "n", "bound"),
    # One-sided 95% Clopper–Pearson limits; 0 errors: 1 − 0.05 ** (1 / n).
    [(0, 100, 0.02951), (0, 343, 0.008696), (1, 100, 0.04656), (5, 100, 0.10225), (10, 10, 1.0), (0, 0, 1.0)],
)
def test_upper_bound_against_known_limits(errors: int, n: int, bound: float) -> None:
    assert figures.upper_bound(errors, n, 0.05) == pytest.approx(bound, abs=2e-5)


@pytest.mark.parametrize(("errors", "fewest"), [(0, 299), (1, 473), (2, 628), (3, 773)])
def test_the_tries_needed_are_the_first_that_suffice(errors: int, fewest: int) -> None:
    assert figures.needed(errors, 0.01) == fewest
    assert figures.upper_bound(errors, fewest) <= 0.01 < figures.upper_bound(errors, fewest - 1)
