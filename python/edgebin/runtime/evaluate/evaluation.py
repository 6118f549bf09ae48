"""The result of an evaluation. Shares are fractions of 1."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How well one class is told from the others.

    Attributes:
        label: its name in the model.
        images: of the class.
        precision: of the images that were given this class, the share that is of it; None where
            none was given it.
        recall: of the images of the class, the share that was given it; None without images.
        f1: harmonic mean of the two; None where one is None.
    """

    label: str
    images: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Bin:
    """The images whose best score lies between `low` and `high`.

    Attributes:
        low: the least score.
        high: the end, which belongs to the next bin, but for 1.
        images: how many there are.
        score: their mean score; 0 without images.
        accuracy: the share of them that is right; 0 without images.
    """

    low: float
    high: float
    images: int
    score: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """An image that was given another class.

    Attributes:
        image: its path.
        label: its class.
        found: the class that it was given.
        score: of that class.
    """

    image: str
    label: str
    found: str
    score: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well a model classifies the images of a folder.

    Attributes:
        folder: with a folder for each class.
        part: "test", "val" or "train" where that is a part of a data set; else "".
        images: that were classified.
        skipped: that could not be read.
        accuracy: share of the images that was given their class.
        top5: share of the images whose class is among the five best.
        ece: expected calibration error, the mean of |score - accuracy| over `bins`, weighed by
            their images (Guo et al., On Calibration of Modern Neural Networks, 2017).
        classes: of the model, in its order.
        confusion: int64 (classes, classes + 1): images by their class and the class that they were
            given; the last column counts those that were given none.
        bins: of equal width, by the best score.
        worst: mistakes with the highest scores, the highest first.
        not_in_data: classes of the model without a folder.
        not_in_model: folders whose name is no class of the model; their images are left out.
        left_out: how many images are in these.
    """

    folder: str
    part: str
    images: int
    skipped: int
    accuracy: float
    top5: float
    ece: float
    classes: tuple[ClassScore, ...] = field(repr=False)
    confusion: npt.NDArray[np.int64] = field(repr=False)
    bins: tuple[Bin, ...] = field(repr=False)
    worst: tuple[Mistake, ...] = field(repr=False)
    not_in_data: tuple[str, ...] = ()
    not_in_model: tuple[str, ...] = ()
    left_out: int = 0

    def confused(self, most: int = 10) -> list[tuple[str, str, int]]:
        """Return the pairs of classes that are taken for each other most often.

        Args:
            most: how many pairs, at most.

        Returns:
            Class, the class that was given instead, and the number of images, the most first.
        """
        wrong = self.confusion[:, :-1].copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        rows, columns = np.unravel_index(order, wrong.shape)
        labels = [score.label for score in self.classes]
        return [
            (labels[row], labels[column], int(wrong[row, column]))
            for row, column in zip(rows, columns, strict=True)
            if wrong[row, column]
        ]
