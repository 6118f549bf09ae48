"""`l2_normalize`: each pixel over its length, x / max(sqrt(sum of squares over channels), eps)."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.reduce.eps import require_eps
from edgebin.graph.ops.reduce.sums import sum_of_channels
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",))
    require_roles(node, ("eps",))
    read_attributes(node, {})
    require_eps(node)
    return output_type(node, "f32", types[0].shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 as the input; every step in f32, and a NaN of a pixel makes all of it NaN."""
    x = np.asarray(inputs[0], np.float32)
    eps = np.asarray(node.constants["eps"], np.float32)
    length = np.sqrt(sum_of_channels(x * x))
    return x / np.where(np.greater(eps, length), eps, length)


L2_NORMALIZE = Op("l2_normalize", infer, reference, Facts(Family.OTHER), since=3)
