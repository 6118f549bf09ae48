"""The operators that the exporter sees in place of the layers of `edgebin.nn`.

While a graph is captured, each layer calls its operator here, so that the graph has one node per
layer, with the latent weight as its argument. They compute what the layers compute, forward only:
they cannot be trained. Importing `edgebin.nn` registers them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from edgebin.nn.hwgq import STEP, hwgq_codes
from edgebin.nn.threshold_activation import threshold_codes
from edgebin.nn.weights import binary_weight, int8_weight

_CONV = (
    "(Tensor x, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, "
    "int groups) -> Tensor"
)
_LINEAR = "(Tensor x, Tensor weight, Tensor? bias) -> Tensor"


@torch.library.custom_op(
    "edgebin::hwgq", mutates_args=(), schema="(Tensor x, float[] thresholds) -> Tensor"
)
def hwgq(x: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Return STEP * code(x), with the shape and dtype of x."""
    return hwgq_codes(x, thresholds) * STEP


@torch.library.custom_op(
    "edgebin::threshold_activation",
    mutates_args=(),
    schema="(Tensor x, Tensor thresholds, float scale, float offset) -> Tensor",
)
def threshold_activation(x: Tensor, thresholds: Tensor, scale: float, offset: float) -> Tensor:
    """Return scale * code(x) + offset, with the shape and dtype of x."""
    return threshold_codes(x, thresholds) * scale + offset


@torch.library.custom_op("edgebin::binary_conv2d", mutates_args=(), schema=_CONV)
def binary_conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> Tensor:
    """Return conv2d of x (N, C, H, W) with alpha * sign(weight), zero padding."""
    return F.conv2d(x, binary_weight(weight), bias, stride, padding, dilation, groups)


@torch.library.custom_op("edgebin::int8_conv2d", mutates_args=(), schema=_CONV)
def int8_conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> Tensor:
    """Return conv2d of x (N, C, H, W) with the int8 weight times its scale, zero padding."""
    return F.conv2d(x, int8_weight(weight), bias, stride, padding, dilation, groups)


@torch.library.custom_op("edgebin::binary_linear", mutates_args=(), schema=_LINEAR)
def binary_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return linear of x (..., in) with alpha * sign(weight)."""
    return F.linear(x, binary_weight(weight), bias)


@torch.library.custom_op("edgebin::int8_linear", mutates_args=(), schema=_LINEAR)
def int8_linear(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return linear of x (..., in) with the int8 weight times its scale."""
    return F.linear(x, int8_weight(weight), bias)


@hwgq.register_fake
def _hwgq_shape(x: Tensor, thresholds: Sequence[float]) -> Tensor:  # noqa: ARG001 - as hwgq's
    return torch.empty_like(x)


@threshold_activation.register_fake
def _threshold_activation_shape(
    x: Tensor,
    thresholds: Tensor,  # noqa: ARG001 - as threshold_activation's
    scale: float,  # noqa: ARG001
    offset: float,  # noqa: ARG001
) -> Tensor:
    return torch.empty_like(x)


@binary_conv2d.register_fake
@int8_conv2d.register_fake
def _conv2d_shape(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int],
    dilation: Sequence[int],
    groups: int,
) -> Tensor:
    return F.conv2d(x, weight, bias, stride, padding, dilation, groups)


@binary_linear.register_fake
@int8_linear.register_fake
def _linear_shape(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    return F.linear(x, weight, bias)
