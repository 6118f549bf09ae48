"""What the normalizations by mean and variance share; FORMAT.md, "Normalization", in f64."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array, Node

Reals = npt.NDArray[np.float64]


def normalize(node: Node, x: Array, count: int, total: Callable[[Reals], Reals]) -> Array:
    """Return (x - mean) / sqrt(variance + eps) x scale + bias, rounded to f32 at the end.

    Args:
        node: its constants are `scale`, `bias` (C) and `eps` (1).
        x: float32 (..., C).
        count: elements that share a mean.
        total: sums of such elements, of a shape that broadcasts with x.
    """
    scale, bias, eps = (
        np.asarray(node.constants[role], np.float64) for role in ("scale", "bias", "eps")
    )
    reals = x.astype(np.float64)
    difference = reals - total(reals) / np.float64(count)
    variance = total(difference * difference) / np.float64(count)
    factor = np.float64(1) / np.sqrt(variance + eps)
    return np.asarray(difference * factor * scale + bias, np.float32)
