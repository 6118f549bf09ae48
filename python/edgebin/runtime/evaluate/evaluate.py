"""Classifies the images of class folders and counts what comes out."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import SupportsIndex

from edgebin.errors import InputError
from edgebin.runtime.evaluate.class_folders import (
    ClassFolders,
    LabelledImage,
    open_class_folders,
)
from edgebin.runtime.evaluate.counts import TOP, Counts
from edgebin.runtime.evaluate.evaluation import Evaluation
from edgebin.runtime.in_order import in_order
from edgebin.runtime.model import Model
from edgebin.runtime.options import checked_integer
from edgebin.runtime.prediction import Prediction

MOST_WORKERS = 256
_Outcome = tuple[LabelledImage, list[Prediction], str]


def evaluate(
    model: Model,
    folder: str | os.PathLike[str],
    *,
    split: str | None = None,
    by_order: bool = False,
    workers: SupportsIndex = 1,
    worst: SupportsIndex = 20,
    report: Callable[[str], None] | None = None,
) -> Evaluation:
    """Classify the images of a folder and compare with the folders that they are in.

    Example:
        print(edgebin.evaluate(edgebin.load("signs.ebn"), "signs").accuracy)

    Args:
        model: a classifier. Its labels are names of folders; one without labels has its classes in
            the order of the names.
        folder: has a folder for each class, with images at any depth; or the folders `test`, `val`
            or `train`, which have.
        split: the one of these to take; None takes the first that is there.
        by_order: take the folders, sorted by name, for the classes in the order of the model,
            whatever they are called.
        workers: images that are decoded and classified at the same time, 1 to 256.
        worst: mistakes to keep, 1 or more.
        report: called for each image with why it could not be read, or "" where it could; and for
            each folder that could not be read.

    Returns:
        The counts; images that cannot be read are in none but `skipped`.

    Raises:
        InputError: there is no such folder, it has no images, or none of a class of the model; or
            the model is no classifier.
        OptionError: an option has another type or range.
    """
    threads = min(checked_integer("workers", workers, 1), MOST_WORKERS)
    kept = checked_integer("worst", worst, 1)
    data = open_class_folders(folder, split)
    labels = _labels(model, data, by_order=by_order)
    if by_order:
        data = replace(data, names=labels)
    counts = Counts(labels, kept)
    numbers = {label: number for number, label in enumerate(labels)}
    tell = report or (lambda _line: None)

    def unreadable(error: OSError) -> None:
        counts.skipped += 1
        tell(f'folder "{error.filename}": {error.strerror}')

    def classified(image: LabelledImage) -> _Outcome:
        if image.label not in numbers:
            return image, [], ""
        try:
            return image, model(image.path, top=TOP), ""
        except InputError as error:
            return image, [], str(error)

    for image, predictions, error in in_order(classified, data.images(unreadable), threads):
        if image.label not in numbers:
            counts.left_out += 1
            continue
        tell(error)
        if error:
            counts.skipped += 1
        else:
            counts.add(image.path, numbers[image.label], predictions)
    result = counts.evaluation(data)
    if not result.images and not result.skipped:
        raise InputError(f'folder "{data.folder}": expected images of its classes, found none')
    return result


def _labels(model: Model, data: ClassFolders, *, by_order: bool) -> tuple[str, ...]:
    """Return a name for each class of the model, of which one at least has a folder."""
    if model.task.kind != "classify":
        raise InputError(f"task: expected classify, found {model.task.kind}")
    classes = model.outputs[0].shape[-1]
    if (by_order or not model.labels) and len(data.folders) != classes:
        raise InputError(
            f'folder "{data.folder}": expected {classes} classes, as the model has, found '
            f"{len(data.folders)}"
        )
    if not model.labels:
        return data.folders
    labels = (*model.labels, *map(str, range(len(model.labels), classes)))
    if by_order or set(labels) & set(data.folders):
        return labels
    order = "; what works where they are in the order of the model: --by-order"
    raise InputError(
        f'folder "{data.folder}": expected folders named as classes of the model '
        f"({_some(labels)}), found {_some(data.folders)}"
        f"{order if len(data.folders) == classes else ''}"
    )


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown}, ... ({len(names)})"
