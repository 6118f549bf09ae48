"""PyTorch layers with binary and int8 weights and 2-bit activations.

`hwgq`, `threshold_activation`, `binary` and `int8` have the layers, `weights` the quantisers of
weights, `capture_ops` what the exporter sees of a layer, and `networks` whole networks by name.
Importing it imports torch.
"""

from __future__ import annotations

from edgebin.nn import capture_ops
from edgebin.nn.binary import BinaryConv2d, BinaryLinear
from edgebin.nn.hwgq import HWGQ
from edgebin.nn.int8 import Int8Conv2d, Int8Linear
from edgebin.nn.threshold_activation import ThresholdActivation

__all__ = [
    "HWGQ",
    "BinaryConv2d",
    "BinaryLinear",
    "Int8Conv2d",
    "Int8Linear",
    "ThresholdActivation",
    "capture_ops",
]
