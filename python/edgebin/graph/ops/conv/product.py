"""The product of `conv` and `linear`: acc = sum over the window of weight x input, per group.

Weights are (N, kernel height, kernel width, C / groups); `linear` is a 1x1 window over one
position. Output channel n of N belongs to group n // (N / groups), and so do the input channels.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from edgebin.graph.ir import Array
from edgebin.graph.ops.window import Window

I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]
_T = TypeVar("_T", bound=np.generic)


def integer_product(x: Array, weights: Array, window: Window, groups: int) -> I64:
    """Return the exact sums of a code or u8 input, each within an i32.

    Computed by float64 matrix products: every partial sum is an integer below 2^53 (rows of at
    most 2^22 weights, |weight| <= 128, input <= 255), so no order of summation rounds.

    Args:
        x: uint8 (P, H, W, C).
        weights: bool or int8 (N, kh, kw, C / groups).
        window: of the weights' height and width.
        groups: divides C and N.

    Returns:
        int64 (P, output height, output width, N).
    """
    count, height, width, channels = _output_shape(x, weights, window)
    by_tap = _grouped(signed(weights).astype(np.float64), groups)
    acc = np.zeros((groups, count * height * width, channels // groups))
    for ky, kx, seen in window.taps(x.astype(np.float64), 0):
        rows = seen.reshape(count * height * width, groups, -1).transpose(1, 0, 2)
        acc += rows @ by_tap[:, :, ky, kx].transpose(0, 2, 1)
    exact = acc.transpose(1, 0, 2).astype(np.int64)
    limits = np.iinfo(np.int32)
    assert limits.min <= exact.min(initial=0)
    assert exact.max(initial=0) <= limits.max
    return exact.reshape(count, height, width, channels)


def float_product(x: Array, weights: Array, window: Window, groups: int) -> F32:
    """Return the sums of an f32 input: row, column, channel; each product and sum rounded; from +0.

    Vectorised over output positions and channels only, never over what is summed.

    Args:
        x: float32 (P, H, W, C).
        weights: bool, int8 or float32 (N, kh, kw, C / groups).
        window: of the weights' height and width.
        groups: divides C and N.

    Returns:
        float32 (P, output height, output width, N).
    """
    count, height, width, channels = _output_shape(x, weights, window)
    by_tap = _grouped(signed(weights).astype(np.float32), groups)
    acc = np.zeros((count * height * width, groups, channels // groups), np.float32)
    for ky, kx, seen in window.taps(np.asarray(x, np.float32), 0):
        rows = seen.reshape(count * height * width, groups, -1)
        for c in range(rows.shape[2]):
            product = rows[:, :, c, None] * by_tap[:, :, ky, kx, c]
            acc = acc + product
    return acc.reshape(count, height, width, channels)


def border_sums(
    zero: Array, weights: Array, window: Window, groups: int, size: tuple[int, int]
) -> I64:
    """Return corr of FORMAT.md: the sum of weight x zero over the taps that lie inside an image.

    Args:
        zero: int32 (C,), in units of 2^-16 of a pixel.
        weights: bool or int8 (N, kh, kw, C / groups).
        window: of the weights' height and width.
        groups: divides C and N.
        size: height and width of the image.

    Returns:
        int64 (output height, output width, N).
    """
    by_tap = _grouped(signed(weights).astype(np.int64), groups)
    per_group = zero.astype(np.int64).reshape(groups, 1, 1, 1, -1)
    of_tap = (by_tap * per_group).sum(axis=-1)
    height, width = window.output(*size)
    corr = np.zeros((height, width, weights.shape[0]), np.int64)
    for ky, kx, inside in window.taps(np.ones((1, *size, 1), np.int64), 0):
        corr += inside[0] * of_tap[:, :, ky, kx].reshape(-1)
    return corr


def signed(weights: Array) -> Array:
    """Return bits as int8 -1 and +1; anything else as it is."""
    if weights.dtype == np.bool_:
        return np.where(weights, np.int8(1), np.int8(-1))
    return weights


def _grouped(weights: npt.NDArray[_T], groups: int) -> npt.NDArray[_T]:
    return weights.reshape(groups, weights.shape[0] // groups, *weights.shape[1:])


def _output_shape(x: Array, weights: Array, window: Window) -> tuple[int, int, int, int]:
    height, width = window.output(x.shape[1], x.shape[2])
    return x.shape[0], height, width, weights.shape[0]
