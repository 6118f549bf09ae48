"""What a detector finds in an image. The core decodes the boxes, as it does for `edgebin-run`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from edgebin import _core
from edgebin.errors import short
from edgebin.graph.preprocessing import Preprocessing
from edgebin.runtime.images.load import ImageLike, batch_of
from edgebin.runtime.preprocess import decode, prepare_sized

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[float, float, float, float]
"""Left, top, right and bottom edge, in pixels of the upright image."""


@dataclass(frozen=True, slots=True)
class Detection:
    """One object in an image.

    Args:
        label: the class's name; its number where the model has no name for it.
        score: as the network gives it, from the threshold of the model to 1.
        box: left, top, right and bottom edge, in pixels of the image as one sees it: upright.
        index: number of the class, from 0.
    """

    label: str
    score: float
    box: Box
    index: int

    def __repr__(self) -> str:
        """Return the fields, a long label cut and edges rounded."""
        box = ", ".join(f"{edge:.1f}" for edge in self.box)
        return f"Detection(label={short(self.label)}, score={self.score:.3f}, box=({box}))"


class Detections(list[Detection]):
    """The objects in one image, best first."""

    def draw(self, image: ImageLike) -> Image:
        """Return the image, upright, with a box and a label for each object.

        Args:
            image: the one in which they were found, as a call of the model takes it.

        Raises:
            InputError: the image cannot be read.
        """
        from edgebin.runtime.drawing import draw_boxes  # not at the top: seldom needed

        return draw_boxes(decode(image, "RGB"), self)


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
