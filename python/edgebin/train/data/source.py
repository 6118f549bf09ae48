"""What a data set is to the training loop.

A batch is images (N, 3, S, S) and int64 labels (N,). uint8 images are pixels, which the loop
normalises; float32 images are taken as normalised. All randomness comes from the generator that the
loop hands in, drawn in the order of the batches, so that its state at the end of an epoch is all
that a resumed run needs.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

from edgebin.errors import DataError
from edgebin.graph.preprocessing import Preprocessing

Batch: TypeAlias = tuple[Tensor, Tensor]
WHOLE = slice(None)


class Source(Protocol):
    """A part of a data set."""

    def __len__(self) -> int:
        """Return the number of images."""

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """Yield shuffled, augmented batches of batch_size; the incomplete last one is left out.

        Only the share of each batch is made and yielded, for a process that trains with others;
        random numbers are drawn for all of it.
        """

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """Yield all images in order, without augmentation; the last batch may be smaller.

        Args:
            batch_size: images of a batch, at most.
            chosen: indices (N,), int64, of those that are wanted, instead of all in order.
        """


@dataclass(frozen=True, slots=True)
class DataSet:
    """The parts of a data set, and how their images become the network's input.

    Attributes:
        classes: names of the classes, in the order of the labels.
        preprocessing: how an image becomes the network's input, with input_size, the side S of the
            images in pixels.
        train: what is trained on.
        holdout: taken out of the training images and scored after each epoch, None if none is.
        test: scored once, at the end, None if there is no test set.
        notes: lines that a run prints first, about what is in the folder and not read.
    """

    classes: tuple[str, ...]
    preprocessing: Preprocessing
    train: Source
    holdout: Source | None
    test: Source | None
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return sizes; the parts hold all images, and there may be a thousand classes."""
        parts = {"train": self.train, "holdout": self.holdout, "test": self.test}
        sizes = ", ".join(f"{len(part)} {name}" for name, part in parts.items() if part is not None)
        return f"<DataSet: {len(self.classes)} classes, images: {sizes}>"

    @property
    def example(self) -> Tensor:
        """A black input of the network, float32 (1, 3, S, S), for `edgebin.export`."""
        side = self.preprocessing.input_size
        return torch.zeros(1, 3, side, side)


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Return a batch on a device: the same tensors if they are there."""
    images, labels = batch
    return images.to(device), labels.to(device)


def normalised(images: Tensor, preprocessing: Preprocessing) -> Tensor:
    """Return (x / 255 - mean) / scale of uint8 images (N, 3, S, S) in float32; others unchanged."""
    if images.dtype != torch.uint8:
        return images
    mean = _channels(preprocessing.mean, images.device)
    scale = _channels(preprocessing.scale, images.device)
    return (images.float() / 255.0 - mean) / scale


@functools.lru_cache(maxsize=16)
def _channels(values: tuple[float, ...], device: torch.device) -> Tensor:
    """Numbers (3,) as (1, 3, 1, 1) on the device: copied there once, for a copy waits for a GPU."""
    with torch.inference_mode(mode=False):  # a tensor made while scoring serves training as well
        return torch.tensor(values, device=device).view(1, 3, 1, 1)


def split(count: int, holdout: float, seed: int) -> tuple[Tensor, Tensor]:
    """Return the indices of the images to train on and of those held out, by seed alone.

    Args:
        count: number of images.
        holdout: number of images to hold out, or a share of them below 1.
        seed: of the choice.

    Returns:
        Two sorted int64 tensors, whose entries are count together.

    Raises:
        DataError: nothing would be left to train on.
    """
    held = round(count * holdout) if holdout < 1 else int(holdout)
    if held >= count:
        raise DataError(f"holdout: expected fewer than the {count} images, found {held}")
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
    return order[held:].sort().values, order[:held].sort().values
