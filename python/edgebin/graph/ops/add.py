"""`add`: the sum of two f32 values of one shape. It never broadcasts."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    output_type,
    read_attributes,
    refusal,
    require_inputs,
    require_roles,
)


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("f32",), ("f32",))
    require_roles(node, ())
    read_attributes(node, {})
    left, right = types
    if left.shape != right.shape:
        reason = f"takes two inputs of one shape, found {left} and {right}"
        raise refusal(node, "node.shape", reason)
    return output_type(node, "f32", left.shape)


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return float32 (N, H, W, C); see `Op`."""
    left, right = (np.asarray(x, np.float32) for x in inputs)
    return left + right


ADD = Op("add", infer, reference)
