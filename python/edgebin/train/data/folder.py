"""An image folder as a data set: train/CLASS/* and, if there is a test set, val/CLASS/*.

A folder without these two has the classes itself, and all its images are to train on. Classes are
the folders, sorted by name, and have the names that the recipe gives them. With `memory` in the
recipe, images are decoded once (`memory.py`). Files that Pillow cannot read, empty classes, a val/
with other classes than train/ and labels of other folders are errors; a test/ is not read, nor are
files of other formats and what is hidden, which the data set notes.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

import torch

from edgebin.errors import DataError
from edgebin.files.hidden import is_hidden
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.images.suffixes import SUFFIXES
from edgebin.train.data.cifar10 import ImageTensor
from edgebin.train.data.image_files import ImageFile, ImageFiles, list_images
from edgebin.train.data.memory import ImagesInMemory, decoded
from edgebin.train.data.source import DataSet, Source, split
from edgebin.train.recipe.tables import FolderRecipe


def open_folder(
    folder: Path, recipe: FolderRecipe, *, seed: int, device: torch.device, workers: int
) -> DataSet:
    """Open train/ of a folder, and val/ as the test set if it is there; or the folder itself.

    Raises:
        DataError: train/ is missing beside val/, a class is empty, val/ has other classes, or the
            recipe's labels are of others; a holdout leaves nothing to train on; or images that the
            recipe keeps in memory are damaged or too many for it.
    """
    home = _training_folder(folder)
    listing = list_images(home)
    classes, hidden, others = listing.classes, listing.hidden, listing.others

    def source(files: Sequence[ImageFile], side: int = recipe.input_size) -> ImageFiles:
        sized = dataclasses.replace(recipe, input_size=side)
        return ImageFiles(files, sized, device=device, workers=workers)

    def training(files: Sequence[ImageFile]) -> Source:
        if not recipe.memory:
            return source(files)
        squares = decoded(source(files, recipe.resize), recipe.resize, device)
        return ImagesInMemory(*squares, recipe, files=source(files))

    def held_out(files: Sequence[ImageFile]) -> Source:
        if not recipe.memory:
            return source(files)
        return ImageTensor(*decoded(source(files), recipe.input_size, device), pad=0, flip=False)

    test = None
    if os.path.isdir(folder / "val"):
        tests = list_images(folder / "val")
        if tests.classes != classes:
            raise DataError(f"{folder / 'val'}: {_difference(classes, tests.classes)}")
        test = source(tests.files)
        hidden += tests.hidden
        others += tests.others
    files = listing.files
    stay, held = split(len(files), recipe.holdout, seed)
    return DataSet(
        _labels(classes, recipe, home),
        Preprocessing(recipe.mean, recipe.std, resize=recipe.resize, input_size=recipe.input_size),
        training([files[index] for index in stay.tolist()]),
        held_out([files[index] for index in held.tolist()]) if len(held) else None,
        test,
        notes=(
            *(_notes(folder, classes) if home != folder else ()),
            *_ignored_note(folder, "hidden files and folders, not read", hidden),
            *_ignored_note(
                folder, f"files of other formats than {' '.join(SUFFIXES)}, not read", others
            ),
        ),
    )


def _ignored_note(folder: Path, what: str, ignored: Sequence[Path]) -> tuple[str, ...]:
    """Return a line about what was ignored, none where nothing was."""
    if not ignored:
        return ()
    example = ignored[0].relative_to(folder)
    return (f"{folder}: {what}: {len(ignored)}, such as {example}",)


def _training_folder(folder: Path) -> Path:
    """Return train/, or the folder itself where it has classes and neither train/ nor val/.

    One folder alone is no set of classes, but perhaps the data set.
    """
    try:
        inner = {
            path.name
            for path in folder.iterdir()
            if os.path.isdir(path) and not is_hidden(path.name)
        }
    except OSError:
        inner = set()  # the error comes when the folder is read
    return folder if len(inner) > 1 and not inner & {"train", "val"} else folder / "train"


def _notes(folder: Path, classes: Sequence[str]) -> tuple[str, ...]:
    """Return a line about each folder that looks like a part of the data set and is not read."""
    return tuple(
        f"{path}: not read: the training images are in train/, the test set is in val/"
        for path in sorted(folder.iterdir())
        if path.name not in {"train", "val"}
        and os.path.isdir(path)
        and (path.name == "test" or any(os.path.isdir(path / name) for name in classes))
    )


def _difference(expected: Sequence[str], found: Sequence[str]) -> str:
    """Which class folders of train/ are missing in val/, or there without being in train/."""
    missing, other = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
    parts = [f"no {name!r}" for name in missing[:3]] + [repr(name) for name in other[:3]]
    return f"expected the {len(expected)} class folders of train, found {', '.join(parts)}"


def _labels(classes: Sequence[str], recipe: FolderRecipe, home: Path) -> tuple[str, ...]:
    if not recipe.labels:
        return tuple(classes)
    for name in sorted({*classes, *recipe.labels}):
        if name not in recipe.labels:
            raise DataError(f"{home / name}: expected a label in [data.labels], found none")
        if name not in classes:
            raise DataError(f"{home / name}: expected the folder of a label, found none")
    return tuple(recipe.labels[name] for name in classes)
