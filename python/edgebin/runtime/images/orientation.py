"""Turns an image upright by its EXIF tag, or without one by tiff:Orientation in its XMP packet.

Releases of Pillow differ in which formats' XMP they look at; here all of them are treated alike.
"""

from __future__ import annotations

import re

from PIL import Image

_TAG = 0x0112
_METHODS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_IN_XMP = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([1-8])")
_XMP_TAG = 700  # of a TIFF
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"


def upright(image: Image.Image) -> Image.Image:
    """Return a decoded image as it is to be looked at."""
    method = _METHODS.get(_orientation(image))
    return image if method is None else image.transpose(method)


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_TAG)
    except Exception:  # a damaged EXIF block is none
        value = None
    if not isinstance(value, int):
        found = _IN_XMP.search(_xmp(image))
        value = int(found[1]) if found is not None else 1
    return value


def _xmp(image: Image.Image) -> bytes:
    """Return the XMP packet, b"" if there is none."""
    for key in ("XML:com.adobe.xmp", "xmp"):
        packet = image.info.get(key)
        if packet is not None:  # of a TIFF, Pillow turns it when loading and then takes it out
            return packet.encode() if isinstance(packet, str) else bytes(packet)
    for marker, segment in getattr(image, "applist", None) or ():
        if marker == "APP1" and segment.startswith(_XMP_SEGMENT):
            return bytes(segment)
    packet = getattr(image, "tag_v2", {}).get(_XMP_TAG)
    return packet if isinstance(packet, bytes) else b""
