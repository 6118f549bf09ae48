"""Turns the output of a network of the task embed into vectors of length 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def unit_vectors(outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return vectors (N, D) divided by their lengths, computed in float64; zeros stay zeros."""
    exact = outputs.astype(np.float64)
    lengths = np.sqrt(np.square(exact).sum(1, keepdims=True))
    return (exact / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
