"""Pictures that nobody trusts: only their pixels are kept, and what costs too much is refused."""

import contextlib
import io
import random
import time
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from backend.domain.imaging import ImageError, load
from backend.domain.perceptual import phash
from backend.services.pictures import is_own_form, prepare


def drawn(text: str = "01234", shift: int = 0, size: tuple[int, int] = (300, 100)) -> Image.Image:
    image = Image.new("RGB", size, (230, 225, 210))
    draw = ImageDraw.Draw(image)
    for place, digit in enumerate(text):
        x = 20 + 52 * place + shift
        draw.rectangle((x, 15, x + 44, 85), fill=(30, 30, 35))
        draw.text((x + 8, 18), digit, fill=(245, 245, 245), font_size=56)
    return image


def file(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bits_apart(first: Image.Image, second: Image.Image) -> int:
    return (int(phash(first), 16) ^ int(phash(second), 16)).bit_count()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_display_is_kept_to_the_pixel(kind: str) -> None:
    given = file(drawn(), kind)
    kept = prepare(given)
    assert (kept.suffix, kept.width, kept.height) == ("png", 300, 100)
    assert np.array_equal(np.asarray(load(kept.data)), np.asarray(load(given)))
    assert kept.pixels_sha256 == prepare(file(load(given), "PNG", compress_level=9)).pixels_sha256


def test_a_photo_is_kept_in_high_quality() -> None:
    photo = drawn(size=(1600, 900))
    kept = prepare(file(photo, "PNG"))
    assert kept.suffix == "jpg"
    difference = np.asarray(load(kept.data), float) - np.asarray(photo, float)
    assert 10 * np.log10(255**2 / np.mean(difference**2)) > 40


def test_nothing_survives_but_the_pixels() -> None:
    secret = b"51.1N 71.4E"
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, secret.decode()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", secret.decode())
    for given in (
        file(drawn(), exif=exif, comment=secret) + b"<script>" + secret,
        file(drawn(), "PNG", pnginfo=info, exif=exif) + secret,
        file(drawn(size=(1600, 900)), exif=exif, comment=secret),
    ):
        assert secret in given
        kept = prepare(given)
        assert kept.width < kept.height  # turned as the EXIF block says
        assert secret not in kept.data
        assert is_own_form(kept.data)


def test_what_is_kept_is_kept_as_it_is_on_the_way_back() -> None:
    for size in ((300, 100), (1600, 900)):
        kept = prepare(file(drawn(size=size)))
        again = prepare(kept.data, keep_own_form=True)
        assert (again.data, again.phash, again.pixels_sha256) == (kept.data, kept.phash, kept.pixels_sha256)


@pytest.mark.parametrize("size", [(300, 100), (1600, 900)])
def test_other_forms_are_not_taken_for_our_own(size: tuple[int, int]) -> None:
    own = prepare(file(drawn(size=size))).data
    others = [own + b"x", file(drawn(size=size), comment="x"), file(drawn(size=size), progressive=True)]
    others += [file(drawn(size=size).convert("L"), "PNG"), file(drawn(size=size), "PNG", dpi=(72, 72))]
    assert [is_own_form(other) for other in others] == [False] * len(others)
    assert prepare(own + b"x", keep_own_form=True).data[-1:] != b"x"


def test_hostile_files_are_refused_with_a_sentence() -> None:
    whole = file(drawn(), progressive=True)
    start, scans = whole.split(b"\xff\xda", 1)
    huge = bytearray(start[: start.index(b"\xff\xc2") + 5] + (6000).to_bytes(2, "big") + (8000).to_bytes(2, "big"))
    bomb = bytes(huge) + start[len(huge) :] + (b"\xff\xda" + scans[:-2]) * 40 + b"\xff\xd9"
    header = b"IHDR" + (40_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    png = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + header + zlib.crc32(header).to_bytes(4, "big") + bytes(99)
    hostile = [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html>",
        whole[:-900],
        bomb,
        png,
        b"PK\3\4" + bytes(50),
    ]
    begun = time.monotonic()
    for given in [*hostile, bytes(40_000_001)]:
        with pytest.raises(ImageError, match=r"^expected"):
            prepare(given)
    assert time.monotonic() - begun < 5


def test_random_damage_ends_in_a_picture_or_a_sentence() -> None:
    rng = random.Random(1)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = file(drawn(size=(60, 20)), kind)
        for _ in range(100):
            damaged = bytearray(whole)
            damaged[rng.randrange(len(whole))] = rng.randrange(256)
            with contextlib.suppress(ImageError):
                assert is_own_form(prepare(bytes(damaged)).data)


def test_the_perceptual_hash_tells_a_reading_from_a_copy() -> None:
    one = drawn("01234")
    assert bits_apart(one, load(file(one, quality=60))) <= 12
    assert bits_apart(one, drawn("01235")) > 12
    assert len(phash(one)) == 64


def test_the_perceptual_hash_is_that_of_its_definition() -> None:
    image = drawn()
    grey = np.asarray(image.convert("L").resize((64, 64), Image.Resampling.LANCZOS), float)
    n = np.arange(64)
    low = np.empty((16, 16))
    for u in range(16):
        for v in range(16):
            waves = np.cos(np.pi * u * (2 * n[:, None] + 1) / 128) * np.cos(np.pi * v * (2 * n + 1) / 128)
            low[u, v] = (grey * waves).sum()
    expected = "".join("1" if bit else "0" for bit in (low > np.median(low)).ravel())
    assert f"{int(phash(image), 16):0256b}" == expected
