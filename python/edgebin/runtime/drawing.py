"""Boxes and labels, or the classes of pixels, drawn on an image."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageColor, ImageDraw, ImageFont

from edgebin.errors import InputError

if TYPE_CHECKING:
    from edgebin.runtime.prediction import Detection

PALETTE = (
    "#4269d0",
    "#efb118",
    "#ff725c",
    "#6cc5b0",
    "#3ca951",
    "#ff8ab7",
    "#a463f2",
    "#97bbf5",
    "#9c6b4e",
    "#9498a0",
)
"""Observable's categorical colours: ten that are told apart also by those who see few colours."""

_MOST_LETTERS = 40


def draw_boxes(image: Image.Image, detections: Iterable[Detection]) -> Image.Image:
    """Return a copy of an RGB image with a box and a label for each object, the best on top."""
    drawn = image.copy()
    draw = ImageDraw.Draw(drawn)
    line = max(1, round(max(image.size) / 320))
    font = ImageFont.load_default(max(10, round(max(image.size) / 40)))
    for detection in reversed(list(detections)):
        colour = PALETTE[detection.index % len(PALETTE)]
        left, top, right, bottom = detection.box
        draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), None, colour, line)
        text = f"{detection.label[:_MOST_LETTERS]} {detection.score:.2f}"
        _write(draw, (left, top), text, colour, font)
    return drawn


def draw_classes(image: Image.Image, classes: npt.NDArray[np.int32]) -> Image.Image:
    """Return an RGB image whose pixels are halfway to the colour of their class.

    Colours repeat after those of the palette; pixels without a class, of a negative number, stay.

    Raises:
        InputError: the image has another size than the map of classes (height, width).
    """
    pixels = np.array(image, np.uint16)
    if pixels.shape[:2] != classes.shape:
        sizes = (f"{shape[1]}x{shape[0]}" for shape in (classes.shape, pixels.shape))
        raise InputError("image: expected {} pixels, found {}".format(*sizes))
    colours = np.array([ImageColor.getrgb(colour) for colour in PALETTE], np.uint16)
    mixed = (pixels + colours[classes % len(PALETTE)]) // 2
    seen = (classes >= 0)[..., None]
    return Image.fromarray(np.where(seen, mixed, pixels).astype(np.uint8), "RGB")


def _write(
    draw: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    text: str,
    colour: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """Write a label on a plate above the corner, or below where there is no room."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in text)
    try:
        left, top, right, bottom = draw.textbbox((0, 0), printable, font)
    except UnicodeEncodeError:  # Pillow without FreeType has Latin letters only
        printable = printable.encode("ascii", "replace").decode()
        left, top, right, bottom = draw.textbbox((0, 0), printable, font)
    width, height = right - left + 4, bottom - top + 4
    x = max(0.0, min(corner[0], draw.im.size[0] - width))
    y = corner[1] - height if corner[1] >= height else corner[1]
    draw.rectangle((x, y, x + width, y + height), colour)
    draw.text((x + 2 - left, y + 2 - top), printable, "black", font)
