"""Data sets for training: from image folders, CIFAR-10's files, and torch Datasets.

`source.py` is the contract, `folder.py`, `cifar10.py` and `tensors.py` fulfil it.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from edgebin.train.backend.device import training_device
from edgebin.train.data.cifar10 import open_cifar10
from edgebin.train.data.folder import open_folder
from edgebin.train.data.source import Batch, DataSet, Source, normalised
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.recipe import Cifar10Recipe, Recipe

__all__ = ["Batch", "DataSet", "Source", "normalised", "open_data"]


def open_data(
    folder: str | Path,
    recipe: Recipe | str | Path,
    *,
    device: str | torch.device = "cpu",
    workers: int | None = None,
    in_memory: bool = True,
) -> DataSet:
    """Open the data set of a recipe.

    Args:
        folder: of class folders, train/CLASS/ and, if there is a test set, val/CLASS/; or of
            CIFAR-10's binary files, if the recipe is for these.
        recipe: a recipe, or the name of a shipped one, or the path of a TOML file. Its [data] says
            how images are read, and its seed which are held out.
        device: where images are kept that the recipe keeps in memory: "cpu", "cuda" and so on.
        workers: threads that decode images, by default as many as PyTorch has; the result does not
            depend on it.
        in_memory: False keeps no image of a folder in memory, even if the recipe does.

    Returns:
        The data set: classes, preprocessing, an example of the network's input, and its parts.

    Raises:
        DataError: files are missing, incomplete or damaged.
        OptionError: the device is not there.
        RecipeError: the recipe is not there, or wrong.
    """
    folder, target = Path(folder), training_device(device)
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe)
    if isinstance(recipe.data, Cifar10Recipe):
        return open_cifar10(folder, recipe.data, seed=recipe.run.seed, device=target)
    images = dataclasses.replace(recipe.data, memory=recipe.data.memory and in_memory)
    threads = workers if workers is not None else torch.get_num_threads()
    return open_folder(folder, images, seed=recipe.run.seed, device=target, workers=threads)
