"""Damaged images of every format are refused in one line or give pixels; nothing else happens.

A damaged file may still be an image: decoders see no checksum in most formats. What counts is that
no other exception comes out, no size is believed before it is checked, and no format is tried that
FORMATS does not name.
"""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import edgebin
from edgebin.errors import InputError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.preprocess import FORMATS, MOST_PIXELS, MOST_SIDE, prepare
from graphs.small_networks import colour_network, written

RULE = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=9, filter="bicubic")
SHAPE = (8, 8, 3)
MODES = {"GIF": "P", "PNG": "RGBA"}
FLIPS = 300

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")


def encoded(name: str, size: tuple[int, int] = (23, 17), **options: Any) -> bytes:
    """A small image in a format, with an EXIF tag where it takes one."""
    noise = np.random.default_rng(4).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(noise).convert(MODES.get(name, "RGB"))
    if name in ("JPEG", "PNG", "WEBP", "TIFF"):
        exif = image.getexif()
        exif[0x0112] = 6
        options["exif"] = exif
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def refused(contents: bytes, path: Path) -> bool:
    path.write_bytes(contents)
    try:
        pixels = prepare(path, RULE, SHAPE)
    except InputError as error:
        message = str(error)
        assert message.startswith(f'image "{path}": ')
        assert "\n" not in message
        assert "unpack" not in message  # a text of Python's about its own buffers
        return True
    assert pixels.shape == SHAPE
    return False


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read(name: str, tmp_path: Path) -> None:
    assert not refused(encoded(name), tmp_path / "picture")


@pytest.mark.parametrize("name", FORMATS)
def test_truncations(name: str, tmp_path: Path) -> None:
    whole = encoded(name)
    lengths = sorted({*range(min(len(whole), 200)), *range(0, len(whole), 29)})
    verdicts = [refused(whole[:length], tmp_path / "cut") for length in lengths]
    assert all(verdicts[:20])
    assert sum(verdicts) > len(verdicts) / 2


@pytest.mark.parametrize("name", FORMATS)
def test_flipped_and_wild_bytes(name: str, tmp_path: Path) -> None:
    whole = encoded(name)
    random = np.random.default_rng(FORMATS.index(name))
    verdicts = []
    for turn in range(FLIPS):
        damaged = bytearray(whole)
        for _ in range(1 + turn % 4):
            at = int(random.integers(len(damaged) if turn % 2 else min(len(damaged), 120)))
            damaged[at] = int(random.choice((0, 1, 127, 128, 255, damaged[at] ^ 1)))
        verdicts.append(refused(bytes(damaged), tmp_path / "damaged"))
    assert True in verdicts


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *more: bytes) -> bytes:
    """A PNG that claims a size and holds a row of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(bytes(1 + 3 * min(width, 100))))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(more) + body + chunk(b"IEND", b"")
    )


BOMBS = {
    "pixels": (png(MOST_SIDE, MOST_SIDE), "pixels"),
    "just too many": (png(9460, 9459), f"expected at most {MOST_PIXELS} pixels, found 9460x9459"),
    "a long row": (
        png(MOST_SIDE + 1, 1),
        f"expected sides of at most {MOST_SIDE} pixels, found {MOST_SIDE + 1}x1",
    ),
    "a long column": (png(1, 80_000_000), "expected sides of at most"),
    "none": (png(0, 0), ""),
    "bmp": (
        b"BM" + struct.pack("<IIIIiiHHIIIIII", 60, 0, 54, 40, 65_000, 65_000, 1, 24, *[0] * 6),
        "",
    ),
    "ppm": (b"P6 60000 60000 255\n", ""),
    "gif": (b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0), ""),
    "text": (png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**26)))), ""),
    "profile": (png(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(2**26)))), ""),
}


@pytest.mark.parametrize(("contents", "message"), BOMBS.values(), ids=BOMBS)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bombs_are_refused_before_they_are_decoded(
    contents: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(contents)
    tracemalloc.start()
    try:
        with pytest.raises(InputError) as caught:
            prepare(path, RULE, SHAPE)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert message in str(caught.value)
    assert peak < 8 * 2**20


def test_the_limit_is_edgebins_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    path = tmp_path / "bomb.png"
    path.write_bytes(png(20_000, 20_000))
    with pytest.raises(InputError, match="expected at most 89478485 pixels, found 20000x20000"):
        prepare(path, RULE, SHAPE)
    with pytest.raises(InputError, match="expected sides of at most 65535"):
        prepare(np.zeros((70_000, 1), np.uint8), RULE, SHAPE)


def test_the_program_has_the_same_limits() -> None:
    text = (Path(__file__).parents[3] / "csrc/cli/image/image.h").read_text()
    assert f"kMaxPixels = {MOST_PIXELS};" in text
    assert f"kMaxSide = {MOST_SIDE};" in text


@pytest.mark.parametrize("name", ["EPS", "ICO", "TGA", "PCX", "SGI", "PDF"])
def test_other_formats_are_not_tried(name: str, tmp_path: Path) -> None:
    """EPS is a program for another interpreter; the others are rare and little looked after."""
    path = tmp_path / f"image.{name.lower()}"
    Image.new("RGB", (16, 16), "red").save(path, name)
    with pytest.raises(InputError, match="no image in one of the formats BMP, GIF, JPEG"):
        prepare(path, RULE, SHAPE)


def test_a_pipe_a_device_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    for path, reason in (
        (tmp_path / "pipe", "a device or a pipe stands there"),
        (Path("/dev/zero"), "a device or a pipe stands there"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(InputError, match=f"{path}.*{reason}"):
            prepare(path, RULE, SHAPE)
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    for name in ("GIF", "PNG", "WEBP", "TIFF"):
        path = tmp_path / "moving"
        options = {"lossless": True} if name == "WEBP" else {}
        frames[0].save(path, name, save_all=True, append_images=frames[1:], **options)
        assert (prepare(path, RULE, SHAPE)[..., 0] > 250).all(), name


def test_huge_exif_is_no_burden(tmp_path: Path) -> None:
    """Entries that claim 4 GiB each, in a block as large as a JPEG may have."""
    entries = 5000
    tags = b"".join(struct.pack("<HHII", 0x9000 + i % 512, 2, 2**32 - 1, 8) for i in range(entries))
    exif = b"II*\0\x08\0\0\0" + struct.pack("<H", entries) + tags + bytes(4)
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "JPEG", exif=b"Exif\0\0" + exif)
    refused(buffer.getvalue(), tmp_path / "exif.jpg")


def test_an_error_without_words_has_a_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "image.png"
    path.write_bytes(encoded("PNG"))
    for error in (
        MemoryError(),
        struct.error("a\nb"),
        SyntaxError("c"),
        RecursionError(),
        OSError(),
    ):

        def fail(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr("edgebin.runtime.images.load.open_encoded", fail)
        with pytest.raises(InputError) as caught:
            prepare(path, RULE, SHAPE)
        assert len(str(caught.value)) > len(f'image "{path}": ')
        assert "\n" not in str(caught.value)


def test_a_model_goes_on_after_a_bad_image(tmp_path: Path) -> None:
    model = edgebin.load(written(colour_network(), tmp_path))
    bad = tmp_path / "bad.png"
    bad.write_bytes(png(4, 4)[:-30])
    with pytest.raises(InputError, match="image"):
        model(bad)
    assert model(np.full((4, 4, 3), (0, 255, 0), np.uint8))[0].label == "green"
