"""`silu`: x / (1 + e^-x), also called swish."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    return x / (np.float32(1) + exponential(-x))


SILU = elementwise("silu", compute, since=3)
