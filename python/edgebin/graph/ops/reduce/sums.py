"""Sums and maxima in the order that FORMAT.md gives, for arrays (N, H, W, C).

Space comes first, position by position, row by row, for each channel. Channels come second, in 16
interleaved parts, so that vectors of any width give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

PARTS = 16

Real = TypeVar("Real", np.float32, np.float64)
Combine = Callable[[npt.NDArray[Real], npt.NDArray[Real]], npt.NDArray[Real]]


def add(running: npt.NDArray[Real], values: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """Return the sums, rounded to the type of both."""
    return np.asarray(np.add(running, values))


def replace_by_larger(running: npt.NDArray[Real], values: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """Return `values` where they are larger, else `running`: NaN never replaces."""
    return np.where(np.greater(values, running), values, running)


def over_space(
    x: npt.NDArray[Real], start: float, combine: Combine[Real], *, h: bool, w: bool
) -> npt.NDArray[Real]:
    """Return x (N, H, W, C) with height, width or both combined into one position each."""
    rows = [x[:, i : i + 1] for i in range(x.shape[1])] if h else [x]
    parts = [row[:, :, j : j + 1] for row in rows for j in range(x.shape[2])] if w else rows
    running: npt.NDArray[Real] = np.full_like(parts[0], start)
    for part in parts:
        running = combine(running, part)
    return running


def over_channels(x: npt.NDArray[Real], start: float, combine: Combine[Real]) -> npt.NDArray[Real]:
    """Return (..., 1), the channels of x (..., C) combined.

    Part j combines channels j, j + 16, ... in order. Then parts 8 to 15 are combined into parts 0
    to 7, 4 to 7 into 0 to 3, 2 and 3 into 0 and 1, and 1 into 0.
    """
    parts: npt.NDArray[Real] = np.full((*x.shape[:-1], PARTS), start, x.dtype)
    for first in range(0, x.shape[-1], PARTS):
        block = x[..., first : first + PARTS]
        parts[..., : block.shape[-1]] = combine(parts[..., : block.shape[-1]], block)
    for half in (8, 4, 2, 1):
        parts = combine(parts[..., :half], parts[..., half : 2 * half])
    return parts


def sum_of_channels(x: npt.NDArray[Real]) -> npt.NDArray[Real]:
    """Return the sums (..., 1) over the channels of x (..., C), from +0."""
    return over_channels(x, 0.0, add)
