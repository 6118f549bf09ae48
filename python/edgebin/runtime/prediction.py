"""What a call of a model returns: classes, objects in an image, or the class of each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from edgebin.errors import short

if TYPE_CHECKING:
    from PIL.Image import Image

    from edgebin.runtime.images.load import ImageLike


@dataclass(frozen=True, slots=True)
class Prediction:
    """One class of one image.

    Args:
        label: the class's name; its number where the model has no name for it.
        index: number of the class, from 0.
        score: probability, 0 to 1.
    """

    label: str
    index: int
    score: float

    def __repr__(self) -> str:
        """Return the fields, a long label cut: some data sets have a list of synonyms there."""
        return f"Prediction(label={short(self.label)}, index={self.index}, score={self.score!r})"


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
        # not at the top: they load Pillow
        from edgebin.runtime.drawing import draw_boxes
        from edgebin.runtime.preprocess import decode

        return draw_boxes(decode(image, "RGB"), self)


UNSEEN = -1
"""In a label map, the number of pixels that the preprocessing cut off."""


class Segmentation(list[Prediction]):
    """The classes in one image, largest first, and where they are; a score is a share of pixels.

    Args:
        shares: a class each, with its share of the image's pixels, 0 to 1.
        classes: int32 (height, width) of the image as one sees it: the number of the class of each
            pixel, -1 for those that the preprocessing cut off.
    """

    def __init__(self, shares: list[Prediction], classes: npt.NDArray[np.int32]) -> None:
        """Keep both."""
        super().__init__(shares)
        self.classes = classes

    def draw(self, image: ImageLike) -> Image:
        """Return the image, upright, each pixel half in the colour of its class.

        Args:
            image: the one that was segmented, as a call of the model takes it.

        Raises:
            InputError: the image cannot be read, or has another size.
        """
        # not at the top: they load Pillow
        from edgebin.runtime.drawing import draw_classes
        from edgebin.runtime.preprocess import decode

        return draw_classes(decode(image, "RGB"), self.classes)
