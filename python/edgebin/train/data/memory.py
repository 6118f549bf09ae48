"""Images of a folder kept on the device: each is decoded once, crops are made there.

What is kept is the centre square at the short side of evaluation, `resize` pixels wide. All images
then have one size, so that a batch is one gather and two products; what a long image has outside
its square is not used by evaluation either. A set takes 3 * resize^2 bytes an image. Random crops
are drawn as in `decode.py`, within the square.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from edgebin.errors import DataError, first_line
from edgebin.train.data.decode import TRIES, crop_box
from edgebin.train.data.resample import resampled
from edgebin.train.data.source import WHOLE, Batch, Source
from edgebin.train.recipe.recipe import FolderRecipe

_AT_ONCE = 256


class ImagesInMemory:
    """Training images in memory.

    Args:
        squares: uint8 (N, 3, R, R), on the device.
        labels: int64 (N,), on the device.
        recipe: sizes and augmentation.
        files: the same images on disk, for evaluation, which sees what a board sees.
    """

    def __init__(
        self, squares: Tensor, labels: Tensor, recipe: FolderRecipe, *, files: Source
    ) -> None:
        """Keep the tensors without a copy."""
        self.squares = squares
        self.labels = labels
        self.recipe = recipe
        self.files = files

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """See `source.Source`."""
        side, device = self.squares.shape[-1], self.squares.device
        order = torch.randperm(len(self), generator=generator)
        shape = (batch_size, TRIES + 1, 4)
        for start in range(0, len(self) - batch_size + 1, batch_size):
            draws = torch.rand(shape, generator=generator, dtype=torch.float64)[share]
            tries = draws[:, :-1].numpy()
            boxes = torch.tensor([crop_box(side, side, self.recipe.scale, row) for row in tries])
            mirrored = (draws[:, -1, 0] < 0.5) & self.recipe.flip
            chosen = order[start : start + batch_size][share].to(device)
            images = resampled(
                self.squares[chosen], boxes.to(device), mirrored.to(device), self.recipe.input_size
            )
            yield images, self.labels[chosen]

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """See `source.Source`."""
        return self.files.evaluation(batch_size, chosen)


def decoded(source: Source, side: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Decode all images of a source, as its evaluation gives them, into one tensor.

    Args:
        source: gives images (N, 3, side, side).
        side: in pixels.
        device: where they are kept.

    Returns:
        uint8 (N, 3, side, side) and int64 labels (N,).

    Raises:
        DataError: a damaged image, or too little memory.
    """
    count = len(source)
    try:
        images = torch.empty((count, 3, side, side), dtype=torch.uint8, device=device)
    except RuntimeError as error:  # torch was refused memory
        reason = first_line(error)
        size = math.ceil(count * 3 * side**2 / 1e6)
        raise DataError(
            f"[data] memory: expected {size} MB on {device} for {count} images, found: {reason}"
        ) from None
    labels = torch.empty(count, dtype=torch.int64, device=device)
    done = 0
    for part, classes in source.evaluation(_AT_ONCE):
        images[done : done + len(part)] = part
        labels[done : done + len(part)] = classes
        done += len(part)
    return images, labels
