"""Images in folders, one folder a class: train/CLASS/* and, if there, val/CLASS/*.

The layout that torchvision's ImageFolder reads; classes are the folders, sorted by name, and are
called as the recipe calls them. Pillow decodes in worker threads, two batches ahead, or once for
all (`memory.py`). It refuses files that Pillow cannot read, empty classes, a val/ with other
classes than train/, and labels of other folders.
"""

from __future__ import annotations

import dataclasses
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgebin.errors import DataError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.cifar10 import ImageTensor
from edgebin.train.data.decode import TRIES, evaluation_image, training_image
from edgebin.train.data.memory import ImagesInMemory, kept
from edgebin.train.data.source import WHOLE, Batch, DataSet, Source, split
from edgebin.train.recipe.recipe import FolderRecipe

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".webp")
_AHEAD = 2


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One image on disk and the index of its class."""

    path: Path
    label: int


def list_images(folder: Path) -> tuple[tuple[str, ...], list[ImageFile]]:
    """Classes and images of a folder of class folders, both sorted by name.

    Raises:
        DataError: the folder is missing, has no class folder, or a class has no image.
    """
    if not os.path.isdir(folder):  # unlike Path.is_dir, it never raises
        raise DataError(f"{folder}: expected a folder of class folders, found no folder")
    try:
        homes = sorted(path for path in folder.iterdir() if os.path.isdir(path))
    except OSError as error:
        raise DataError(f"{folder}: cannot be read: {error.strerror}") from None
    if not homes:
        raise DataError(f"{folder}: expected a folder for each class, found none")
    images = []
    for label, home in enumerate(homes):
        found = sorted(path for path in home.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise DataError(f"{home}: expected images ({' '.join(SUFFIXES)}), found none")
        images += [ImageFile(path, label) for path in found]
    return tuple(home.name for home in homes), images


class ImageFiles:
    """Images on disk, decoded when needed.

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
        """Keep the list; nothing is read yet."""
        self.files = files
        self.recipe = recipe
        self.device = device
        self.workers = workers

    def __len__(self) -> int:
        """Number of images."""
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


_Plan = tuple[Callable[[], Tensor], int]


def open_folder(
    folder: Path, recipe: FolderRecipe, *, seed: int, device: torch.device, workers: int
) -> DataSet:
    """train/ of a folder, and val/ as the test set if it is there.

    Raises:
        DataError: train/ is missing, a class is empty, val/ has other classes, or the recipe's
            labels are of others; a holdout leaves nothing to train on; or images that the recipe
            keeps in memory are damaged or too many for it.
    """
    classes, files = list_images(folder / "train")

    def source(files: Sequence[ImageFile], side: int = recipe.input_size) -> ImageFiles:
        sized = dataclasses.replace(recipe, input_size=side)
        return ImageFiles(files, sized, device=device, workers=workers)

    def training(files: Sequence[ImageFile]) -> Source:
        if not recipe.memory:
            return source(files)
        squares = kept(source(files, recipe.resize), recipe.resize, device)
        return ImagesInMemory(*squares, recipe, files=source(files))

    def held_out(files: Sequence[ImageFile]) -> Source:
        if not recipe.memory:
            return source(files)
        return ImageTensor(*kept(source(files), recipe.input_size, device), pad=0, flip=False)

    test = None
    if os.path.isdir(folder / "val"):
        found, test_files = list_images(folder / "val")
        if found != classes:
            raise DataError(f"{folder / 'val'}: {_difference(classes, found)}")
        test = source(test_files)
    stay, held = split(len(files), recipe.holdout, seed)
    return DataSet(
        _labels(classes, recipe, folder),
        Preprocessing(recipe.mean, recipe.std, resize=recipe.resize, input_size=recipe.input_size),
        training([files[index] for index in stay.tolist()]),
        held_out([files[index] for index in held.tolist()]) if len(held) else None,
        test,
    )


def _difference(expected: Sequence[str], found: Sequence[str]) -> str:
    """Which class folders of train/ are missing in val/, or there without being in train/."""
    missing, other = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    parts = [f"no {name!r}" for name in missing[:3]] + [repr(name) for name in other[:3]]
    return f"expected the {len(expected)} class folders of train, found {', '.join(parts)}"


def _labels(classes: Sequence[str], recipe: FolderRecipe, folder: Path) -> tuple[str, ...]:
    if not recipe.labels:
        return tuple(classes)
    for name in sorted({*classes, *recipe.labels}):
        if name not in recipe.labels:
            raise DataError(
                f"{folder / 'train' / name}: expected a label in [data.labels], found none"
            )
        if name not in classes:
            raise DataError(
                f"{folder / 'train' / name}: expected the folder of a label, found none"
            )
    return tuple(recipe.labels[name] for name in classes)
