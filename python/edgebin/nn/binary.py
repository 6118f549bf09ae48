"""Layers with one bit a weight: drop-in replacements for `nn.Conv2d` and `nn.Linear`.

The latent float weight is trained; each forward uses alpha * sign(W), alpha = mean|W| per output
channel, sign(0) = +1, and the gradient goes to W unchanged. Source: HWGQ (arXiv 1702.00953,
section 3) after XNOR-Net. The bias stays real. They refuse to quantise their input: HWGQ does.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.capturing import capturing
from edgebin.nn.padding import captured_padding
from edgebin.nn.weights import binary_weight


class BinaryConv2d(nn.Conv2d):
    """`nn.Conv2d` with one bit a weight and one scale an output channel; all its arguments work."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolution of (N, C, H, W) or (C, H, W), float; one node for the exporter (`capturing`).

        Raises:
            ExportError: for the exporter, where the runtime has no such padding.
        """
        if capturing():
            padding = captured_padding(self)
            operator = torch.ops.edgebin.binary_conv2d
            geometry = (list(self.stride), padding, list(self.dilation), self.groups)
            return cast(Tensor, operator(input, self.weight, self.bias, *geometry))
        weight = binary_weight(self.weight)
        return cast(Tensor, self._conv_forward(input, weight, self.bias))


class BinaryLinear(nn.Linear):
    """`nn.Linear` with one bit a weight and one scale an output channel."""

    def forward(self, input: Tensor) -> Tensor:
        """Product of (..., in) float with the weights; one node for the exporter."""
        if capturing():
            operator = torch.ops.edgebin.binary_linear
            return cast(Tensor, operator(input, self.weight, self.bias))
        return F.linear(input, binary_weight(self.weight), self.bias)
