"""JPEG: photographs of more pixels than the limit, and files without their end marker.

A baseline JPEG is decoded at a half, a quarter or an eighth of its size where it has more pixels
than the limit; its decoder computes no more pixels than that.

Cameras that send a JPEG for each frame (MJPEG) may leave out the last two bytes, the marker EOI.
Such a file is read if all of its pixels are there: with bytes of one kind or another in the place
of what follows its end, the decoder must find the same pixels.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import BinaryIO

import numpy as np
from PIL import Image

from edgebin.errors import EdgebinWarning
from edgebin.runtime.images.limits import most_pixels

_MOST_SCALED_PIXELS = 2**28
_SCALES = (2, 4, 8)
_END = b"\xff\xd9"
_FILLINGS = (b"", b"\xaa" * 64, b"\x33" * 64)


def scale_down(image: Image.Image) -> None:
    """Have a large baseline JPEG decoded at a smaller size, up to 2^28 pixels as stored."""
    width, height = image.size
    if width * height <= most_pixels() or width * height > _MOST_SCALED_PIXELS:
        return
    if image.info.get("progressive"):
        return  # its coefficients are all in memory at once
    for scale in _SCALES:
        if (width // scale + 1) * (height // scale + 1) <= most_pixels():
            image.draft(None, (width // scale, height // scale))
            return


def without_end(
    file: BinaryIO, open_image: Callable[[BinaryIO], Image.Image], name: str
) -> Image.Image | None:
    """Return the image of a JPEG that ends without EOI, None if pixels are missing too.

    Args:
        file: that could not be decoded to its end.
        open_image: opens it, for decoding.
        name: of the image, for the note.

    Warns:
        EdgebinWarning: it was read.
    """
    file.seek(0)
    contents = file.read()
    if contents.endswith(b"\xff"):
        contents = contents[:-1]  # the first half of the marker
    pixels, images = [], []
    for filling in _FILLINGS:
        image = open_image(io.BytesIO(contents + filling + _END))
        if image.info.get("progressive"):
            return None  # whole scans may be missing
        image.load()
        images.append(image)
        pixels.append(np.asarray(image))
        if not np.array_equal(pixels[0], pixels[-1]):
            return None
    message = f"{name}: JPEG without its end marker (EOI); all pixels were read"
    warnings.warn(message, EdgebinWarning, stacklevel=2)
    return images[0]
