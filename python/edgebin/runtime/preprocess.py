"""Turns an image into the bytes that a network reads.

An image is rotated upright by its EXIF tag, composited on white where it is transparent, converted
to the network's colour, resized and cropped as the model's header says. All resampling is Pillow's,
with torchvision's rounding of sizes and offsets, so that a board sees the pixels that training saw.
Of an animation, the first frame is used.

Rejected with an error of one line: what Pillow cannot decode completely, images without pixels or
with more than `MOST_PIXELS`, sides longer than `MOST_SIDE`, floating-point pixels, whose range is
unknown, and devices and pipes. Sizes are checked before anything is decoded. Only `FORMATS` are
tried: Pillow reads some thirty more, rarely used and rarely maintained, and one of them, EPS, runs
another program.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError, features

from edgebin.errors import InputError
from edgebin.files.safe_open import open_ordinary
from edgebin.graph.preprocessing import Preprocessing

Pixels: TypeAlias = npt.NDArray[np.uint8]
ImageLike: TypeAlias = str | os.PathLike[str] | Image.Image | Pixels

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
MOST_PIXELS = 89_478_485
"""What Pillow takes for a decompression bomb by default; 256 MiB of RGB."""
MOST_SIDE = 65_535
"""A JPEG's longest. Resizing a side needs up to 48 bytes of weights for each of its pixels."""

_CHANNELS = {"rgb": 3, "bgr": 3, "grey": 1}


def prepare(
    image: ImageLike, rule: Preprocessing, shape: tuple[int, int, int], *, name: str = "image"
) -> Pixels:
    """Return the network's input for one image.

    Args:
        image: path, Pillow image, or uint8 array (height, width) or (height, width, channels)
            with 1 (grey), 3 (RGB, whatever the network's order) or 4 (RGBA) channels.
        rule: colour, resize and filter from the model's header.
        shape: (height, width, channels) of the network's input.
        name: what error messages call an image that has no path.

    Returns:
        uint8 array of that shape, in the network's colour order.

    Raises:
        InputError: the image cannot be read, or the network takes no images.
    """
    height, width, channels = shape
    if channels != _CHANNELS[rule.colour]:
        raise InputError(
            f"model: {rule.colour} images have {_CHANNELS[rule.colour]} channels, "
            f"its input has {channels}"
        )
    if isinstance(image, str | os.PathLike):
        name = f'image "{os.fspath(image)}"'
    with _one_line(name):
        coloured = decode(image, "L" if rule.colour == "grey" else "RGB")
        fitted = fit(coloured, (width, height), rule)
    pixels = np.asarray(fitted, dtype=np.uint8).reshape(shape)
    return np.ascontiguousarray(pixels[..., ::-1] if rule.colour == "bgr" else pixels)


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into an InputError that names the image."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except UnidentifiedImageError:
        known = ", ".join(FORMATS)
        raise InputError(f"{name}: no image in one of the formats {known}") from None
    except Exception as error:  # a decoder given damaged bytes may raise anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{name}: {' '.join(str(reason).split())}") from error


def decode(image: ImageLike, mode: str) -> Image.Image:
    """Return the image, upright, on white where transparent, in mode "RGB" or "L".

    Raises:
        InputError: its pixels are too many, none, or floating-point.
        Exception: whatever a decoder raises that is given damaged bytes.
    """
    if isinstance(image, Image.Image):
        return _colour(_upright(image), mode)
    if isinstance(image, str | os.PathLike):
        with open_ordinary(image) as file, Image.open(file, formats=_formats()) as opened:
            return _colour(_upright(opened), mode)
    return _colour(_from_array(image), mode)


def _formats() -> tuple[str, ...]:
    """Return the formats that this Pillow has."""
    return tuple(name for name in FORMATS if name != "WEBP" or features.check("webp"))


def _upright(image: Image.Image) -> Image.Image:
    _check_size(*image.size)
    _check_sides(*image.size)
    return ImageOps.exif_transpose(image)


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise InputError(f"expected at least one pixel, found {width}x{height}")
    if width * height > MOST_PIXELS:
        raise InputError(f"expected at most {MOST_PIXELS} pixels, found {width}x{height}")


def _check_sides(width: int, height: int) -> None:
    if max(width, height) > MOST_SIDE:
        raise InputError(f"expected sides of at most {MOST_SIDE} pixels, found {width}x{height}")


def _from_array(array: Pixels) -> Image.Image:
    if not isinstance(array, np.ndarray):
        raise InputError(
            f"expected a path, a Pillow image or a uint8 array, found {type(array).__name__}"
        )
    if array.dtype != np.uint8:
        raise InputError(f"expected a uint8 array, found {array.dtype}")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))):
        raise InputError(
            "expected shape (height, width) or (height, width, 1, 3 or 4), "
            f"found {tuple(array.shape)}"
        )
    _check_size(array.shape[1], array.shape[0])
    _check_sides(array.shape[1], array.shape[0])
    flat = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    return Image.fromarray(np.ascontiguousarray(flat))


def _colour(image: Image.Image, mode: str) -> Image.Image:
    """Convert to 8-bit `mode`; scale 16-bit greys, composite transparent pixels on white."""
    if image.mode == "F":
        raise InputError("expected 8-bit or 16-bit pixels, found floating-point ones")
    if image.mode == "I" or image.mode.startswith("I;16"):
        wide = np.asarray(image).clip(0, 65535).astype(np.uint32)
        return Image.fromarray(((wide + 128) // 257).astype(np.uint8)).convert(mode)
    if image.has_transparency_data:
        foreground = image.convert("RGBA")
        image = Image.new("RGBA", foreground.size, "white")
        image.alpha_composite(foreground)
    return image.convert(mode)


def fit(image: Image.Image, size: tuple[int, int], rule: Preprocessing) -> Image.Image:
    """Stretch to (width, height), or resize the short side and crop the centre."""
    resample = _FILTERS[rule.filter]
    if rule.resize == 0:
        return image.resize(size, resample)
    short = min(image.size)
    width, height = (int(rule.resize * side / short) for side in image.size)
    _check_size(width, height)
    left, top = _offset(width, size[0]), _offset(height, size[1])
    resized = image.resize((width, height), resample)
    return resized.crop((left, top, left + size[0], top + size[1]))


def _offset(found: int, wanted: int) -> int:
    """Return where a centred crop of `wanted` starts in `found`; negative if black is added."""
    return round((found - wanted) / 2) if found >= wanted else -((wanted - found) // 2)
