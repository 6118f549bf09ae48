"""How large an image may be; checked before anything is decoded."""

from __future__ import annotations

import os

from edgebin.errors import InputError, OptionError, short

MOST_PIXELS = 89_478_485
"""What Pillow takes for a decompression bomb by default; 256 MiB of RGB."""
MOST_SIDE = 65_535
"""A JPEG's longest. Resizing a side needs up to 48 bytes of weights for each of its pixels."""
MOST_PIXELS_VARIABLE = "EDGEBIN_MAX_IMAGE_PIXELS"
"""Environment variable that takes the place of `MOST_PIXELS` for images as they are stored."""

_LARGEST = 2**31


def most_pixels() -> int:
    """Return how many pixels an image may have.

    Raises:
        OptionError: the environment variable holds no such number.
    """
    text = os.environ.get(MOST_PIXELS_VARIABLE)
    if not text:
        return MOST_PIXELS
    if not text.isdecimal() or not 1 <= int(text) <= _LARGEST:
        raise OptionError(f"{MOST_PIXELS_VARIABLE}: expected 1 to {_LARGEST}, found {short(text)}")
    return int(text)


def check_size(width: int, height: int) -> None:
    """Raise InputError unless an image of this size may be decoded."""
    check_pixels(width, height, most_pixels(), hint=True)
    if max(width, height) > MOST_SIDE:
        raise InputError(f"expected sides of at most {MOST_SIDE} pixels, found {width}x{height}")


def check_pixels(width: int, height: int, most: int = MOST_PIXELS, *, hint: bool = False) -> None:
    """Raise InputError for no pixels or more than `most`; a hint names what lifts the limit."""
    if width < 1 or height < 1:
        raise InputError(f"expected at least one pixel, found {width}x{height}")
    if width * height > most:
        way = f"; what works: a smaller image, or {MOST_PIXELS_VARIABLE}={width * height}"
        raise InputError(
            f"expected at most {most} pixels, found {width}x{height}{way if hint else ''}"
        )
