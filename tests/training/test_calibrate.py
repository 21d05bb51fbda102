"""Temperature, threshold and limit: right on made-up data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from training import calibrate, metrics


def drawn_logits(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Honest probabilities (n, 11, 10) and truths (n, 11) that were drawn from them."""
    rng = np.random.default_rng(seed)
    honest = rng.dirichlet(np.full(10, 0.3), (n, 11))
    truth = np.array([[rng.choice(10, p=row) for row in picture] for picture in honest])
    return honest, truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_temperature_is_found_again(temperature: float) -> None:
    honest, truth = drawn_logits(400)
    too_sure = honest ** (1 / temperature)
    too_sure /= too_sure.sum(axis=2, keepdims=True)
    # Calibration raises to 1 / T, so what undoes p ** (1 / t) is 1 / t.
    assert calibrate.fit_temperature(too_sure, truth) == pytest.approx(1 / temperature, rel=0.05)


def test_likely_truth_is_the_one_the_network_favours() -> None:
    probabilities = np.full((1, 11, 10), 0.1)
    probabilities[0, 10, 7] = 0.2
    seven, eight = np.zeros(11, int), np.zeros(11, int)
    seven[10], eight[10] = 7, 8
    assert calibrate.likely_truths(probabilities, [[eight, seven]])[0, 10] == 7


@pytest.mark.parametrize(
    ("errors", "n", "bound"),
    # One-sided 95% Clopper–Pearson limits; 0 errors: 1 − 0.05 ** (1 / n).
    [(0, 100, 0.02951), (0, 343, 0.008696), (1, 100, 0.04656), (5, 100, 0.10225), (10, 10, 1.0)],
)
def test_upper_bound_against_known_limits(errors: int, n: int, bound: float) -> None:
    assert calibrate.upper_bound(errors, n, 0.05) == pytest.approx(bound, abs=2e-5)


def test_guaranteed_risk_needs_enough_pictures() -> None:
    sure = np.linspace(0.99, 0.5, 300)
    assert calibrate.guaranteed(sure, np.ones(300, bool)) is None
    promise = calibrate.guaranteed(np.linspace(0.99, 0.5, 2000), np.ones(2000, bool))
    assert promise is not None
    assert promise["coverage"] == 1.0
    assert promise["bound"] <= calibrate.TARGET


def test_guaranteed_risk_holds_in_repeated_draws() -> None:
    """The true error of what is accepted exceeds the target in at most δ of the repetitions."""
    broken = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sure = rng.uniform(0, 1, 600)
        right = rng.random(600) < 1 - 0.3 * (1 - sure)
        promise = calibrate.guaranteed(sure, right, target=0.1, delta=0.1)
        if promise:
            true_error = 0.3 * (1 - promise["threshold"]) / 2  # mean of 0.3 (1 − s) over s above the threshold
            broken += true_error > 0.1
    assert broken <= 0.1 * 200 + 10


def test_observed_risk_takes_the_greatest_coverage() -> None:
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    chosen = calibrate.observed(sure, right, target=0.25)
    assert chosen is not None
    assert (chosen["accepted"], chosen["wrong"]) == (4, 1)
    assert 0.5 < chosen["threshold"] < 0.6
    assert calibrate.observed(sure, np.zeros(5, bool), target=0.25) is None


def test_equal_confidences_are_accepted_together() -> None:
    sure = np.full(100, 0.9)
    right = np.arange(100) < 50
    assert calibrate.observed(sure, right, target=0.4) is None
    assert calibrate.guaranteed(sure, right, target=0.4) is None


def test_the_bound_allows_for_the_choice_of_the_threshold() -> None:
    """Confidence says nothing here, so a lucky choice must not look like a low risk."""
    broken = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        right = rng.random(300) < 0.9
        zeros, names = np.zeros((300, 11), np.int64), np.full(300, "m")
        sure = rng.uniform(0, 1, 300)
        judged = metrics.Judged(zeros, zeros, zeros == 0, right, right, right, sure, np.ones((300, 11)), names, names)
        _, how = calibrate.choose_threshold(judged, target=0.015)
        broken += how["method"] != "none" and how["bound"] < 0.1
    assert broken <= 5


def test_unreadable_parts_what_can_be_parted() -> None:
    limit, figures = calibrate.choose_unreadable(np.full(200, 0.9), np.ones(200, bool), np.full(50, 0.2))
    assert limit == pytest.approx(0.55)
    assert figures["others_refused"]["value"] == 1.0
    assert figures["readable_refused"]["value"] == 0.0


def test_unreadable_spares_the_readable() -> None:
    rng = np.random.default_rng(1)
    readable, others = rng.uniform(0.5, 1.0, 1000), rng.uniform(0.0, 0.8, 300)
    limit, figures = calibrate.choose_unreadable(readable, np.ones(1000, bool), others)
    assert figures["right_refused"]["value"] <= calibrate.FALSE_ALARMS
    assert 0.49 < limit < 0.52


def test_unreadable_without_anything_to_refuse_is_zero() -> None:
    assert calibrate.choose_unreadable(np.full(5, 0.9), np.ones(5, bool), np.zeros(0))[0] == 0.0
