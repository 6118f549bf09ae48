"""CIFAR-10 in its standard binary files, kept in memory on the device as uint8.

Each file holds 10,000 records of one label byte and 3,072 pixel bytes, red plane first. Crops with
replicated borders and flips are made for a whole batch at once by indexing. Files of another size
and labels above 9 are errors; nothing is downloaded. The same set in pickles, which could run code,
is never opened.
Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from edgebin.errors import DataError
from edgebin.files.safe_open import read_bounded
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.source import WHOLE, Batch, DataSet, split
from edgebin.train.recipe.recipe import Cifar10Recipe

CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
FOLDER = "cifar-10-batches-bin"
TRAIN_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
SIDE = 32
RECORDS = 10_000
RECORD_BYTES = 1 + 3 * SIDE * SIDE
_MOST_BYTES = 2 * RECORDS * RECORD_BYTES


def read_batch(path: Path) -> tuple[Tensor, Tensor]:
    """Read a binary file: uint8 images (10000, 3, 32, 32) and int64 labels (10000,).

    Raises:
        DataError: the file is missing, has another size or a label above 9.
    """
    expected = RECORDS * RECORD_BYTES
    try:
        raw = read_bounded(path, _MOST_BYTES)
    except FileNotFoundError:
        raise DataError(f"{path}: expected a CIFAR-10 file, found none") from None
    except OSError as error:
        raise DataError(f"{path}: expected a CIFAR-10 file, found: {error.strerror}") from None
    if len(raw) != expected:
        raise DataError(f"{path}: expected {expected} bytes, found {len(raw)}")
    records = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(RECORDS, RECORD_BYTES)
    labels = records[:, 0].to(torch.int64)
    largest = int(labels.max())
    if largest >= len(CLASSES):
        raise DataError(f"{path}: expected labels 0..9, found {largest}")
    return records[:, 1:].reshape(RECORDS, 3, SIDE, SIDE).contiguous(), labels


class ImageTensor:
    """Images of one size in memory.

    Args:
        images: uint8 (N, 3, S, S), on the device.
        labels: int64 (N,), on the device.
        pad: replicated pixels around the image before the random crop of size S.
        flip: whether half of the training images are mirrored.
    """

    def __init__(self, images: Tensor, labels: Tensor, *, pad: int, flip: bool) -> None:
        """Keep the tensors without a copy."""
        self.images = images
        self.labels = labels
        self.pad = pad
        self.flip = flip

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """See `source.Source`."""
        device, side = self.images.device, self.images.shape[-1]
        order = torch.randperm(len(self), generator=generator)
        starts = range(0, len(self) - batch_size + 1, batch_size)
        if not starts:
            return
        # All of an epoch's draws go to the device at once: a copy a batch would wait for a GPU.
        draws = [self._draw(batch_size, generator) for _ in starts]
        shifts = torch.cat([shift for shift, _ in draws], 1).to(device)
        flips = torch.cat([mirrored for _, mirrored in draws]).to(device)
        order, along = order.to(device), torch.arange(side, device=device)
        for start in starts:
            part = slice(start, start + batch_size)
            chosen, flipped = order[part][share], flips[part][share]
            shift = shifts[:, part][:, share]
            across = torch.where(flipped, side - 1 - along, along)
            yield self._cut(chosen, along + shift[0], across + shift[1]), self.labels[chosen]

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """See `source.Source`."""
        wanted = torch.arange(len(self)) if chosen is None else chosen
        for indices in torch.split(wanted.to(self.labels.device), batch_size):
            yield self.images[indices], self.labels[indices]

    def _draw(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Draw shifts (2, count, 1), down and across, and which images are mirrored (count, 1)."""
        shift = torch.randint(-self.pad, self.pad + 1, (2, count, 1), generator=generator)
        mirrored = torch.rand(count, 1, generator=generator) < (0.5 if self.flip else 0.0)
        return shift, mirrored

    def _cut(self, chosen: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
        """Gather the rows (N, S) and columns (N, S) of images, with borders replicated."""
        last = self.images.shape[-1] - 1
        planes = torch.arange(3, device=chosen.device)
        # Clamping the coordinates is cropping from an image with replicated borders.
        return self.images[
            chosen[:, None, None, None],
            planes[None, :, None, None],
            rows.clamp(0, last)[:, None, :, None],
            columns.clamp(0, last)[:, None, None, :],
        ]


def open_cifar10(
    folder: Path, recipe: Cifar10Recipe, *, seed: int, device: torch.device
) -> DataSet:
    """Open CIFAR-10 from the folder of its binary files or from that folder's parent.

    Raises:
        DataError: a file is missing or damaged, or the holdout leaves nothing.
    """
    inner = folder / FOLDER
    home = inner if os.path.isdir(inner) else folder  # unlike Path.is_dir, it never raises
    if not os.path.isdir(home):
        raise DataError(f"{folder}: expected the folder {FOLDER} or its parent, found no folder")
    parts = [read_batch(home / name) for name in TRAIN_FILES]
    images = torch.cat([part[0] for part in parts])
    labels = torch.cat([part[1] for part in parts])

    def source(images: Tensor, labels: Tensor) -> ImageTensor:
        return ImageTensor(images.to(device), labels.to(device), pad=recipe.pad, flip=recipe.flip)

    kept, held = split(len(labels), recipe.holdout, seed)
    return DataSet(
        CLASSES,
        Preprocessing(recipe.mean, recipe.std, resize=SIDE, input_size=SIDE),
        source(images[kept], labels[kept]),
        source(images[held], labels[held]) if len(held) else None,
        source(*read_batch(home / TEST_FILE)),
    )
