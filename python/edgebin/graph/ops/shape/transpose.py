"""`transpose`: a permutation of height, width and channels."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.shape.move import Attributes, Shape, move
from edgebin.graph.ops.signature import Key, refusal

KEYS = {f"axis_{i}": Key(0, 2) for i in range(3)}


def axes_of(attributes: Attributes) -> Shape:
    """Return the dimension of (H, W, C) that each of the output's is."""
    return attributes["axis_0"], attributes["axis_1"], attributes["axis_2"]


def shape_of(node: Node, attributes: Attributes, x: ValueType) -> Shape:
    """Return the output's shape; refuse axes that are no permutation."""
    axes = axes_of(attributes)
    if sorted(axes) != [0, 1, 2]:
        found = ", ".join(map(str, axes))
        reason = f"axis_0, axis_1 and axis_2 are a permutation of 0, 1 and 2, found {found}"
        raise refusal(node, "attribute.range", reason)
    h, w, c = (x.shape[axis] for axis in axes)
    return h, w, c


def moved(attributes: Attributes, x: Array) -> Array:
    """Return x (N, H, W, C) with permuted dimensions."""
    return x.transpose(0, *(1 + axis for axis in axes_of(attributes)))


TRANSPOSE = move("transpose", KEYS, shape_of, moved)
