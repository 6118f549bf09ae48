from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgebin.errors import InputError
from edgebin.graph.preprocessing import Colour, Preprocessing
from edgebin.runtime.preprocess import prepare

RGB = Preprocessing((0.0,) * 3, (1.0,) * 3)
GREY = Preprocessing((0.0,), (1.0,), colour="grey")
NEAREST = Preprocessing((0.0,) * 3, (1.0,) * 3, filter="nearest")


def noise(height: int, width: int, channels: int = 3) -> Any:
    return np.random.default_rng(7).integers(0, 256, (height, width, channels), dtype=np.uint8)


@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_pixels_may_be_written(colour: Colour) -> None:
    """PyTorch warns of arrays that may not."""
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, colour=colour)
    assert prepare(noise(4, 4), rule, (4, 4, 3)).flags.writeable
    assert prepare(Image.fromarray(noise(8, 8)), rule, (4, 4, 3)).flags.writeable


def png_header(width: int, height: int) -> bytes:
    """The start of a PNG that claims a size and holds no pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 64)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def test_an_image_of_the_right_size_is_not_touched() -> None:
    pixels = noise(8, 8)
    np.testing.assert_array_equal(prepare(pixels, RGB, (8, 8, 3)), pixels)


def test_bgr_reverses_the_channels() -> None:
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, colour="bgr")
    pixels = noise(8, 8)
    made = prepare(pixels, rule, (8, 8, 3))
    np.testing.assert_array_equal(made, pixels[..., ::-1])
    assert made.flags.c_contiguous


@pytest.mark.parametrize("name", ["nearest", "bilinear", "bicubic", "lanczos"])
def test_stretching_uses_the_filter_of_the_header(name: Any) -> None:
    image = Image.fromarray(noise(11, 17))
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, filter=name)
    expected = np.asarray(image.resize((6, 5), getattr(Image.Resampling, name.upper())))
    np.testing.assert_array_equal(prepare(image, rule, (5, 6, 3)), expected)


@pytest.mark.parametrize(
    ("size", "resized", "box"),
    [
        ((100, 60), (40, 24), (12, 4, 28, 20)),
        ((60, 101), (24, 40), (4, 12, 20, 28)),
        ((24, 24), (24, 24), (4, 4, 20, 20)),
        ((55, 24), (55, 24), (20, 4, 36, 20)),
    ],
)
def test_the_short_side_is_resized_and_the_centre_taken(
    size: tuple[int, int], resized: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    image = Image.fromarray(noise(size[1], size[0]))
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=24)
    expected = np.asarray(image.resize(resized, Image.Resampling.BILINEAR).crop(box))
    np.testing.assert_array_equal(prepare(image, rule, (16, 16, 3)), expected)


@pytest.mark.parametrize(("width", "before"), [(5, 0), (6, 1), (7, 1), (8, 2), (9, 2), (11, 3)])
def test_a_crop_wider_than_the_image_is_filled_with_black(width: int, before: int) -> None:
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=4)
    made = prepare(np.full((4, 4, 3), 255, np.uint8), rule, (4, width, 3))
    row = [0] * before + [255] * 4 + [0] * (width - before - 4)
    np.testing.assert_array_equal(made[0, :, 0], row)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 12), st.integers(0, 20))
def test_every_size_gives_the_shape_of_the_input(h: int, w: int, side: int, resize: int) -> None:
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=resize)
    made = prepare(np.zeros((h, w, 3), np.uint8), rule, (side, side + 1, 3))
    assert made.shape == (side, side + 1, 3)
    assert made.dtype == np.uint8


def test_an_exif_tag_turns_the_image_upright(tmp_path: Path) -> None:
    image = Image.fromarray(noise(6, 4))
    exif = image.getexif()
    exif[0x0112] = 6
    path = tmp_path / "turned.png"
    image.save(path, exif=exif)
    expected = np.rot90(np.asarray(image), -1)
    np.testing.assert_array_equal(prepare(path, RGB, (4, 6, 3)), expected)


@pytest.mark.parametrize("form", ["1", "L", "P", "LA", "RGBA", "PA", "CMYK", "YCbCr", "HSV"])
def test_modes_of_pillow_become_rgb(form: Any) -> None:
    image = Image.new("RGB", (4, 4), (255, 255, 255)).convert("L" if form in ("LA", "PA") else form)
    image = image.convert(form)
    assert (prepare(image, RGB, (4, 4, 3)) >= 254).all()


def test_transparent_pixels_are_white() -> None:
    pixels = noise(4, 4, 4)
    pixels[..., 3] = [[0, 255, 0, 255]] * 4
    made = prepare(pixels, RGB, (4, 4, 3))
    assert (made[:, ::2] == 255).all()
    np.testing.assert_array_equal(made[:, 1::2], pixels[:, 1::2, :3])


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 0, 0])
    path = tmp_path / "palette.png"
    image.save(path, transparency=1)
    assert (prepare(path, RGB, (4, 4, 3)) == 255).all()


def test_16_bit_greys_keep_their_range(tmp_path: Path) -> None:
    wide = np.array([[0, 257, 128 * 257, 65535]], np.uint16)
    path = tmp_path / "wide.png"
    Image.fromarray(wide).save(path)
    np.testing.assert_array_equal(prepare(path, GREY, (1, 4, 1))[0, :, 0], [0, 1, 128, 255])
    made = prepare(Image.fromarray(wide.astype(np.int32)), GREY, (1, 4, 1))
    np.testing.assert_array_equal(made[0, :, 0], [0, 1, 128, 255])


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1)])
def test_grey_arrays(shape: tuple[int, ...]) -> None:
    pixels = np.arange(16, dtype=np.uint8).reshape(shape)
    np.testing.assert_array_equal(prepare(pixels, GREY, (4, 4, 1)), pixels.reshape(4, 4, 1))
    made = prepare(pixels, RGB, (4, 4, 3))
    np.testing.assert_array_equal(made, np.repeat(pixels.reshape(4, 4, 1), 3, axis=2))


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (np.zeros((4, 4, 3), np.float32), "expected a uint8 array, found float32"),
        (np.zeros((0, 4, 3), np.uint8), "expected at least one pixel, found 4x0"),
        (np.zeros((4, 0), np.uint8), "expected at least one pixel, found 0x4"),
        (np.zeros((4, 4, 2), np.uint8), r"found \(4, 4, 2\)"),
        (np.zeros(4, np.uint8), r"found \(4,\)"),
        (None, "found NoneType"),
        (Image.new("F", (2, 2)), "found floating-point"),
        (Image.new("RGB", (0, 2)), "expected at least one pixel, found 0x2"),
    ],
)
def test_what_is_no_image_is_refused(image: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^the third: .*{message}"):
        prepare(image, RGB, (4, 4, 3), name="the third")


@pytest.mark.filterwarnings("ignore:Image size")
def test_unreadable_files_are_named(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.fromarray(noise(64, 64)).save(buffer, "JPEG")
    files = {
        "text.png": b"hello",
        "empty.jpg": b"",
        "cut.jpg": buffer.getvalue()[:900],
        "pixels_missing.png": png_header(64, 64),
        "bomb.png": png_header(60_000, 60_000),
        "small_bomb.png": png_header(10_000, 9_000),
        "none.png": png_header(0, 4),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    for name in [*files, "folder", "missing.png"]:
        with pytest.raises(InputError) as caught:
            prepare(tmp_path / name, RGB, (4, 4, 3))
        message = str(caught.value)
        assert message.startswith(f'image "{tmp_path / name}": ')
        assert "\n" not in message


def test_a_path_with_a_null_byte_is_refused() -> None:
    with pytest.raises(InputError, match="null"):
        prepare("a\0b.png", RGB, (4, 4, 3))


def test_a_thread_of_pixels_is_not_blown_up() -> None:
    rule = Preprocessing((0.0,) * 3, (1.0,) * 3, resize=256)
    with pytest.raises(InputError, match="expected at most 89478485 pixels, found 15360000x256"):
        prepare(np.zeros((1, 60_000, 3), np.uint8), rule, (224, 224, 3))


def test_networks_that_take_no_images_say_so() -> None:
    with pytest.raises(InputError, match="rgb images have 3 channels, its input has 5"):
        prepare(noise(4, 4), RGB, (4, 4, 5))


def test_nearest_keeps_colours() -> None:
    pixels = noise(2, 2)
    np.testing.assert_array_equal(
        prepare(pixels, NEAREST, (4, 4, 3)), pixels.repeat(2, axis=0).repeat(2, axis=1)
    )
