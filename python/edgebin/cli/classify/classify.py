"""What a worker does with an image: classify it, or find the objects in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from edgebin.cli.classify.sources import Item
from edgebin.errors import InputError
from edgebin.runtime.model import Model
from edgebin.runtime.prediction import Detections, Prediction, Segmentation


class Embedding(list[float]):
    """The vector of an image, of length 1."""


Found = list[Prediction] | Detections | Segmentation | Embedding
Draw = Callable[[Item, Found], bytes]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one image.

    Attributes:
        item: the image.
        found: its best classes or its objects, best first; may be empty, below the least score.
        error: why it could not be read; "" if it could.
        drawn: an image file with them drawn, where one is wanted.
    """

    item: Item
    found: Found
    error: str = ""
    drawn: bytes | None = None


@dataclass(frozen=True, slots=True)
class Classifier:
    """What each worker does with an image.

    Attributes:
        model: a network that gives classes or boxes.
        top: classes or boxes for each image, at most.
        min_score: the least score that one needs.
        draw: makes an image file of an image and what was found; None where none is wanted.
    """

    model: Model
    top: int
    min_score: float = 0.0
    draw: Draw | None = None

    def __call__(self, item: Item) -> Result:
        """Classify one image; an image that cannot be read is a result too."""
        if item.error:
            return Result(item, [], item.error)
        try:
            found = interpret(self.model, item.image, self.top, self.min_score)
            drawn = None if self.draw is None else self.draw(item, found)
        except InputError as error:
            return Result(item, [], str(error))
        return Result(item, found, drawn=drawn)


def interpret(model: Model, image: Any, top: int, min_score: float = 0.0) -> Found:
    """Return the best classes of an image, or the objects in it, of at least that score.

    Args:
        model: a network that gives classes or boxes.
        image: as a call of the model takes it.
        top: how many, at most.
        min_score: the least score.

    Raises:
        InputError: the image cannot be read, or the network gives neither.
    """
    if model.task.kind == "embed":
        return Embedding(model.embed(image).tolist())
    if model.task.kind == "segment":
        whole = model.segment(image)
        return Segmentation([x for x in whole if x.score >= min_score][:top], whole.classes)
    if model.task.kind != "detect":
        return [p for p in model(image, top=top) if p.score >= min_score]
    return Detections([x for x in model.detect(image) if x.score >= min_score][:top])
