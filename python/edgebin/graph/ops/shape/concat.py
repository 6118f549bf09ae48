"""`concat`: the channels of two or more values side by side, in the order of the inputs."""

from __future__ import annotations

import numpy as np

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, refusal, require_roles


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    if len(types) < 2:
        raise refusal(node, "node.inputs", f"takes two or more inputs, has {len(types)}")
    require_roles(node, ())
    read_attributes(node, {})
    first = types[0]
    if first.dtype not in ("code", "f32"):
        raise refusal(node, "node.type", f"takes code or f32, input is {first.dtype}")
    for other in types[1:]:
        if other.dtype != first.dtype or other.shape[:2] != first.shape[:2]:
            reason = f"takes inputs of one type, height and width, found {first} and {other}"
            raise refusal(node, "node.shape", reason)
    height, width, _ = first.shape
    return output_type(node, first.dtype, (height, width, sum(x.shape[2] for x in types)))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return codes or float32 (N, H, W, sum of C); see `Op`."""
    return np.concatenate(inputs, axis=3)


CONCAT = Op("concat", infer, reference, Facts(Family.REARRANGEMENT))
