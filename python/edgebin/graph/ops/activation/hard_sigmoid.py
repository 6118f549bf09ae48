"""`hard_sigmoid`: min(max(x + 3, 0), 6) / 6."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, relu6_of_plus_3
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    return relu6_of_plus_3(x) / np.float32(6)


HARD_SIGMOID = elementwise("hard_sigmoid", compute, since=3)
