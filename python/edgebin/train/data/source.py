"""What a data set is to the training loop.

Batches are uint8 images (N, 3, S, S) and int64 labels (N,), on the device; the loop normalises
them. All randomness comes from the generator that the loop hands in, drawn in the order of the
batches, so that its state at the end of an epoch is all that a resumed run needs.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from edgebin.errors import DataError
from edgebin.train.checkpoint.checkpoint import Preprocessing

Batch = tuple[Tensor, Tensor]
WHOLE = slice(None)


class Source(Protocol):
    """A part of a data set."""

    def __len__(self) -> int:
        """Number of images."""

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """Shuffled, augmented batches, all of batch_size; the incomplete last one is left out.

        Only the share of each batch is made and given, for a process that trains with others;
        random numbers are drawn for all of it.
        """

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """All images in order, without augmentation; the last batch may be smaller.

        Args:
            batch_size: images of a batch.
            chosen: indices (N,), int64, of those that are wanted, instead of all in order.
        """


@dataclass(frozen=True, slots=True)
class DataSet:
    """Parts of a data set; holdout comes out of the training images, test does not."""

    classes: tuple[str, ...]
    preprocessing: Preprocessing
    train: Source
    holdout: Source | None
    test: Source | None


def normalised(images: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(x / 255 - mean) / std in float32; uint8 (N, 3, S, S) in, the same shape out."""
    mean = _channels(preprocessing.mean, images.device)
    std = _channels(preprocessing.std, images.device)
    return (images.float() / 255.0 - mean) / std


@functools.lru_cache(maxsize=16)
def _channels(values: tuple[float, ...], device: torch.device) -> Tensor:
    """Numbers (3,) as (1, 3, 1, 1) on the device: copied there once, for a copy waits for a GPU."""
    with torch.inference_mode(mode=False):  # what is made while scoring serves training as well
        return torch.tensor(values, device=device).view(1, 3, 1, 1)


def split(count: int, holdout: int, seed: int) -> tuple[Tensor, Tensor]:
    """Indices of the images to train on and of those held out, by seed alone.

    Returns:
        Two sorted int64 tensors of count - holdout and holdout entries.

    Raises:
        DataError: nothing would be left to train on.
    """
    if holdout >= count:
        raise DataError(f"holdout: expected fewer than the {count} images, found {holdout}")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[holdout:].sort().values, order[:holdout].sort().values
