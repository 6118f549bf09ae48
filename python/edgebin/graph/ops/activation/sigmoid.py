"""`sigmoid`: 1 / (1 + e^-x)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    one = np.float32(1)
    return one / (one + exponential(-x))


SIGMOID = elementwise("sigmoid", compute, since=3)
