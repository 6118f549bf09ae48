"""Data sets for training, as batches of uint8 images and integer labels.

`source.py` is the contract; `cifar10.py` and `folder.py` fulfil it; `open_data` chooses by recipe.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from edgebin.train.data.cifar10 import open_cifar10
from edgebin.train.data.folder import open_folder
from edgebin.train.data.source import Batch, DataSet, Source, normalised
from edgebin.train.recipe.recipe import Cifar10Recipe, Recipe

__all__ = ["Batch", "DataSet", "Source", "normalised", "open_data"]


def open_data(
    folder: Path,
    recipe: Recipe,
    *,
    device: torch.device,
    workers: int = 1,
    in_memory: bool = True,
) -> DataSet:
    """The data set that the recipe names.

    Args:
        folder: where the data lie.
        recipe: its [data] and [run] seed decide the split.
        device: where batches are wanted.
        workers: threads that decode images; the result does not depend on it.
        in_memory: False keeps no image of a folder in memory, even if the recipe does: for those
            who look at each once.

    Raises:
        DataError: files are missing, incomplete or damaged.
    """
    if isinstance(recipe.data, Cifar10Recipe):
        return open_cifar10(folder, recipe.data, seed=recipe.run.seed, device=device)
    kind = dataclasses.replace(recipe.data, memory=recipe.data.memory and in_memory)
    return open_folder(folder, kind, seed=recipe.run.seed, device=device, workers=workers)
