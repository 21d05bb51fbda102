"""The part of the results page about learning a meter says what its file says."""

from __future__ import annotations

from typing import Any

from training import learning_tables


def figures() -> dict[str, Any]:
    def run(before: int, after: int, others: int) -> dict[str, Any]:
        own, rest = {"n": 50, "before": before, "after": after}, {"n": 200, "before": 150, "after": others}
        return {"type": own, "others": rest, "kept": after > 15}

    return {
        "browser": "Chromium 1",
        "milliseconds": 12_345.0,
        "cores": 2,
        "load": 0.4,
        "cpu_seconds": 14.0,
        "network": {"epochs": 10, "steps": 100, "samples": 2026},
        "meters": {"one": 1, "many": 40},
        "types": {"one": [run(20, 40, 148), run(20, 30, 150)], "many": [run(10, 15, 140), run(10, 16, 144)]},
    }


def test_the_least_gain_counts() -> None:
    assert learning_tables.gained(figures()) == ("points: one +30.0, many +6.0", False)
    del (better := figures())["types"]["many"]
    assert learning_tables.gained(better) == ("points: one +30.0", True)


def test_what_others_would_lose_is_said() -> None:
    assert "-4.0 points if it counted for all (many)" in learning_tables.lost(figures())[0]


def test_a_busy_machine_says_nothing_of_the_time() -> None:
    slow = figures() | {"milliseconds": 60_000.0}
    assert learning_tables.seconds(figures()) == ("12.3 s (14.0 s of computing, on 2 cores with a load of 0.4)", True)
    assert learning_tables.seconds(slow)[1] is False
    assert learning_tables.seconds(slow | {"load": 9.0})[1] is None


def test_each_type_has_a_row() -> None:
    lines = learning_tables.markdown(figures())
    assert "1,000 steps on 2,026 displays" in lines[0]
    assert lines[-2] == "| one (1 meter) | 50 | 40.0% | 70.0% | +30.0 [+20.0, +40.0] | 2 of 2 | -0.5 [-1.0, +0.0] |"
    assert lines[-1].startswith("| many (40 meters) | 50 | 20.0% | 31.0% |")
