"""Shapes of traced tensors, and the shape (C, H, W) that an activation has for them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

Shape = tuple[int, int, int]
Numbers = npt.NDArray[np.intp]


def shape_of(value: Any) -> tuple[int, ...]:
    """Return the shape of the (first) tensor that a traced call gives.

    It is () for a number, and has -1 for a size that depends on the image: both only follow calls
    that are refused.
    """
    meta = value.meta["val"]
    first = meta[0] if isinstance(meta, tuple | list) and meta else meta
    if not isinstance(first, torch.Tensor):
        return ()
    return tuple(-1 if _is_unbacked(size) else int(size) for size in first.shape)


def _is_unbacked(size: int | torch.SymInt) -> bool:
    return isinstance(size, torch.SymInt) and not size.node.has_hint()


def image_shape(shape: tuple[int, ...]) -> Shape | None:
    """Return (C, H, W) of a tensor (N, C, H, W) or (N, K); None for other ranks."""
    if min(shape, default=-1) < 0:
        return None
    if len(shape) == 4:
        return (shape[1], shape[2], shape[3])
    if len(shape) in (1, 2):
        return (shape[-1], 1, 1)
    return None


def folded(shape: tuple[int, ...]) -> Shape:
    """Return (C, 1, L) of a tensor (N, C, L), and (A B, H, W) of (N, A, B, H, W)."""
    if len(shape) == 3:
        return line(shape)
    return (math.prod(shape[1:-2]), shape[-2], shape[-1])


def line(shape: tuple[int, ...]) -> Shape:
    """Return (C, 1, L) of a tensor (N, C, L)."""
    return (shape[1], 1, shape[2])


def names_line(operator: str) -> bool:
    """Return whether an ATen operator is of lines (N, C, L)."""
    return operator.endswith("1d")


def channels_last_order(shape: Shape) -> Numbers:
    """Return the numbers of the elements of (C, H, W), channels innermost."""
    return np.arange(elements(shape), dtype=np.intp).reshape(shape).transpose(1, 2, 0).reshape(-1)


def elements(shape: Shape) -> int:
    """Return the number of elements of (C, H, W)."""
    return math.prod(shape)
