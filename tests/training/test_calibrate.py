"""Temperature, threshold and limit: right on made-up data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from backend.domain import figures
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


def test_guaranteed_risk_needs_enough_pictures() -> None:
    """299 accepted readings without an error show 1%, 473 with one."""
    sure = np.linspace(0.99, 0.5, 437)
    assert calibrate.guaranteed(sure[:298], np.ones(298, bool)) is None
    assert calibrate.guaranteed(sure[:0], np.ones(0, bool)) is None
    promise = calibrate.guaranteed(sure, np.arange(437) != 350)
    assert promise is not None
    assert (promise["accepted"], promise["wrong"], promise["bound"]) == (350, 0, 0.01)
    assert calibrate.guaranteed(sure, np.arange(437) != 200) is None


def test_more_pictures_allow_for_errors() -> None:
    sure = np.linspace(0.99, 0.5, 2000)
    right = np.ones(2000, bool)
    right[[100, 400, 900]] = False
    promise = calibrate.guaranteed(sure, right)
    assert promise is not None and promise["coverage"] == 1.0
    right[1500:1600] = False
    promise = calibrate.guaranteed(sure, right)
    assert promise is not None and 1500 < promise["accepted"] < 1520


@pytest.mark.parametrize("step", [0.3, 0.6, 0.8])
def test_guaranteed_risk_holds_in_repeated_draws(step: float) -> None:
    """The true error of what is accepted exceeds the target in at most δ of the repetitions.

    Risk rests at the target until `step` of the readings are accepted, then jumps: nothing is harder to stop at.
    """
    target = delta = 0.1
    broken = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        sure = rng.uniform(0, 1, 300)
        right = rng.random(300) >= np.where(sure >= 1 - step, target, 0.5)
        promise = calibrate.guaranteed(sure, right, target, delta)
        broken += promise is not None and promise["threshold"] < 1 - step
    assert broken <= 400 * delta + 3 * np.sqrt(400 * delta * (1 - delta))


def test_more_is_promised_than_by_the_search_that_pays_for_each_threshold() -> None:
    """Geifman & El-Yaniv's bound at δ / ⌈log₂ n⌉ needs 517 readings without an error where 299 are enough."""
    assert figures.needed(0, 0.01, 0.05 / 9) == 517 > len(np.ones(437))
    assert calibrate.guaranteed(np.linspace(0.99, 0.5, 437), np.ones(437, bool)) is not None


def test_observed_risk_takes_the_greatest_coverage() -> None:
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, False, True, True, False])
    chosen = calibrate.observed(sure, right, target=0.25)
    assert chosen is not None
    assert (chosen["accepted"], chosen["wrong"]) == (4, 1)
    assert 0.5 < chosen["threshold"] < 0.6
    assert calibrate.observed(sure, np.zeros(5, bool), target=0.25) is None


def judged_of(sure: np.ndarray, right: np.ndarray, shown: np.ndarray) -> metrics.Judged:
    """Readings of which those that are not `shown` have too low a mean for a display."""
    zeros, names = np.zeros((len(sure), 11), np.int64), np.full(len(sure), "m")
    means = np.where(shown, 0.9, 0.1)
    return metrics.Judged(
        zeros, zeros, zeros == 0, right, right, right, sure, np.ones((len(sure), 11)), means, names, names
    )


def test_what_is_called_unreadable_is_no_part_of_the_promise() -> None:
    """Of 305 right readings 7 are refused: the 298 that are left are one too few."""
    sure, right = np.linspace(0.99, 0.5, 305), np.ones(305, bool)
    judged = judged_of(sure, right, np.arange(305) % 45 != 44)
    assert (judged.mean_sure >= 0.5).sum() == 299
    assert calibrate.choose_threshold(judged, unreadable=0.5)[1]["guaranteed"]["accepted"] == 299
    judged = judged_of(sure, right, np.arange(305) % 42 != 41)
    assert calibrate.choose_threshold(judged)[1]["guaranteed"]["accepted"] == 305
    threshold, how = calibrate.choose_threshold(judged, unreadable=0.5)
    assert how["guaranteed"] is None
    assert how["coverage"] == metrics.accepted(judged, threshold, 0.5)["coverage"]
    assert how["coverage"]["right"] == 298


def test_wrong_readings_that_are_called_unreadable_cost_no_coverage() -> None:
    """However sure they are: nobody sees them accepted."""
    right = np.arange(100) >= 2
    judged = judged_of(np.linspace(0.99, 0.5, 100), right, right)
    assert calibrate.choose_threshold(judged)[1]["method"] == "none"
    threshold, how = calibrate.choose_threshold(judged, unreadable=0.5)
    assert threshold == pytest.approx(0.5) and how["coverage"]["right"] == 98 and how["error"]["right"] == 0


def test_no_confidence_at_all_is_never_accepted() -> None:
    assert calibrate.observed(np.zeros(5), np.ones(5, bool)) is None
    chosen = calibrate.observed(np.array([0.9, 0.6, 0.0]), np.ones(3, bool))
    assert chosen is not None and (chosen["accepted"], chosen["threshold"]) == (2, 0.6)


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
        judged = judged_of(rng.uniform(0, 1, 300), right, np.ones(300, bool))
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
    assert figures["readable_refused"]["value"] <= calibrate.FALSE_ALARMS
    assert 0.49 < limit < 0.53


def test_unreadable_without_anything_to_refuse_is_zero() -> None:
    assert calibrate.choose_unreadable(np.full(5, 0.9), np.ones(5, bool), np.zeros(0))[0] == 0.0


def test_unreadable_keeps_to_the_share_of_readable_pictures_it_may_cost() -> None:
    rng = np.random.default_rng(2)
    readable, others = rng.uniform(0.5, 1.0, 1000), rng.uniform(0.5, 1.0, 1000)
    _, figures = calibrate.choose_unreadable(readable, rng.random(1000) < 0.8, others)
    assert figures["readable_refused"]["right"] <= calibrate.FALSE_ALARMS * 1000
