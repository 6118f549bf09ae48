"""Finds objects in images. The core decodes the boxes, as it does for `edgebin-run`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.images.load import ImageLike, batch_of
from edgebin.runtime.prediction import Detection, Detections
from edgebin.runtime.preprocess import prepare_sized


def detect(
    core: _core.Model, rule: Preprocessing, images: ImageLike | Iterable[ImageLike]
) -> Detections | list[Detections]:
    """Return what a detector finds in an image, or in each image of a batch.

    Args:
        core: the network.
        rule: how an image becomes its input.
        images: an image or a batch.

    Raises:
        InputError: an image cannot be read, or the network is no detector.
    """
    batch = batch_of(images)
    several = [cast(ImageLike, images)] if batch is None else batch
    found = [
        _detect_one(core, rule, image, "image" if batch is None else f"image {number}")
        for number, image in enumerate(several)
    ]
    return found[0] if batch is None else found


def _detect_one(core: _core.Model, rule: Preprocessing, image: ImageLike, name: str) -> Detections:
    info = core.info
    pixels, size = prepare_sized(image, rule, info.inputs[0].shape, name=name)
    return detections_of(core.detect(pixels[None], [size])[0], info.labels)


def detections_of(rows: npt.NDArray[np.float32], labels: Sequence[str]) -> Detections:
    """Return the objects of the core's rows: left, top, right, bottom, score and class."""
    found = Detections()
    for *box, score, number in rows.tolist():
        index = int(number)
        label = labels[index] if index < len(labels) else str(index)
        found.append(Detection(label, score, (box[0], box[1], box[2], box[3]), index))
    return found
