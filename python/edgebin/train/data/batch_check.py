"""What the items and batches of a torch Dataset or DataLoader must be: pairs of image and label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from edgebin.errors import DataError, first_line
from edgebin.train.data.source import Batch


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """What every image and label of a data set must be.

    Attributes:
        side: S of the images (3, S, S), in pixels.
        dtype: torch.uint8 or torch.float32.
        classes: their number; labels count them from 0.
    """

    side: int
    dtype: torch.dtype
    classes: int

    def image(self, image: object) -> Tensor:
        """Return the image if it fits; raise DataError if it does not."""
        expected = f"{_name(self.dtype)} (3, {self.side}, {self.side})"
        if not isinstance(image, Tensor):
            raise DataError(f"image: expected {expected}, found {type(image).__name__}")
        if image.dtype != self.dtype or tuple(image.shape) != (3, self.side, self.side):
            raise DataError(f"image: expected {expected}, found {_described(image)}")
        return image

    def batch(self, images: object, labels: object) -> Batch:
        """Return a batch whose labels are int64; raise DataError if it does not fit."""
        shape = (3, self.side, self.side)
        expected = f"a batch of {_name(self.dtype)} images (N, {', '.join(map(str, shape))})"
        if not isinstance(images, Tensor) or not isinstance(labels, Tensor):
            kinds = f"{type(images).__name__} and {type(labels).__name__}"
            raise DataError(f"{expected} and a tensor of labels (N,), found {kinds}")
        if images.dtype != self.dtype or tuple(images.shape[1:]) != shape:
            raise DataError(f"expected {expected}, found {_described(images)}")
        if labels.shape != images.shape[:1] or labels.is_floating_point():
            raise DataError(
                f"labels: expected integers ({len(images)},), found {_described(labels)}"
            )
        lowest, highest = int(labels.min()), int(labels.max())
        if lowest < 0 or highest >= self.classes:
            wrong = lowest if lowest < 0 else highest
            raise DataError(f"label: expected 0..{self.classes - 1}, one a class, found {wrong}")
        return images, labels.to(torch.int64)


def side_and_dtype(image: object) -> tuple[int, torch.dtype]:
    """Return S and the type of an image (3, S, S); raise DataError if it is no such image."""
    expected = "a square RGB tensor (3, S, S) of uint8 or float32"
    if not isinstance(image, Tensor):
        raise DataError(f"image: expected {expected}, found {type(image).__name__}")
    fits = image.dim() == 3 and len(image) == 3 and image.shape[1] == image.shape[2]
    if not fits or image.dtype not in (torch.uint8, torch.float32):
        raise DataError(f"image: expected {expected}, found {_described(image)}")
    return image.shape[1], image.dtype


def read_item(dataset: Any, index: int) -> tuple[Any, int]:
    """Return an image, unchecked, and its label; raise DataError if the item is no such pair."""
    try:
        item = dataset[index]
    except IndexError as error:
        raise DataError(f"item {index}: expected an item, found: {first_line(error)}") from error
    if not isinstance(item, list | tuple) or len(item) != 2:
        raise DataError(f"item {index}: expected an image and its label, found {kind_of(item)}")
    image, label = item
    try:
        return image, label.__index__()
    except (AttributeError, TypeError):
        raise DataError(
            f"item {index}: expected an integer as label, found {type(label).__name__}"
        ) from None


def _described(value: Tensor) -> str:
    return f"{_name(value.dtype)} {tuple(value.shape)}"


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def kind_of(value: object) -> str:
    """Return what a message calls a value that is not as expected."""
    return "none" if value is None else type(value).__name__
