"""`flatten`: (H, W, C) becomes (1, 1, H W C), of any type, channels innermost."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import output_type, read_attributes, require_inputs, require_roles


def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
    """Return the output's type; see `Op`."""
    require_inputs(node, types, ("u8", "code", "f32"))
    require_roles(node, ())
    read_attributes(node, {})
    return output_type(node, types[0].dtype, (1, 1, types[0].elements))


def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
    """Return the input as (N, 1, 1, H W C); see `Op`."""
    return inputs[0].reshape(inputs[0].shape[0], 1, 1, -1)


FLATTEN = Op("flatten", infer, reference, Facts(Family.REARRANGEMENT))
