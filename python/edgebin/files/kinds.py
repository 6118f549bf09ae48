"""What a file is, by its first bytes: only to say so where something else was expected."""

from __future__ import annotations

PREFIX_BYTES = 64
"""How many bytes from the start of a file `kind_of` looks at."""

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a BMP image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"P5", "a PGM image"),
    (b"P6", "a PPM image"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 image"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL image"),
    (b"\xff\x0a", "a JPEG XL image"),
    (b"\x89EBN\r\n\x1a\n", "an .ebn file"),
    (b"PK\x03\x04", "a zip archive, such as a PyTorch checkpoint"),
    (b"\x80\x02", "a pickle, such as an old PyTorch checkpoint"),
    (b"\x08\x03\x12", "an ONNX model"),
    (b"version https://git-lfs", "a Git LFS pointer, whose file was not fetched"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"<", "a text in HTML or XML"),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_BRANDS = {b"avif": "an AVIF image", b"avis": "an AVIF image"} | dict.fromkeys(
    _HEIF_BRANDS, "a HEIC image"
)


def kind_of(start: bytes) -> str | None:
    """Return what a file is, such as "a PNG image"; None where its start tells nothing.

    Args:
        start: its first `PREFIX_BYTES` bytes, or all of a shorter file.
    """
    if not start:
        return "an empty file"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "a WebP image"
    if start[4:8] == b"TFL3":
        return "a TensorFlow Lite model"
    if start[4:8] == b"ftyp":
        # AVIF files may have HEIF's brand first and their own among the compatible ones.
        compatible = [start[at : at + 4] for at in range(8, len(start) - 3, 4)]
        brands = [brand for brand in compatible if brand in _BRANDS]
        own = next((brand for brand in brands if brand.startswith(b"avi")), None)
        return _BRANDS[own or brands[0]] if brands else "a video"
    if start[8:10] == b'{"':
        return "a safetensors file"
    return next((kind for prefix, kind in _STARTS if start.startswith(prefix)), None)
