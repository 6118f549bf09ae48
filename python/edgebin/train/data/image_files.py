"""Image files in class folders: what there is, and batches of it, decoded by threads.

The layout is the one that torchvision's ImageFolder reads: a folder for each class, with images at
any depth. Pillow decodes in worker threads, two batches ahead.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from edgebin.errors import DataError
from edgebin.files.hidden import is_hidden
from edgebin.runtime.images.suffixes import SUFFIXES
from edgebin.train.data.decode import TRIES, evaluation_image, training_image
from edgebin.train.data.source import WHOLE, Batch
from edgebin.train.recipe.tables import FolderRecipe

_AHEAD = 2

_Plan: TypeAlias = tuple[Callable[[], Tensor], int]
"""What decodes an image, and its label."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One image on disk and the index of its class."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a folder of class folders holds.

    Attributes:
        classes: names of the class folders, sorted.
        files: the images, sorted by class and path.
        hidden: files and folders that were ignored: hidden ones, and those of a system.
        others: all other files that were ignored, because their names end in none of `SUFFIXES`.
    """

    classes: tuple[str, ...]
    files: list[ImageFile]
    hidden: list[Path]
    others: list[Path]


def list_images(folder: Path) -> Listing:
    """Return the images of a folder of class folders.

    Raises:
        DataError: the folder is missing, has no class folder, or a class has no image.
    """
    if not os.path.isdir(folder):  # unlike Path.is_dir, it never raises
        raise DataError(f"{folder}: expected a folder of class folders, found no folder")
    try:
        inside = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}") from None
    hidden = [path for path in inside if is_hidden(path.name)]
    class_folders = [path for path in inside if os.path.isdir(path) and path not in hidden]
    if not class_folders:
        raise DataError(f"{folder}: expected a folder for each class, found none")
    images, others = [], []
    for label, home in enumerate(class_folders):
        found, ignored = _walk(home)
        hidden += ignored
        paths = sorted(path for path in found if path.suffix.lower() in SUFFIXES)
        if not paths:
            raise DataError(f"{home}: expected images ({' '.join(SUFFIXES)}), found none")
        others += sorted(path for path in found if path.suffix.lower() not in SUFFIXES)
        images += [ImageFile(path, label) for path in paths]
    return Listing(tuple(home.name for home in class_folders), images, hidden, others)


def _walk(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the files at any depth, and what is hidden; a hidden folder is not entered."""
    files: list[Path] = []
    hidden: list[Path] = []
    for home, folders, names in os.walk(folder):
        for name in (*folders, *names):
            if is_hidden(name):
                hidden.append(Path(home, name))
        folders[:] = [name for name in folders if not is_hidden(name)]
        files += [Path(home, name) for name in names if not is_hidden(name)]
    return files, hidden


class ImageFiles:
    """A part of a data set whose images are decoded when a batch needs them.

    Args:
        files: the images.
        recipe: sizes and augmentation.
        device: where batches are wanted.
        workers: threads that decode.
    """

    def __init__(
        self,
        files: Sequence[ImageFile],
        recipe: FolderRecipe,
        *,
        device: torch.device,
        workers: int,
    ) -> None:
        """Keep the list; no file is read yet."""
        self.files = files
        self.recipe = recipe
        self.device = device
        self.workers = workers

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.files)

    def training(
        self, batch_size: int, generator: torch.Generator, *, share: slice = WHOLE
    ) -> Iterator[Batch]:
        """See `source.Source`."""
        order = torch.randperm(len(self), generator=generator).tolist()
        shape = (batch_size, TRIES + 1, 4)

        def plans() -> Iterator[list[_Plan]]:
            for start in range(0, len(self) - batch_size + 1, batch_size):
                draws = torch.rand(shape, generator=generator, dtype=torch.float64).numpy()
                chosen = [self.files[index] for index in order[start : start + batch_size]]
                yield [
                    (self._training_call(file.path, row), file.label)
                    for file, row in zip(chosen[share], draws[share], strict=True)
                ]

        return self._decoded(plans())

    def evaluation(self, batch_size: int, chosen: Tensor | None = None) -> Iterator[Batch]:
        """See `source.Source`."""
        size, resize = self.recipe.input_size, self.recipe.resize
        wanted = range(len(self)) if chosen is None else chosen.tolist()

        def plans() -> Iterator[list[_Plan]]:
            for start in range(0, len(wanted), batch_size):
                files = [self.files[index] for index in wanted[start : start + batch_size]]
                yield [
                    (partial(evaluation_image, file.path, resize=resize, size=size), file.label)
                    for file in files
                ]

        return self._decoded(plans())

    def _training_call(self, path: Path, draws: np.ndarray) -> Callable[[], Tensor]:
        recipe = self.recipe
        return partial(
            training_image,
            path,
            size=recipe.input_size,
            scale=recipe.scale,
            flip=recipe.flip,
            draws=draws,
        )

    def _decoded(self, plans: Iterator[list[_Plan]]) -> Iterator[Batch]:
        with ThreadPoolExecutor(self.workers) as pool:
            waiting: deque[tuple[list[Future[Tensor]], list[int]]] = deque()

            def finished() -> Batch:
                futures, labels = waiting.popleft()
                images = torch.stack([future.result() for future in futures])
                return images.to(self.device), torch.tensor(labels, device=self.device)

            try:
                for plan in plans:
                    waiting.append(
                        ([pool.submit(call) for call, _ in plan], [label for _, label in plan])
                    )
                    if len(waiting) > _AHEAD:
                        yield finished()
                while waiting:
                    yield finished()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
