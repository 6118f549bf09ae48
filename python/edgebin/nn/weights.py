"""The quantisers of weights: one bit, and int8, each with a scale per output channel.

Both map a latent float weight of shape (out, ...) to a float weight of the same shape; the gradient
passes to the latent weight unchanged and unclipped (straight-through). The layers of `binary.py`
and `int8.py` use them, and so does export, to find the scales.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor


def _rows(weight: Tensor) -> list[int]:
    return list(range(1, weight.dim()))


def binary_scale(weight: Tensor) -> Tensor:
    """Return alpha_i = mean|W_i| for each output channel.

    Args:
        weight: float, shape (out, ...).

    Returns:
        Float tensor of shape (out, 1, ...), broadcastable over weight.

    Source: Rastegari et al., XNOR-Net, ECCV 2016, equation 6, as HWGQ uses it.
    """
    return weight.abs().mean(_rows(weight), keepdim=True)


def int8_scale(weight: Tensor) -> Tensor:
    """Return max|W_i| / 127 for each output channel; 1 where that is zero.

    Args:
        weight: float, shape (out, ...).

    Returns:
        Positive float tensor of shape (out, 1, ...).
    """
    scale = weight.abs().amax(_rows(weight), keepdim=True) / 127.0
    return torch.where(scale > 0, scale, torch.ones_like(scale))


def int8_codes(weight: Tensor) -> Tensor:
    """Return W_i / scale_i rounded half to even, in -127..127, in the float dtype of weight."""
    return (weight / int8_scale(weight)).round().clamp(-127.0, 127.0)


class _Binary(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        scale = binary_scale(weight)
        return torch.where(weight >= 0, scale, -scale)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


class _Int8(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        return int8_codes(weight) * int8_scale(weight)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return grads[0]


def binary_weight(weight: Tensor) -> Tensor:
    """Return alpha * sign(W) with sign(0) = +1; shape and dtype of weight."""
    return cast(Tensor, _Binary.apply(weight))  # type: ignore[no-untyped-call]


def int8_weight(weight: Tensor) -> Tensor:
    """Return scale * round(W / scale); shape and dtype of weight."""
    return cast(Tensor, _Int8.apply(weight))  # type: ignore[no-untyped-call]
