"""What operators share that move elements of any type, without constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.facts import Facts, Family
from edgebin.graph.ops.op import Op
from edgebin.graph.ops.signature import (
    Key,
    output_type,
    read_attributes,
    require_inputs,
    require_roles,
)

Attributes = Mapping[str, int]
Shape = tuple[int, int, int]


def move(
    name: str,
    keys: Mapping[str, Key],
    shape_of: Callable[[Node, Attributes, ValueType], Shape],
    moved: Callable[[Attributes, Array], Array],
) -> Op:
    """Return the operator of one input of any type, whose output is of the same type.

    Args:
        name: as in FORMAT.md.
        keys: its attributes.
        shape_of: (node, its attributes, type of the input) -> shape of the output; refuses what
            does not fit.
        moved: (attributes, input (N, H, W, C)) -> output (N, H, W, C).
    """

    def infer(node: Node, types: tuple[ValueType, ...]) -> ValueType:
        require_inputs(node, types, ("u8", "code", "f32"))
        require_roles(node, ())
        shape = shape_of(node, read_attributes(node, keys), types[0])
        return output_type(node, types[0].dtype, shape)

    def reference(node: Node, inputs: tuple[Array, ...]) -> Array:
        return moved(read_attributes(node, keys), inputs[0])

    return Op(name, infer, reference, Facts(Family.REARRANGEMENT), keys, since=3)
