"""`gelu`: x times the normal distribution function of x."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, at_most, exponential, horner
from edgebin.graph.ops.elementwise.define import elementwise

_SQRT_HALF = np.float32(float.fromhex("0x1.6a09e6p-1"))
_P = np.float32(float.fromhex("0x1.4f740ap-2"))
_ERFC = tuple(
    np.float32(float.fromhex(text))
    for text in (
        "0x1.0fb844p+0",
        "-0x1.7401c6p+0",
        "0x1.6be1c6p+0",
        "-0x1.23531cp-2",
        "0x1.04f20cp-2",
    )
)
"""Formula 7.1.26 of Abramowitz and Stegun."""


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    one, half = np.float32(1), np.float32(0.5)
    a = at_most(np.abs(x), np.float32(16))
    t = one / (one + _P * (a * _SQRT_HALF))
    tail = (half * a) * ((horner(_ERFC, t) * t) * exponential(-half * (a * a)))
    below = np.where(np.less(x, np.float32(0)), -tail, x)
    return np.where(np.greater(x, np.float32(0)), x - tail, below)


GELU = elementwise("gelu", compute, since=3)
