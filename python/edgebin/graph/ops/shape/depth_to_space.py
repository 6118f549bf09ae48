"""`depth_to_space`: the channels of a pixel become a block of pixels."""

from __future__ import annotations

from edgebin.graph.ir import Array, Node, ValueType
from edgebin.graph.ops.shape.blocks import KEYS
from edgebin.graph.ops.shape.move import Attributes, Shape, move
from edgebin.graph.ops.signature import refusal


def shape_of(node: Node, attributes: Attributes, x: ValueType) -> Shape:
    """Return the output's shape; refuse channels that are no whole number of blocks."""
    block = attributes["block"]
    height, width, channels = x.shape
    if channels % block**2 != 0:
        reason = f"takes a multiple of {block**2} channels, found {x}"
        raise refusal(node, "node.shape", reason)
    return height * block, width * block, channels // block**2


def moved(attributes: Attributes, x: Array) -> Array:
    """Return output (N, h b + i, w b + j, c) = x (N, h, w, (c b + i) b + j)."""
    block = attributes["block"]
    count, height, width, channels = x.shape
    parts = x.reshape(count, height, width, channels // block**2, block, block)
    return parts.transpose(0, 1, 4, 2, 5, 3).reshape(count, height * block, width * block, -1)


DEPTH_TO_SPACE = move("depth_to_space", KEYS, shape_of, moved)
