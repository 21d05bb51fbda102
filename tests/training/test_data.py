"""Dataset folders: what is read, what is refused, how meters are split."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from training.data import TEACH, TEST, VALIDATE, DatasetError, dataset_hash, read_table, split_by_hash


def _folder(path: Path, *rows: str, header: str = "image,type,correct_value,group") -> Path:
    (path / "images").mkdir(parents=True)
    for name in ("a.png", "b.png"):
        Image.new("RGB", (40, 20)).save(path / "images" / name)
    (path / "training.csv").write_text("\n".join((header, *rows)) + "\n")
    return path


def test_optional_columns_have_defaults(tmp_path: Path) -> None:
    sample = read_table(_folder(tmp_path / "d", "a.png,2,00012.5,m"))[0]
    assert (sample.type, sample.correct_value, sample.box, sample.also_accepted) == (2, "00012.5", None, ())


def test_box_and_second_readings_are_read(tmp_path: Path) -> None:
    header = "image,type,correct_value,x,y,w,h,also_accepted"
    sample = read_table(_folder(tmp_path / "d", "a.png,0,19,1,2,30,10,20 29", header=header))[0]
    assert sample.box is not None and (sample.box.x, sample.box.height) == (1.0, 10.0)
    assert sample.also_accepted == ("20", "29")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("c.png,0,12,m", "expected a picture images/c.png, got none"),
        ("a.png,7,12,m", "expected a type of 0, 1 or 2, got '7'"),
        ("a.png,0,1_2,m", "1_2"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DatasetError, match="line 3: ") as caught:
        read_table(_folder(tmp_path / "d", "a.png,0,11,m", row))
    assert said in str(caught.value)


def test_a_meter_on_two_sides_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="got 'm' on two"):
        read_table(_folder(tmp_path / "d", "a.png,0,11,m", "b.png,2,12,m"))


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"training\.csv"):
        read_table(tmp_path)


def test_the_split_depends_on_the_meter_alone(tmp_path: Path) -> None:
    sides = [split_by_hash(f"meter{i}") for i in range(4000)]
    assert sides == [split_by_hash(f"meter{i}") for i in range(4000)]
    shares = [sides.count(side) / 4000 for side in (0, 1, 2)]
    assert shares == pytest.approx([0.75, 0.10, 0.15], abs=0.03)
    rows = read_table(_folder(tmp_path / "d", "a.png,11,m", "b.png,12,m", header="image,correct_value,group"))
    assert {row.type for row in rows} == {split_by_hash("m")}


@pytest.mark.parametrize(
    ("group", "side"),
    [
        ("meter1", TEACH),
        ("meter2", VALIDATE),
        ("meter4", TEST),
        ("meter12", TEST),  # 0.754: just past the teaching ones
        ("meter20", VALIDATE),  # 0.852: just past the test ones
        ("drawn-0-3", TEACH),
        ("счётчик №5", TEACH),
    ],
)
def test_a_meter_stays_on_its_side_for_good(group: str, side: int) -> None:
    """Whatever is taught or measured tomorrow has the split of today."""
    assert split_by_hash(group) == side


def test_the_hash_follows_pictures_and_table(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "d", "a.png,0,11,m")
    before = dataset_hash(folder)
    assert before == dataset_hash(folder)
    Image.new("RGB", (40, 21)).save(folder / "images" / "a.png")
    assert dataset_hash(folder) != before
