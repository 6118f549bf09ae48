"""Turns a network's output into ranked labels.

Probabilities are computed in float64. Values that are not finite raise an error, since any label
ranked from NaN would be made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from edgebin.errors import ModelFileError


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


def softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return exp(x) / sum(exp(x)) over the last axis, in float64."""
    wide = logits.astype(np.float64)
    powers = np.exp(wide - wide.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)


def rank(scores: npt.NDArray[np.floating], labels: Sequence[str], top: int) -> list[Prediction]:
    """Return the `top` best classes of one image, best first, ties by number.

    Args:
        scores: (classes,) probabilities.
        labels: names of the first classes; may be fewer than the classes.
        top: how many to return at most.

    Raises:
        ModelFileError: a score is NaN or infinite.
    """
    if not np.isfinite(scores).all():
        raise ModelFileError("output: expected finite values, found NaN or infinity")
    order = np.argsort(-scores, kind="stable")[:top]
    return [
        Prediction(labels[i] if i < len(labels) else str(i), i, float(scores[i]))
        for i in order.tolist()
    ]
