"""What is counted while images are classified, in memory that does not grow with them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np

from edgebin.runtime.evaluate.class_folders import ClassFolders
from edgebin.runtime.evaluate.evaluation import Bin, ClassScore, Evaluation, Mistake
from edgebin.runtime.prediction import Prediction

BINS = 15
TOP = 5


class Counts:
    """Confusion, calibration and the worst mistakes.

    Args:
        labels: names of the model's classes.
        worst: how many mistakes are kept.
    """

    def __init__(self, labels: Sequence[str], worst: int) -> None:
        """Begin with nothing."""
        self.labels = labels
        self.skipped = 0
        self.left_out = 0
        self._most_mistakes = worst
        self._images = 0
        self._in_top = 0
        self._confusion = np.zeros((len(labels), len(labels) + 1), np.int64)
        self._bins = np.zeros((BINS, 3))  # images, sum of scores, right ones
        self._worst: list[tuple[float, int, Mistake]] = []

    def add(self, image: str, label: int, predictions: Sequence[Prediction]) -> None:
        """Count an image of a class; `predictions` are its best classes, perhaps none."""
        self._images += 1
        if not predictions:
            self._confusion[label, -1] += 1
            return
        best = predictions[0]
        right = best.index == label
        self._confusion[label, best.index] += 1
        self._in_top += any(p.index == label for p in predictions[:TOP])
        score = min(max(best.score, 0.0), 1.0)
        self._bins[min(int(score * BINS), BINS - 1)] += (1, score, right)
        if not right:
            mistake = Mistake(image, self.labels[label], best.label, best.score)
            heapq.heappush(self._worst, (best.score, -self._images, mistake))
            if len(self._worst) > self._most_mistakes:
                heapq.heappop(self._worst)

    def evaluation(self, data: ClassFolders) -> Evaluation:
        """Return the result for the images so far, at least one."""
        total = max(self._images, 1)
        bins = tuple(self._bin(number) for number in range(BINS))
        error = sum(x.images * abs(x.score - x.accuracy) for x in bins)
        counted = max(sum(x.images for x in bins), 1)
        return Evaluation(
            folder=data.folder,
            part=data.part,
            images=self._images,
            skipped=self.skipped,
            accuracy=int(np.trace(self._confusion[:, :-1])) / total,
            top5=self._in_top / total,
            ece=error / counted,
            classes=tuple(map(self._class, range(len(self.labels)))),
            confusion=self._confusion,
            bins=bins,
            worst=tuple(x[2] for x in sorted(self._worst, reverse=True, key=lambda x: x[:2])),
            not_in_data=tuple(x for x in self.labels if x not in data.labels),
            not_in_model=tuple(x for x in data.labels if x not in self.labels),
            left_out=self.left_out,
        )

    def _class(self, number: int) -> ClassScore:
        images = int(self._confusion[number].sum())
        given = int(self._confusion[:, number].sum())
        right = int(self._confusion[number, number])
        precision = right / given if given else None
        recall = right / images if images else None
        f1 = None
        if precision is not None and recall is not None:
            f1 = 2 * right / (given + images)
        return ClassScore(self.labels[number], images, precision, recall, f1)

    def _bin(self, number: int) -> Bin:
        images, scores, right = self._bins[number].tolist()
        share = max(images, 1)
        return Bin(number / BINS, (number + 1) / BINS, int(images), scores / share, right / share)
