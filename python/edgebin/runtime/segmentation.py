"""Decodes label maps: the class of each pixel of an image, as it was before it was resized."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.images.load import ImageLike, batch_of
from edgebin.runtime.prediction import UNSEEN, Prediction, Segmentation
from edgebin.runtime.preprocess import placement, prepare_sized

Labels = npt.NDArray[np.int32]


def segment(
    core: _core.Model, rule: Preprocessing, images: ImageLike | Iterable[ImageLike]
) -> Segmentation | list[Segmentation]:
    """Return the class of each pixel of an image, or of each image of a batch.

    Args:
        core: a network of the task segment.
        rule: how an image becomes its input.
        images: an image or a batch.

    Raises:
        InputError: an image cannot be read.
    """
    batch = batch_of(images)
    several = [cast(ImageLike, images)] if batch is None else batch
    found = [
        _segment_one(core, rule, image, "image" if batch is None else f"image {number}")
        for number, image in enumerate(several)
    ]
    return found[0] if batch is None else found


def _segment_one(
    core: _core.Model, rule: Preprocessing, image: ImageLike, name: str
) -> Segmentation:
    info = core.info
    shape = info.inputs[0].shape
    pixels, size = prepare_sized(image, rule, shape, name=name)
    scores = core.run(pixels[None])[0]
    scores = scores.reshape(-1, *scores.shape[-3:])[0] if scores.ndim > 2 else scores[:, None]
    classes = in_image(classes_of(scores), size, (shape[1], shape[0]), rule)
    return segmentation_of(classes, info.labels)


def classes_of(scores: npt.NDArray[np.float32]) -> Labels:
    """Return the class of each position of scores (H, W, classes): the first of the largest.

    NaN is never larger; the class is 0 where no score is above minus infinity.
    """
    largest = np.where(np.isnan(scores), -np.inf, scores)
    numbers: Labels = largest.argmax(-1).astype(np.int32)
    return numbers


def in_image(
    classes: Labels, image: tuple[int, int], box: tuple[int, int], rule: Preprocessing
) -> Labels:
    """Return the classes of an image's pixels.

    Args:
        classes: (rows, columns) of the output.
        image: width and height of the upright image.
        box: width and height of the network's input.
        rule: how the image became the input.

    Returns:
        (height, width); -1 for pixels that the preprocessing cut off.
    """
    resized, start = placement(image, box, rule)
    columns, rows = (
        _positions(image[axis], resized[axis], start[axis], box[axis], classes.shape[1 - axis])
        for axis in (0, 1)
    )
    labels: Labels = classes[np.ix_(rows.clip(0), columns.clip(0))]
    labels[rows < 0] = UNSEEN
    labels[:, columns < 0] = UNSEEN
    return labels


def _positions(
    side: int, resized: int, start: int, box: int, outputs: int
) -> npt.NDArray[np.int64]:
    """Return the row or column of the output for each one of the image; -1 outside of it."""
    pixels = np.arange(side, dtype=np.int64)
    inputs = (2 * pixels + 1) * resized // (2 * side) - start
    positions = (2 * inputs + 1) * outputs // (2 * box)
    return np.where((inputs >= 0) & (inputs < box), positions, UNSEEN)


def segmentation_of(classes: Labels, labels: Sequence[str]) -> Segmentation:
    """Return a label map with the share of each class, the largest first."""
    numbers, counts = np.unique(classes, return_counts=True)
    found = [
        Prediction(
            labels[number] if number < len(labels) else str(number), number, count / classes.size
        )
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        if number != UNSEEN
    ]
    return Segmentation(sorted(found, key=lambda share: -share.score), classes)
