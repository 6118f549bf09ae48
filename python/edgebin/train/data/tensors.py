"""Images from a torch Dataset or DataLoader as a data set for training.

An item is a pair (image, label): a tensor of shape (3, S, S), RGB, one S for all, and an integer
from 0. Pixels in uint8 are normalised by the recipe's mean and std, as those of image folders are;
float32 images reach the network as they are. Augmentation is the user's: of a recipe's [data] only
mean, std and resize are read here. torch's random numbers are seeded for each epoch, so that a run
that augments with them resumes to the same bits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset

from edgebin.errors import DataError
from edgebin.graph.preprocessing import Preprocessing
from edgebin.train.data.batch_check import BatchCheck, kind_of, read_item, side_and_dtype
from edgebin.train.data.source import DataSet, Source
from edgebin.train.data.tensor_source import DatasetSource, LoaderSource
from edgebin.train.recipe.file import load_recipe
from edgebin.train.recipe.tables import FolderRecipe, Recipe

TorchData: TypeAlias = "Dataset[Any] | DataLoader[Any]"


def tensor_data(
    train: TorchData,
    recipe: Recipe | str | Path,
    *,
    classes: Sequence[str] | None = None,
    holdout: TorchData | None = None,
    test: TorchData | None = None,
    preprocessing: Preprocessing | None = None,
) -> DataSet:
    """Make a data set of torch Datasets or DataLoaders of (image, label) pairs.

    An image is a tensor of shape (3, S, S), RGB: uint8 pixels, which training normalises by the
    recipe's mean and std, or float32 values, which the network gets as they are. A label is an
    integer from 0, or a tensor that holds one.

    Args:
        train: what to train on. A Dataset is shuffled by the recipe's seed; a DataLoader decides
            the order itself, and its batch_size must be the recipe's.
        recipe: a recipe, its name or its path; its [data] mean and std normalise uint8 images, its
            holdout is not used.
        classes: names of the classes, in the order of the labels; by default the attribute
            `classes` of the Dataset, as torchvision's have it.
        holdout: images that are scored after each epoch.
        test: images that are scored once, when training has ended.
        preprocessing: how an image file becomes the network's input, for the exported file; uint8
            images are normalised by its mean and scale. By default these are the recipe's mean and
            std, and images were resized by the recipe's rule, if it is for images of this size, or
            else to S on the short side; float32 values are pixel / 255, as torchvision's ToTensor
            gives them.

    Returns:
        A data set for `fit` and for `edgebin.refine`.

    Raises:
        DataError: an item is no such pair, a Dataset has no length, the classes have no names,
            float32 values lie outside 0..1 where no preprocessing is given, or the preprocessing is
            not for such images.
        RecipeError: the recipe is not there, or wrong.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe)
    image, _ = read_item(_dataset(train), 0)
    side, dtype = side_and_dtype(image)
    names = _class_names(classes, _dataset(train))
    if preprocessing is None:
        preprocessing = _default_preprocessing(image, recipe)
    _check_preprocessing(preprocessing, side)
    preprocessing = dataclasses.replace(preprocessing, input_size=side)
    check = BatchCheck(side, dtype, len(names))

    def source(data: TorchData) -> Source:
        if isinstance(data, DataLoader):
            return LoaderSource(data, check)
        return DatasetSource(data, check)

    return DataSet(
        classes=names,
        preprocessing=preprocessing,
        train=source(train),
        holdout=source(holdout) if holdout is not None else None,
        test=source(test) if test is not None else None,
    )


def _dataset(data: object) -> Dataset[Any]:
    dataset: Any = data.dataset if isinstance(data, DataLoader) else data
    if isinstance(dataset, IterableDataset) or not hasattr(dataset, "__getitem__"):
        raise DataError(
            "data: expected a folder, a torch Dataset with items and a length, or a DataLoader of "
            f"one, found {type(dataset).__name__}"
        )
    return cast("Dataset[Any]", dataset)


def _class_names(classes: Sequence[str] | None, dataset: object) -> tuple[str, ...]:
    names = getattr(dataset, "classes", None) if classes is None else classes
    if isinstance(names, str) or not isinstance(names, Sequence) or not names:
        raise DataError(
            "classes: expected the names of the classes, as an argument or as the attribute "
            f"classes of the Dataset, found {kind_of(names)}"
        )
    for name in names:
        if not isinstance(name, str):
            raise DataError(f"classes: expected names, found {kind_of(name)}")
    return tuple(names)


def _check_preprocessing(preprocessing: Preprocessing, side: int) -> None:
    """Raise DataError unless images that it prepares are RGB and have that side."""
    if len(preprocessing.mean) != 3 or preprocessing.colour == "grey":
        raise DataError(
            f"preprocessing: expected one of 3 channels, found {preprocessing.colour} and "
            f"{len(preprocessing.mean)} means"
        )
    if 0 < preprocessing.resize < side:
        raise DataError(
            f"preprocessing resize: expected 0 or at least {side}, the side of the images, "
            f"found {preprocessing.resize}"
        )


def _default_preprocessing(image: Tensor, recipe: Recipe) -> Preprocessing:
    side = image.shape[1]
    resize = side
    if isinstance(recipe.data, FolderRecipe) and recipe.data.input_size == side:
        resize = recipe.data.resize
    if image.dtype == torch.uint8:
        return Preprocessing(recipe.data.mean, recipe.data.std, resize=resize)
    low, high = image.min().item(), image.max().item()
    if not 0.0 <= low <= high <= 1.0:
        raise DataError(
            "preprocessing: expected edgebin.Preprocessing(mean, scale) for float32 images whose "
            f"values leave 0..1, as these do ({low:g}..{high:g}), found none"
        )
    return Preprocessing((0.0,) * 3, (1.0,) * 3, resize=resize)
