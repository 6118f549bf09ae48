"""Converts a decoded image to 8-bit grey or RGB, on white where it is transparent."""

from __future__ import annotations

import warnings

import numpy as np
from PIL import Image

from edgebin.errors import EdgebinWarning, InputError

_WHITE = 65_535  # of 16 bits
_TWELVE_BITS = 4095


def to_mode(image: Image.Image, mode: str, name: str) -> Image.Image:
    """Return the image in mode "RGB" or "L".

    Greys of 16 bits are scaled from 0..65535, so that their white stays white; greys of 32 bits are
    taken for such if none lies outside.

    Args:
        image: decoded.
        mode: "RGB" or "L".
        name: of the image, for notes.

    Raises:
        InputError: its pixels are floating-point or 32-bit greys beyond 0..65535.

    Warns:
        EdgebinWarning: 16-bit greys of which none is above 4095.
    """
    if image.mode == "F":
        raise InputError("expected 8-bit or 16-bit pixels, found floating-point ones")
    if image.mode == "I" or image.mode.startswith("I;16"):
        return _from_wide_greys(image, name).convert(mode)
    if image.has_transparency_data:
        foreground = image.convert("RGBA")
        image = Image.new("RGBA", foreground.size, "white")
        image.alpha_composite(foreground)
    return image.convert(mode)


def _from_wide_greys(image: Image.Image, name: str) -> Image.Image:
    wide = np.asarray(image)
    least, most = int(wide.min()), int(wide.max())
    if least < 0 or most > _WHITE:
        raise InputError(
            f"expected greys of 0..{_WHITE}, found 32-bit ones of {least}..{most}; "
            f"what works: greys scaled to 0..{_WHITE} and stored in 16 bits"
        )
    if 0 < most <= _TWELVE_BITS:
        message = (
            f"{name}: its 16-bit greys reach {most} of {_WHITE} and give a dark image; scale those "
            "of a camera of fewer bits first"
        )
        warnings.warn(message, EdgebinWarning, stacklevel=2)
    return Image.fromarray(((wide.astype(np.uint32) + 128) // 257).astype(np.uint8))
