"""Layers with int8 weights, for the first and the last place of a network.

Only the weight is fake-quantised: symmetric, one scale per output channel, max|W| / 127, rounding
half to even, straight-through gradient. The bias and the input stay float; the runtime folds the
scales.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgebin.nn.capturing import capturing
from edgebin.nn.padding import captured_padding
from edgebin.nn.weights import int8_weight


class Int8Conv2d(nn.Conv2d):
    """`nn.Conv2d` with int8 weights and one scale an output channel; all its arguments work."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolve (N, C, H, W) or (C, H, W), float; a single node for the exporter.

        Raises:
            ExportError: for the exporter, where the runtime has no such padding.
        """
        if capturing():
            padding = captured_padding(self)
            operator = torch.ops.edgebin.int8_conv2d
            geometry = (list(self.stride), padding, list(self.dilation), self.groups)
            return cast(Tensor, operator(input, self.weight, self.bias, *geometry))
        weight = int8_weight(self.weight)
        return cast(Tensor, self._conv_forward(input, weight, self.bias))


class Int8Linear(nn.Linear):
    """`nn.Linear` with int8 weights and one scale an output channel."""

    def forward(self, input: Tensor) -> Tensor:
        """Multiply (..., in), float, by the weights; a single node for the exporter."""
        if capturing():
            operator = torch.ops.edgebin.int8_linear
            return cast(Tensor, operator(input, self.weight, self.bias))
        return F.linear(input, int8_weight(self.weight), self.bias)
