"""Image files of every sort that users have: wide greys, JPEGs without an end, large photos."""

from __future__ import annotations

import io
import struct
import subprocess
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgebin.errors import EdgebinWarning, InputError, OptionError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.images import jpeg
from edgebin.runtime.preprocess import MOST_PIXELS, decode, prepare

GREY = Preprocessing((0.0,), (1.0,), colour="grey")


def noise(height: int, width: int) -> Any:
    """An image with detail everywhere, so that no part of it can be guessed."""
    return np.random.default_rng(9).integers(0, 256, (height, width, 3), dtype=np.uint8)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


# Greys of 16 and 32 bits.


def test_greys_of_32_bits_are_refused_with_their_range(tmp_path: Path) -> None:
    """0.1 clipped them to white."""
    path = tmp_path / "wide.tif"
    for low, high in ((0, 6_143_000), (-5, 100)):
        values = np.linspace(low, high, 64).astype(np.int32).reshape(8, 8)
        Image.fromarray(values).save(path)
        with pytest.raises(InputError, match=f"found 32-bit ones of {low}..{high}; what works: "):
            prepare(path, GREY, (8, 8, 1))


def test_greys_of_32_bits_within_16_are_taken_for_such(tmp_path: Path) -> None:
    path = tmp_path / "wide.tif"
    Image.fromarray(np.array([[0, 257, 65_535]], np.int32)).save(path)
    np.testing.assert_array_equal(prepare(path, GREY, (1, 3, 1))[0, :, 0], [0, 1, 255])


@pytest.mark.parametrize("form", ["png", "tif"])
def test_greys_of_12_bits_in_16_are_scaled_as_16_with_a_note(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"sensor.{form}"
    Image.fromarray(np.array([[0, 2056, 4095]], np.uint16)).save(path)
    with pytest.warns(EdgebinWarning, match=f'^image "{path}": its 16-bit greys reach 4095 of'):
        np.testing.assert_array_equal(prepare(path, GREY, (1, 3, 1))[0, :, 0], [0, 8, 16])


@pytest.mark.parametrize("values", [[0, 0, 0], [0, 4096, 9000]])
def test_other_greys_have_no_note(tmp_path: Path, values: list[int]) -> None:
    path = tmp_path / "dark.png"
    Image.fromarray(np.array([values], np.uint16)).save(path)
    prepare(path, GREY, (1, 3, 1))


# JPEGs without their end marker.


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize(
    "options",
    [{}, {"subsampling": 0, "quality": 95}, {"restart_marker_blocks": 3}],
    ids=["plain", "fine", "restarts"],
)
def test_a_jpeg_without_its_end_is_read_with_a_note(
    tmp_path: Path, lost: int, options: dict[str, Any]
) -> None:
    whole = encoded(Image.fromarray(noise(61, 83)), "JPEG", **options)
    path = tmp_path / "frame.jpg"
    path.write_bytes(whole)
    expected = np.asarray(decode(path, "RGB"))
    path.write_bytes(whole[:-lost])
    with pytest.warns(EdgebinWarning, match=f'^image "{path}": JPEG without its end marker'):
        found = decode(path, "RGB")
    np.testing.assert_array_equal(np.asarray(found), expected)
    with pytest.warns(EdgebinWarning, match=r"^image: JPEG without its end marker"):
        np.testing.assert_array_equal(np.asarray(decode(whole[:-lost], "RGB")), expected)


@pytest.mark.parametrize("lost", [12, 40, 2000])
def test_a_jpeg_without_all_of_its_pixels_is_refused(tmp_path: Path, lost: int) -> None:
    whole = encoded(Image.fromarray(noise(61, 83)), "JPEG")
    path = tmp_path / "cut.jpg"
    path.write_bytes(whole[:-lost])
    with pytest.raises(InputError, match=f'^image "{path}": image file is truncated'):
        decode(path, "RGB")


def test_a_progressive_jpeg_without_its_end_is_refused() -> None:
    """Scans that are lost as a whole would not be missed."""
    whole = encoded(Image.fromarray(noise(61, 83)), "JPEG", progressive=True)
    with pytest.raises(InputError, match="truncated"):
        decode(whole[:-2], "RGB")


def test_an_upright_jpeg_without_its_end_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encoded(Image.fromarray(noise(16, 40)), "JPEG", exif=exif)
    with pytest.warns(EdgebinWarning, match="end marker"):
        assert decode(whole[:-2], "RGB").size == (16, 40)


# Upright by EXIF or XMP.

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-'
    'syntax-ns#"><rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" {}</rdf:RDF>'
    "</x:xmpmeta>"
)
SPELLINGS = (
    'tiff:Orientation="{}"/>',
    "tiff:Orientation='{}'/>",
    "><tiff:Orientation>{}</tiff:Orientation></rdf:Description>",
)


def with_xmp(pixels: Any, form: str, packet: str) -> bytes:
    """An image file with an XMP packet, made by hand where Pillow writes none."""
    image = Image.fromarray(pixels)
    if form == "JPEG":
        body = b"http://ns.adobe.com/xap/1.0/\0" + packet.encode()
        whole = encoded(image, "JPEG", quality=100, subsampling=0)
        return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + whole[2:]
    if form == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet)
        return encoded(image, "PNG", pnginfo=info)
    if form == "TIFF":
        return encoded(image, "TIFF", tiffinfo={700: packet.encode()})
    return encoded(image, "WEBP", lossless=True, xmp=packet.encode())


@pytest.mark.parametrize("spelling", SPELLINGS, ids=["attribute", "apostrophes", "element"])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_xmp_turns_an_image_upright(form: str, spelling: str) -> None:
    """Whatever the release of Pillow, of which some know XMP in some formats."""
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8] = 255
    for value, expected in ((3, pixels[::-1, ::-1]), (6, np.rot90(pixels, -1)), (1, pixels)):
        contents = with_xmp(pixels, form, XMP.format(spelling.format(value)))
        found = np.asarray(decode(contents, "RGB")).astype(int)
        assert found.shape == expected.shape
        assert np.abs(found - expected).max() <= 8, (form, value)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_goes_before_xmp(form: str) -> None:
    image = Image.fromarray(noise(8, 16))
    exif = Image.Exif()
    exif[0x0112] = 8
    contents = encoded(image, form, exif=exif)
    found = decode(contents, "RGB")
    assert found.size == (8, 16)
    if form == "JPEG":
        body = b"http://ns.adobe.com/xap/1.0/\0" + XMP.format(SPELLINGS[0].format(3)).encode()
        segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        assert decode(contents[:2] + segment + contents[2:], "RGB").size == (8, 16)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("garbage", [b"Exif\0\0II*\0" + b"\xff" * 60, b"Exif\0\0junk", b"Exif\0\0"])
def test_a_damaged_exif_block_is_none(garbage: bytes) -> None:
    image = Image.fromarray(noise(8, 16))
    plain = np.asarray(decode(encoded(image, "JPEG"), "RGB"))
    found = decode(encoded(image, "JPEG", exif=garbage), "RGB")
    np.testing.assert_array_equal(np.asarray(found), plain)


# Large images.


def test_a_large_photograph_is_decoded_at_a_smaller_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of phones of 108 megapixels; here with a limit of 1,000 pixels."""
    grey = Image.new("RGB", (120, 80), (90, 140, 30))
    contents = encoded(grey, "JPEG")
    assert decode(contents, "RGB").size == (120, 80)
    monkeypatch.setenv("EDGEBIN_MAX_IMAGE_PIXELS", "1000")
    found = decode(contents, "RGB")
    assert found.size == (30, 20)
    assert np.abs(np.asarray(found).astype(int) - (90, 140, 30)).max() <= 4


def test_the_limits_of_a_photograph_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.new("RGB", (120, 80))
    monkeypatch.setenv("EDGEBIN_MAX_IMAGE_PIXELS", "1000")
    for contents in (encoded(image, "JPEG", progressive=True), encoded(image, "PNG")):
        with pytest.raises(InputError) as caught:
            decode(contents, "RGB")
        assert str(caught.value) == (
            "image: expected at most 1000 pixels, found 120x80; "
            "what works: a smaller image, or EDGEBIN_MAX_IMAGE_PIXELS=9600"
        )
    monkeypatch.setattr(jpeg, "_MOST_SCALED_PIXELS", 9599)
    with pytest.raises(InputError, match="expected at most 1000 pixels, found 120x80"):
        decode(encoded(image, "JPEG"), "RGB")


def test_the_refusal_names_what_lifts_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "scan.png"
    Image.new("1", (9460, 9459)).save(path)
    with pytest.raises(InputError, match=f"at most {MOST_PIXELS} pixels.*PIXELS=89482140$"):
        decode(path, "L")
    monkeypatch.setenv("EDGEBIN_MAX_IMAGE_PIXELS", "89482140")
    assert decode(path, "L").size == (9460, 9459)


@pytest.mark.parametrize("text", ["many", "-1", "0", "2147483649", "1e6"])
def test_a_wrong_limit_is_one_line(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("EDGEBIN_MAX_IMAGE_PIXELS", text)
    with pytest.raises(OptionError, match=r"^EDGEBIN_MAX_IMAGE_PIXELS: expected 1 to 2147483648"):
        decode(np.zeros((4, 4, 3), np.uint8), "RGB")


def test_a_phone_photograph_of_108_megapixels_is_read(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    Image.new("L", (12_000, 9_000), 77).save(path, quality=10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decode(path, "L").size == (6000, 4500)


# Other formats.


@pytest.mark.parametrize(
    ("start", "line"),
    [
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC image; what works: JPEG, by heif-convert"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "an AVIF image; .*PIL.Image.open"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "an AVIF image; .*PIL.Image.open"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image; .*PIL.Image.open"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image; .*djxl"),
        (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2mp41", "a video; .*ffmpeg"),
        (b"%PDF-1.7", "a PDF document$"),
        (b"\x89EBN\r\n\x1a\n", "an .ebn file$"),
    ],
)
def test_another_format_is_named_with_the_way(tmp_path: Path, start: bytes, line: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(start + bytes(100))
    with pytest.raises(InputError, match=f"^image .*: no image in one of .*, but {line}"):
        decode(path, "RGB")


def test_pillow_images_of_other_formats_are_taken() -> None:
    from PIL import features

    if not features.check("jpg_2000"):
        pytest.skip("this Pillow has no JPEG 2000")
    contents = encoded(Image.new("RGB", (40, 40), (9, 99, 199)), "JPEG2000")
    with pytest.raises(InputError, match="JPEG 2000"):
        decode(contents, "RGB")
    with Image.open(io.BytesIO(contents)) as image:
        assert decode(image, "RGB").getpixel((5, 5)) == (9, 99, 199)


def broken_tiff() -> bytes:
    """A compressed TIFF with 150 more tags, most of which mean nothing."""
    data = bytearray(encoded(Image.fromarray(noise(32, 32)), "TIFF", compression="tiff_lzw"))
    (at,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, at)
    entries = [bytes(data[at + 2 + 12 * i : at + 14 + 12 * i]) for i in range(count)]
    entries += [struct.pack("<HHII", 296 + i, 1 + i % 12, 2**20, 2**30) for i in range(150)]
    entries.sort(key=lambda entry: entry[:2][::-1])
    struct.pack_into("<I", data, 4, len(data))
    return bytes(data + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4))


READ_IT = """
import sys, warnings
warnings.simplefilter("ignore")
from edgebin.errors import InputError
from edgebin.runtime.preprocess import decode
try:
    decode(sys.argv[1], "RGB")
except InputError as error:
    print(error)
"""


def test_libtiff_writes_nothing_to_standard_error(tmp_path: Path, python: str) -> None:
    path = tmp_path / "broken.tif"
    path.write_bytes(broken_tiff())
    plain = "import sys, warnings; warnings.simplefilter('ignore'); from PIL import Image\n"
    pillow = [python, "-c", f"{plain}Image.open(sys.argv[1]).load()", str(path)]
    lines = subprocess.run(pillow, capture_output=True, text=True, check=False).stderr
    if "TIFF" not in lines:
        pytest.skip("libtiff has nothing to say here")
    ended = subprocess.run(
        [python, "-c", READ_IT, str(path)], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("\n") <= 1
