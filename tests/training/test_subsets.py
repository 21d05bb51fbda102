"""Subsets lie within each other, keep meters whole and types even; a subset's folder is a dataset of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from training.data import TEACH, TEST, VALIDATE, DatasetError, Sample, read_table
from training.subsets import nested, write_subset


def sample(number: int, kind: str, meter: str, side: int = TEACH) -> Sample:
    return Sample(Path(f"{number}.png"), side, "12.3", kind, meter, kind, None, ())


def some() -> list[Sample]:
    """300 of one type with two pictures a meter, 100 of another with one, and a meter with 20."""
    taught = [sample(i, "water", f"w{i // 2}") for i in range(300)]
    taught += [sample(1000 + i, "gas", f"g{i}") for i in range(100)]
    taught += [sample(2000 + i, "one", "one") for i in range(20)]
    return [*taught, sample(3000, "water", "v", VALIDATE), sample(3001, "gas", "t", TEST)]


def test_subsets_are_nested_and_about_half_of_each_other() -> None:
    subsets = nested(some(), 5, seed=3)
    sizes = [len(subset) for subset in subsets]
    assert sizes[-1] == 420
    for smaller, larger in zip(subsets[:-1], subsets[1:], strict=True):
        assert {s.image for s in smaller} < {s.image for s in larger}
        assert 0.4 < len(smaller) / len(larger) < 0.6
    assert all(s.type == TEACH for s in subsets[-1])


def test_a_meter_is_in_with_all_its_pictures() -> None:
    whole = Counter(s.group for s in nested(some(), 5, seed=3)[-1])
    for subset in nested(some(), 5, seed=3):
        assert all(whole[group] == number for group, number in Counter(s.group for s in subset).items())


def test_types_come_in_their_share_at_every_size() -> None:
    for subset in nested(some(), 4, seed=1)[:-1]:
        kinds = Counter(s.meter_type for s in subset)
        assert 2 < kinds["water"] / kinds["gas"] < 4.2


def test_a_seed_repeats_the_subsets_and_another_does_not() -> None:
    first, again, other = (nested(some(), 4, seed)[0] for seed in (1, 1, 2))
    assert first == again != other


def test_too_few_samples_or_meters_are_named() -> None:
    with pytest.raises(DatasetError, match="expected 256 teaching samples for 6 sizes, got 30"):
        nested([sample(i, "water", f"{i}") for i in range(30)], 6, seed=1)
    with pytest.raises(DatasetError, match="enough meters for 4 sizes, got 2 with 80 pictures"):
        nested([sample(i, "water", f"{i % 2}") for i in range(80)], 4, seed=1)


def test_a_subset_becomes_a_dataset_folder(drawn_dataset: Path, tmp_path: Path) -> None:
    samples = read_table(drawn_dataset)
    subset = nested(samples, 3, seed=1)[0]
    folder = write_subset(tmp_path / "one", drawn_dataset / "images", subset, samples)
    written = read_table(folder)
    names = {s.image.name for s in written if s.type == TEACH}
    assert names == {s.image.name for s in subset}
    judges = {s.image.name: s for s in written if s.type == VALIDATE}
    assert set(judges) == {s.image.name for s in samples if s.type == TEST}, "the validation side stays unseen"
    before = {s.image.name: s for s in samples}
    assert all(s.box == before[name].box for name, s in judges.items())
