"""Layers with one-bit weights: drop-in replacements for `nn.Conv2d` and `nn.Linear`.

The latent float weight W is trained. Each forward uses alpha * sign(W), where alpha = mean|W| per
output channel and sign(0) = +1; the gradient passes to W unchanged. Source: HWGQ (arXiv 1702.00953,
section 3), after XNOR-Net. The bias stays float, and so does the input: HWGQ quantises activations.
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
        """Convolve (N, C, H, W) or (C, H, W), float; a single node for the exporter.

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
        """Multiply (..., in), float, by the weights; a single node for the exporter."""
        if capturing():
            operator = torch.ops.edgebin.binary_linear
            return cast(Tensor, operator(input, self.weight, self.bias))
        return F.linear(input, binary_weight(self.weight), self.bias)
