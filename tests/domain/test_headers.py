"""Sizes read without decoding agree with Pillow's."""

import io

import pytest
from PIL import Image

from backend.domain.headers import read_header
from tests.vectors.pictures import Sample, encoded, samples, scene


@pytest.mark.parametrize("sample", samples(large=False), ids=lambda each: each.name)
def test_the_size_is_what_the_decoder_finds(sample: Sample) -> None:
    data = sample.draw()
    header = read_header(data)
    assert header
    with Image.open(io.BytesIO(data)) as image:
        assert (header.width, header.height) == image.size
    assert header.complete


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_file_is_complete_with_its_last_byte_and_not_before(format: str) -> None:
    data = encoded(scene(60, 40), format)
    for length in range(12, len(data)):
        header = read_header(data[:length])
        assert header
        assert not header.complete
    assert read_header(data + b"more").complete


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\x89PN", b"RIFF", b"GIF89a" + bytes(99), b"RIFF\x04\0\0\0WAVE"])
def test_anything_else_is_none_of_the_three(data: bytes) -> None:
    assert read_header(data) is None


def test_padding_before_a_marker_is_skipped() -> None:
    data = encoded(scene(60, 40), "JPEG")
    padded = data[:2] + b"\xff\xff" + data[2:]
    assert read_header(padded) == read_header(data)
