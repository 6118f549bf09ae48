"""`exp`: e^x."""

from __future__ import annotations

from edgebin.graph.ir import Node
from edgebin.graph.ops.activation.elementary import Reals, exponential
from edgebin.graph.ops.elementwise.define import elementwise


def compute(node: Node, x: Reals) -> Reals:
    """Return float32, as x."""
    return exponential(x)


EXP = elementwise("exp", compute, since=3)
