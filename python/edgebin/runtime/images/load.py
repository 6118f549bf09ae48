"""Decodes an image as its holder has it: a path, bytes, a file object, an array, a Pillow image."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Mapping
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

from edgebin.errors import InputError
from edgebin.files.contents import contents_of
from edgebin.files.safe_open import open_ordinary
from edgebin.runtime.arrays import as_array
from edgebin.runtime.images.formats import open_encoded
from edgebin.runtime.images.jpeg import scale_down, without_end
from edgebin.runtime.images.limits import check_size
from edgebin.runtime.images.orientation import upright

Pixels: TypeAlias = npt.NDArray[np.uint8]
ImageLike: TypeAlias = Any
"""A path, a Pillow image, a uint8 array or tensor, or an encoded image as bytes or a file object.

Any object that exports its memory counts as an array, so a precise type cannot be given.
"""

_CHANNELS = (1, 3, 4)
_CHANNELS_FIRST = (
    "; what works: channels last, as x.permute(1, 2, 0) of a tensor x or x.transpose(1, 2, 0) of "
    "an array has them"
)


def batch_of(images: object) -> list[ImageLike] | None:
    """Return the images of a batch, None for a single image.

    Args:
        images: a batch is an iterable of images, or an array of four dimensions.
    """
    single = (str, bytes, bytearray, os.PathLike, Image.Image, Mapping)
    if isinstance(images, single) or _is_readable(images):
        return None
    array = as_array(images)
    if array is not None:
        return list(array) if array.ndim == 4 else None
    if isinstance(images, memoryview) or not isinstance(images, Iterable):
        return None
    return list(images)


def load_image(image: ImageLike, name: str) -> Image.Image:
    """Return an image, decoded and upright.

    Args:
        image: as `ImageLike`.
        name: of the image, for notes.

    Raises:
        InputError: it is no image, or has too many pixels or none.
        Exception: whatever a decoder raises that is given damaged bytes.
    """
    if isinstance(image, Image.Image):
        check_size(*image.size)
        image.load()
        return upright(image)
    if isinstance(image, str | os.PathLike):
        with open_ordinary(image) as file:
            return _decoded(file, name)
    array = as_array(image)
    if array is not None:
        return _from_array(array)
    contents = contents_of(image)
    if contents is None:
        raise InputError(
            "expected a path, a Pillow image, a uint8 array, bytes or a file object, "
            f"found {type(image).__name__}"
        )
    return _decoded(io.BytesIO(contents), name)


def _is_readable(value: object) -> bool:
    return any(callable(getattr(value, method, None)) for method in ("read", "read_bytes"))


def _opened(file: BinaryIO) -> Image.Image:
    image = open_encoded(file)
    if image.format == "JPEG":
        scale_down(image)
    check_size(*image.size)
    return image


def _decoded(file: BinaryIO, name: str) -> Image.Image:
    image = _opened(file)
    try:
        image.load()
    except OSError:
        complete = without_end(file, _opened, name) if image.format == "JPEG" else None
        if complete is None:
            raise
        image = complete
    return upright(image)


def _from_array(array: npt.NDArray[Any]) -> Image.Image:
    if array.dtype != np.uint8:
        raise InputError(f"expected a uint8 array, found {array.dtype}")
    shape = array.shape
    if not (array.ndim == 2 or (array.ndim == 3 and shape[2] in _CHANNELS)):
        channels_first = array.ndim == 3 and shape[0] in _CHANNELS
        raise InputError(
            "expected shape (height, width) or (height, width, 1, 3 or 4), "
            f"found {tuple(shape)}{_CHANNELS_FIRST if channels_first else ''}"
        )
    check_size(shape[1], shape[0])
    if array.ndim == 3 and shape[2] == 4 and not array[..., 3].any():
        raise InputError(
            "expected opacity in the fourth channel, found 0 in all pixels, as in camera frames "
            "whose fourth byte is padding; what works: frame[..., :3]"
        )
    flat = array[..., 0] if array.ndim == 3 and shape[2] == 1 else array
    return Image.fromarray(np.ascontiguousarray(flat))
