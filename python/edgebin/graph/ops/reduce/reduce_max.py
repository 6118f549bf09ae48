"""`reduce_max`: the maximum over height, width, channels or several of them, from -inf.

A larger value replaces the running one, so NaN never wins, and of +0 and -0, which are equal, the
first one in the order of `sums` stays.
"""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.axes import KEYS, infer, reduce
from edgebin.graph.ops.reduce.sums import replace_by_larger


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32; see `axes.reduce`."""
    return reduce(node, inputs[0], -np.inf, replace_by_larger)


REDUCE_MAX = Op("reduce_max", infer, reference, Facts(Family.OTHER), KEYS, since=3)
