"""`reduce_mean`: what `reduce_sum` gives, over the number of elements as f32."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.axes import KEYS, infer, reduce, reduced_count
from edgebin.graph.ops.reduce.sums import add


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32; see `axes.reduce`."""
    return reduce(node, inputs[0], 0.0, add) / np.float32(reduced_count(node, inputs[0]))


REDUCE_MEAN = Op("reduce_mean", infer, reference, Facts(Family.OTHER), KEYS, since=3)
