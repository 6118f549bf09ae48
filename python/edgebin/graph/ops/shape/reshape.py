"""`reshape`: the same elements, row-major with channels innermost, in another shape."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.shape.move import Attributes, Shape, move
from edgebin.graph.ops.signature import MAX_DIMENSION, Key, output_type, refusal

KEYS = {key: Key(1, MAX_DIMENSION) for key in ("out_h", "out_w", "out_c")}


def shape_of(node: Node, attributes: Attributes, x: ValueType) -> Shape:
    """Return the output's shape; refuse one of more or fewer elements."""
    shape = attributes["out_h"], attributes["out_w"], attributes["out_c"]
    y = output_type(node, x.dtype, shape)
    if y.elements != x.elements:
        reason = f"takes as many elements as its output has, found {x} and {y}"
        raise refusal(node, "node.shape", reason)
    return shape


def moved(attributes: Attributes, x: Array) -> Array:
    """Return x (N, H, W, C) as (N, out_h, out_w, out_c)."""
    return x.reshape(len(x), attributes["out_h"], attributes["out_w"], attributes["out_c"])


RESHAPE = move("reshape", KEYS, shape_of, moved)
