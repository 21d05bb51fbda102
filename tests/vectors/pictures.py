"""The pictures that Python and the browser must preprocess alike, drawn anew at each run: the same bytes every time.

Each oddity that a photo, a scan or a hostile upload has brought so far is one picture. Nothing here is a photo.
"""

import functools
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFont

Named = tuple[str, bytes]

ORIENTATION = 0x0112


@dataclass(frozen=True)
class Sample:
    """A picture file that both languages must read alike; drawn when asked for, since some are large."""

    name: str
    draw: Callable[[], bytes]


def scene(width: int, height: int, noise: int = 6) -> Image.Image:
    """A display in some colours, different in each corner so that a wrong turn shows."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    rgb = np.stack([x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x * 3 + y * 5) % 256], axis=2)
    if noise:
        rgb += np.random.default_rng(width * 65_537 + height).integers(-noise, noise + 1, rgb.shape)
    image = Image.fromarray(np.clip(rgb, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = width * 2 // 10, height * 3 // 10, width * 8 // 10, height * 7 // 10
    draw.rectangle((left, top, right, bottom), fill=(20, 24, 22))
    draw.rectangle((left + (right - left) * 3 // 4, top, right, bottom), fill=(190, 20, 30))
    size = max(6, (bottom - top) * 3 // 4)
    draw.text((left + size / 4, top + size / 8), "0482 17", fill=(240, 240, 235), font=ImageFont.load_default(size))
    return image


def boxes(width: int, height: int) -> list[dict[str, float] | None]:
    """No box, one with fractions, one over two edges, one around everything, one of under two pixels."""
    return [
        None,
        {"x": width * 0.2137, "y": height * 0.3071, "width": width * 0.5913, "height": height * 0.3777},
        {"x": -width * 0.1, "y": height * 0.613, "width": width * 0.531, "height": height * 0.77},
        {"x": -3, "y": -5.5, "width": width + 20, "height": height + 11},
        {"x": width * 0.5 + 0.3, "y": height * 0.5 - 0.7, "width": 1.7, "height": 1.1},
    ]


@functools.cache
def samples(large: bool = True) -> tuple[Sample, ...]:
    """All pictures; without the `large` ones they are quick to go through."""
    makers = (_jpegs, _turned, _pngs, _deep_pngs, _transparent_pngs, _odd_pngs, _webps, _sizes)
    small = [Sample(name, lambda data=data: data) for maker in makers for name, data in maker()]
    return (*small, *(_large() if large else ()))


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def exif(orientation: int) -> bytes:
    """An EXIF block that holds nothing but the orientation."""
    block = Image.Exif()
    block[ORIENTATION] = orientation
    return block.tobytes()


def png(rows: list[bytes], size: tuple[int, int], depth: int, colour: int, extra: bytes = b"") -> bytes:
    """A PNG of any bit depth and colour type, of packed rows; `extra` are chunks before the pixels."""
    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def chunk(name: bytes, content: bytes) -> bytes:
    """A PNG chunk with its length and check sum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def swapped_profile() -> bytes:
    """A colour profile that calls red green and green red, so that applying it cannot go unseen."""
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return plain.replace(b"rXYZ", b"....").replace(b"gXYZ", b"rXYZ").replace(b"....", b"gXYZ")


def _jpegs() -> Iterator[Named]:
    image = scene(331, 217)
    options: dict[str, dict[str, Any]] = {
        "plain": {},
        "444": {"subsampling": 0, "quality": 95},
        "422": {"subsampling": 1},
        "low quality": {"quality": 20},
        "progressive": {"progressive": True},
        "restart markers": {"restart_marker_rows": 1},
        "stored as RGB": {"keep_rgb": True},
        "comment": {"comment": b"a comment"},
        "profile": {"icc_profile": swapped_profile()},
    }
    for name, each in options.items():
        yield f"JPEG {name}", encoded(image, "JPEG", **each)
    yield "JPEG grey", encoded(image.convert("L"), "JPEG")
    yield "JPEG bytes after its end", encoded(image, "JPEG") + b"\0motion photo" * 50
    yield "JPEG of two pictures", encoded(image, "MPO", save_all=True, append_images=[scene(100, 90)])
    yield "JPEG CMYK", encoded(image.convert("CMYK"), "JPEG", quality=95)


def _turned() -> Iterator[Named]:
    for orientation in range(1, 9):
        yield f"JPEG turned {orientation}", encoded(scene(123, 77), "JPEG", exif=exif(orientation))
    for orientation in (3, 6):
        yield f"PNG turned {orientation}", encoded(scene(123, 77), "PNG", exif=exif(orientation))
    yield "WebP turned 6, which browsers ignore", encoded(scene(123, 77), "WEBP", lossless=True, exif=exif(6))


def _pngs() -> Iterator[Named]:
    image = scene(151, 98)
    yield "PNG RGB", encoded(image, "PNG")
    yield "PNG grey", encoded(image.convert("L"), "PNG")
    yield "PNG black and white", encoded(image.convert("1"), "PNG")
    for bits in (2, 4):
        values = (np.asarray(image.convert("L").resize((152, 98))) >> (8 - bits)).reshape(98, -1, 8 // bits)
        shifts = np.arange(8 - bits, -1, -bits)
        packed = (values << shifts).sum(axis=2).astype(np.uint8)
        yield f"PNG grey of {bits} bits", png([row.tobytes() for row in packed], (152, 98), bits, 0)
    yield "PNG palette", encoded(image.quantize(200), "PNG")
    yield "PNG palette of 16", encoded(image.quantize(16), "PNG")
    yield "PNG profile", encoded(image, "PNG", icc_profile=swapped_profile())


def _deep_pngs() -> Iterator[Named]:
    """16 bits a sample, the low bytes as random as the high ones are smooth."""
    size = (97, 61)
    low = np.random.default_rng(16).integers(0, 256, (61, 97, 4))
    high = np.asarray(scene(*size).convert("RGBA")).astype(np.int64)
    high[..., 3] = np.arange(97)[None] * 255 // 96
    deep = (high * 256 + low).astype(">u2")
    for name, colour, channels in (("grey", 0, [1]), ("RGB", 2, [0, 1, 2])):
        rows = [row.tobytes() for row in deep[..., channels]]
        yield f"PNG {name} of 16 bits", png(rows, size, 16, colour)
    for name, colour, channels in (("grey and alpha", 4, [1, 3]), ("RGBA", 6, [0, 1, 2, 3])):
        rows = [row.tobytes() for row in deep[..., channels]]
        yield f"PNG {name} of 16 bits", png(rows, size, 16, colour)


def _transparent_pngs() -> Iterator[Named]:
    every = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=2).astype(
        np.uint8
    )  # each colour with each alpha
    rgba = np.stack([every[..., 0], 255 - every[..., 0], every[..., 0] ^ 85, every[..., 1]], axis=2)
    yield "PNG RGBA", encoded(Image.fromarray(rgba), "PNG")
    yield "PNG grey and alpha", encoded(Image.fromarray(every, "LA"), "PNG")
    grey = scene(64, 40).convert("L")
    yield "PNG grey, one transparent", encoded(grey, "PNG", transparency=100)
    yield "PNG palette, one transparent", encoded(scene(64, 40).quantize(30), "PNG", transparency=3)
    alphas = bytes(range(0, 240, 8))
    yield "PNG palette and alphas", encoded(scene(64, 40).quantize(30), "PNG", transparency=alphas)
    rows = [bytes([0x01, 0x23, 0x45, 0x67])] * 8
    yield "PNG 4 bits, one transparent", png(rows, (8, 8), 4, 0, chunk(b"tRNS", b"\0\5"))
    rows = [b"\xaa"] * 8
    yield "PNG 1 bit, white transparent", png(rows, (8, 8), 1, 0, chunk(b"tRNS", b"\0\1"))
    rows = [bytes(range(start, start + 18)) for start in range(9)]
    yield "PNG 16 bits, one transparent", png(rows, (9, 9), 16, 0, chunk(b"tRNS", b"\4\5"))


def _odd_pngs() -> Iterator[Named]:
    image = scene(90, 70)
    rows = [row.tobytes() for row in np.asarray(image)]
    yield "PNG gamma", png(rows, (90, 70), 8, 2, chunk(b"gAMA", struct.pack(">I", 100_000)))
    yield "PNG animated", encoded(image, "PNG", save_all=True, append_images=[scene(90, 70, 90)])


def _webps() -> Iterator[Named]:
    image = scene(151, 98)
    faded = image.convert("RGBA")
    faded.putalpha(Image.linear_gradient("L").resize(image.size))
    yield "WebP lossless", encoded(image, "WEBP", lossless=True)
    yield "WebP lossless, alpha", encoded(faded, "WEBP", lossless=True, exact=True)
    yield "WebP", encoded(image, "WEBP", quality=80)
    yield "WebP, alpha", encoded(faded, "WEBP", quality=80)
    yield "WebP profile", encoded(image, "WEBP", quality=80, icc_profile=swapped_profile())
    yield "WebP animated", encoded(image, "WEBP", save_all=True, append_images=[scene(151, 98, 90)])


def _sizes() -> Iterator[Named]:
    for size in ((8, 8), (9, 8), (8, 501), (1203, 9), (191, 47), (192, 48), (193, 49), (384, 96), (577, 145)):
        yield f"PNG {size[0]}×{size[1]}", encoded(scene(*size), "PNG")
    for size in ((8, 8), (17, 9)):
        yield f"JPEG {size[0]}×{size[1]}", encoded(scene(*size), "JPEG")


def _large() -> Iterator[Sample]:
    yield Sample("PNG of 12 megapixels", lambda: encoded(_photo(), "PNG", compress_level=1))
    yield Sample("JPEG of 12 megapixels, turned 6", lambda: encoded(_photo(), "JPEG", exif=exif(6)))
    yield Sample("JPEG of 12 megapixels, progressive", lambda: encoded(_photo(), "JPEG", progressive=True))


@functools.cache
def _photo() -> Image.Image:
    return scene(4000, 3000, noise=0)


@dataclass(frozen=True)
class Refused:
    """A file that must be refused, with the same word and the same sentence in both languages."""

    name: str
    data: bytes
    code: str
    message: str


NO_PICTURE = "expected a JPEG, PNG or WebP picture, got another kind of file"
DAMAGED = "expected a whole picture, got one that is damaged or cut short"


@functools.cache
def refused() -> tuple[Refused, ...]:
    """Files that are no pictures, cut short, damaged, too large or too small."""
    return (*_no_pictures(), *_cut_short(), *_damaged(), *_wrong_sizes())


def _no_pictures() -> Iterator[Refused]:
    yield Refused("empty", b"", "not_image", "expected a picture, got an empty file")
    others = {"text": b"12345.67\n" * 99, "page": b"<!doctype html><p>1", "PDF": b"%PDF-1.7\n", "zeros": bytes(5000)}
    for name, data in others.items():
        yield Refused(name, data, "not_image", NO_PICTURE)


def _cut_short() -> Iterator[Refused]:
    image = scene(331, 217)
    files = {
        "JPEG": encoded(image, "JPEG"),
        "progressive JPEG": encoded(image, "JPEG", progressive=True),
        "PNG": encoded(image, "PNG"),
        "WebP": encoded(image, "WEBP", quality=80),
        "lossless WebP": encoded(image, "WEBP", lossless=True),
    }
    for name, data in files.items():
        for part in (0.02, 0.3, 0.6, 0.97):
            yield Refused(f"{name} cut at {part:.0%}", data[: int(len(data) * part)], "damaged", DAMAGED)
        yield Refused(f"{name} without its last two bytes", data[:-2], "damaged", DAMAGED)
    for start in (
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x10\0\0\0WEBP",
        b"RIFF\x10\0\0\0WEBPVP8 ",
    ):
        yield Refused(f"nothing but {start!r}", start, "damaged", DAMAGED)


def _damaged() -> Iterator[Refused]:
    rows = [row.tobytes() for row in np.asarray(scene(90, 70))]
    whole = png(rows, (90, 70), 8, 2)
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    yield Refused("PNG with a wrong bit", bytes(flipped), "damaged", DAMAGED)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    start, end = whole.index(b"IDAT") - 4, whole.index(b"IEND") - 4
    garbage = np.random.default_rng(1).bytes(len(pixels))
    yield Refused("PNG of garbage", whole[:start] + chunk(b"IDAT", garbage) + whole[end:], "damaged", DAMAGED)
    yield Refused("PNG without pixels", whole[:start] + whole[end:], "damaged", DAMAGED)
    jpeg = encoded(scene(90, 70), "JPEG")
    yield Refused("JPEG without a scan", jpeg[: jpeg.index(b"\xff\xda")] + b"\xff\xd9", "damaged", DAMAGED)
    yield Refused("JPEG without a frame", b"\xff\xd8\xff\xfe\0\4hi\xff\xd9", "damaged", DAMAGED)


def _wrong_sizes() -> Iterator[Refused]:
    """Most hold no pixels at all: their header must be enough."""
    for width, height, megapixels in (
        (10_000, 10_000, 100),
        (100_000, 100_000, 10_000),
        (50_001, 1_000, 51),
        (7_072, 7_072, 51),
    ):
        message = f"expected at most 50 megapixels, got {megapixels} ({width} × {height} pixels)"
        yield Refused(f"PNG of {megapixels} megapixels", png([b""], (width, height), 8, 2), "too_large", message)
    message = "expected at most 50 megapixels, got 4225 (65000 × 65000 pixels)"
    jpeg = bytearray(encoded(scene(90, 70), "JPEG"))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    yield Refused("JPEG of 4225 megapixels", bytes(jpeg), "too_large", message)
    message = "expected at most 50 megapixels, got 269 (16384 × 16384 pixels)"
    webp = bytearray(encoded(scene(90, 70), "WEBP", quality=80, exif=exif(1)))
    webp[24:30] = b"\xff\x3f\0" * 2
    yield Refused("WebP of 269 megapixels", bytes(webp), "too_large", message)
    yield Refused("WebP of 269 megapixels, lossless", _lossless_webp_header(), "too_large", message)
    for width, height in ((1, 1), (7, 300), (300, 7)):
        message = f"expected at least 8 × 8 pixels, got {width} × {height}"
        for format in ("PNG", "JPEG", "WEBP"):
            data = encoded(Image.new("RGB", (width, height)), format)
            yield Refused(f"{format} of {width}×{height}", data, "too_small", message)


def _lossless_webp_header() -> bytes:
    bits = 16_383 | 16_383 << 14
    content = b"WEBPVP8L" + struct.pack("<IBI", 10, 0x2F, bits) + bytes(5)
    return b"RIFF" + struct.pack("<I", len(content)) + content
