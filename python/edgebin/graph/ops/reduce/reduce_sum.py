"""`reduce_sum`: the sum over height, width, channels or several of them, from +0."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.axes import KEYS, infer, reduce
from edgebin.graph.ops.reduce.sums import add


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32; see `axes.reduce`."""
    return reduce(node, inputs[0], 0.0, add)


REDUCE_SUM = Op("reduce_sum", infer, reference, Facts(Family.OTHER), KEYS, since=3)
