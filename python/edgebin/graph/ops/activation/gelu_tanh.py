"""`gelu_tanh`: GELU approximated by tanh: x / (1 + e^-2u), u = sqrt(2 / pi) (x + 0.044715 x^3)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential
from edgebin.graph.ops.elementwise.define import elementwise

_TWICE_SQRT_2_OVER_PI = np.float32(float.fromhex("0x1.988454p+0"))
_CUBIC = np.float32(float.fromhex("0x1.6e4e26p-5"))


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    twice_u = _TWICE_SQRT_2_OVER_PI * (x + _CUBIC * ((x * x) * x))
    return x / (np.float32(1) + exponential(-twice_u))


GELU_TANH = elementwise("gelu_tanh", compute, since=3)
