"""`add`: the sum of two f32 values of one shape. It never broadcasts."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, left: Array, right: Array) -> Array:
    """Return float32, as both."""
    return np.asarray(left, np.float32) + np.asarray(right, np.float32)


ADD = elementwise("add", compute, takes=(("f32",), ("f32",)))
