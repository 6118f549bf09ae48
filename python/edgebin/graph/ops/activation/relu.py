"""`relu`: x where x > 0, else +0 (so -0 and NaN become +0)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, x: Array) -> Array:
    """Return float32, as x."""
    return np.where(np.greater(x, 0), x, np.float32(0))


RELU = elementwise("relu", compute)
