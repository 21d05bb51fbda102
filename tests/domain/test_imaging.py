"""The preprocessing contract, on pictures drawn here."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from backend.domain.imaging import Box, ImageError, InputSpec, crop, cut, load, normalise, preprocess, widen
from tests.vectors.pictures import Refused, Sample, encoded, exif, png, refused, samples, scene


@pytest.mark.parametrize("sample", samples(large=False), ids=lambda sample: sample.name)
def test_every_oddity_becomes_a_plain_picture(sample: Sample) -> None:
    image = load(sample.draw())
    assert image.mode == "RGB"
    assert min(image.size) >= 8


@pytest.mark.parametrize("file", refused(), ids=lambda file: file.name)
def test_what_is_no_usable_picture_is_refused(file: Refused) -> None:
    with pytest.raises(ImageError) as refusal:
        load(file.data)
    assert (refusal.value.code, str(refusal.value)) == (file.code, file.message)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_put_upright(orientation: int) -> None:
    """Stored turned the other way round with the tag that undoes it, each comes out as the same picture."""
    upright = scene(120, 70)
    undo = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}[orientation]
    tagged = load(encoded(upright, "PNG", exif=exif(undo)))  # turned by Pillow as `undo` says
    assert np.array_equal(np.asarray(load(encoded(tagged, "PNG", exif=exif(orientation)))), np.asarray(upright))


def test_the_red_corner_of_a_phones_photo_is_where_the_phone_saw_it() -> None:
    """Orientation 6: the sensor's left bottom corner is the picture's left top one."""
    stored = Image.new("RGB", (40, 20), "black")
    stored.paste("red", (0, 10, 10, 20))
    upright = load(encoded(stored, "PNG", exif=exif(6)))
    assert upright.size == (20, 40)
    assert upright.getpixel((2, 2)) == (255, 0, 0)
    assert upright.getpixel((17, 37)) == upright.getpixel((17, 2)) == (0, 0, 0)


def test_16_bits_are_scaled_by_their_high_byte() -> None:
    row = b"".join(value.to_bytes(2, "big") for value in (0, 255, 256, 0x7FFF, 0x80FF, 0xFFFF, 0x1234, 0x4000))
    image = load(png([row] * 8, (8, 8), 16, 0))
    assert np.asarray(image)[0, :, 0].tolist() == [0, 0, 1, 0x7F, 0x80, 0xFF, 0x12, 0x40]


def test_what_is_transparent_is_white() -> None:
    image = Image.new("RGBA", (10, 10), (200, 0, 0, 0))
    image.paste((200, 0, 100, 128), (5, 0, 10, 10))
    rgb = np.asarray(load(encoded(image, "PNG")))
    assert rgb[0, 0].tolist() == [255, 255, 255]
    assert rgb[0, 7].tolist() == [round(200 * 128 / 255) + 127, 127, round(100 * 128 / 255) + 127]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow's remark, which is true
def test_a_broken_exif_block_leaves_the_picture_as_it_is() -> None:
    broken = b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20)
    assert load(encoded(scene(40, 30), "JPEG", exif=broken)).size == (40, 30)


def test_a_path_is_read_like_bytes(tmp_path: Path) -> None:
    data = encoded(scene(40, 30), "PNG")
    (tmp_path / "счётчик.png").write_bytes(data)
    assert load(tmp_path / "счётчик.png") == load(str(tmp_path / "счётчик.png")) == load(data)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow's remarks on broken EXIF and the like
def test_random_bytes_after_a_signature_never_raise_anything_else() -> None:
    rng = np.random.default_rng(9)
    wholes = [encoded(scene(60, 40), format) for format in ("JPEG", "PNG", "WEBP")]
    refusals = 0
    for _ in range(600):
        data = bytearray(wholes[rng.integers(3)])
        for _ in range(rng.integers(1, 6)):
            data[rng.integers(4, len(data))] = rng.integers(256)
        try:
            assert load(bytes(data)).mode == "RGB"
        except ImageError:
            refusals += 1
    assert refusals > 100


def test_a_box_is_widened_by_a_part_of_its_height_on_all_sides() -> None:
    assert widen(Box(100, 50, 80, 20), 0.1, (640, 480)) == Box(98, 48, 84, 24)


def test_a_widened_box_stays_in_the_picture() -> None:
    assert widen(Box(-10, 1, 30, 20), 0.1, (25, 100)) == Box(0, 0, 22, 23)
    assert widen(Box(-10, -10, 1000, 1000), 0, (64, 48)) == Box(0, 0, 64, 48)


@pytest.mark.parametrize(
    "box",
    [
        Box(0, 0, 0, 5),
        Box(0, 0, 5, -5),
        Box(float("nan"), 0, 5, 5),
        Box(0, 0, float("inf"), 5),
        Box(64, 0, 5, 5),
        Box(0, -5, 5, 5),
    ],
)
def test_a_box_that_is_none_is_refused(box: Box) -> None:
    with pytest.raises(ImageError, match="expected a box") as refusal:
        crop(Image.new("RGB", (64, 48)), box, 192, 48, 0)
    assert refusal.value.code == "bad_box"


@pytest.mark.parametrize(
    "box", [None, Box(12.7, 31.25, 201.3, 80.9), Box(-5, 100, 90, 200), Box(100.5, 60.5, 1.2, 1.1)]
)
@pytest.mark.parametrize("size", [(192, 48), (312, 104), (31, 7)])
def test_a_crop_is_pillows_own_resize_of_the_box(box: Box | None, size: tuple[int, int]) -> None:
    """Where Pillow takes the same order of passes to the bit; its other order may turn a rounding."""
    image = scene(331, 217)
    area = widen(box, 0.1, image.size) if box else Box(0, 0, *image.size)
    edges = (area.x, area.y, area.x + area.width, area.y + area.height)
    expected = np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=edges)).astype(int)
    got = crop(image, box, *size, 0.1)
    assert got.dtype == np.uint8
    assert got.shape == (size[1], size[0], 3)
    assert np.abs(got - expected).max() <= 1


def test_a_margin_is_for_a_given_box_only() -> None:
    image = scene(300, 100)
    assert np.array_equal(crop(image, None, 192, 48, 0.5), crop(image, None, 192, 48, 0))
    assert not np.array_equal(
        crop(image, Box(50, 30, 99, 40), 192, 48, 0.5), crop(image, Box(50, 30, 99, 40), 192, 48, 0)
    )


def test_the_sides_can_have_a_margin_of_their_own() -> None:
    assert widen(Box(50, 30, 100, 20), 0.1, (300, 100), 0.5) == Box(40, 28, 120, 24)
    assert widen(Box(50, 30, 100, 20), 0.1, (300, 100)) == Box(48, 28, 104, 24)
    image = scene(300, 100)
    box = Box(50, 30, 100, 20)
    assert np.array_equal(cut(image, box, InputSpec(side_margin=0.5)), crop(image, box, 192, 48, 0.1, 0.5))


def test_the_input_is_float32_from_0_to_1_and_keeps_colour() -> None:
    image = ImageOps.expand(Image.new("RGB", (100, 20), (255, 0, 51)), 2, "black")
    array = preprocess(image, Box(20, 8, 60, 8), InputSpec())
    assert array.shape == (1, 48, 192, 3)
    assert array.dtype == np.float32
    assert (array == np.array([1, 0, np.float32(51) / np.float32(255)], np.float32)).all()


def test_normalise_divides_once() -> None:
    values = np.arange(256, dtype=np.uint8)
    assert normalise(values).tolist() == [float(np.float32(value / 255)) for value in range(256)]
