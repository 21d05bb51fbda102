"""Figures against readings made by hand and against known values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backend.domain import figures
from backend.domain.reading import encode
from training import metrics
from training.data import VALIDATE, Sample


def sample(text: str, *also: str, group: str = "m", source: str = "s") -> Sample:
    return Sample(Path("none.png"), VALIDATE, text, "water", group, source, None, also)


def outputs(texts: list[str], sure: list[float]) -> np.ndarray:
    """Probabilities (n, 11, 10) that say the texts, every row with the same confidence."""
    hot = np.stack([encode(text) for text in texts])
    rows = np.array(sure)[:, None, None]
    return hot * rows + (1 - hot) * (1 - rows) / 9


def judged_by_hand() -> metrics.Judged:
    texts = ["0123.4", "0123.5", "0123.9", "012.34", "9"]
    samples = [sample("0123.4", group=f"m{i}", source="a" if i < 3 else "b") for i in range(4)]
    return metrics.judge(
        outputs(texts, [0.99, 0.9, 0.8, 0.95, 0.7]), [*samples, sample("8", "9", group="m9", source="b")]
    )


def test_exact_strict_and_near() -> None:
    judged = judged_by_hand()
    assert judged.exact.tolist() == [True, False, False, False, True]
    assert judged.strict.tolist() == [True, False, False, False, False]
    assert judged.near.tolist() == [True, True, False, False, True]


def test_a_carry_is_within_one() -> None:
    judged = metrics.judge(outputs(["100", "099"], [0.9, 0.9]), [sample("099"), sample("100")])
    assert judged.near.all()
    assert not judged.exact.any()


def test_digits_count_only_where_they_are_shown() -> None:
    summary = metrics.summary(judged_by_hand(), threshold=0.0, unreadable=0.0)
    # Five digits each in the first four, one in the last: 0123.4, 0123.5 and 0123.9 have 1 wrong at most; 012.34 none.
    assert summary["digits"]["n"] == 21
    assert summary["digits"]["right"] == 19
    assert summary["point"]["right"] == 4
    assert summary["within_one"]["right"] == 3


def test_confusion_and_positions() -> None:
    judged = judged_by_hand()
    confusion = np.array(metrics.confusion_by_digit(judged))
    assert confusion.sum() == 21
    assert confusion[4, 5] == confusion[4, 9] == 1
    last, before = metrics.by_position(judged)[:2]
    assert (last["accuracy"]["n"], last["accuracy"]["right"]) == (5, 3)
    assert (before["accuracy"]["n"], before["accuracy"]["right"]) == (4, 4)
    assert np.array(last["confusion"]).trace() == 3


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # The standard worked examples of the score interval (Newcombe 1998, table I, method 3).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_against_published_values(k: int, n: int, low: float, high: float) -> None:
    assert metrics.wilson(k, n) == pytest.approx((low, high), abs=5e-5)


def test_wilson_of_nothing_and_of_everything() -> None:
    assert metrics.wilson(0, 0) == (0.0, 1.0)
    assert metrics.wilson(7, 7)[1] == 1.0
    assert metrics.wilson(0, 7)[0] == 0.0


def test_ece_by_hand_and_weights_as_copies() -> None:
    sure = np.array([0.95, 0.95, 0.41, 0.41])
    right = np.array([True, False, True, False])
    assert metrics.ece(sure, right)[0] == pytest.approx((0.9 + 0.18) / 4)
    doubled = metrics.ece(np.repeat(sure, 2), np.repeat(right, 2))[0]
    assert metrics.ece(sure, right, np.full((1, 4), 2.0))[0] == pytest.approx(doubled)


def test_ece_has_fifteen_bins_unless_told_otherwise() -> None:
    """0.61 and 0.69 share a bin of ten, where their errors cancel out, and none of fifteen (its edges: 0.6, 0.667)."""
    sure, right = np.array([0.61, 0.69]), np.array([True, False])
    assert metrics.ece(sure, right)[0] == pytest.approx((0.39 + 0.69) / 2)
    assert figures.ece(sure, right, bins=10)[0] == pytest.approx(0.3 / 2)
    assert len(metrics.reliability(sure, right)) == 2
    edges = np.arange(15) / 15 + 1 / 30
    assert len(metrics.reliability(edges, np.ones(15, bool))) == 15
    assert len(metrics.reliability(np.linspace(0, 1, 1000), np.ones(1000, bool))) == 15


def test_ece_of_honest_confidence_is_small_and_of_bragging_large() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(0, 1, 20_000)
    assert metrics.ece(sure, rng.random(20_000) < sure)[0] < 0.02
    assert metrics.ece(np.full(100, 0.99), np.zeros(100, bool))[0] == pytest.approx(0.99)


def test_risk_coverage_falls_with_good_confidence() -> None:
    curve = metrics.risk_coverage(judged_by_hand())
    assert [point["coverage"] for point in curve] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [point["error"]["value"] for point in curve] == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4, 3 / 5])
    assert all(a["threshold"] >= b["threshold"] for a, b in zip(curve[:-1], curve[1:], strict=True))


def test_area_under_risk_is_the_mean_of_the_curve() -> None:
    area = metrics.area_under_risk(judged_by_hand(), np.ones((1, 5)))[0]
    assert area == pytest.approx(np.mean([0, 1 / 2, 2 / 3, 3 / 4, 3 / 5]))


def test_accepted_uses_both_limits() -> None:
    judged = judged_by_hand()
    by_threshold = metrics.accepted(judged, threshold=0.95**11 - 1e-9)
    assert (by_threshold["coverage"]["right"], by_threshold["error"]["right"]) == (2, 1)
    assert metrics.accepted(judged, threshold=0.0, unreadable=0.85)["coverage"]["right"] == 3


def test_bootstrap_draws_whole_meters() -> None:
    right = np.repeat([True, False], 50)
    texts = ["1" if r else "2" for r in right]
    apart = [sample("1", group=f"m{i}") for i in range(100)]
    two = [sample("1", group=str(r)) for r in right]
    narrow, wide = (
        metrics.bootstrap(metrics.judge(outputs(texts, [0.9] * 100), samples), metrics.share_exact)
        for samples in (apart, two)
    )
    assert narrow["value"] == wide["value"] == 0.5
    assert 0.35 < narrow["low"] < 0.45 < 0.55 < narrow["high"] < 0.65
    assert (wide["low"], wide["high"]) == (0.0, 1.0)


def test_temperature_is_that_of_the_codec() -> None:
    from backend.domain.reading import decode

    raw = np.random.default_rng(3).dirichlet(np.ones(10), (4, 11))
    sure, rows = metrics.confidences(raw, 1.7)
    for i in range(4):
        assert sure[i] == pytest.approx(decode(raw[i], 1.7).confidence, rel=1e-12)
        assert rows[i, 0] == pytest.approx(decode(raw[i], 1.7).point_confidence, rel=1e-12)


def test_evaluate_gives_every_source_and_refuses_nothing_to_read() -> None:
    result = metrics.evaluate(judged_by_hand(), 0.5, 0.0)
    assert sorted(result["by_source"]) == ["a", "b"]
    assert result["by_source"]["a"]["pictures"] + result["by_source"]["b"]["pictures"] == 5
    with pytest.raises(ValueError, match="at least one picture"):
        metrics.evaluate(metrics.judge(np.zeros((0, 11, 10)), []), 0.5, 0.0)


def test_every_source_has_the_tables_that_everything_has() -> None:
    """Each source's are those of its readings alone, and together they count up to the whole."""
    judged = judged_by_hand()
    result = metrics.evaluate(judged, 0.5, 0.0)
    for name, part in result["by_source"].items():
        own = metrics.evaluate(judged.only(judged.sources == name), 0.5, 0.0)
        tables = own.keys() - {"together", "by_source"}
        assert {*tables} == {"confusion", "by_digit", "positions", "reliability", "risk_coverage", "mismatches"}
        assert part == own["together"] | {key: own[key] for key in tables}
    parts = result["by_source"].values()
    assert np.array_equal(sum(np.array(part["confusion"]) for part in parts), result["confusion"])
    assert sum(point["accuracy"]["n"] for part in parts for point in part["reliability"]) == 5
    assert result["by_source"]["a"]["risk_coverage"] != result["risk_coverage"]


def test_each_true_digit_has_its_accuracy_with_an_interval() -> None:
    """Of five fours shown one is read as a 5, one as a 9; no 7 is shown at all."""
    digits = metrics.by_digit(judged_by_hand())
    assert [each["digit"] for each in digits] == list(range(10))
    four, seven = digits[4]["accuracy"], digits[7]["accuracy"]
    assert (four["right"], four["n"]) == (2, 4)
    assert (four["low"], four["high"]) == metrics.wilson(2, 4)
    assert (seven["n"], seven["value"], seven["low"], seven["high"]) == (0, None, 0.0, 1.0)
    assert digits[9]["accuracy"]["right"] == digits[9]["accuracy"]["n"] == 1  # of 8 and 9, both accepted, the nearer


def test_ece_of_the_digits_has_an_interval_over_meters() -> None:
    judged = judged_by_hand()
    summary = metrics.summary(judged, 0.5, 0.0)
    one = metrics.error_of_digits(judged, np.ones((1, 5)))[0]
    assert one == pytest.approx(summary["ece_digits"], abs=1e-12)
    interval = summary["ece_digits_by_meter"]
    assert interval["low"] < summary["ece_digits"] < interval["high"]
    assert interval["meters"] == 5
    twice = metrics.judge(outputs(["0123.5", "0123.5", "9"], [0.9, 0.9, 0.7]), [sample("0123.4")] * 2 + [sample("8")])
    once = twice.only(np.array([True, False, True]))
    weighted = metrics.error_of_digits(once, np.array([[2.0, 1.0]]))
    assert weighted == pytest.approx(metrics.error_of_digits(twice, np.ones((1, 3)))), "all digits of a picture count"


def test_ece_is_not_zero_for_the_perfect() -> None:
    """On few pictures; on many it nearly is."""
    few, many = (metrics.ece_if_perfect(np.linspace(0.05, 0.95, n), draws=50) for n in (60, 20_000))
    assert few["low"] < few["mean"] < few["high"]
    assert many["mean"] < 0.02 < 0.05 < few["mean"]


def test_accepted_readings_have_an_exact_bound() -> None:
    judged = judged_by_hand()
    taken = metrics.accepted(judged, threshold=0.0)
    assert taken["bound"] > taken["error"]["value"]
    assert metrics.accepted(judged, threshold=1.1)["bound"] == 1.0
