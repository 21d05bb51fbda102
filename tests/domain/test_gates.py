"""The rules of the gates: where each outcome begins."""

import pytest
from scipy.stats import binomtest

from backend.domain import gates
from backend.domain.figures import mcnemar


@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (8, 0), (9, 2), (5, 7), (40, 21), (600, 500)])
def test_the_test_is_one_sided_and_exact(lost: int, gained: int) -> None:
    p = gates.p_worse(lost, gained)
    wanted = binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue if lost + gained else 1
    assert p == pytest.approx(wanted)
    if lost > gained:
        assert mcnemar(lost, gained) == pytest.approx(min(1, 2 * p))  # what the comparison page calls worse at 5%


@pytest.mark.parametrize(
    ("pictures", "lost", "gained", "outcome"),
    [
        (437, 0, 0, "passed"),
        (437, 6, 0, "failed"),
        (437, 5, 0, "passed"),
        (437, 0, 60, "passed"),
        (437, 30, 14, "failed"),
        (437, 30, 16, "passed"),
        (6, 6, 0, "failed"),
        (5, 5, 0, "open"),
    ],
)
def test_only_what_is_significantly_worse_fails(pictures: int, lost: int, gained: int, outcome: str) -> None:
    gate = gates.compare(pictures, lost, gained)
    assert gate["outcome"] == outcome
    assert (gate["pictures"], gate["lost"], gate["gained"]) == (pictures, lost, gained)


@pytest.mark.parametrize(
    ("right", "lost", "outcome"), [(0, 0, "passed"), (200, 2, "passed"), (200, 3, "failed"), (99, 1, "failed")]
)
def test_at_most_one_in_a_hundred_is_lost(right: int, lost: int, outcome: str) -> None:
    assert gates.keep(right, lost)["outcome"] == outcome


def test_leaks_and_disagreements() -> None:
    none = {"picture": 0, "meter": 0}
    assert gates.leak(none, 0)["outcome"] == "passed"
    assert gates.leak(none, 3) == {"outcome": "unknown", "untraced": 3, **none}
    assert gates.leak(none | {"meter": 1}, 3)["outcome"] == "failed"
    assert gates.agree([])["outcome"] == "passed"
    assert gates.agree(["TFLite"]) == {"outcome": "failed", "reasons": ["TFLite"]}


@pytest.mark.parametrize(
    ("found", "unknown", "outcome"),
    [
        (gates.leak({"picture": 0}, 0), [], "passed"),
        (gates.leak({"picture": 0}, 0), ["compact/1"], "unknown"),
        (gates.leak({"picture": 0}, 1), [], "unknown"),
        (gates.leak({"picture": 0}, 0, compared=False), [], "unknown"),
        (gates.leak({"picture": 1}, 0), ["compact/1"], "failed"),
    ],
)
def test_what_came_with_the_weights(found: gates.Gate, unknown: list[str], outcome: str) -> None:
    """One leak is enough; nothing is passed of which something could not be looked through."""
    about = {"outcome": outcome, "data": ["a" * 64], "unknown": unknown}
    assert gates.inherit(found, ["a" * 64], unknown) == found | about


def test_what_failed_is_named_in_order() -> None:
    found = {"leaks": {"outcome": "failed"}, "comparison": {"outcome": "failed"}, "agreement": {"outcome": "passed"}}
    assert gates.failed(found) == ["comparison", "leaks"]
    assert gates.failed({}) == []
