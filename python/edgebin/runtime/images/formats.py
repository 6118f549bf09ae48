"""Which formats of image files are tried, and what is said of any other file.

Pillow reads some thirty more, rarely used and rarely maintained, and one of them, EPS, runs another
program. The plugins are called directly: `Image.open` would apply a limit and warnings of its own,
which any other code of the process may have set.
"""

from __future__ import annotations

import importlib
import struct
from typing import Any, BinaryIO

from PIL import Image, features

from edgebin.errors import InputError, first_line
from edgebin.files.kinds import PREFIX_BYTES, kind_of
from edgebin.runtime.images.libtiff import silence_libtiff

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

_PLUGINS = {name: f"PIL.{name.capitalize()}ImagePlugin" for name in FORMATS}
_PLUGINS["WEBP"] = "PIL.WebPImagePlugin"
_DAMAGED = (SyntaxError, IndexError, TypeError, struct.error)  # as `Image.open` has it

_WAYS = {
    "a HEIC image": (
        "JPEG, by heif-convert photo.heic photo.jpg; or in Python the image that Pillow opens "
        "after pillow_heif.register_heif_opener()"
    ),
    "an AVIF image": "JPEG or PNG; or in Python PIL.Image.open(path), with Pillow 11.3 or newer",
    "a JPEG 2000 image": "JPEG or PNG; or in Python PIL.Image.open(path)",
    "a JPEG XL image": "JPEG or PNG, by djxl photo.jxl photo.png",
    "a video": "its frames as images, by ffmpeg -i video frame%05d.jpg",
}


def open_encoded(file: BinaryIO) -> Image.Image:
    """Open an encoded image; its pixels are not decoded yet.

    Raises:
        InputError: it has none of `FORMATS`, or is damaged at its start.
        Exception: whatever a decoder raises that is given damaged bytes.
    """
    start = file.read(PREFIX_BYTES)
    file.seek(0)
    for name, module in _PLUGINS.items():
        if name == "WEBP" and not features.check("webp"):
            continue
        plugin = importlib.import_module(module)
        factory, accepts = Image.OPEN[name]
        if accepts is None or not accepts(start):
            continue
        if name == "TIFF":
            silence_libtiff()
        try:
            # A JPEG of several images (MPO) is read as its first one.
            opener: Any = plugin.JpegImageFile if name == "JPEG" else factory
            image: Image.Image = opener(file, "")
        except _DAMAGED as error:
            # Of bytes that are not there `struct`, perhaps behind Pillow's own error, has a line
            # about its buffers.
            is_cut = isinstance(error.__cause__ or error, struct.error)
            reason = "ends too soon" if is_cut else first_line(error)
            raise InputError(f"damaged {name} image: {reason}") from None
        return image
    raise InputError(_refusal(start))


def _refusal(start: bytes) -> str:
    line = f"no image in one of the formats {', '.join(FORMATS)}"
    kind = kind_of(start)
    if kind is None:
        return line
    way = f"; what works: {_WAYS[kind]}" if kind in _WAYS else ""
    return f"{line}, but {kind}{way}"
