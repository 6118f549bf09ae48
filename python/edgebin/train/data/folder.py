"""Pictures in folders, one folder a class: train/CLASS/* and, if there, val/CLASS/*.

The layout that torchvision's ImageFolder reads; classes are the folder names, sorted. Pillow
decodes in worker threads, two batches ahead. The random crop is Szegedy et al.'s (arXiv
1409.4842): a share of the area within the recipe's range, an aspect ratio in 3/4..4/3. It refuses
files that Pillow cannot read, empty classes, and a val/ with other classes than train/.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from edgebin.errors import DataError
from edgebin.train.checkpoint import Preprocessing
from edgebin.train.data.source import Batch, DataSet, split
from edgebin.train.recipe import FolderRecipe

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".webp")
_AHEAD = 2
_TRIES = 10


@dataclass(frozen=True, slots=True)
class PictureFile:
    """One picture on disk and the index of its class."""

    path: Path
    label: int


def list_pictures(folder: Path) -> tuple[tuple[str, ...], list[PictureFile]]:
    """Classes and pictures of a folder of class folders, both sorted by name.

    Raises:
        DataError: the folder is missing, has no class folder, or a class has no picture.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: expected a folder of class folders, found no folder")
    homes = sorted(path for path in folder.iterdir() if path.is_dir())
    if not homes:
        raise DataError(f"{folder}: expected a folder for each class, found none")
    pictures = []
    for label, home in enumerate(homes):
        found = sorted(path for path in home.rglob("*") if path.suffix.lower() in SUFFIXES)
        if not found:
            raise DataError(f"{home}: expected pictures ({' '.join(SUFFIXES)}), found none")
        pictures += [PictureFile(path, label) for path in found]
    return tuple(home.name for home in homes), pictures


def crop_box(
    width: int, height: int, scale: Sequence[float], draws: np.ndarray
) -> tuple[int, int, int, int]:
    """A random crop as (left, top, right, bottom).

    Args:
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        scale: least and greatest share of the area.
        draws: float64 (tries, 4), uniform in [0, 1): area, ratio, left, top of each attempt.

    Returns:
        The first attempt that fits, else the largest centred crop with a ratio in 3/4..4/3.
    """
    low, high = math.log(3 / 4), math.log(4 / 3)
    for area, ratio, left, top in draws.tolist():
        share = (scale[0] + area * (scale[1] - scale[0])) * width * height
        aspect = math.exp(low + ratio * (high - low))
        w, h = round(math.sqrt(share * aspect)), round(math.sqrt(share / aspect))
        if 0 < w <= width and 0 < h <= height:
            x, y = int(left * (width - w + 1)), int(top * (height - h + 1))
            return x, y, x + w, y + h
    w = min(width, max(1, round(height * 4 / 3)))
    h = min(height, max(1, round(width * 4 / 3)))
    x, y = (width - w) // 2, (height - h) // 2
    return x, y, x + w, y + h


def _opened(path: Path) -> Image.Image:
    try:
        with Image.open(path) as picture:
            return picture.convert("RGB")
    except Exception as error:
        # Pillow's decoders raise whatever a damaged file leads them to.
        raise DataError(f"{path}: expected a readable picture, found: {error}") from None


def _as_tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture, dtype=np.uint8)).permute(2, 0, 1).contiguous()


def evaluation_picture(path: Path, *, resize: int, size: int) -> Tensor:
    """Shorter side to `resize`, centre crop of `size`: uint8 (3, size, size).

    Raises:
        DataError: Pillow cannot read the file.
    """
    picture = _opened(path)
    width, height = picture.size
    factor = resize / min(width, height)
    wide, high = max(resize, round(width * factor)), max(resize, round(height * factor))
    picture = picture.resize((wide, high), Image.Resampling.BILINEAR)
    left, top = (wide - size) // 2, (high - size) // 2
    return _as_tensor(picture.crop((left, top, left + size, top + size)))


def training_picture(
    path: Path, *, size: int, scale: Sequence[float], flip: bool, draws: np.ndarray
) -> Tensor:
    """Random crop resized to `size`, perhaps mirrored: uint8 (3, size, size).

    Args:
        path: the picture.
        size: side of the result, in pixels.
        scale: least and greatest share of the area.
        flip: whether it may be mirrored.
        draws: float64 (tries + 1, 4), uniform in [0, 1); the last row decides the mirroring.

    Raises:
        DataError: Pillow cannot read the file.
    """
    picture = _opened(path)
    box = crop_box(*picture.size, scale, draws[:-1])
    picture = picture.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if flip and draws[-1, 0] < 0.5:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return _as_tensor(picture)


class PictureFiles:
    """Pictures on disk, decoded when needed.

    Args:
        files: the pictures.
        recipe: sizes and augmentation.
        device: where batches are wanted.
        workers: threads that decode.
    """

    def __init__(
        self,
        files: Sequence[PictureFile],
        recipe: FolderRecipe,
        *,
        device: torch.device,
        workers: int,
    ) -> None:
        self.files = files
        self.recipe = recipe
        self.device = device
        self.workers = workers

    def __len__(self) -> int:
        """Number of pictures."""
        return len(self.files)

    def training(self, batch_size: int, generator: torch.Generator) -> Iterator[Batch]:
        """See `source.Source`."""
        order = torch.randperm(len(self), generator=generator).tolist()
        shape = (batch_size, _TRIES + 1, 4)

        def plans() -> Iterator[list[_Plan]]:
            for start in range(0, len(self) - batch_size + 1, batch_size):
                draws = torch.rand(shape, generator=generator, dtype=torch.float64).numpy()
                chosen = [self.files[index] for index in order[start : start + batch_size]]
                yield [
                    (self._training_call(file.path, row), file.label)
                    for file, row in zip(chosen, draws, strict=True)
                ]

        return self._decoded(plans())

    def evaluation(self, batch_size: int) -> Iterator[Batch]:
        """See `source.Source`."""
        size, resize = self.recipe.input_size, self.recipe.resize

        def plans() -> Iterator[list[_Plan]]:
            for start in range(0, len(self), batch_size):
                yield [
                    (partial(evaluation_picture, file.path, resize=resize, size=size), file.label)
                    for file in self.files[start : start + batch_size]
                ]

        return self._decoded(plans())

    def _training_call(self, path: Path, draws: np.ndarray) -> Callable[[], Tensor]:
        recipe = self.recipe
        return partial(
            training_picture,
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
                pictures = torch.stack([future.result() for future in futures])
                return pictures.to(self.device), torch.tensor(labels, device=self.device)

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
        DataError: train/ is missing, a class is empty, or val/ has other classes.
    """
    classes, files = list_pictures(folder / "train")

    def source(files: Sequence[PictureFile]) -> PictureFiles:
        return PictureFiles(files, recipe, device=device, workers=workers)

    test = None
    if (folder / "val").is_dir():
        found, test_files = list_pictures(folder / "val")
        if found != classes:
            raise DataError(
                f"{folder / 'val'}: expected the {len(classes)} classes of train, "
                f"found {len(found)} ({', '.join(sorted(set(found) ^ set(classes))[:3])} differ)"
            )
        test = source(test_files)
    kept, held = split(len(files), recipe.holdout, seed)
    return DataSet(
        classes,
        Preprocessing(recipe.mean, recipe.std, recipe.input_size, recipe.resize),
        source([files[index] for index in kept.tolist()]),
        source([files[index] for index in held.tolist()]) if len(held) else None,
        test,
    )
