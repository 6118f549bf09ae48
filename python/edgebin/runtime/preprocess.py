"""Turns an image into the bytes that a network reads.

An image is rotated upright by its EXIF tag or its XMP packet, composited on white where it is
transparent, converted to the network's colour, resized and cropped as the model's header says. All
resampling is Pillow's, with torchvision's rounding of sizes and offsets, so that a board sees the
pixels that training saw. Of an animation, the first frame is used.

Rejected with an error of one line: what Pillow cannot decode completely, images without pixels or
with more than `MOST_PIXELS`, sides longer than `MOST_SIDE`, floating-point pixels, whose range is
unknown, and devices and pipes. Sizes are checked before anything is decoded. `images/` has the
details.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image

from edgebin.errors import InputError, OptionError
from edgebin.files.contents import name_of
from edgebin.graph.preprocessing import CHANNELS, Preprocessing
from edgebin.runtime.images.colour import to_mode
from edgebin.runtime.images.formats import FORMATS
from edgebin.runtime.images.limits import MOST_PIXELS, MOST_SIDE, check_pixels
from edgebin.runtime.images.load import ImageLike, Pixels, batch_of, load_image

__all__ = [
    "FORMATS",
    "MOST_PIXELS",
    "MOST_SIDE",
    "ImageLike",
    "Pixels",
    "decode",
    "fit",
    "prepare",
    "prepare_any",
]

_FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def prepare(
    image: ImageLike, rule: Preprocessing, shape: tuple[int, int, int], *, name: str = "image"
) -> Pixels:
    """Return the network's input for one image.

    Args, returns and raises: those of `prepare_sized`, without the size.
    """
    return prepare_sized(image, rule, shape, name=name)[0]


def prepare_sized(
    image: ImageLike, rule: Preprocessing, shape: tuple[int, int, int], *, name: str = "image"
) -> tuple[Pixels, tuple[int, int]]:
    """Return the network's input for one image, and the size of the image.

    Args:
        image: path, Pillow image, an image file as bytes or a file object, or a uint8 array or CPU
            tensor (height, width) or (height, width, channels) with 1 (grey), 3 (RGB, whatever the
            network's order) or 4 (RGBA) channels.
        rule: colour, resize and filter from the model's header.
        shape: (height, width, channels) of the network's input.
        name: what error messages call an image that has no path.

    Returns:
        uint8 array of that shape, in the network's colour order; width and height of the upright
        image in pixels.

    Raises:
        InputError: the image cannot be read, or the network takes no images.
    """
    height, width, channels = shape
    if not rule.mean:
        raise InputError(
            "model: expected a network that takes images, found one that takes arrays; what works: "
            "Model.run in Python, --input of edgebin-run"
        )
    if channels != CHANNELS[rule.colour]:
        raise InputError(
            f"model: {rule.colour} images have {CHANNELS[rule.colour]} channels, "
            f"its input has {channels}; what works: Model.run in Python, --raw of edgebin-run"
        )
    coloured = decode(image, "L" if rule.colour == "grey" else "RGB", name=name)
    with _one_line(_named(image, name)):
        fitted = fit(coloured, (width, height), rule)
    pixels = np.array(fitted, dtype=np.uint8).reshape(shape)  # a copy, which may be written
    ordered = pixels[..., ::-1] if rule.colour == "bgr" else pixels
    return np.ascontiguousarray(ordered), coloured.size


def prepare_any(
    images: object, rule: Preprocessing, shape: tuple[int, int, int]
) -> tuple[bool, Pixels]:
    """Return whether an image or a batch of images is a batch, and the inputs of the network.

    Args:
        images: an image, as for `prepare`; or a batch, which is an iterable of images or an array
            of four dimensions.
        rule: colour, resize and filter from the model's header.
        shape: (height, width, channels) of the network's input.

    Returns:
        uint8 (N, height, width, channels); a single image gives a batch of one.

    Raises:
        InputError: as for `prepare`; an image of a batch that has no path is called by its number.
    """
    batch = batch_of(images)
    if batch is None:
        return False, prepare(images, rule, shape)[None]
    pixels = [prepare(image, rule, shape, name=f"image {i}") for i, image in enumerate(batch)]
    return True, np.stack(pixels) if pixels else np.zeros((0, *shape), np.uint8)


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into an InputError that names the image."""
    try:
        yield
    except OptionError:
        raise
    except InputError as error:
        raise InputError(f"{name}: {error}") from None
    except FileNotFoundError:
        raise InputError(f"{name}: no such file") from None
    except Exception as error:  # a decoder given damaged bytes may raise anything
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise InputError(f"{name}: {' '.join(str(reason).split())}") from error


def decode(image: ImageLike, mode: str, *, name: str = "image") -> Image.Image:
    """Return the image, upright, on white where transparent, in mode "RGB" or "L".

    Args:
        image: as for `prepare`.
        mode: "RGB" or "L".
        name: what messages call an image that has no path.

    Raises:
        InputError: it cannot be read; the line begins with its name.

    Warns:
        EdgebinWarning: it was read, although something about it is unusual.
    """
    name = _named(image, name)
    with _one_line(name):
        return to_mode(load_image(image, name), mode, name)


def _named(image: ImageLike, name: str) -> str:
    """Return what messages call an image: its path, if it has one."""
    path = os.fspath(image) if isinstance(image, str | os.PathLike) else name_of(image)
    return name if path is None else f'image "{os.fsdecode(path)}"'


def fit(image: Image.Image, size: tuple[int, int], rule: Preprocessing) -> Image.Image:
    """Stretch to (width, height), resize the short side and crop the centre, or letterbox."""
    inner, (left, top) = placement(image.size, size, rule)
    if rule.resize:
        check_pixels(*inner)
    resized = image.resize(inner, _FILTERS[rule.filter])
    if rule.fit == "letterbox":
        whole = Image.new(image.mode, size, (rule.fill,) * len(image.getbands()))
        whole.paste(resized, (-left, -top))
        return whole
    if inner == size:
        return resized
    return resized.crop((left, top, left + size[0], top + size[1]))


def placement(
    image: tuple[int, int], size: tuple[int, int], rule: Preprocessing
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return where the network's input is in the resized image.

    Args:
        image: width and height of the upright image.
        size: width and height of the input.
        rule: resize and fit from the model's header.

    Returns:
        Width and height of the resized image; column and row of it in which the input starts,
        negative where the input begins outside of it.
    """
    if rule.fit == "letterbox":
        inner = _inner_size(image, size)
        return inner, (-((size[0] - inner[0]) // 2), -((size[1] - inner[1]) // 2))
    if rule.resize == 0:
        return size, (0, 0)
    short = min(image)
    width, height = (int(rule.resize * side / short) for side in image)
    return (width, height), (_offset(width, size[0]), _offset(height, size[1]))


def _inner_size(image: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """Return the largest (width, height) of the image's aspect in a box, rounded, at least 1."""
    (width, height), (wide, high) = image, box
    if width * high >= height * wide:  # the box's width limits it
        return wide, max(1, (2 * height * wide + width) // (2 * width))
    return max(1, (2 * width * high + height) // (2 * height)), high


def _offset(found: int, wanted: int) -> int:
    """Return where a centred crop of `wanted` starts in `found`; negative if black is added."""
    return round((found - wanted) / 2) if found >= wanted else -((wanted - found) // 2)
